package source

import (
	"errors"
	"strings"
	"testing"
)

func TestTextIsFormatted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 30) + "end"
	tests := []struct{ name, text, want string }{
		{"indentation", "a:\n    b:\n       - c\n       -   d: 1\n           e: 2\nf:\n- g\n", "a:\n  b:\n    - c\n    - d: 1\n      e: 2\nf:\n  - g\n"},
		{"quotes that are not needed", "a: \"x\"\nb: 'GET https://h/x?a=b'\nc: \"Patient 7\"\n'd': é\n", "a: x\nb: GET https://h/x?a=b\nc: Patient 7\nd: é\n"},
		{"quotes that are needed", "a: \"1\"\nb: 'true'\nc: \"yes\"\nd: ''\ne: \" x\"\nf: 'a: b'\ng: \"{{x}}\"\nh: 'x #1'\ni: \"2024-05-01\"\nj: \"12:30\"\nk: '*.h'\nl: \"a\\tb\"\nm: '1.10'\n",
			"a: \"1\"\nb: 'true'\nc: \"yes\"\nd: ''\ne: \" x\"\nf: 'a: b'\ng: \"{{x}}\"\nh: 'x #1'\ni: \"2024-05-01\"\nj: \"12:30\"\nk: '*.h'\nl: \"a\\tb\"\nm: '1.10'\n"},
		{"quotes that braces need", "a: {b: \"x, y\", c: \"x y\"}\n", "a: {b: \"x, y\", c: x y}\n"},
		{"numbers and words as they are", "a: 1.10\nb: 007\nc: ~\nd:\ne: 1e3\n", "a: 1.10\nb: 007\nc: ~\nd:\ne: 1e3\n"},
		{"braces", "a: { b : c,d:  [ 1,2 ,3 ], }\ne: {}\nf: [ ]\n", "a: {b: c, d: [1, 2, 3]}\ne: {}\nf: []\n"},
		{"braces over several lines that fit one", "a: [x,\n  y]\n", "a: [x, y]\n"},
		{"braces that are too long", "a: {b: '" + long + "', c: 1}\n", "a:\n  b: " + long + "\n  c: 1\n"},
		{"braces with a comment in them", "a: [x, # one\n  y]\n", "a:\n  - x  # one\n  - y\n"},
		{"order", "y: 1\nrequests:\n  - request: r\n    other: o\n    name: n\n  - {request: r, name: m}\nx: 2\nname: n\n",
			"y: 1\nname: n\nrequests:\n  - name: n\n    request: r\n    other: o\n  - {name: m, request: r}\nx: 2\n"},
		{"no order where an alias would come before its anchor", "requests: [&r {request: x, name: n}]\nvariables: *r\n", "requests: [&r {request: x, name: n}]\nvariables: *r\n"},
		{"order where an alias stays behind its anchor", "requests: [{request: &r x, name: n}, {request: *r}]\nvariables: {v: 1}\n", "variables: {v: 1}\nrequests: [{name: n, request: &r x}, {request: *r}]\n"},
		{"no order where an anchor is given twice", "b: &x 1\nrequests: [*x]\nname: &x 2\n", "b: &x 1\nrequests: [*x]\nname: &x 2\n"},
		{"comments", "# file\n\n# of a\na: 1   # behind\n\n\n# of b\nb:  # key\n    # of c\n    c: 1\n    # end of b\n# of d\nd: 2\n# end\n",
			"# file\n\n# of a\na: 1   # behind\n\n# of b\nb:  # key\n  # of c\n  c: 1\n  # end of b\n# of d\nd: 2\n# end\n"},
		{"comments go with their keys", "requests:\n  # first\n  - request: r # r\n    # of the name\n    name: n # n\n", "requests:\n  # first\n  # of the name\n  - name: n # n\n    request: r # r\n"},
		{"comments in a column", "a: \"x\"      # one\nbb: y       # two\n", "a: x        # one\nbb: y       # two\n"},
		{"texts of several lines", "a: |\n      x\n        y\n\n      z\n\n\nb: >-\n  folded\n  text\nc: |+\n  keep\n\nd: |2\n    two\n", "a: |\n  x\n    y\n\n  z\n\nb: >-\n  folded\n  text\nc: |+\n  keep\n\nd: |2\n    two\n"},
		{"a text that goes on", "a: one\n  two\n", "a: one two\n"},
		{"a long text that goes on", "a: " + long + "\n  more\n", "a: >-\n  " + strings.TrimSpace(strings.Repeat("word ", 20)) + "\n  " + strings.TrimSpace(strings.Repeat("word ", 10)) + " end more\n"},
		{"other ends of lines", "a:   1\r\nb: |\r\n  x\r\n", "a: 1\nb: |\n  x\n"},
		{"a byte order mark", "\ufeffa:   1\n", "a: 1\n"},
		{"a comment behind a dash", "a:\n  - b: 1\n    c: 2\n  -   # of d\n    d: 3\n", "a:\n  - b: 1\n    c: 2\n  # of d\n  - d: 3\n"},
		{"a comment behind braces that are one character too long", "a:\n  - {b: '" + long[:106] + "', c: 1} # one\n", "a:\n  # one\n  - b: " + long[:106] + "\n    c: 1\n"},
		{"a comment behind braces that get shorter lines", "a: {b: '" + long + "'}   # one\n", "a: # one\n  b: " + long + "\n"},
		{"an anchor above a list of texts", "a: &x\n   - |2\n      b\n", "a: &x\n  - |2\n     b\n"},
		{"a byte order mark that is none", " \ufeffa: x\n", "\"\\uFEFFa\": x\n"},
		{"JSON", "{\"requests\":   []}\n", "{\"requests\":   []}\n"},
		{"anchors and merges", "a: &x\n   b: 1\nc:\n   <<: *x\n   d: !!str 5\n", "a: &x\n  b: 1\nc:\n  <<: *x\n  d: !!str 5\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Format("f.yaml", []byte(test.text), layouts())
			if err != nil || string(got) != test.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, got, test.want)
			}
		})
	}
}

