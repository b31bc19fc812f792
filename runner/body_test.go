package runner

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hgrun/hgrun/collections"
	"github.com/hgrun/hgrun/expect"
	"github.com/hgrun/hgrun/internal/wire"
)

const (
	kib = 1 << 10
	mib = 1 << 20
)

// numbers are a body in which no two stretches are alike.
var numbers = sync.OnceValue(func() []byte {
	var b []byte
	for i := int64(0); len(b) < 10*mib; i++ {
		b = append(strconv.AppendInt(b, i, 10), ',')
	}
	return b
})

// filler is the first so many bytes of it.
func filler(size int) []byte { return numbers()[:size] }

// endless answers with a filler: /SIZE with its length, /SIZE/chunked without, /SIZE/gzip compressed, /SIZE/cut with the length of more.
func endless(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var size int
		_, how, _ := strings.Cut(r.URL.Path[1:], "/")
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &size); err != nil {
			t.Error(err)
		}
		var body []byte
		if r.Method != http.MethodHead {
			body = filler(size)
		}
		switch how {
		case "":
			w.Header().Set("Content-Length", fmt.Sprint(size))
		case "cut":
			w.Header().Set("Content-Length", fmt.Sprint(size+10))
		case "gzip":
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			_, _ = zip.Write(body) // a client that has enough of it hangs up
			_ = zip.Close()
			return
		case "none":
			w.WriteHeader(http.StatusNoContent)
			return
		case "cut-chunks":
			_, _ = w.Write(body)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		if how == "chunked" {
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s
}

// fetch reads one answer over a real connection.
func fetch(t *testing.T, ctx context.Context, method, target string, take intake) *wire.Exchange {
	t.Helper()
	c := &client{transport: plain(), agent: []string{"hgrun"}}
	x := c.send(ctx, trip{req: &wire.Request{Method: method, URL: target}, timeout: time.Minute, take: take})
	t.Cleanup(func() { release(x) })
	return x
}

func upTo(needs expect.Needs, memory, download int64) intake {
	return intake{needs, collections.BodyLimits{Memory: memory, Download: download}}
}

func TestABodyIsKeptAsFarAsSomebodyNeedsIt(t *testing.T) {
	t.Parallel()
	s := endless(t)
	const most = 100 * mib
	for _, tt := range []struct {
		name, method, path string
		take               intake
		want               string // bytes in memory, and of those that are large: all, and what is known of them
	}{
		{"short, needed", "GET", "/3000", upTo(expect.NeedsContent, mib, most), "3000"},
		{"short, not needed", "GET", "/3000", upTo(0, mib, most), "3000"},
		{"short, chunked", "GET", "/3000/chunked", upTo(expect.NeedsContent, mib, most), "3000"},
		{"empty", "GET", "/0", upTo(expect.NeedsContent, mib, most), "0"},
		{"nothing", "GET", "/0/none", upTo(expect.NeedsContent, mib, most), "0"},
		{"the length of what HEAD does not bring", "HEAD", "/999999999999", upTo(expect.NeedsContent, mib, most), "0"},
		{"needed and as long as may be", "GET", "/2097152", upTo(expect.NeedsContent, 2*mib, most), "2097152"},
		{"needed, chunked and as long as may be", "GET", "/2097152/chunked", upTo(expect.NeedsContent, 2*mib, most), "2097152"},
		{"needed and a byte longer", "GET", "/2097153", upTo(expect.NeedsContent, 2*mib, most), "1048577 of 2097153, content"},
		{"needed, chunked and a byte longer", "GET", "/2097153/chunked", upTo(expect.NeedsContent, 2*mib, most), "1048576 of 2097153, content"},
		{"needed and much longer", "GET", "/5000000", upTo(expect.NeedsContent, 100*kib, most), "102401 of 5000000, content"},
		{"needed, chunked and much longer", "GET", "/5000000/chunked", upTo(expect.NeedsContent, 3*mib, most), "1048576 of 5000000, content"},
		{"needed, compressed and much longer", "GET", "/5000000/gzip", upTo(expect.NeedsContent, 3*mib, most), "1048576 of 5000000, content"},
		{"not needed", "GET", "/5000000", upTo(0, 3*mib, most), "1048577 of 5000000, sha256"},
		{"not needed, chunked", "GET", "/5000000/chunked", upTo(0, 3*mib, most), "1048577 of 5000000, sha256"},
		{"not needed, little may be kept", "GET", "/5000000", upTo(0, kib, most), "81921 of 5000000, sha256"},
		{"both digests", "GET", "/5000000", upTo(expect.NeedsMD5|expect.NeedsSHA256, 3*mib, most), "1048577 of 5000000, sha256, md5"},
		{"content and digest", "GET", "/5000000", upTo(expect.NeedsMD5|expect.NeedsContent, 3*mib, most), "1048577 of 5000000, md5, content"},
		{"very little may be kept", "GET", "/3000/chunked", upTo(expect.NeedsContent, 10, most), "11 of 3000, content"},
		{"as much as may come", "GET", "/3000/chunked", upTo(expect.NeedsContent, mib, 3000), "3000"},
		{"said to be more than may come", "GET", "/3001", upTo(0, mib, 3000), "the body has 3001 bytes, more than the 3 kB of max_download"},
		{"more than may come", "GET", "/3001/chunked", upTo(0, mib, 3000), "the body has more than the 3 kB of max_download; nothing after that is read"},
		{"more than may come to the file", "GET", "/5000000/chunked", upTo(expect.NeedsContent, mib, 4*mib), "the body has more than the 4 MiB of max_download; nothing after that is read"},
		{"a small archive of much", "GET", "/5000000/gzip", upTo(0, mib, 4*mib), "the body has more than the 4 MiB of max_download; nothing after that is read"},
		{"cut short", "GET", "/3000/cut", upTo(expect.NeedsContent, mib, most), "the body ends after 3000 of 3010 bytes: unexpected EOF"},
		{"cut short in the file", "GET", "/5000000/cut", upTo(expect.NeedsContent, mib, most), "the body ends after 5000000 of 5000010 bytes: unexpected EOF"},
		{"cut short on the way to nowhere", "GET", "/5000000/cut", upTo(0, mib, most), "the body ends after 5000000 of 5000010 bytes: unexpected EOF"},
		{"chunks cut short in the file", "GET", "/5000000/cut-chunks", upTo(expect.NeedsContent, mib, most), "the body breaks off after 5000000 bytes: unexpected EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := fetch(t, t.Context(), tt.method, s.URL+tt.path, tt.take)
			if got := kept(t, x); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// kept says what there is of a body, and checks that it is right.
func kept(t *testing.T, x *wire.Exchange) string {
	t.Helper()
	if x.Err != nil {
		return x.Err.Error()
	}
	resp := x.Response
	whole := filler(int(resp.Size()))
	if !bytes.HasPrefix(whole, resp.Body) {
		t.Error("the head is not that of the body")
	}
	text := fmt.Sprint(len(resp.Body))
	large := resp.Large
	if large == nil {
		return text
	}
	text += fmt.Sprintf(" of %d", large.Size)
	if large.SHA256 != nil {
		if sum := sha256.Sum256(whole); !bytes.Equal(sum[:], large.SHA256) {
			t.Errorf("sha256: got %x, want %x", large.SHA256, sum)
		}
		text += ", sha256"
	}
	if large.MD5 != nil {
		if sum := md5.Sum(whole); !bytes.Equal(sum[:], large.MD5) {
			t.Errorf("md5: got %x, want %x", large.MD5, sum)
		}
		text += ", md5"
	}
	if large.Content != nil {
		if !bytes.Equal(large.Content, whole) {
			t.Error("the content is not that of the body")
		}
		text += ", content"
	}
	return text
}

func TestNothingIsLeftOfATemporaryFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	s := endless(t)
	take := upTo(expect.NeedsContent, mib, 6*mib)
	for path, want := range map[string]string{
		"/5000000":         "1048577 of 5000000, content",
		"/5000000/cut":     "the body ends after 5000000 of 5000010 bytes: unexpected EOF",
		"/9000000/chunked": "the body has more than the 6 MiB of max_download; nothing after that is read",
	} {
		if got := kept(t, fetch(t, t.Context(), "GET", s.URL+path, take)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
		empty(t, dir)
	}
}

func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("got %v, %v in the folder of temporary files, want nothing", left, err)
	}
}

func TestATemporaryFileIsItsOwnersAloneAndGoneWhenInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "50000000")
		_, _ = w.Write(make([]byte, 8*mib)) // more than the connection holds, so that the file is there
		_ = http.NewResponseController(w).Flush()
		lookAtSpool(t, dir)
		interrupt()
		<-ended
	}))
	t.Cleanup(s.Close)
	x := fetch(t, ctx, "GET", s.URL, upTo(expect.NeedsContent, mib, 100*mib))
	close(ended)
	if x.Err == nil || x.Err.Error() != "context canceled" {
		t.Errorf("got %v, want context canceled", x.Err)
	}
	empty(t, dir)
}

