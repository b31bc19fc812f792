package expect

// Needs is what has to be known of a body to look for something in an answer. The zero value is nothing: its size is always known.
type Needs uint8

// What may be needed. Content is all of it, from which digests can be made as well.
const (
	NeedsSHA256 Needs = 1 << iota
	NeedsMD5
	NeedsContent
)

// needsOf returns what a query looks into. One that is not named here is taken to look into the content.
func needsOf(q Query) Needs {
	switch q := q.(type) {
	case statusQuery, headerQuery, cookieQuery, certificateQuery, durationQuery, phaseQuery, protocolQuery, redirectQuery, urlQuery, sizeQuery, valueQuery, variableQuery, addressQuery:
		return 0
	case digestQuery:
		if q.name == "md5" {
			return NeedsMD5
		}
		return NeedsSHA256
	case jwtQuery:
		return needsOf(q.token)
	case processedQuery:
		return needsOf(q.of)
	case jwtToken:
		return needsOf(q.of)
	}
	return NeedsContent
}

// Needs returns what all expectations together look into.
func (e *Expectations) Needs() Needs {
	var n Needs
	for i := range e.all {
		n |= needsOf(e.all[i].query)
	}
	return n
}

// Needs returns what all captures together look into.
func (c *Captures) Needs() Needs {
	var n Needs
	for i := range c.all {
		n |= needsOf(c.all[i].query)
		if c.all[i].when != nil {
			n |= c.all[i].when.Needs()
		}
	}
	return n
}
