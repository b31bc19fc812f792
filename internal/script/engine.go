package script

import (
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"sync"

	"modernc.org/quickjs"
)

// files are the engine's own scripts, and the modules that scripts may require.
//
//go:embed js/*.js bundle/*.js.gz
var files embed.FS

// Engine is what all VMs share: the code of the modules, each compiled when the first script asks for it. The zero Engine is ready, and safe for
// concurrent use.
type Engine struct {
	mu   sync.Mutex
	code map[string][]byte // by the name of the module
}

// Open returns a VM whose scripts keep to the limits. Nothing is loaded before the first script runs.
func (e *Engine) Open(limits Limits) *VM { return &VM{engine: e, limits: limits.orDefaults()} }

// processors gives Go's scheduler more processors, or takes them back: a script that is left behind keeps one busy, and nobody else shall wait for that one.
func (e *Engine) processors(more int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + more)
}

// Check returns what is wrong with the syntax of scripts, each at its place, or nil. It runs nothing.
func (e *Engine) Check(scripts ...Script) error {
	js, err := quickjs.NewVM()
	if err != nil {
		return err
	}
	defer js.Close()
	var errs []error
	for _, s := range scripts {
		if _, err := js.Compile(wrap(s.Text), quickjs.EvalGlobal); err != nil {
			errs = append(errs, syntaxError(s, err))
		}
	}
	return errors.Join(errs...)
}

// wrap makes a script the body of a function, so that its variables are its own and return leaves it. The text starts on a line of its own, so that the
// engine's columns are the text's.
func wrap(text string) string {
	if strings.Contains(text, "await") {
		return "(async function () {\n" + text + "\n})"
	}
	return "(function () {\n" + text + "\n})"
}

// bytecode returns the code of a module, or of one of the engine's own scripts, whose names start with "./".
func (e *Engine) bytecode(name string) ([]byte, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if code, ok := e.code[name]; ok {
		return code, nil
	}
	text, err := text(name)
	if err != nil {
		return nil, err
	}
	js, err := quickjs.NewVM()
	if err != nil {
		return nil, err
	}
	defer js.Close()
	code, err := js.Compile(text, quickjs.EvalGlobal)
	if err != nil {
		return nil, fmt.Errorf("module %s: %w", name, err)
	}
	if e.code == nil {
		e.code = map[string][]byte{}
	}
	e.code[name] = code
	return code, nil
}

func text(name string) (string, error) {
	if own, ok := strings.CutPrefix(name, "./"); ok {
		b, err := files.ReadFile("js/" + own + ".js")
		return string(b), err
	}
	packed, err := files.Open("bundle/" + strings.ReplaceAll(name, "/", "_") + ".js.gz")
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no module %s", name)
	}
	if err != nil {
		return "", err
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return "(function(module,exports,require,process,global){" + string(b) + "\n})", err
}
