package collections

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/hgrun/hgrun/expect"
)

func loadText(t *testing.T, yaml string) (*Collection, error) {
	t.Helper()
	return Load(fstest.MapFS{"c.yaml": {Data: []byte(yaml)}}, "c.yaml", Options{})
}

func TestTheInnerLimitOfBodiesWins(t *testing.T) {
	t.Parallel()
	c, err := loadText(t, `
max_download: 1 GiB
requests:
  - request: GET http://api.test/1
  - name: folder
    max_body: 2 MiB
    requests:
      - request: GET http://api.test/2
      - {request: "GET http://api.test/3", max_body: 1 kB, max_download: 5 MiB}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []BodyLimits{{64 << 20, 1 << 30}, {2 << 20, 1 << 30}, {1000, 5 << 20}}
	for _, r := range c.Requests() {
		if r.Flow.Bodies != want[0] {
			t.Errorf("%s: got %v, want %v", r.Name, r.Flow.Bodies, want[0])
		}
		want = want[1:]
	}
}

func TestALimitOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	_, err := loadText(t, `
max_body: 0
max_download: 0 MiB
requests:
  - {request: "GET http://api.test/1", max_body: 64}
  - {request: "GET http://api.test/1", max_body: [1 MiB]}
`)
	const want = `c.yaml:2:11: max_body: got 0, want more than 0
c.yaml:3:15: max_download: got 0 MiB, want more than 0
c.yaml:5:50: want a size such as 500 KiB, 10 MiB or 1 GiB, got "64"; say the unit: 64 MiB or 64 B
c.yaml:6:50: want text, got a list`
	if got := fmt.Sprint(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestARequestNeedsWhatAnyPartOfItLooksInto(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		request string
		want    expect.Needs
	}{
		{"expect: {status: 200}", 0},
		{"expect: {status: 200}, capture: {tag: {header: ETag}}", 0},
		{"capture: {id: id}", expect.NeedsContent},
		{"until: {status: 200}", 0},
		{"until: {json: {state: done}}, expect: {status: 200}", expect.NeedsContent},
		{"paginate: link", 0},
		{"paginate: fhir", expect.NeedsContent},
		{"paginate: {offset: {param: o, size: 5, total: total}}", expect.NeedsContent},
		{"async: true", 0},
	} {
		c, err := loadText(t, "requests: [{request: GET http://api.test/, "+tt.request+"}]")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range c.Requests() {
			if got := r.Needs(); got != tt.want {
				t.Errorf("%s: got %b, want %b", tt.request, got, tt.want)
			}
		}
	}
}
