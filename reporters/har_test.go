package reporters

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// wired is a run whose requests show everything that can go over the wire: a redirect with phases of its own, cookies, a query, a form,
// a body that was cut, no answer at all.
func wired() []runner.Event {
	start := time.Date(2026, 11, 22, 14, 30, 0, 5e6, time.UTC)
	login := failed("Log in", 7, 200, "OK", `{"ok":true}`)
	login.Name.Tags = []string{"smoke"}
	login.Findings = []runner.Finding{{Code: "HG031", Title: "the answer came from another place", Confidence: "likely"}}
	a := &login.Attempts[0]
	a.URL = "https://api.example/login?family=‹family sha256:5e6f7a8b›&_count=5&empty="
	a.Timings = wire.Timings{Start: start, DNS: 2 * time.Millisecond, Connect: 3 * time.Millisecond, TLS: 4 * time.Millisecond, Send: 100 * time.Microsecond,
		FirstByte: 20 * time.Millisecond, Total: 31234567 * time.Nanosecond}
	d := a.Detail
	d.RequestHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Cookie": {"a=‹cookie sha256:11111111›; b=2"}}
	d.RequestBody = "username=me&password=‹password sha256:1a2b3c4d›"
	d.Hops = []wire.Hop{
		{Status: 302, URL: a.URL, Timings: wire.Timings{Start: start, DNS: 2 * time.Millisecond, Connect: 3 * time.Millisecond, TLS: 4 * time.Millisecond, FirstByte: 9 * time.Millisecond, Total: 19 * time.Millisecond},
			Header: http.Header{"Location": {"/home"}, "Set-Cookie": {"c=‹cookie sha256:33333333›; Path=/"}}, Next: http.Header{"Cookie": {"c=‹cookie sha256:33333333›"}, "Host": {"api.example"}}},
		{Status: 307, URL: "https://api.example/home", Timings: wire.Timings{Total: 2 * time.Millisecond, Reused: true}},
	}
	d.URL, d.Remote = "https://www.example/", "[fe80::1%eth0]:443"
	d.ResponseHeader = http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"session=‹cookie sha256:22222222›; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; SameSite=Lax", "x=1"}}
	large := passed("Large", 9, 15*time.Millisecond)
	large.Attempts[0].Received = 11 << 20
	large.Attempts[0].Detail = &runner.Detail{Proto: "HTTP/2.0", Remote: "192.0.2.7:443", ResponseHeader: http.Header{"Content-Type": {"text/plain"}},
		ResponseBody: "the beginning", ResponseSHA256: strings.Repeat("ab", 32)}
	silent := skipped("Needs it", "no token")
	return runOf(login, large, problem("Nobody there", 12, runner.Errored, runner.TransportError, "connection refused by 127.0.0.1:1"), silent)
}

func TestAnArchiveShowsAllThatWentOverTheWire(t *testing.T) {
	t.Parallel()
	checkGolden(t, "har-wire", render(t, "har", Options{Version: "1.0.0"}, wired()))
}

// harComplaints is what readers of HAR 1.2 would find wrong with an archive.
func harComplaints(text string) []string {
	var list []string
	complain := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	var archive struct {
		Log struct {
			Version string
			Creator struct{ Name, Version string }
			Pages   []struct {
				ID, StartedDateTime, Title string
				PageTimings                struct{ OnContentLoad, OnLoad *float64 }
			}
			Entries []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &archive); err != nil {
		return []string{err.Error()}
	}
	log := &archive.Log
	if log.Version != "1.2" || log.Creator.Name == "" || log.Creator.Version == "" || log.Pages == nil || log.Entries == nil {
		complain("log: %+v", log)
	}
	pages := map[string]bool{}
	for _, p := range log.Pages {
		if pages[p.ID] || p.Title == "" || !harTime(p.StartedDateTime) || p.PageTimings.OnLoad == nil {
			complain("page %+v", p)
		}
		pages[p.ID] = true
	}
	for _, e := range log.Entries {
		if page, _ := e["pageref"].(string); !pages[page] {
			complain("no page %s", page)
		}
		complainEntry(e, complain)
	}
	return list
}

func harTime(text string) bool {
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

func complainEntry(e map[string]any, complain func(string, ...any)) {
	if started, _ := e["startedDateTime"].(string); !harTime(started) || e["cache"] == nil {
		complain("started %s, cache %v", started, e["cache"])
	}
	request, _ := e["request"].(map[string]any)
	response, _ := e["response"].(map[string]any)
	for name, keys := range map[string][]string{"request": {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"},
		"response": {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize"}} {
		for _, key := range keys {
			if of, _ := e[name].(map[string]any); of[key] == nil {
				complain("%s has no %s", name, key)
			}
		}
	}
	if target, _ := request["url"].(string); !regexp.MustCompile(`^[!-~]+$`).MatchString(target) {
		complain("url %s", target)
	}
	if content, _ := response["content"].(map[string]any); content["size"] == nil || content["mimeType"] == nil {
		complain("content %v", content)
	}
	timings, _ := e["timings"].(map[string]any)
	sum := 0.0
	for _, part := range []string{"blocked", "dns", "connect", "send", "wait", "receive"} {
		v, ok := timings[part].(float64)
		if !ok || v < 0 && v != -1 || v < 0 && (part == "send" || part == "wait" || part == "receive") {
			complain("timings.%s %v", part, timings[part])
		}
		sum += max(v, 0)
	}
	if ssl, _ := timings["ssl"].(float64); ssl > timings["connect"].(float64) {
		complain("ssl %v is no part of connect %v", ssl, timings["connect"])
	}
	if whole, ok := e["time"].(float64); !ok || math.Abs(whole-sum) > 1e-6 {
		complain("time %v, its parts are %v", e["time"], sum)
	}
}

func TestArchivesKeepTheRulesOfHAR(t *testing.T) {
	t.Parallel()
	runs := recorded()
	runs["nothing"], runs["cut off"] = nil, wired()[:4]
	for name, events := range runs {
		if list := harComplaints(render(t, "har", Options{}, events)); len(list) > 0 {
			t.Errorf("%s: %q", name, list)
		}
	}
	for _, broken := range []string{`{"log":{}}`, strings.Replace(render(t, "har", Options{}, wired()), `"wait":9`, `"wait":10`, 1), strings.Replace(render(t, "har", Options{}, wired()), `"wait":11`, `"wait":12`, 1)} {
		if len(harComplaints(broken)) == 0 {
			t.Errorf("nothing is wrong with %s", cut(broken, 300))
		}
	}
}

func TestAnArchiveNamesWhatWasNotSent(t *testing.T) {
	t.Parallel()
	var archive struct{ Log struct{ Pages []harPage } }
	if err := json.Unmarshal([]byte(render(t, "har", Options{}, wired())), &archive); err != nil {
		t.Fatal(err)
	}
	want := []harSilence{{"Needs it", "skipped", "no token"}}
	if diff := cmp.Diff(want, archive.Log.Pages[0].Own.Silent); diff != "" {
		t.Error(diff)
	}
}
