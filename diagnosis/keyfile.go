package diagnosis

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
)

func publicKeyGiven() Rule {
	return Rule{
		Code: "HG042", Title: "a public key or a certificate stands where the private key belongs", Rank: 6,
		Answers: refusedProof, Lint: findPublicKey,
		Page: Page{
			Symptom:   "Nothing is sent; other tools say \"asn1: structure error: tags don't match\".",
			Cause:     "The key of the assertion is the public half, or a certificate, which holds the public half.",
			Detection: "The label of the PEM; a JWK without d; an OpenSSH public key.",
			Evidence:  "The label.",
			Fix:       "Give the private key.",
			Sources:   "RFC 7468, sections 5, 10 and 13; RFC 7517.",
		},
	}
}

// pemLabels returns the labels of all PEM blocks of a text, well-formed or not.
func pemLabels(text string) []string {
	var labels []string
	for {
		_, after, ok := strings.Cut(text, "-----BEGIN ")
		if !ok {
			return labels
		}
		label, rest, ok := strings.Cut(after, "-----")
		if !ok || len(label) > 60 {
			return labels
		}
		labels = append(labels, label)
		text = rest
	}
}

func findPublicKey(c *Case) []Finding {
	text := c.Keys.Key
	what := ""
	labels := pemLabels(text)
	switch {
	case len(labels) > 0 && !strings.Contains(strings.Join(labels, " "), "PRIVATE KEY"):
		what = "a PEM labelled " + labels[0]
	case strings.HasPrefix(text, "ssh-") || strings.HasPrefix(text, "ecdsa-sha2-"):
		what = "an OpenSSH public key"
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		var k map[string]any
		if json.Unmarshal([]byte(text), &k) == nil && k["kty"] != nil && k["kty"] != "oct" && k["d"] == nil {
			what = "a JWK without d"
		}
	}
	if what == "" {
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("assertion key", "assertion", "oauth2"),
		Cause:    "the key of the assertion is " + what + ", and an assertion is signed with the private key",
		Evidence: []Evidence{line(Configured, "%s", what), line(Expected, "a PEM labelled PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY, or a JWK with d")},
		Fix:      "give the private key whose public half this is",
	})
}

func damagedPEM() Rule {
	return Rule{
		Code: "HG044", Title: "the PEM was changed on its way: \\n as text, indentation, quotes, a byte order mark", Rank: 4,
		Answers: refusedProof, Lint: findDamagedPEM,
		Page: Page{
			Symptom:   "Other tools find no key in the variable; hgrun repairs it and says so.",
			Cause:     "Environment variables, YAML and editors change line breaks, put quotes around a text or indent it.",
			Detection: "The PEM is read strictly; where that fails, the repairs are tried one by one.",
			Evidence:  "Which of the cases it is.",
			Fix:       "Store the PEM with its line breaks, in YAML as a block (|), or as a file: under secrets:.",
			Sources:   "RFC 7468, section 2.",
		},
	}
}

func findDamagedPEM(c *Case) []Finding {
	text := c.Keys.Key
	if !strings.Contains(text, "-----BEGIN ") {
		return nil
	}
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return nil
	}
	var wrong []string
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if strings.HasPrefix(text, "\ufeff") {
		wrong = append(wrong, "it starts with a byte order mark")
	}
	if strings.Trim(trimmed, `"'`) != trimmed {
		wrong = append(wrong, "it stands in quotes")
	}
	if strings.Contains(text, `\n`) {
		wrong = append(wrong, `its line breaks are written as \n`)
	}
	if strings.Contains(text, "\n ") || strings.Contains(text, "\n\t") || strings.HasPrefix(text, " ") {
		wrong = append(wrong, "its lines are indented")
	}
	if !strings.Contains(text, "\n") && !strings.Contains(text, `\n`) {
		wrong = append(wrong, "it is on one line")
	}
	if !strings.Contains(text, "-----END ") {
		wrong = append(wrong, "its END line is missing: it is cut off")
	}
	if wrong == nil {
		wrong = []string{"what stands between BEGIN and END is no base64"}
	}
	return one(Finding{
		Confidence: Likely, Pos: c.at("assertion key", "assertion", "oauth2"),
		Cause:    "the PEM is not as it was made: " + strings.Join(wrong, "; "),
		Evidence: []Evidence{line(Configured, "a PEM labelled %s of %d characters", quote(strings.Join(pemLabels(text), ", ")), len(text))},
		Fix:      "store it with its line breaks: in YAML as a block (key: |), or under secrets: as {file: …}",
	})
}

