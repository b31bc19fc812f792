package environments

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hgrun/hgrun/internal/source"
	"github.com/hgrun/hgrun/internal/vars"
)

// minSecret is the length below which vars.Secrets masks nothing, in bytes.
const minSecret = 4

// secret is a name whose value comes from outside the file.
type secret struct {
	name  string
	pos   source.Pos // of what says where it comes from; zero for the command line
	from  origin
	ttl   time.Duration // after which it is fetched anew; zero means never
	shown bool          // secret: false

	mu      sync.Mutex
	ctx     context.Context // of the run, for fetching anew
	value   vars.Value
	fetched bool
	at      time.Time // when value was fetched
	failed  error     // why the last fetch brought nothing
}

// origin is where a secret comes from.
type origin interface {
	// fetch returns the value as it is found there. Its errors never hold a value.
	fetch(ctx context.Context) (string, error)
}

// secrets reads the mapping of names to origins. Messages about it never repeat what is written where a value may stand.
func (l *loader) secrets(n source.Node) {
	if !n.IsMap() {
		n.Errorf("want a mapping of names to where each secret comes from, such as client_secret: {env: CLIENT_SECRET}")
		return
	}
	for _, e := range n.Entries() {
		vars.CheckName(e)
		if d, ok := l.env.Variables[e.Name()]; ok && d.Pos().File == n.Pos().File {
			e.Key.Errorf("%s is a variable too (line %d); a name is one or the other", e.Name(), d.Pos().Line)
			continue
		}
		delete(l.env.Variables, e.Name())
		if s := l.secret(e); s != nil {
			l.env.secrets[s.name] = s
		}
	}
}

func (l *loader) secret(e source.Entry) *secret {
	n := e.Value
	if !n.IsMap() {
		n.Errorf("secrets are never written in a file: %s: {env: NAME}", e.Name())
		return nil
	}
	r := secretReader{loader: l, secret: &secret{name: e.Name(), pos: n.Pos()}, hidden: true}
	r.read(n)
	return r.secret
}

// secretReader reads {env: NAME} and its like.
type secretReader struct {
	*loader
	*secret
	hidden bool
	dotenv string
	key    string // behind name:
	keyAt  source.Node
}

func (r *secretReader) keys() source.Keys {
	return source.Keys{
		"command": r.origin(r.readCommand),
		"dotenv":  r.origin(func(n source.Node) origin { r.dotenv = n.Text(); return dotenvSecret{} }),
		"env":     r.origin(r.readEnv),
		"file":    r.origin(func(n source.Node) origin { return fileSecret{r.fsys, n.Pos().File, n.Text()} }),
		"name":    func(n source.Node) { r.key, r.keyAt = n.Text(), n },
		"secret":  source.Bool(&r.hidden),
		"ttl":     source.Duration(&r.ttl),
	}
}

// SecretKeys returns the keys of one of secrets:, in alphabetical order.
func SecretKeys() []string { return (&secretReader{secret: &secret{}}).keys().Names() }

func (r *secretReader) read(n source.Node) {
	keys := r.keys()
	for _, e := range n.Entries() {
		if read, ok := keys[e.Name()]; ok {
			read(e.Value)
			continue
		}
		hint := source.Suggest(e.Name(), keys.Names())
		if !strings.HasPrefix(hint, "did you mean") { // the key may be the secret itself: {s3cr3t}
			hint = "secrets are never written in a file, they come from env, file, dotenv or command: {env: NAME}"
		}
		e.Key.Errorf("unknown key; %s", hint)
	}
	r.finish(n)
}

// origin returns a reader of one kind of origin, and refuses a second.
func (r *secretReader) origin(read func(source.Node) origin) func(source.Node) {
	return func(n source.Node) {
		if r.from != nil {
			n.Errorf("a secret comes from one place: env, file, dotenv or command")
			return
		}
		r.from, r.pos = read(n), n.Pos()
	}
}

func (r *secretReader) finish(n source.Node) {
	r.shown = !r.hidden
	_, isCommand := r.from.(commandSecret)
	_, isDotenv := r.from.(dotenvSecret)
	switch {
	case r.from == nil:
		n.Errorf("where does the secret come from? want one of {env: NAME}, {file: path}, {dotenv: KEY} or {command: [op, read, …]}")
	case r.ttl > 0 && !isCommand:
		n.Errorf("ttl goes with command; everything else is read once a run")
	case r.key != "" && !isDotenv:
		r.keyAt.Errorf("name goes with dotenv: {dotenv: .env, name: KEY}")
	case isDotenv && r.key == "":
		r.from = r.dotenvBeside(n)
	case isDotenv:
		r.from = dotenvSecret{r.fsys, source.Beside(r.pos.File, r.dotenv), r.key}
	}
}

