package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// document is what the server says of its large document.
type document struct{ SHA256, Size string }

// document asks the server, once.
func (b *bench) document(ctx context.Context, megabytes int) (document, error) {
	if b.large != (document{}) || megabytes == 0 {
		return b.large, nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/bulk/%d/digest", b.base, megabytes), nil)
	if err != nil {
		return document{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return document{}, err
	}
	defer resp.Body.Close()
	return b.large, json.NewDecoder(resp.Body).Decode(&b.large)
}

// expected is what a judge must find in the document, or something else where the run is to fail.
func (p place) expected(judge string, j job) string {
	good := j.family == family
	switch {
	case judge == "json":
		return j.family
	case judge == "sha256" && good:
		return p.large.SHA256
	case judge == "sha256":
		return strings.Repeat("0", 64)
	case good:
		return p.large.Size
	}
	return "0"
}

// bulkLoop is bench/loop reading one large document.
type bulkLoop struct{ judge string }

func (bulkLoop) prepare(string, job) error { return nil }

func (l bulkLoop) command(p place, j job) []string {
	return []string{p.bin.loop, "-base", p.base, "-bulk", strconv.Itoa(j.megabytes), "-judge", l.judge, "-want", p.expected(l.judge, j)}
}

func (bulkLoop) inspect(string, job) error { return nil }

// bulkHgrun is hgrun reading it, with one expectation of the body.
type bulkHgrun struct{ judge string }

func (h bulkHgrun) prepare(dir string, j job) error {
	expectation := `json: {publisher: "{{want}}"}`
	if h.judge == "sha256" {
		expectation = `sha256: "{{want}}"`
	}
	text := fmt.Sprintf("name: Bulk\nrequests:\n  - name: Read the document\n    request: GET {{base}}/bulk/%d\n    expect: {status: 200, %s}\n", j.megabytes, expectation)
	return os.WriteFile(filepath.Join(dir, "bulk.yaml"), []byte(text), 0o644)
}

func (h bulkHgrun) command(p place, j job) []string {
	return []string{p.bin.hgrun, "run", "-r", "junit=" + filepath.Join(p.dir, "junit.xml"), "--var", "base=" + p.base,
		"--var", "want=" + p.expected(h.judge, j), filepath.Join(p.dir, "bulk.yaml")}
}

func (bulkHgrun) inspect(dir string, j job) error { return hgrun{}.inspect(dir, j) }

// bulkEntrants are who reads the document: hgrun judges one thing of it, the loops the one thing that they are for.
func bulkEntrants(j job) []entrant {
	judge := "json"
	if j.digest {
		judge = "sha256"
	}
	entrants := []entrant{
		{"hgrun", bulkHgrun{judge}, j, 0},
		{baseline, bulkLoop{"json"}, j, 0},
		{"loop", bulkLoop{"size"}, j, 0},
	}
	if j.digest {
		entrants = append(entrants, entrant{"loop-sha256", bulkLoop{"sha256"}, j, 0})
	}
	return entrants
}