// lookAtSpool finds the file among those that are open, where the system shows them.
func lookAtSpool(t *testing.T, dir string) {
	if runtime.GOOS != "linux" {
		return
	}
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Error(err)
	}
	for _, link := range links {
		name, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(name, dir) {
			continue
		}
		if !strings.HasSuffix(name, " (deleted)") {
			t.Errorf("%s still has its name", name)
		}
		if info, err := os.Stat(link); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("got %v, %v, want a file with mode 0600", info, err)
		}
		return
	}
	t.Error("no temporary file is open")
}

func TestAFolderThatIsNotThereIsSaid(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	t.Setenv("TMPDIR", missing)
	t.Setenv("TMP", missing)
	x := fetch(t, t.Context(), "GET", endless(t).URL+"/5000000", upTo(expect.NeedsContent, mib, 100*mib))
	const want = "the body is larger than max_body, and there is no temporary file for it: open "
	if x.Err == nil || !strings.HasPrefix(x.Err.Error(), want) || !strings.HasSuffix(x.Err.Error(), elsewhere) {
		t.Errorf("got %v, want %s…", x.Err, want)
	}
}

func TestADiskThatIsFullIsSaid(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	s := &spool{file: full}
	defer s.discard()
	const want = "the body is larger than max_body, and its temporary file takes no more than 0 bytes of it: no space left on device" + elsewhere
	if err := s.write([]byte("x")); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// stuck is a body that panics when it is read for the second time.
type stuck struct{ reads int }

func (s *stuck) Read(p []byte) (int, error) {
	if s.reads++; s.reads > 20 {
		panic("in the middle")
	}
	return len(p), nil
}

func TestAPanicLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("got no panic")
			}
		}()
		_, _, _ = upTo(expect.NeedsContent, kib, 100*mib).read(&http.Response{ContentLength: -1, Body: io.NopCloser(&stuck{})})
	}()
	empty(t, dir)
}

// BenchmarkALargeBody shows what 100 MB cost in time and in memory of Go's, by what is needed of them.
func BenchmarkALargeBody(b *testing.B) {
	body := make([]byte, 100<<20)
	for name, needs := range map[string]expect.Needs{"nothing": 0, "content": expect.NeedsContent, "md5": expect.NeedsMD5} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			c := &client{transport: answers{body}, agent: []string{"hgrun"}}
			for b.Loop() {
				x := c.send(b.Context(), trip{req: &wire.Request{Method: "GET", URL: "http://api.test/"}, timeout: time.Minute,
					take: upTo(needs, 64<<20, 1<<30)})
				if x.Err != nil {
					b.Fatal(x.Err)
				}
				release(x)
			}
		})
	}
}
