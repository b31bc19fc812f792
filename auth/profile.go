package auth

// profile is what is known of a vendor's token endpoint: a table that a reader can hold against the vendor's own pages.
// Every part of it gives way to what the block says. To add one, write a file with a function that returns it, and its
// line in profiles.
type profile struct {
	grant      string
	clientAuth map[string]string // by grant
	alg        string            // of the assertion
	pair       string            // encoding of a Basic pair: raw or rfc6749
	unit       string            // of expires_in: s or ms
}

// profiles is the table of the vendors by the names that YAML has for them. The empty one is what the specifications say.
func profiles() map[string]profile {
	return map[string]profile{
		"":               profileStandard(),
		"health-gorilla": profileHealthGorilla(),
		"pattern-health": profilePatternHealth(),
	}
}

func profileStandard() profile {
	return profile{
		pair: encodedPair, // RFC 6749, section 2.3.1
		unit: "s",         // RFC 6749, section 5.1
	}
}
