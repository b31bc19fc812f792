package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// binaries are the programs that take part, by path.
type binaries struct{ hgrun, loop, server, measure string }

// bench is everything that stands while the workloads run.
type bench struct {
	dir      string
	bin      binaries
	base     string
	server   *exec.Cmd
	stdin    io.Closer       // its end stops the server
	prepared map[string]bool // folders that have their files
	peers    []entrant       // other runners, without their job
	large    document        // of the server, once it was asked
}

// newBench builds the programs into dir and starts the server.
func newBench(ctx context.Context, dir string, o options) (*bench, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	others, err := invited(o.peers)
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, bin: binaries{hgrun: o.hgrun}, prepared: map[string]bool{}, peers: others}
	for _, p := range []struct {
		path *string
		pkg  string
	}{{&b.bin.hgrun, "cmd/hgrun"}, {&b.bin.loop, "bench/loop"}, {&b.bin.server, "bench/server"}, {&b.bin.measure, "bench/measure"}} {
		if *p.path != "" {
			continue
		}
		*p.path = filepath.Join(dir, filepath.Base(p.pkg))
		if runtime.GOOS == "windows" {
			*p.path += ".exe"
		}
		if err := build(ctx, *p.path, "github.com/hgrun/hgrun/"+p.pkg); err != nil {
			return nil, err
		}
	}
	return b, b.start(ctx, o.delay)
}

// build builds a program the way a release is built.
func build(ctx context.Context, path, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// start starts the server and reads its port.
func (b *bench) start(ctx context.Context, delay string) error {
	b.server = exec.CommandContext(ctx, b.bin.server, "-until-eof", "-token", bearer, "-delay", delay)
	b.server.Stderr = os.Stderr
	stdin, err := b.server.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := b.server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := b.server.Start(); err != nil {
		return err
	}
	b.stdin = stdin
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return errors.Join(fmt.Errorf("server: %w", err), b.server.Wait())
	}
	b.base = "http://127.0.0.1:" + strings.TrimSpace(port)
	return nil
}

func (b *bench) close() {
	_ = b.stdin.Close()
	_ = b.server.Wait()
}

// run lets every entrant of the workload fail once on purpose, warm up once, and then run so many rounds in turn.
func (b *bench) run(ctx context.Context, w workload, rounds int) ([]row, error) {
	entrants := w.entrants(b.peers)
	rows := make([]row, len(entrants))
	for i, e := range entrants {
		rows[i].name = e.name
		if err := b.prove(ctx, w.code, e); err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
	}
	for round := range rounds + 1 {
		for k := range entrants {
			i := (k + round) % len(entrants) // nobody always runs after the same one
			s, err := b.once(ctx, w.code, entrants[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", entrants[i].name, err)
			}
			if round > 0 {
				rows[i].samples = append(rows[i].samples, s)
			}
		}
	}
	return rows, nil
}

// prove runs the job with an expectation that cannot hold: who passes it does not judge, and is not measured.
func (b *bench) prove(ctx context.Context, code string, e entrant) error {
	e.job.family = "Nobody"
	s, dir, err := b.measure(ctx, code+" proof", e)
	if err != nil {
		return err
	}
	if want := max(e.refuses, 1); s.Exit != want {
		return fmt.Errorf("a wrong expectation: got exit %d, want %d%s", s.Exit, want, printed(dir))
	}
	_, err = b.counts(ctx)
	return err
}

// once is one measured run that did all its work.
func (b *bench) once(ctx context.Context, code string, e entrant) (sample, error) {
	e.job.family = family
	s, dir, err := b.measure(ctx, code, e)
	if err != nil {
		return s, err
	}
	if s.Exit != 0 {
		return s, fmt.Errorf("got exit %d, want 0%s", s.Exit, printed(dir))
	}
	if err := e.contestant.inspect(dir, e.job); err != nil {
		return s, err
	}
	got, err := b.counts(ctx)
	if err != nil {
		return s, err
	}
	want := counts{Patients: e.job.requests}
	if e.job.megabytes > 0 {
		want = counts{Bulks: e.job.requests}
	}
	if e.job.exchange {
		want.Tokens = 1
	}
	if got != want {
		return s, fmt.Errorf("the server saw %+v, want %+v", got, want)
	}
	return s, nil
}

// measure runs the entrant in a folder of its own.
func (b *bench) measure(ctx context.Context, code string, e entrant) (s sample, dir string, err error) {
	dir = filepath.Join(b.dir, strings.ReplaceAll(code+" "+e.name, " ", "-"))
	if !b.prepared[dir] {
		if err := errors.Join(os.MkdirAll(dir, 0o755), e.contestant.prepare(dir, e.job)); err != nil {
			return s, dir, err
		}
		b.prepared[dir] = true
	}
	large, err := b.document(ctx, e.job.megabytes)
	if err != nil {
		return s, dir, err
	}
	argv := e.contestant.command(place{b.bin, b.base, dir, large}, e.job)
	cmd := exec.CommandContext(ctx, b.bin.measure, append([]string{"-o", filepath.Join(dir, "output"), "--"}, argv...)...)
	cmd.Env = append(os.Environ(), secretEnv+"="+secret, "BASE="+b.base)
	cmd.Dir = dir // some look for their files there alone
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return s, dir, err
	}
	return s, dir, json.Unmarshal(out, &s)
}

// printed is what the last run in dir printed, at the end of an error.
func printed(dir string) string {
	text, _ := os.ReadFile(filepath.Join(dir, "output"))
	if len(text) > 4000 {
		text = append(text[:4000], "…"...)
	}
	return "\n" + strings.TrimSpace(string(text))
}

// counts is what the server saw since it was asked last.
type counts struct{ Tokens, Patients, Refused, Bulks int }

func (b *bench) counts(ctx context.Context) (c counts, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/counts", nil)
	if err != nil {
		return c, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return c, err
	}
	defer resp.Body.Close()
	return c, json.NewDecoder(resp.Body).Decode(&c)
}
