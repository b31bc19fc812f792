package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/internal/curl"
	"github.com/hgrun/hgrun/runner"
)

// curlScript writes collections as curl commands with comments.
type curlScript struct {
	target *target
	shell  curl.Shell

	job   runner.Job
	needs []shellVariable // in the order in which they are needed
}

// shellVariable is a variable of the shell and what it has to hold.
type shellVariable struct{ variable, key, what string }

func (s *curlScript) collection(b *bytes.Buffer, job runner.Job) {
	s.job, s.needs = job, nil
	var body bytes.Buffer
	sent := 0
	for o := range runner.Outlines(job) {
		if o.Message != nil {
			sent++
		}
		s.request(&body, &o)
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	in := ""
	if job.Environment.Name != "" {
		in = ", environment " + job.Environment.Name
	}
	s.comment(b, fmt.Sprintf("%s (%s)%s: %s", job.Collection.Name, job.Collection.File, in, count(sent, "request")))
	for _, n := range s.needs {
		s.comment(b, "  needs "+n.variable+": "+n.what)
	}
	b.Write(body.Bytes())
}

// comment writes text after a #, whatever it has in it.
func (s *curlScript) comment(b *bytes.Buffer, text string) {
	b.WriteString("# " + strings.NewReplacer("\n", " ", "\r", " ").Replace(text) + "\n")
}

func (s *curlScript) request(b *bytes.Buffer, o *runner.Outline) {
	title := fmt.Sprintf("%s (%s:%d)", o.Request.Path(), o.Request.Pos.File, o.Request.Pos.Line)
	if o.Phase != collections.Main {
		title = string(o.Phase) + ": " + title
	}
	b.WriteByte('\n')
	s.comment(b, title)
	for _, note := range o.Notes {
		s.comment(b, note)
	}
	switch {
	case o.Skipped != "":
		s.comment(b, "skipped: "+o.Skipped)
		return
	case o.Err != nil:
		s.comment(b, "cannot be shown before a run: "+o.Err.Error())
		return
	}
	c := curl.Command{Request: *o.Message, User: o.User, Flags: s.flags(o)}
	for _, h := range o.Holes {
		c.Holes = append(c.Holes, s.hole(h))
	}
	b.WriteString(c.Text(s.shell) + "\n")
}

// flags are what the environment and the request ask of curl besides.
func (s *curlScript) flags(o *runner.Outline) []string {
	var flags []string
	plain := o.Message.Method == "GET" || o.Message.Method == "HEAD" || o.Message.Method == "POST" && o.Message.Body != nil
	if o.Request.Flow.Redirects > 0 && plain && !o.Request.TokenExchange() { // curl repeats any method that --request names
		flags = append(flags, "--location")
	}
	tls := &s.job.Environment.TLS
	for _, file := range []struct{ flag, path string }{{"--cacert", tls.CA.Path}, {"--cert", tls.Certificate.Path}, {"--key", tls.Key.Path}} {
		if file.path != "" {
			flags = append(flags, file.flag, file.path)
		}
	}
	if tls.Insecure {
		flags = append(flags, "--insecure")
	}
	return flags
}

// hole says what a command has in the place of a mark.
func (s *curlScript) hole(h runner.Hole) curl.Hole {
	to := curl.Hole{Mark: h.Mark, Text: "{{" + h.Expression + "}}"}
	switch h.Kind {
	case runner.SecretHole:
		if h.Expression == h.Name { // a shell knows no filters
			to.Variable = s.variable(s.ofSecret(h.Name), "secret "+h.Name, "the secret "+h.Name)
		}
	case runner.AssertionHole:
		to.Variable = s.variable("HGRUN_ASSERTION", "assertion "+h.Request.Path(), "hgrun assertion mint "+s.again()+" --only "+single(h.Request.Path()))
	case runner.TokenHole:
		to.Variable = s.variable("HGRUN_TOKEN", fmt.Sprintf("token %p %s %p", h.Holder.Auth, h.Holder.Session, h.Holder.Include), "hgrun token "+s.again()+s.named(h))
	case runner.ResponseHole:
	}
	return to
}

// again are the arguments that name the collection and its environment once more.
func (s *curlScript) again() string {
	text := single(s.job.Collection.File)
	if s.target.environment != "" {
		text += " -e " + single(s.target.environment)
	}
	return text
}

// named is the flag that chooses the block of auths: that a token is for, or a request where the block does not say all.
func (s *curlScript) named(h runner.Hole) string {
	if !h.Holder.Plain() {
		return " --only " + single(h.Request.Path())
	}
	for name, a := range s.job.Collection.Auths {
		if a == h.Holder.Auth {
			return " --auth " + single(name)
		}
	}
	return ""
}

// single quotes a word for the comment, where it needs that.
func single(text string) string {
	if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-") == "" {
		return text
	}
	return strconv.Quote(text)
}

// ofSecret is the environment variable that holds a secret already, or a name made of the secret's.
func (s *curlScript) ofSecret(name string) string {
	held := ""
	for _, n := range s.job.Environment.Names() {
		if n.Name == name && n.Env != "" && (held == "" || n.Line) { // the command line is stronger
			held = n.Env
		}
	}
	if held != "" {
		return held
	}
	made := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
	if made[0] >= '0' && made[0] <= '9' {
		made = "_" + made
	}
	return strings.ToUpper(made)
}

// variable returns the variable for what key says: the name, or the name with a number where another has it.
func (s *curlScript) variable(name, key, what string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(s.needs, func(n shellVariable) bool { return n.variable == name })
	}
	if i := slices.IndexFunc(s.needs, func(n shellVariable) bool { return n.key == key }); i >= 0 {
		return s.needs[i].variable
	}
	free := name
	for i := 2; taken(free); i++ {
		free = name + "_" + strconv.Itoa(i)
	}
	s.needs = append(s.needs, shellVariable{free, key, what})
	return free
}