// dotenvBeside is {dotenv: KEY}: a key of the file .env beside the environment file.
func (r *secretReader) dotenvBeside(n source.Node) origin {
	if !isKey(r.dotenv) || strings.HasPrefix(r.dotenv, ".") {
		n.Errorf("which key of the file? write {dotenv: .env, name: KEY}")
	}
	return dotenvSecret{r.fsys, source.Beside(r.pos.File, ".env"), r.dotenv}
}

func (r *secretReader) readEnv(n source.Node) origin {
	name := n.Text()
	if !isKey(name) { // not repeated: it may be the secret itself
		n.Errorf("env wants the name of an environment variable, such as CLIENT_SECRET, and never the value")
	}
	return envSecret{name: name, of: r.name}
}

func (r *secretReader) readCommand(n source.Node) origin {
	if !n.IsList() {
		n.Errorf("want a list such as [op, read, op://vault/item/field]; no shell takes a line apart")
		return commandSecret{}
	}
	c := commandSecret{file: n.Pos().File}
	for _, item := range n.Items() {
		c.argv = append(c.argv, item.Text())
	}
	if len(c.argv) == 0 {
		n.Errorf("an empty command; want a list such as [op, read, op://vault/item/field]")
	}
	return c
}

// fetch brings the secret from its origin. The error is a *source.Error or source.Problems.
func (s *secret) fetch(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ctx = ctx
	return s.renew()
}

func (s *secret) renew() error {
	text, err := s.from.fetch(s.ctx)
	if err == nil {
		text = trim(text)
		err = s.judge(text)
	}
	s.fetched = err == nil
	if err != nil {
		s.failed = s.located(err)
		return s.failed
	}
	s.failed = nil
	s.value, s.at = vars.Value{Text: text, Secret: !s.shown}, time.Now()
	return nil
}

// located gives an error the secret's name and place, unless it has a place of its own: a line of the .env file.
func (s *secret) located(err error) error {
	var problems source.Problems
	if errors.As(err, &problems) {
		return err
	}
	if s.pos == (source.Pos{}) {
		return s.pos.Errorf("%w", err) // of the command line, which says the name itself
	}
	return s.pos.Errorf("secret %s: %w", s.name, err)
}

// lookup returns the value as it is now: fetched once, or anew where its ttl has passed.
func (s *secret) lookup() (vars.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from == nil && s.failed != nil {
		return vars.Value{}, s.failed
	}
	if !s.fetched && s.ctx == nil {
		return vars.Value{}, fmt.Errorf("secret %s has not been fetched", s.name)
	}
	if !s.fetched || s.ttl > 0 && time.Since(s.at) >= s.ttl {
		if err := s.renew(); err != nil {
			return vars.Value{}, err
		}
	}
	return s.value, nil
}

// judge refuses values that cannot be meant, or cannot be masked. It never repeats them.
func (s *secret) judge(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("the value is empty or white space")
	}
	if sort := placeholder(text); sort != "" {
		return fmt.Errorf("the value is %s and not a secret; put the real one in its place", sort)
	}
	if s.shown {
		return nil
	}
	if len(text) < minSecret {
		return fmt.Errorf("the value is shorter than %d bytes, so it cannot be masked; secret: false says that it may be shown", minSecret)
	}
	if text == "true" || text == "false" || text == "null" {
		return errors.New("the value is a word of JSON, so it cannot be masked; secret: false says that it may be shown")
	}
	return nil
}

// placeholder says what sort of text stands where a secret should, or nothing for what may be one.
func placeholder(text string) string {
	upper := strings.ToUpper(text)
	for _, prefix := range []string{"YOUR_", "YOUR-", "YOUR ", "REPLACE_ME", "REPLACE_WITH", "REPLACE-ME", "REPLACE-WITH"} {
		if strings.HasPrefix(upper, prefix) {
			return "a placeholder (it starts with " + prefix + ")"
		}
	}
	for _, pair := range [][2]string{{"<", ">"}, {"${", "}"}, {"{{", "}}"}} {
		if strings.HasPrefix(text, pair[0]) && strings.HasSuffix(text, pair[1]) && !strings.Contains(text, "\n") {
			return "a placeholder (" + pair[0] + "…" + pair[1] + ", which nothing fills in here)"
		}
	}
	if strings.Trim(text, "*") == "" || strings.Trim(text, "•") == "" || strings.Trim(upper, "X") == "" {
		return "a masked copy (" + string([]rune(text)[0]) + "…)"
	}
	return ""
}

// trim takes the byte order mark and, from a value of one line, the line's end. Keys of several lines are kept.
func trim(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	line := strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if strings.ContainsAny(line, "\r\n") {
		return text
	}
	return line
}
