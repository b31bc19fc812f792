package vars

import (
	"encoding/xml"
	"math/big"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// shapes reads testdata/dynamic.txt: a name and the regular expression of what it makes.
func shapes(t *testing.T) map[string]*regexp.Regexp {
	t.Helper()
	data, err := os.ReadFile("testdata/dynamic.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*regexp.Regexp{}
	for line := range strings.Lines(string(data)) {
		if name, shape, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(name, "$") {
			all[name] = regexp.MustCompile("^(?s:" + strings.TrimSpace(shape) + ")$")
		}
	}
	return all
}

func TestPostmansDynamicNamesAreAllKnownAndNoOthers(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/postman-names.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{Assertion, Iteration, IterationCount, RowName}
	for name := range strings.FieldsSeq(string(data)) {
		want = append(want, "$"+name)
	}
	slices.Sort(want)
	same(t, len(want), 118+4)
	same(t, strings.Join(DynamicNames(), "\n"), strings.Join(want, "\n"))
}

func TestEveryDynamicNameMakesWhatItsShapeSays(t *testing.T) {
	t.Parallel()
	shapes := shapes(t)
	s := NewScope(nil)
	for _, name := range FreshNames() {
		shape, ok := shapes[name]
		if !ok {
			t.Errorf("testdata/dynamic.txt has no shape of %s", name)
			continue
		}
		same(t, s.Defines(name), true)
		for range 200 {
			v, err := s.Lookup(name)
			if err != nil || !shape.MatchString(v.Text) {
				t.Errorf("%s: got %q, %v, want %s", name, v.Text, err, shape)
				break
			}
		}
	}
	same(t, len(shapes), len(FreshNames()))
	same(t, s.Defines(Assertion), false)
	_, err := s.Lookup("$gudi")
	same(t, errorText(err), `variable "$gudi" is not defined; did you mean "$guid"?`)
}

func TestDynamicNumbersAndBooleansAreNoTexts(t *testing.T) {
	t.Parallel()
	s := NewScope(nil)
	var typed []string
	for _, name := range FreshNames() {
		if v, err := s.Lookup(name); err == nil && v.JSON {
			typed = append(typed, name)
		}
	}
	same(t, strings.Join(typed, " "), "$randomBoolean $randomInt $randomLatitude $randomLongitude $randomPrice $timestamp")
}

// rules are what a regular expression cannot say.
func TestDynamicValuesAreWhatTheyLookLike(t *testing.T) {
	t.Parallel()
	within := func(low, high float64) func(string) bool {
		return func(s string) bool {
			f, err := strconv.ParseFloat(s, 64)
			return err == nil && f >= low && f <= high
		}
	}
	date := func(low, high time.Duration) func(string) bool {
		return func(s string) bool {
			when, err := time.Parse(jsDate, strings.TrimSuffix(s, " (Coordinated Universal Time)"))
			distance := time.Until(when)
			return err == nil && distance >= low-2*time.Second && distance <= high
		}
	}
	rules := map[string]func(string) bool{
		"$randomInt":        within(0, 1000),
		"$randomLatitude":   within(-90, 90),
		"$randomLongitude":  within(-180, 180),
		"$randomPrice":      within(0, 1000),
		"$randomIP":         func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
		"$randomIPV6":       func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() },
		"$timestamp":        within(float64(time.Now().Unix()), float64(time.Now().Unix()+60)),
		"$randomDateFuture": date(0, year), "$randomDatePast": date(-year, 0), "$randomDateRecent": date(-day, 0),
		"$randomBankAccountIban": ibanHolds,
		"$randomImageDataUri": func(s string) bool {
			_, data, _ := strings.Cut(s, ",")
			svg, err := url.PathUnescape(data)
			return err == nil && xml.Unmarshal([]byte(svg), new(struct{})) == nil
		},
		"$isoTimestamp": func(s string) bool {
			when, err := time.Parse(time.RFC3339, s)
			return err == nil && time.Since(when).Abs() < time.Minute
		},
	}
	s := NewScope(nil)
	for name, rule := range rules {
		for range 200 {
			if text := lookup(s, name); !rule(text) {
				t.Errorf("%s: got %s", name, text)
				break
			}
		}
	}
}

// ibanHolds checks an IBAN by moving its first four characters to its end (ISO 13616).
func ibanHolds(iban string) bool {
	var digits strings.Builder
	for _, c := range iban[4:] + iban[:4] {
		n, err := strconv.ParseInt(string(c), 36, 64)
		if err != nil {
			return false
		}
		digits.WriteString(strconv.FormatInt(n, 10))
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}

// everything is one value of each dynamic name, and two of some.
func everything(s *Scope) string {
	var b strings.Builder
	for range 2 {
		for _, name := range DynamicNames() {
			b.WriteString(name + "=" + lookup(s, name) + "\n")
		}
	}
	return b.String()
}

func TestASeedRepeatsEveryValue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock stands still
		seeded := func(seed uint64, file string, round int) string {
			s := NewScope(nil)
			s.Seed(seed, file, round)
			return everything(s.With(Layer{}).Bind("x", Value{}))
		}
		same(t, seeded(7, "a/b.yaml", 0), seeded(7, "./a/b.yaml", 0))
		for _, other := range []string{seeded(8, "a/b.yaml", 0), seeded(7, "b.yaml", 0), seeded(0, "a/b.yaml", 0), seeded(7, "a/b.yaml", 1), everything(NewScope(nil))} {
			if other == seeded(7, "a/b.yaml", 0) {
				t.Error("another seed or file made the same values")
			}
		}
		if first, second := seeded(0, "x", 0), seeded(0, "x", 0); first == second {
			t.Error("without a seed two runs are the same")
		}
	})
}

func TestTheValuesOfASeedStayTheSameFromVersionToVersion(t *testing.T) {
	t.Parallel()
	s := NewScope(nil)
	s.Seed(1, "collection.yaml", 0)
	tpl, err := Parse("{{$guid}} {{$randomFirstName}} {{$randomInt}} {{$randomEmail | upper}}", here)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tpl.Expand(s)
	same(t, got+errorText(err), "a4b9dc08-95b3-4a12-96a0-1da5b3850242 Malte 999 SILAS52@EXAMPLE.ORG")
	child, err := tpl.Expand(s.Bind("x", Value{}))
	if child == got || err != nil {
		t.Errorf("a child begins anew: %s, %v", child, err)
	}
}

func TestARandomServesManyGoroutines(t *testing.T) {
	t.Parallel()
	seen := func(r *Random) map[uint64]bool {
		all, mu, wait := map[uint64]bool{}, sync.Mutex{}, sync.WaitGroup{}
		for range 8 {
			wait.Go(func() {
				for range 100 {
					n := r.Uint64()
					mu.Lock()
					all[n] = true
					mu.Unlock()
				}
			})
		}
		wait.Wait()
		return all
	}
	one, two := seen(NewRandom(3, "x")), seen(NewRandom(3, "x"))
	same(t, len(one), 800)
	for n := range one {
		if !two[n] {
			t.Fatalf("%d came only once", n)
		}
	}
	same(t, len(seen(&Random{})), 800)
	same(t, len(seen(nil)), 800)
}

func BenchmarkDynamic(b *testing.B) {
	s := NewScope(nil)
	for _, name := range []string{"$guid", "$randomFirstName", "$randomLoremParagraph"} {
		b.Run(name[1:], func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Lookup(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
