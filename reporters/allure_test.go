package reporters

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func TestAllureShowsStepsAndWhatWentOverTheWire(t *testing.T) {
	t.Parallel()
	o := Options{Version: "1.0.0", Shard: "2/5", Origin: Origin{Host: "ci-1"}, Curl: func(a *runner.Attempt) string { return "curl " + a.URL }}
	checkGolden(t, "allure-wire", render(t, "allure", o, allureRun()))
}

// allureRun is a run with what Allure has labels, parameters and steps for: tags, rows, tests of scripts, what they wrote, several attempts.
func allureRun() []runner.Event {
	events := tracedEvents()
	for i, ev := range events {
		f, ok := ev.(runner.RequestFinished)
		if !ok {
			continue
		}
		switch f.Result.Name.Name {
		case "Read":
			f.Result.Name.Tags = []string{"smoke", "severity:critical", "epic:Patients", "ticket:HG-7", "owner:"}
			f.Result.Tests = []runner.Test{{Name: "the body is <ok>"}, {Name: "not now", Skipped: true}, {Name: "no", Message: "is in the problems"}}
			f.Result.Last().Judged = []runner.Judged{{Name: "status"}, {Name: "json total <1>", Outcome: runner.Failed}, {Name: "json total below", Outcome: runner.Skipped}}
			f.Result.Expectations = 4
			f.Result.Console = []runner.ConsoleLine{{Level: "warn", Text: "two\nlines"}}
		case "Gone":
			f.Result.Attempts = append([]runner.Attempt{{Method: "GET", URL: "https://api.example/orders/1", Problems: []string{"connection reset"}}}, f.Result.Attempts...)
		}
		events[i] = f
	}
	return events
}

// unpack returns the files of a report by their names.
func unpack(text string) map[string]string {
	files := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, content, _ := strings.Cut(part, " --\n")
		files[name] = content
	}
	return files
}

// allureComplaints is what Allure would find wrong with results.
func allureComplaints(files map[string]string) []string {
	var list []string
	complain := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	attached, ids := map[string]bool{}, map[string]bool{}
	for name, content := range files {
		id, isResult := strings.CutSuffix(name, "-result.json")
		if !isResult {
			continue
		}
		var r allureResult
		if err := json.Unmarshal([]byte(content), &r); err != nil {
			complain("%s: %v", name, err)
		}
		if r.UUID != id || ids[id] || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			complain("%s: uuid %s", name, r.UUID)
		}
		ids[id] = true
		if r.HistoryID == "" || r.TestCaseID == "" || r.FullName == "" || len(r.Labels) == 0 {
			complain("%s: %+v", name, r.allureIdentity)
		}
		complainStep(&r.allureStep, attached, complain)
	}
	for source := range attached {
		if files[source] == "" {
			complain("attachment %s is not there", source)
		}
	}
	for name := range files {
		if strings.HasSuffix(name, "-attachment.txt") && !attached[name] {
			complain("nothing names %s", name)
		}
	}
	var categories []allureCategory
	if err := json.Unmarshal([]byte(files["categories.json"]), &categories); err != nil || len(categories) == 0 {
		complain("categories.json: %v", err)
	}
	return list
}

func complainStep(s *allureStep, attached map[string]bool, complain func(string, ...any)) {
	if !slices.Contains([]string{allurePassed, allureFailed, allureBroken, allureSkipped}, s.Status) || s.Name == "" || s.Stage != "finished" || s.Stop < s.Start {
		complain("step %+v", s)
	}
	if s.Status != allurePassed && s.Status != allureSkipped && s.Stage == "finished" && s.Start == 0 {
		complain("%s: no time", s.Name)
	}
	for _, a := range s.Attachments {
		if attached[a.Source] {
			complain("attachment %s twice", a.Source)
		}
		attached[a.Source] = true
	}
	for i := range s.Steps {
		complainStep(&s.Steps[i], attached, complain)
	}
}

