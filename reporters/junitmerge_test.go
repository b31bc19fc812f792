package reporters

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hgrun/hgrun/runner"
)

func junitFile(name, text string) JUnitFile {
	return JUnitFile{Name: name, From: strings.NewReader(text), Size: int64(len(text))}
}

func mergeJUnit(t *testing.T, texts ...string) (string, runner.Counts) {
	t.Helper()
	var out bytes.Buffer
	var files []JUnitFile
	for i, text := range texts {
		files = append(files, junitFile(fmt.Sprintf("%d.xml", i+1), text))
	}
	counts, err := MergeJUnit("-", &out, files)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), counts
}

func TestMergedJUnitIsOneReport(t *testing.T) {
	t.Parallel()
	one := runOf(passed("One", 7, time.Second))
	b := render(t, "junit-xunit", Options{Shard: "2/3"}, runOf(failed("Two", 7, 500, "", "<b>")))
	c := render(t, "junit-xunit", Options{Shard: "3/3"}, nil)
	got, counts := mergeJUnit(t, c, b, render(t, "junit-xunit", Options{Shard: "1/3"}, one))
	want := `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hgrun" tests="2" failures="1" errors="0" time="1.500">
  <testsuite name="Corpus" tests="1" failures="0" errors="0" skipped="0" time="1.000" id="0" timestamp="2026-11-22T14:30:00" hostname="ci-1" file="corpus.yaml">
    <properties>
      <property name="hgrun.shard" value="1/3"></property>
    </properties>
    <testcase name="One" classname="Corpus" time="1.000"></testcase>
  </testsuite>
  <testsuite name="Corpus (corpus.yaml)" tests="1" failures="1" errors="0" skipped="0" time="1.500" id="1" timestamp="2026-11-22T14:30:00" hostname="ci-1" file="corpus.yaml">
    <properties>
      <property name="hgrun.shard" value="2/3"></property>
    </properties>
    <testcase name="Two" classname="Corpus" time="1.500">
      <failure message="failed" type="AssertionFailure">`
	if !strings.HasPrefix(got, want) || counts != (runner.Counts{Passed: 1, Failed: 1}) {
		t.Errorf("got %v\n%s\nwant the beginning\n%s", counts, got, want)
	}
	if list := complaints(got); list != nil {
		t.Errorf("got %q", list)
	}
	lint(t, "junit-xunit", got)
}

func TestNoConsumerComplainsOfMergedJUnit(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, events := range recorded() {
		texts = append(texts, render(t, "junit", Options{}, events))
	}
	texts = append(texts, render(t, "junit", Options{}, manyPassed(1000)))
	got, _ := mergeJUnit(t, texts...)
	if list := complaints(got); list != nil {
		t.Errorf("got %q", list)
	}
	lint(t, "junit", got)
}

func TestAMissingShardIsATestcaseThatErrored(t *testing.T) {
	t.Parallel()
	got, counts := mergeJUnit(t, render(t, "junit", Options{Shard: "2/2"}, runOf(passed("One", 7, time.Second))))
	const want = `  <testsuite name="hgrun shard 1/2" tests="1" failures="0" errors="1" skipped="0" time="0.000" id="1">
    <testcase name="[shard 1/2]" classname="hgrun shard 1/2" time="0.000">
      <error message="shard 1/2: no report; what it should have run is not known" type="TransportError">shard 1/2: no report; what it should have run is not known</error>
    </testcase>
  </testsuite>
</testsuites>
`
	if !strings.HasSuffix(got, want) || counts != (runner.Counts{Passed: 1, Errored: 1}) || complaints(got) != nil {
		t.Errorf("got %v %q\n%s\nwant the end\n%s", counts, complaints(got), got, want)
	}
}

