package vars

import "strings"

// SecretMember reports whether a JSON member, a form field or a query parameter is secret by its name, whoever sends it.
func SecretMember(name string) bool {
	switch name {
	case "access_token", "refresh_token", "id_token", "assertion", "client_assertion", "client_secret", "code_verifier", "device_code", "password",
		"subject_token", "actor_token", "api_key", "apikey", "private_key", "registration_access_token":
		return true
	}
	return false
}

// SecretParameter reports whether a form field or a query parameter is secret by its name. Some names are secret there alone: in
// JSON they are common words (FHIR's Coding.code).
func SecretParameter(name string) bool {
	name = strings.ToLower(name)
	switch name {
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
