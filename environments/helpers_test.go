package environments

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hgrun/hgrun/internal/vars"
)

// TestMain makes the test binary a program that commands of the tests can run.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "as-command" {
		command(os.Args[2], os.Args[3:])
		return
	}
	os.Exit(m.Run())
}

func command(what string, args []string) {
	switch what {
	case "print":
		fmt.Print(strings.Join(args, " "))
	case "fail": // prints a secret to both, and ends badly
		fmt.Println(args[0])
		fmt.Fprintln(os.Stderr, "cannot unlock:\n  "+args[0]+" is wrong")
		os.Exit(3)
	case "count": // prints how often it was run
		text, _ := os.ReadFile(args[0])
		text = append(text, 'x')
		if err := os.WriteFile(args[0], text, 0o600); err != nil {
			panic(err)
		}
		fmt.Printf("secret-%d\n", len(text))
	case "where":
		dir, _ := os.Getwd()
		fmt.Println(dir)
	case "hang": // starts a child that hangs with it and tells its number
		child := exec.Command(os.Args[0], "as-command", "sleep")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
		if err := os.WriteFile(args[0], fmt.Append(nil, child.Process.Pid), 0o600); err != nil {
			panic(err)
		}
		_ = os.Rename(args[0], args[0]+".ready")
		time.Sleep(time.Minute)
	case "leave": // ends well, and leaves a child that holds its output open
		child := exec.Command(os.Args[0], "as-command", "sleep", "5s")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			panic(err)
		}
		fmt.Println("left-behind")
	case "sleep":
		limit := time.Minute
		if len(args) > 0 {
			limit, _ = time.ParseDuration(args[0])
		}
		time.Sleep(limit)
	}
}

// argv is a YAML list that runs the test binary as a command.
func argv(args ...string) string {
	quoted := []string{fmt.Sprintf("%q", os.Args[0]), "as-command"}
	for _, a := range args {
		quoted = append(quoted, fmt.Sprintf("%q", a))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// tree is files by their names.
func tree(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fsys[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

// load loads e.yaml among other files.
func load(t *testing.T, text string, others ...string) *Environment {
	t.Helper()
	e, err := Load(tree(append(others, "e.yaml", text)...), "e.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// lookup is what a name stands for in the environment, or the error.
func lookup(e *Environment, name string) string {
	v, err := vars.NewScope(nil, e.Layers()...).Lookup(name)
	if err != nil {
		return "error: " + err.Error()
	}
	if v.Secret {
		return "secret " + v.Text
	}
	return v.Text
}

func words(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }
