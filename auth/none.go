package auth

import (
	"context"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
	"github.com/hgrun/hgrun/internal/wire"
)

// none sends a request as it is, whatever its folder would have added.
type none struct{}

func readNone(n source.Node) Authorizer {
	if !n.IsNull() {
		n.Errorf("auth: none takes no details")
		return nil
	}
	return none{}
}

func (none) Authorize(context.Context, *wire.Request, Session) error { return nil }

func (none) Uses() []vars.Use { return nil }

func (none) String() string { return "none" }
