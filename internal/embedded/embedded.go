// Package embedded is the environment that -e embedded stands for: the sandbox, in the process. It knows nothing of what runs in it.
package embedded

import (
	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/internal/sandbox"
	"github.com/hgrun/hgrun/internal/vars"
)

// Name is what the environment is called, wherever one is named.
const Name = "embedded"

// Servers returns the servers of the sandbox whose variables the collections use. A nil collection uses none.
func Servers(cs ...*collections.Collection) sandbox.Servers {
	var servers sandbox.Servers
	need := func(uses []vars.Use) {
		for _, use := range uses {
			servers.Need(use.Name)
		}
	}
	for _, c := range cs {
		if c == nil {
			continue
		}
		need(c.Uses())
		for _, a := range c.Auths {
			if a != nil {
				need(a.Uses())
			}
		}
	}
	return servers
}

// Environment returns what a collection needs to know of a sandbox. Nothing is sent to any other host.
func Environment(s *sandbox.Sandbox) *environments.Environment {
	variables, secrets := map[string]string{}, map[string]string{}
	for _, v := range s.Variables("sandbox") {
		if v.Secret {
			secrets[v.Name] = v.Value
		} else {
			variables[v.Name] = v.Value
		}
	}
	env := environments.New(Name, variables, secrets)
	env.Hosts = []vars.Template{vars.Literal("127.0.0.1")}
	env.PHI = environments.ShowPHI // nobody in the sandbox is real
	return env
}
