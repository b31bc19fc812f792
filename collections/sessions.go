package collections

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/auth"
	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// Share says with whom a request or a folder shares what it has: cookies and tokens with its session, its one run with others.
type Share struct {
	Session Session
	Once    *Once // nil for what runs wherever it stands
}

// Session is whose cookies and tokens a request has. The zero Session is the unnamed one.
type Session struct {
	Name  string
	Given bool // it, or something around it, says so
}

// sessions are those that a collection describes, by name; nil where it describes none.
type sessions map[string]vars.Definitions

// sessionKeys are those of one of sessions:.
func sessionKeys(defined *vars.Definitions) source.Keys {
	return source.Keys{"variables": defined.Read}
}

// readSessions reads sessions: {name: {variables: …}}.
func (rd *reader) readSessions(n source.Node) {
	rd.c.sessions = sessions{}
	for _, e := range n.Entries() {
		checkSession(e.Key, e.Name())
		var defined vars.Definitions
		if !e.Value.IsNull() {
			e.Value.Map(sessionKeys(&defined))
		}
		rd.c.sessions[e.Name()] = defined
	}
}

// checkSession reports whether a text can be the name of a session, and records a problem where it cannot.
func checkSession(n source.Node, name string) bool {
	switch {
	case strings.Contains(name, "{{"):
		n.Errorf("session %q: the name of a session is fixed and holds no template", name)
	case name == "":
		if n.IsScalar() {
			n.Errorf("session: the name is empty; write none for the session without a name")
		}
	case strings.ContainsFunc(name, func(r rune) bool { return !tagRune(r) }):
		n.Errorf("session %q: a name is made of letters, digits and . _ - : only", name)
	case name == "none":
		n.Errorf("none cannot name a session: session: none is the one without a name")
	default:
		return true
	}
	return false
}

// session returns what session: stands for.
func (rd *reader) session(n source.Node) Session {
	name := n.Text()
	if name == "none" {
		return Session{Given: true}
	}
	if !checkSession(n, name) {
		return Session{Given: true}
	}
	if _, known := rd.c.sessions[name]; !known && rd.c.sessions != nil {
		n.Errorf("session %q is none of sessions:; %s", name, source.Suggest(name, append(slices.Sorted(maps.Keys(rd.c.sessions)), "none")))
	}
	return Session{Name: name, Given: true}
}

// in returns layers with the variables of a session before them.
func (ss sessions) in(s Session, layers []vars.Layer) []vars.Layer {
	defined := ss[s.Name]
	if s.Name == "" || len(defined) == 0 {
		return layers
	}
	return append([]vars.Layer{{Name: "session " + s.Name, Defined: defined}}, layers...)
}

// check refuses variables of sessions that something stronger defines: they would be the same for all.
func (ss sessions) check(ck *checker, s *vars.Scope) {
	for _, name := range slices.Sorted(maps.Keys(ss)) {
		for _, variable := range inOrder(ss[name]) {
			if s.Defines(variable) || slices.Contains(ck.rows.columns, variable) {
				pos := ss[name][variable].Pos()
				ck.problem(pos, "session %s: the environment, the command line or a row of data defines %q too, and wins, so that all sessions would have the same: call one of them otherwise", name, variable)
			}
		}
	}
}

// String names the session in messages: ", session alice".
func (s Session) String() string {
	if s.Name == "" {
		return ""
	}
	return fmt.Sprintf(", session %s", s.Name)
}

// joins reports whether something in an include takes over the session of what is around the include: unless it says its own.
func (in inherited) joins(own Session) bool { return in.session.Given && !own.Given }

// Holder is who has a token: requests of one block of credentials share it as far as they stand in one session and one include.
type Holder struct {
	Auth    auth.Authorizer // nil for no credentials
	Session string
	Include *Folder // nil outside of all includes
}

// Holder returns who has the token of the request.
func (r *Request) Holder() Holder {
	return Holder{Auth: r.Auth, Session: r.Flow.Share.Session.Name, Include: r.Folder.space()}
}

// Plain reports whether the block alone says who has the token.
func (h Holder) Plain() bool { return h.Session == "" && h.Include == nil }
