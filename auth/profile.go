package auth

// profile is what is known of a vendor's token endpoint: a table that a reader can hold against the vendor's own pages.
// Every part of it gives way to what the block says. To add one, write a file with a function that returns it, and its
// line in profiles.
type profile struct {
	name       string // as YAML has it; empty for what the specifications say
	grant      string
	clientAuth map[string]string   // by grant
	alg        string              // of the assertion
	pair       string              // encoding of a Basic pair: raw or rfc6749
	unit       string              // of expires_in: s or ms
	needs      []string            // keys of the block beyond those of the grant
	claims     map[string][]string // by grant: of the assertion, beyond those that hgrun writes
	header     []string            // of the assertion, beyond those that hgrun writes
	params     map[string]string   // of every token request
	alone      bool                // an assertion says who the client is, without client_id beside it
	introspect question            // where RFC 7662 is not followed
	revoke     question            // where RFC 7009 is not followed
}

// profiles is the table of the vendors by the names that YAML has for them. The empty one is what the specifications say.
func profiles() map[string]profile {
	return map[string]profile{
		"":                       profileStandard(),
		"health-gorilla":         profileHealthGorilla(),
		"health-gorilla-legacy":  profileHealthGorillaLegacy(),
		"pattern-health":         profilePatternHealth(),
		"smart-backend-services": profileSMARTBackendServices(),
		"udap":                   profileUDAP(),
	}
}

func profileStandard() profile {
	return profile{
		pair: encodedPair, // RFC 6749, section 2.3.1
		unit: "s",         // RFC 6749, section 5.1
	}
}