func mislabelledPEM() Rule {
	return Rule{
		Code: "HG045", Title: "the label of the PEM does not fit what is in it", Rank: 4,
		Answers: refusedProof, Lint: findMislabelled,
		Page: Page{
			Symptom:   "Some tools read the key, others do not. hgrun reads it.",
			Cause:     "PKCS #1, PKCS #8 and SEC 1 are three forms of a private key, each with a label of its own; here label and form differ.",
			Detection: "All forms are tried.",
			Evidence:  "The label and the form.",
			Fix:       "openssl pkey -in key.pem -out key.pem writes PKCS #8 with the right label.",
			Sources:   "RFC 7468, section 10; RFC 8017, appendix A.1.2; RFC 5915.",
		},
	}
}

func findMislabelled(c *Case) []Finding {
	block, _ := pem.Decode([]byte(c.Keys.Key))
	if block == nil {
		return nil
	}
	want := ""
	switch form := pemForm(block.Bytes); {
	case form == "" || !strings.HasSuffix(block.Type, "PRIVATE KEY") || strings.HasPrefix(block.Type, "ENCRYPTED"):
	case form == "PKCS #8" && block.Type != "PRIVATE KEY":
		want = "PRIVATE KEY"
	case form == "PKCS #1" && block.Type != "RSA PRIVATE KEY":
		want = "RSA PRIVATE KEY"
	case form == "SEC 1" && block.Type != "EC PRIVATE KEY":
		want = "EC PRIVATE KEY"
	}
	if want == "" {
		return nil
	}
	return one(Finding{
		Confidence: Possible, Pos: c.at("assertion key", "assertion", "oauth2"),
		Cause:    fmt.Sprintf("the PEM is labelled %s, and %s has the label %s; hgrun reads it, other tools may not", block.Type, pemForm(block.Bytes), want),
		Evidence: []Evidence{line(Configured, "label %s", quote(block.Type)), line(Expected, "label %s", quote(want))},
		Fix:      "write it anew: openssl pkey -in key.pem -out key.pem",
	})
}

func pemForm(der []byte) string {
	if _, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return "PKCS #8"
	}
	if _, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return "PKCS #1"
	}
	if _, err := x509.ParseECPrivateKey(der); err == nil {
		return "SEC 1"
	}
	return ""
}

func lockedKey() Rule {
	return Rule{
		Code: "HG046", Title: "the private key is encrypted or in a form that signs nothing", Rank: 6,
		Answers: refusedProof, Lint: findLocked,
		Page: Page{
			Symptom:   "Nothing is sent, because the key cannot be read.",
			Cause:     "The key is protected by a passphrase, or it is an OpenSSH or a PKCS #12 file.",
			Detection: "Labels and first bytes.",
			Evidence:  "The form.",
			Fix:       "Convert it once; the finding names the command.",
			Sources:   "RFC 5958; RFC 7292; OpenSSH PROTOCOL.key.",
		},
	}
}

func findLocked(c *Case) []Finding {
	text := c.Keys.Key
	labels := strings.Join(pemLabels(text), " ")
	what, command := "", ""
	switch {
	case strings.Contains(labels, "ENCRYPTED PRIVATE KEY"), strings.Contains(text, "Proc-Type: 4,ENCRYPTED"):
		what, command = "encrypted with a passphrase", "openssl pkey -in key.pem -out decrypted.pem"
	case strings.Contains(labels, "OPENSSH PRIVATE KEY"):
		what, command = "in OpenSSH's own format", "ssh-keygen -p -m PEM -N '' -f key (in place, so copy it first)"
	case isPKCS12(text):
		what, command = "a PKCS #12 file (.p12, .pfx)", "openssl pkcs12 -in key.p12 -nodes -nocerts -out key.pem"
	default:
		return nil
	}
	return one(Finding{
		Confidence: Certain, Pos: c.at("assertion key", "assertion", "oauth2"),
		Cause:    "the private key is " + what,
		Evidence: []Evidence{line(Configured, "%d bytes, %s", len(text), what)},
		Fix:      "convert it: " + command,
	})
}

// isPKCS12 recognises the head of a PFX: a SEQUENCE whose first member is the INTEGER 3 (RFC 7292, section 4).
func isPKCS12(text string) bool {
	raw := []byte(text)
	return len(raw) > 8 && raw[0] == 0x30 && bytes.Contains(raw[1:8], []byte{0x02, 0x01, 0x03})
}
