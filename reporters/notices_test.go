package reporters

import (
	"strings"
	"testing"

	"github.com/hgrun/hgrun/internal/source"
)

func someNotices() []Notice {
	return []Notice{
		{Pos: source.Pos{File: "a b,c:d.yaml", Line: 3, Col: 5}, Message: "unknown key \"x\"; 100% of it\r\nis <new> & ä"},
		{Pos: source.Pos{File: "e.yaml", Line: 1, Col: 2}, Warning: true, Code: "HG014", Message: "the URL is empty", Fix: "set the variable"},
		{Pos: source.Pos{File: "./missing.yaml"}, Message: "file does not exist"},
		{Message: "--var: want name=value"},
	}
}

func TestNoticesAreWrittenInEveryFormat(t *testing.T) {
	t.Parallel()
	for name, write := range Notices() {
		var b strings.Builder
		if err := write(&b, "1.2.3", someNotices()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		checkGolden(t, "notices-"+name, b.String())
	}
}

func TestALogOfNothingIsStillALog(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := sarifNotices(&b, "1", nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"rules": []`, `"results": []`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got %s, want %s in it", b.String(), want)
		}
	}
}

func TestAFileIsNamedAsAURI(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"a.yaml": "a.yaml", "./a/../b c.yaml": "b%20c.yaml", "a%20b.yaml": "a%2520b.yaml", "../x.yaml": "../x.yaml", "/tmp/a#b.yaml": "file:///tmp/a%23b.yaml", "a:b.yaml": "a%3Ab.yaml",
	} {
		if got := fileURI(file); got != want {
			t.Errorf("%s: got %s, want %s", file, got, want)
		}
	}
}
