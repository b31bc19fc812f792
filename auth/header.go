package auth

import (
	"net/http"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/wire"
)

// authorization writes the Authorization header. One that stands there already was written by hand: which of the two is
// meant is for the file to say.
func authorization(req *wire.Request, pos source.Pos, kind, value string) error {
	if err := vacant(req, pos, kind); err != nil {
		return err
	}
	setHeader(req, "Authorization", value)
	return nil
}

func vacant(req *wire.Request, pos source.Pos, kind string) error {
	if _, taken := req.Header["Authorization"]; taken {
		return pos.Errorf("the request has an Authorization header of its own, and auth: %s would write another; remove the header, or give the request auth: none", kind)
	}
	return nil
}

func setHeader(req *wire.Request, name, value string) {
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set(name, value)
}

// isHeaderName reports whether name is a token (RFC 9110, section 5.6.2).
func isHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// isHeaderValue reports whether value can stand in a header without breaking out of it or losing its ends.
func isHeaderValue(value string) bool {
	return strings.Trim(value, " \t") == value && !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
