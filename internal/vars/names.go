package vars

import "strings"

// longestName is the longest name of a secret, in bytes, and some more.
const longestName = 32

// SecretMember reports whether a JSON member, an XML element, a form field or a query parameter is secret by its name, whoever sends it and
// however it is written: access_token, accessToken, Access-Token.
func SecretMember(name string) bool {
	var plain [longestName]byte
	switch string(plain[:foldName(&plain, name)]) {
	case "accesstoken", "refreshtoken", "idtoken", "assertion", "clientassertion", "samlassertion", "samlresponse", "clientsecret", "codeverifier", "devicecode", "password",
		"passwd", "passphrase", "subjecttoken", "actortoken", "apikey", "privatekey", "secretkey", "secretaccesskey", "registrationaccesstoken", "authtoken",
		"bearertoken", "sessiontoken", "securitytoken", "csrftoken", "xsrftoken", "clientkey":
		return true
	}
	return false
}

// foldName writes a name in small letters without what separates its words, and returns how long it is; zero for one that is too long to
// be that of a secret.
func foldName(to *[longestName]byte, name string) int {
	if len(name) > longestName {
		return 0
	}
	n := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-':
		case c >= 'A' && c <= 'Z':
			to[n] = c + 'a' - 'A'
			n++
		default:
			to[n] = c
			n++
		}
	}
	return n
}

// MaybeSecretMember reports whether a JSON member is secret by its name where its value looks like it: a token is, the word token in a
// description of parameters is none.
func MaybeSecretMember(name string) bool {
	var plain [longestName]byte
	switch string(plain[:foldName(&plain, name)]) {
	case "token", "secret", "jwt", "session", "sessionid":
		return true
	}
	return false
}

// LooksSecret reports whether a value is long enough to be made to be secret, and no words.
func LooksSecret(value string) bool {
	const shortest = 16 // bytes
	return len(value) >= shortest && !strings.ContainsAny(value, " \t\n")
}

// SecretParameter reports whether a form field or a query parameter is secret by its name. Some names are secret there alone: in
// JSON they are common words (FHIR's Coding.code).
func SecretParameter(name string) bool {
	switch strings.ToLower(name) {
	case "code", "token", "secret", "sig", "signature":
		return true
	}
	return SecretMember(name)
}

// MaskQuery masks the values of the parameters of a URL that are secret by their names and stand there as they are; those that
// are {{names}} stay.
func MaskQuery(url string) string {
	before, query, ok := strings.Cut(url, "?")
	if !ok {
		return url
	}
	query, fragment, _ := strings.Cut(query, "#")
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if value != "" && SecretParameter(name) && !strings.Contains(value, "{{") {
			pairs[i] = name + "=" + Mask(name, value)
		}
	}
	if query = strings.Join(pairs, "&"); fragment != "" {
		query += "#" + fragment
	}
	return before + "?" + query
}
