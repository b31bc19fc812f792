package environments

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// envSecret is a variable of the process's environment.
type envSecret struct {
	name string
	of   string // the secret it is for
	flag bool   // --secret asked for it
}

func (e envSecret) fetch(context.Context) (string, error) {
	text, set := os.LookupEnv(e.name)
	if text != "" {
		return text, nil
	}
	state := "is not set"
	if set {
		state = "is set but empty"
	}
	if e.flag {
		return "", fmt.Errorf("--secret %s=%s: environment variable %s %s; export %s=…", e.of, e.name, e.name, state, e.name)
	}
	return "", fmt.Errorf("environment variable %s %s; export %s=… or write %s: {file: path}%s", e.name, state, e.name, e.of, e.nearby())
}

// nearby names a variable that is set and has almost the same name.
func (e envSecret) nearby() string {
	var names []string
	for _, pair := range os.Environ() {
		if name, value, _ := strings.Cut(pair, "="); value != "" && name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if hint := source.Suggest(e.name, names); strings.HasPrefix(hint, "did you mean") {
		return "; " + hint
	}
	return ""
}

// fileSecret is a whole file, named relative to the environment file.
type fileSecret struct {
	fsys fs.FS
	file string // the environment file
	name string
}

func (f fileSecret) fetch(context.Context) (string, error) {
	path := source.Beside(f.file, f.name)
	text, err := fs.ReadFile(f.fsys, path)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", path, plain(err))
	case len(text) == 0:
		return "", fmt.Errorf("%s is empty", path)
	case strings.HasPrefix(string(text), "\xff\xfe"), strings.HasPrefix(string(text), "\xfe\xff"):
		return "", fmt.Errorf("%s is UTF-16 text, as PowerShell's > writes it; save it as UTF-8", path)
	}
	return string(text), nil
}

// plain takes the path out of a file error, because the message names it already.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// dotenvSecret is a key of a .env file.
type dotenvSecret struct {
	fsys fs.FS
	file string // as fsys knows it
	key  string
}

func (d dotenvSecret) fetch(context.Context) (string, error) {
	src, err := fs.ReadFile(d.fsys, d.file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: %w; write it with the line %s=…", d.file, plain(err), d.key)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", d.file, plain(err))
	}
	values, err := parseDotenv(d.file, string(src))
	if err != nil {
		return "", err
	}
	text, ok := values[d.key]
	if !ok {
		hint := "add the line " + d.key + "=…"
		if near := source.Suggest(d.key, slices.Sorted(maps.Keys(values))); strings.HasPrefix(near, "did you mean") {
			hint = near
		}
		return "", fmt.Errorf("%s has no %s; %s", d.file, d.key, hint)
	}
	if text == "" {
		return "", fmt.Errorf("%s: %s is empty", d.file, d.key)
	}
	return text, nil
}