func TestResultsAreAsAllureReadsThem(t *testing.T) {
	t.Parallel()
	runs := recorded()
	runs["cut off"] = allureRun()[:4]
	delete(runs, "end of CDATA") // its text looks like the name of a file
	for name, events := range runs {
		files := unpack(render(t, "allure", Options{}, events))
		results := 0
		for _, ev := range events {
			if _, ok := ev.(runner.RequestFinished); ok {
				results++
			}
		}
		for file := range files {
			if strings.HasSuffix(file, "-result.json") {
				results--
			}
		}
		if list := allureComplaints(files); len(list) > 0 || results != 0 {
			t.Errorf("%s: %q, %d results are missing", name, list, results)
		}
		for file, content := range files {
			if name == "labelled" && strings.HasSuffix(file, "-attachment.txt") && len(content) > 0 {
				delete(files, file)
				if len(allureComplaints(files)) == 0 {
					t.Errorf("%s is not missed", file)
				}
			}
		}
	}
}

// TestARequestHasOneHistory is what the trend of Allure rests on: the same in the next run, another for each row and each environment, one test case for all of them.
func TestARequestHasOneHistory(t *testing.T) {
	t.Parallel()
	of := func(environment, label string, start time.Time) allureIdentity {
		r := passed("Read", 7, time.Second)
		if label != "" {
			r.Name.Row, r.Name.Label, r.Name.Name = 1, label, "Read ["+label+"]"
		}
		rec := &recorder{at: start}
		rec.begin(runner.Suite{Name: "Orders", File: "orders.yaml", Environment: environment}, 1)
		rec.add(r)
		rec.end(false)
		for name, content := range unpack(render(t, "allure", Options{}, rec.events)) {
			var result allureResult
			if strings.HasSuffix(name, "-result.json") && json.Unmarshal([]byte(content), &result) == nil {
				return result.allureIdentity
			}
		}
		t.Fatal("no result")
		return allureIdentity{}
	}
	today, tomorrow := time.Date(2026, 11, 22, 14, 30, 0, 0, time.UTC), time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)
	first, second := of("staging", "", today), of("staging", "", tomorrow)
	if first.HistoryID != second.HistoryID || first.TestCaseID != second.TestCaseID || first.UUID == second.UUID {
		t.Errorf("got %+v and %+v, want one history and two results", first, second)
	}
	seen := map[string]bool{first.HistoryID: true}
	for _, other := range []allureIdentity{of("production", "", today), of("staging", "eu", today), of("staging", "us", today)} {
		if seen[other.HistoryID] || other.TestCaseID != first.TestCaseID {
			t.Errorf("got %+v, want a history of its own of the test case %s", other, first.TestCaseID)
		}
		seen[other.HistoryID] = true
	}
}

func TestResultsAreAddedToAFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "allure-results")
	for range 2 {
		if err := reportTo(t, "allure", dir, runOf(passed("One", 7, time.Second)), func() {}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "6e9b2a1c-4f1d-4c5e-9a7b-0d1e2f3a4b5c-result.json"), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Files("allure", dir)
	if err != nil || len(files) != 3 || !slices.Contains(files, filepath.Join(dir, "categories.json")) {
		t.Errorf("got %q (%v), want our result, the environment and the categories", files, err)
	}
	if got := names(t, dir); len(got) != 4 || !slices.Contains(got, "6e9b2a1c-4f1d-4c5e-9a7b-0d1e2f3a4b5c-result.json") {
		t.Errorf("got %q in the folder, want that of somebody else too", got)
	}
	if _, err := Open("allure", files[0], Options{}); err == nil || err.Error() != "write "+files[0]+": is a file; want a folder" {
		t.Errorf("got %v", err)
	}
	r, err := Open("allure", dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := reportAll(r, sharedRun()); err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("got %v, want that the folder is gone", err)
	}
}