func TestJUnitOfOthersIsMergedToo(t *testing.T) {
	t.Parallel()
	newman := `<testsuites><testsuite name="Refused" tests="0" errors="2"><system-err>connection refused</system-err></testsuite><testsuite name="Empty"/></testsuites>`
	lone := "\ufeff<testsuite name='A' errors='7' time='1,234.5' xmlns:x='urn:x'><testsuite name='inner'><testcase name='a' x:note='1'><error/></testcase></testsuite>" +
		"<testcase name='b'><skipped/></testcase><!-- > --><system-out><![CDATA[<testcase>]]></system-out></testsuite>"
	got, counts := mergeJUnit(t, newman, lone)
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hgrun" tests="3" failures="0" errors="2" time="1234.500">
  <testsuite name="Refused" tests="1" failures="0" errors="1" skipped="0" time="0.000" id="0">
    <testcase name="[suite]" classname="Refused" time="0.000">
      <error message="the suite &quot;Refused&quot; of 1.xml counts 2 failures and has no testcase" type="TransportError">the suite "Refused" of 1.xml counts 2 failures and has no testcase</error>
    </testcase>
  </testsuite>
  <testsuite name="A" tests="2" failures="0" errors="1" skipped="1" time="1234.500" id="1" xmlns:x="urn:x"><testsuite name='inner'><testcase name='a' x:note='1'><error/></testcase></testsuite><testcase name='b'><skipped/></testcase><!-- > --><system-out><![CDATA[<testcase>]]></system-out></testsuite>
</testsuites>
`
	if got != want || counts != (runner.Counts{Errored: 2, Skipped: 1}) {
		t.Errorf("got %v\n%s\nwant\n%s", counts, got, want)
	}
}

func TestJUnitThatCannotBeMergedIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	shard := func(n string) string { return render(t, "junit", Options{Shard: n}, runOf(passed("One", 7, 0))) }
	for _, row := range []struct {
		name, text string
		want       string
	}{
		{"nothing", "", "b.xml:1:1: want JUnit, got no element"},
		{"another format", "<coverage/>", "b.xml:1:12: want JUnit, got the root element coverage"},
		{"cut off", "<testsuites>\n<testsuite name='a'>\n<testcase", "b.xml:3:10: unexpected EOF"},
		{"cut off between elements", "<testsuites>\n<testsuite name='a'>\n", "b.xml:3:1: the file was cut off within testsuite"},
		{"ends crossed", "<testsuites><testsuite></testsuites></testsuite>", "b.xml:1:37: got the end of testsuites, which does not fit"},
		{"a character that is none", "<testsuites>\n\x00</testsuites>", "b.xml:2:2: illegal character code U+0000"},
		{"latin", "<?xml version='1.0' encoding='ISO-8859-1'?><testsuites/>", "b.xml:1:44: the file is not in UTF-8"},
		{"entities", "<!DOCTYPE a [<!ENTITY b 'c'>]><testsuites/>", "b.xml:1:31: a DOCTYPE is not taken: it may change what the file says"},
		{"two roots", "<testsuites/><testsuites/>", "b.xml:1:27: got a second root element"},
		{"the same shard", shard("1/2"), "b.xml: got shard 1/2 twice: a.xml is the same"},
		{"another run", shard("1/3"), "b.xml: got shard 1/3, and a.xml is shard 1/2; want the shards of one run, or whole runs"},
		{"a whole run", shard(""), "b.xml: got a whole run, and a.xml is shard 1/2; want the shards of one run, or whole runs"},
	} {
		var out bytes.Buffer
		_, err := MergeJUnit("-", &out, []JUnitFile{junitFile("a.xml", shard("1/2")), junitFile("b.xml", row.text)})
		if fmt.Sprint(err) != row.want || out.Len() > 0 {
			t.Errorf("%s: got  %v, and %d bytes\nwant %s", row.name, err, out.Len(), row.want)
		}
	}
}

func TestAMergeThatCannotBeWrittenLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	files := []JUnitFile{junitFile("a.xml", render(t, "junit", Options{}, runOf(passed("One", 7, 0))))}
	_, err := MergeJUnit("-", new(small), files)
	if write := (*WriteError)(nil); !errors.As(err, &write) || !errors.Is(err, errFull) {
		t.Errorf("got %v, want an error of writing", err)
	}
	_, err = MergeJUnit(t.TempDir(), nil, files)
	if write := (*WriteError)(nil); !errors.As(err, &write) {
		t.Errorf("got %v, want an error of writing", err)
	}
}

// TestMergingBigJUnitTakesLittleMemory merges some 30 MB.
func TestMergingBigJUnitTakesLittleMemory(t *testing.T) {
	text := render(t, "junit", Options{}, manyPassed(1000))
	from := strings.Index(text, "    <testcase")
	to := strings.Index(text, "  </testsuite>")
	file := filepath.Join(t.TempDir(), "big.xml")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := int64(0)
	write := func(s string) {
		n, err := f.WriteString(s)
		if err != nil {
			t.Fatal(err)
		}
		size += int64(n)
	}
	write(text[:from])
	for range 100 {
		write(text[from:to])
	}
	write(text[to:])
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	counts, err := MergeJUnit(filepath.Join(t.TempDir(), "all.xml"), nil, []JUnitFile{{Name: file, From: f, Size: size}})
	runtime.ReadMemStats(&after)
	if err != nil || counts.Passed != 100_000 {
		t.Fatalf("got %v, %v", counts, err)
	}
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > size/2 {
		t.Errorf("the heap grew by %d bytes for a file of %d", grown, size)
	}
}
