package main

import "testing"

// environmentOf returns a variable of an environment.
func environmentOf(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestALocaleWithoutUnicodeIsKnown(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		env  []string
		want bool
	}{
		{"none, as in a container", nil, true},
		{"C", []string{"LANG", "C"}, false},
		{"POSIX", []string{"LANG", "POSIX"}, false},
		{"C with UTF-8", []string{"LANG", "C.UTF-8"}, true},
		{"a language", []string{"LANG", "de_DE.utf8"}, true},
		{"a language and a currency", []string{"LANG", "de_DE.UTF-8@euro"}, true},
		{"Latin 1", []string{"LANG", "de_DE.ISO-8859-1"}, false},
		{"a language alone", []string{"LANG", "de_DE"}, true},
		{"LC_ALL before LANG", []string{"LANG", "C", "LC_ALL", "en_US.UTF-8"}, true},
		{"LC_CTYPE before LANG", []string{"LANG", "en_US.UTF-8", "LC_CTYPE", "C"}, false},
	} {
		if got := unicodeLocale(environmentOf(row.env...)); got != row.want {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}

func TestEachCISystemIsKnownByItsVariable(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		env  []string
		want string
	}{
		{nil, ""},
		{[]string{"CI", "false"}, ""},
		{[]string{"CI", "true"}, "ci"},
		{[]string{"JENKINS_URL", "https://ci.example/"}, "ci"},
		{[]string{"CI", "true", "GITHUB_ACTIONS", "true"}, "github"},
		{[]string{"CI", "true", "GITLAB_CI", "true"}, "gitlab"},
		{[]string{"TF_BUILD", "True"}, "azure"},
		{[]string{"CI", "true", "BUILDKITE", "true"}, "buildkite"},
		{[]string{"TEAMCITY_VERSION", "2026.1"}, "teamcity"},
		{[]string{"CI", "true", "TRAVIS", "true"}, "travis"},
	} {
		if got := ciSystem(environmentOf(row.env...)); got != row.want {
			t.Errorf("%v: got %q, want %q", row.env, got, row.want)
		}
	}
}

func TestTheCommandThatRunsWhatFailedIsTheOneBefore(t *testing.T) {
	t.Parallel()
	const elsewhere = "add --last-failed to the command to run only what did not pass"
	for _, row := range []struct {
		name  string
		flags []string
		want  string
	}{
		{"a path", []string{"a b.yaml"}, "hgrun run 'a b.yaml' --last-failed"},
		{"reports are of another run", []string{"a.yaml", "-e", "sandbox", "-r", "junit=x.xml", "-v", "--history", "h"}, "hgrun run a.yaml -e sandbox --last-failed"},
		{"lists and switches", []string{".", "--only", "One, two", "--only", "b", "--bail", "-j", "4"}, "hgrun run . --bail -j 4 --only 'One, two' --only b --last-failed"},
		{"a flag with a value that may be left out", []string{".", "--token-store", "--secret", "key=KEY"}, "hgrun run . --secret key=KEY --token-store --last-failed"},
		{"the last failed of the last failed", []string{".", "--last-failed"}, "hgrun run . --last-failed"},
		{"a value is not shown again", []string{".", "--var", "patient=1001"}, elsewhere},
		{"what was read cannot be read again", []string{".", "-d", "-"}, elsewhere},
	} {
		c := runCommand()
		if err := c.ParseFlags(row.flags); err != nil {
			t.Fatal(err)
		}
		if got := again(c, c.Flags().Args()); got != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.name, got, row.want)
		}
	}
}
