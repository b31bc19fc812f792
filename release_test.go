package hgrun_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// goreleaser is what other files rely on of .goreleaser.yaml.
type goreleaser struct {
	Before struct{ Hooks []string }
	Builds []struct {
		Main         string
		Goos, Goarch []string
	}
	Archives []struct {
		NameTemplate    string `yaml:"name_template"`
		Formats         []string
		FormatOverrides []struct {
			Goos    string
			Formats []string
		} `yaml:"format_overrides"`
		Files []struct{ Src string }
	}
	Checksum struct {
		NameTemplate string `yaml:"name_template"`
	}
}

func readGoreleaser(t *testing.T) goreleaser {
	t.Helper()
	src, err := os.ReadFile(".goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var g goreleaser
	if err := yaml.Unmarshal(src, &g); err != nil || len(g.Builds) != 1 || len(g.Archives) != 1 {
		t.Fatalf("got %v and %+v, want one build and one kind of archive", err, g)
	}
	return g
}

func TestTheInstallerAsksForWhatAReleaseHolds(t *testing.T) {
	t.Parallel()
	g := readGoreleaser(t)
	src, err := os.ReadFile("deploy/install.sh")
	if err != nil {
		t.Fatal(err)
	}
	script := string(src)
	name := strings.NewReplacer("{{ .Os }}", "${os}", "{{ .Arch }}", "$arch").Replace(g.Archives[0].NameTemplate)
	wants := []string{"archive=" + name + "." + g.Archives[0].Formats[0] + " ", "/" + g.Checksum.NameTemplate + `"`}
	for _, o := range g.Archives[0].FormatOverrides {
		wants = append(wants, `[ "$os" != `+o.Goos+` ]`, "archive="+name+"."+o.Formats[0]+" ")
	}
	for _, os := range g.Builds[0].Goos {
		wants = append(wants, "os="+os+" ;;")
	}
	for _, arch := range g.Builds[0].Goarch {
		wants = append(wants, "arch="+arch+" ;;")
	}
	for _, want := range wants {
		if !strings.Contains(script, want) {
			t.Errorf("deploy/install.sh lacks %q, which releases have", want)
		}
	}
}

func TestAReleaseIsMadeOfFilesThatAreThere(t *testing.T) {
	t.Parallel()
	g := readGoreleaser(t)
	files := []string{g.Builds[0].Main}
	for _, f := range g.Archives[0].Files {
		files = append(files, f.Src)
	}
	for _, hook := range g.Before.Hooks {
		if program, folder, _ := strings.Cut(hook, " "); strings.HasPrefix(program, ".ci/") {
			files = append(files, program)
			files = slices.DeleteFunc(files, func(f string) bool { return strings.HasPrefix(f, folder+"/") })
		}
	}
	if len(files) != 5 {
		t.Errorf("got %v, want the program, three pages and the script that makes the others", files)
	}
	for _, file := range files {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}

// stage is one FROM of a Dockerfile.
type stage struct {
	from, name string
	lines      []string
}

func stages(t *testing.T) []stage {
	t.Helper()
	src, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var all []stage
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case words[0] == "FROM":
			words = slices.DeleteFunc(words[1:], func(w string) bool { return strings.HasPrefix(w, "--") })
			all = append(all, stage{from: words[0], name: words[len(words)-1]})
		default:
			all[len(all)-1].lines = append(all[len(all)-1].lines, line)
		}
	}
	return all
}

func TestTheImagesRunAsNobodyAndAreBuiltByTheGoOfTheModule(t *testing.T) {
	t.Parallel()
	all := stages(t)
	var names []string
	for _, s := range all {
		for _, line := range s.lines {
			if from := regexp.MustCompile(`^COPY --from=(\S+)`).FindStringSubmatch(line); from != nil && !slices.Contains(names, from[1]) {
				t.Errorf("%s: %q copies from no stage before it", s.name, line)
			}
		}
		names = append(names, s.name)
		if s.name == "build" {
			continue
		}
		for _, want := range []string{"USER 65532:65532", "WORKDIR /work", `ENTRYPOINT ["hgrun"]`} {
			if !slices.Contains(s.lines, want) {
				t.Errorf("%s lacks %s", s.name, want)
			}
		}
	}
	if want := []string{"build", "shell", "hgrun"}; !slices.Equal(names, want) {
		t.Fatalf("got the stages %v, want %v", names, want)
	}
	if all[2].from != "scratch" {
		t.Errorf("got an image from %s, want one from scratch", all[2].from)
	}
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if want := "golang:" + string(version[1]) + "-alpine"; all[0].from != want {
		t.Errorf("got %s, want %s as in go.mod", all[0].from, want)
	}
	build := strings.Join(all[0].lines, "\n")
	for _, want := range []string{"-tags timetzdata", "CGO_ENABLED=0", "ca-certificates.crt", "1777 /out/tmp", "./cmd/hgrun"} {
		if !strings.Contains(build, want) {
			t.Errorf("the build lacks %q", want)
		}
	}
}
