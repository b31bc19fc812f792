package specs_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/environments"
	"github.com/hgrun/hgrun/runner"
)

func TestAFailureBringsItsExchangeAndACurlCommandAndNoSecret(t *testing.T) {
	t.Parallel()
	got := run(t, "failing", "-ginkgo.v")
	if strings.Contains(got.output, "planted-key") {
		t.Errorf("the secret is in clear in\n%s", got.output)
	}
	var entries string
	for _, s := range got.specs {
		for _, e := range s.ReportEntries {
			if s.LeafNodeText == "First" {
				entries += e.Name + " " + e.Location.String() + "\n" + e.StringRepresentation() + "\n"
			}
		}
	}
	entries = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(entries, "HOST")
	entries = regexp.MustCompile(`after \d+m?s`).ReplaceAllString(entries, "after a while")
	entries = regexp.MustCompile(`sha256:[0-9a-f]{8}`).ReplaceAllString(entries, "sha256:DIGEST")
	equal(t, "entries", entries, `
exchange api.yaml:4
GET http://HOST/fail → 500 Internal Server Error after a while
{"error":"no","echo":"Bearer ‹key sha256:DIGEST›"}
curl api.yaml:4
# masked here, to be set in the shell: KEY
curl http://HOST/fail \
  --header "Authorization: Bearer $KEY"
`)
}

func TestTheSuiteOfAnExamplePassesInTheEmbeddedSandbox(t *testing.T) {
	t.Parallel()
	if got := run(t, "embedded"); !got.passed || strings.Count(got.verdicts, "passed ") < 7 {
		t.Errorf("got\n%s", got.verdicts)
	}
}

// outcomes are what hgrun run says of a collection, by the place and the folders of requests; a loop that failed once has failed.
func outcomes(t *testing.T, collection string) map[string]string {
	t.Helper()
	server := serve(t, t.TempDir()+"/log")
	with := target{server: server}.of(collection)
	c, err := collections.Load(with.Files, "api.yaml", collections.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	env := environments.New("", map[string]string{"url": server.URL}, map[string]string{"key": "planted-key-0123456789"})
	for ev := range new(runner.Runner).Run(t.Context(), c, env) {
		ev, ok := ev.(runner.RequestFinished)
		if !ok || ev.Result.Name.Aside() {
			continue
		}
		at := ev.Result.Name.Pos
		key := strings.Join(append(unmarked(ev.Result.Name.Folders), at.String()), "/")
		if outcome := ev.Result.Outcome; found[key] == "" || outcome == runner.Failed || outcome == runner.Errored {
			found[key] = strings.Replace(outcome.String(), "errored", "failed", 1)
		}
	}
	return found
}

// unmarked are folders without the times of their loops.
func unmarked(folders []string) []string {
	out := make([]string, len(folders))
	for i, f := range folders {
		out[i], _, _ = strings.Cut(f, " [")
	}
	return out
}

func TestSpecsGiveTheVerdictsOfARun(t *testing.T) {
	t.Parallel()
	for name, collection := range map[string]string{"chain": chain, "failing": failing, "repeated": repeated, "including": including} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := outcomes(t, collection)
			for _, s := range run(t, name).specs {
				if s.LeafNodeType != types.NodeTypeIt {
					continue
				}
				at := "" // the column is not Ginkgo's to know
				for key := range want {
					folders, place, _ := cutLast(key, "/")
					if strings.HasPrefix(place, s.LeafNodeLocation.String()+":") && folders == strings.Join(within(s.ContainerHierarchyTexts), "/") {
						at = key
					}
				}
				if got := s.State.String(); got != want[at] {
					t.Errorf("%s: got %s, want %s as in a run", s.FullText(), got, want[at])
				}
				delete(want, at)
			}
			for key, outcome := range want {
				t.Errorf("%s %s in a run is no spec", key, outcome)
			}
		})
	}
}

// within are the folders of the collection among containers.
func within(containers []string) []string {
	var folders []string
	for _, text := range containers[1:] {
		if text != "setup" && text != "teardown" {
			folders = append(folders, text)
		}
	}
	return folders
}

func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return "", text, false
}