func TestWhatCannotBeFormattedIsTold(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"no YAML", "a: [\n", "f.yaml:1:5: not YAML: did not find expected node content (while parsing a flow node that starts here)"},
		{"a key that is a list", "? [a]\n: 1\n", "f.yaml:1:3: a key that is not a short text cannot be formatted"},
		{"a strange line break", "a: 1\nb: \"x\u2028y\"\n", "f.yaml:2:1: the line has a line break of another kind (U+2028) in it; write \\n in double quotes"},
		{"a directive", "%YAML 1.1\n---\na: 1\n", "f.yaml:1:1: a %… directive cannot be formatted"},
	}
	for _, test := range tests {
		_, err := Format("f.yaml", []byte(test.text), nil)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
}

func TestAChangeOfMeaningIsNoticed(t *testing.T) {
	t.Parallel()
	const text = "a: 1 # one\nb: [x, {y: z}]\n"
	root, err := rootOf("f.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, out, want string }{
		{"none", "a: 1\n# one\nb:\n  - 'x'\n  - y: z\n", ""},
		{"another type", "a: '1' # one\nb: [x, {y: z}]\n", "another value"},
		{"another item", "a: 1 # one\nb: [x, {y: zz}]\n", "another value"},
		{"another order", "b: [x, {y: z}]\na: 1 # one\n", "another value"},
		{"a lost comment", "a: 1\nb: [x, {y: z}]\n", "another comment"},
		{"no YAML", "a: [", "not YAML"},
	}
	for _, test := range tests {
		err := sameMeaning("f.yaml", root, readTrivia(text, root), test.out, nil)
		var placed *Error
		if test.want == "" != (err == nil) || err != nil && (!errors.As(err, &placed) || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}
