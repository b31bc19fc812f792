package diagnosis

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/assertions"
	"github.com/hgrun/hgrun/internal/source"
)

func misspelledHeader() Rule {
	return Rule{
		Code: "HG074", Title: "a header's name is misspelled", Rank: 9,
		Covers:  []string{"HG012", "HG023", "HG050", "HG072"},
		Answers: refusedRequest | refusedAPI | WrongType, Lint: findMisspelled,
		Page: Page{
			Symptom:   "The server acts as if a header were missing: 401, 406, 415, or an answer in another format.",
			Cause:     "The name differs by a letter or two from one that servers know: Contect-Type.",
			Detection: "Edit distance to the names of common headers.",
			Evidence:  "The name and the one that is meant.",
			Fix:       "Rename it.",
			Sources:   "RFC 9110, section 5.1; Health Gorilla's Postman collection has Contect-Type.",
		},
	}
}

// knownHeaders are those whose misspelling matters.
func knownHeaders() []string {
	return []string{"Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Encoding",
		"Content-Language", "Content-Length", "Content-Location", "Content-Type", "Cookie", "Date", "Dpop", "Etag", "Expect", "Host",
		"Idempotency-Key", "If-Match", "If-Modified-Since", "If-None-Exist", "If-None-Match", "If-Unmodified-Since", "Origin", "Prefer",
		"Proxy-Authorization", "Range", "Referer", "Retry-After", "Transfer-Encoding", "User-Agent", "X-Api-Key", "X-Request-Id"}
}

func findMisspelled(c *Case) []Finding {
	known := knownHeaders()
	for _, name := range slices.Sorted(maps.Keys(c.request().Header)) {
		canonical := http.CanonicalHeaderKey(name)
		if slices.Contains(known, canonical) || len(name) < 4 || len(name) > 40 {
			continue
		}
		for _, k := range known {
			most := 2
			if len(k) < 8 {
				most = 1
			}
			if abs(len(k)-len(name)) > most || len(c.request().Header[k]) > 0 && !addedAnyway(k) || source.Distance(strings.ToLower(canonical), strings.ToLower(k)) > most {
				continue
			}
			sure := Likely
			if c.misses(k) {
				sure = Certain
			}
			return one(Finding{
				Confidence: sure, Pos: c.at("header "+name, "request"),
				Cause:    "the header " + clip(printable(name), 40) + " is probably meant to be " + k,
				Evidence: []Evidence{line(Sent, "%s", quote(name)), line(Expected, "%s, perhaps", quote(k))},
				Fix:      "rename it to " + k,
			})
		}
	}
	return nil
}

// addedAnyway reports whether a header may be there although the file has it under no name or under a misspelled one: the kind of a body brings its own
// Content-Type, and the client adds the others when it sends.
func addedAnyway(name string) bool {
	switch name {
	case "Accept-Encoding", "Content-Length", "Content-Type", "Cookie", "Host", "Transfer-Encoding", "User-Agent":
		return true
	}
	return false
}

// misses reports whether the server shows that it looked for a header and did not find it.
func (c *Case) misses(name string) bool {
	if c.header(name) != "" {
		return false
	}
	switch a := c.answer(); name {
	case "Content-Type":
		return len(c.request().Body) > 0
	case "Accept":
		return a.status == http.StatusNotAcceptable
	case "Authorization":
		return a.status == http.StatusUnauthorized
	}
	return false
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

func exposedSecret() Rule {
	return Rule{
		Code: "HG075", Title: "a secret stands in the URL or in the file", Rank: 3,
		Answers: 0, Lint: findExposed,
		Page: Page{
			Symptom:   "None: it works, and the secret ends up in logs, histories and repositories.",
			Cause:     "A secret is part of the URL, which servers and proxies log; or it is written into the collection instead of coming from the environment.",
			Detection: "Names of parameters, values with the shape of tokens, and literals of the file where a secret belongs.",
			Evidence:  "The place; never the value.",
			Fix:       "headers: or form: instead of the URL; {{name}} with the value under secrets: of the environment. Replace a secret that was published.",
			Sources:   "RFC 6750, section 2.3; RFC 9700, section 4.3.2.",
		},
	}
}

func findExposed(c *Case) []Finding {
	f := Finding{Confidence: Likely}
	for _, p := range c.params() {
		if p.in != inQuery || !secretQuery(p.name) && !assertions.LooksLike(p.value) || unfilled(p.value) != "" || len(p.value) < 8 {
			continue
		}
		f.Pos = c.at("query "+p.name, "url", "request")
		f.Cause = "the URL carries a secret in its parameter " + clip(printable(p.name), 40) + ", and URLs are logged"
		f.Evidence = []Evidence{line(Sent, "%s", shownURL(c.request().URL))}
		f.Fix = "send it in a header or in the form"
		if strings.HasSuffix(withoutQuery(c.request().URL), "/oauth/info") || strings.HasSuffix(withoutQuery(c.request().URL), "/oauth/cancel") {
			f.Confidence = Possible // the vendor knows no other way
			f.Fix = "this endpoint knows no other way; keep the URL out of logs"
		}
		return one(f)
	}
	for _, name := range secretPlaces() {
		at := c.Places.of(name)
		if !at.Literal || unfilled(c.literal(name)) != "" {
			continue
		}
		f.Pos = at.Pos
		f.Cause = name + " is written into the file"
		f.Evidence = []Evidence{lineAt(f.Pos, Configured, "%s is no variable", name)}
		f.Fix = "write \"{{name}}\" there, and the value under secrets: of the environment; replace a secret that was published"
		return one(f)
	}
	return nil
}

// literal returns the value at a place, as far as it is known; a text that says nothing where it is not.
func (c *Case) literal(name string) string {
	if field, ok := strings.CutPrefix(name, "form "); ok {
		return c.value(field)
	}
	if name == "header Authorization" {
		_, rest, _ := c.authorization()
		return rest
	}
	return "unknown"
}

func secretQuery(name string) bool {
	switch strings.ToLower(name) {
	case "access_token", "refresh_token", "id_token", "token", "client_secret", "password", "api_key", "apikey", "secret", "assertion", "client_assertion", "sig":
		return true
	}
	return false
}

// secretPlaces are the parts of a request where only a variable should stand.
func secretPlaces() []string {
	return []string{"form client_secret", "form password", "form refresh_token", "form assertion", "form client_assertion",
		"header Authorization", "header X-Api-Key", "oauth2 client_secret", "oauth2 refresh_token", "assertion key"}
}
