package script

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/hgrun/hgrun/internal/wire"
)

// meta is Info in the words of js/core.js.
type meta struct {
	Iteration      int      `json:"iteration"`
	IterationCount int      `json:"iterationCount"`
	RequestName    string   `json:"requestName"`
	RequestID      string   `json:"requestId"`
	Path           []string `json:"path"`
	Environment    string   `json:"environment"`
}

func describe(i Info) meta {
	path := i.Path
	if path == nil {
		path = []string{i.Request}
	}
	return meta{i.Iteration, max(i.Iterations, 1), i.Request, i.ID, path, i.Environment}
}

// answered is a response in the words of js/core.js; its head and its body are fetched when a script asks for them.
type answered struct {
	Raw          string  `json:"raw"` // what they are fetched by
	Code         int     `json:"code"`
	Status       string  `json:"status"`
	Standard     string  `json:"standard"`
	ResponseTime float64 `json:"responseTime"` // ms
	ResponseSize int     `json:"responseSize"` // of the body
}

// heads is the head of a response.
type heads struct {
	Header []Field  `json:"header"`
	Cookie []cookie `json:"cookie"`
	Size   int      `json:"size"`
}

func headsOf(r *wire.Response) heads {
	h := heads{Header: make([]Field, 0, len(r.Header)), Cookie: []cookie{}, Size: len(r.Proto) + len(r.Reason) + len(" 200 \r\n\r\n")}
	for name, values := range r.Header {
		for _, value := range values {
			h.Header = append(h.Header, Field{Key: name, Value: value})
			h.Size += len(name) + len(value) + len(": \r\n")
		}
	}
	slices.SortStableFunc(h.Header, func(x, y Field) int { return strings.Compare(x.Key, y.Key) })
	for _, c := range (&http.Response{Header: r.Header}).Cookies() {
		h.Cookie = append(h.Cookie, shownCookie(c))
	}
	return h
}

// keep holds a response for as long as the script runs, and returns it in the words of js/core.js. The response that the script is about has the number 0,
// those to requests that it sent have theirs.
func (t *turn) keep(n int, x *wire.Exchange) (string, error) {
	if t.responses == nil {
		t.responses = map[string]*wire.Response{}
	}
	r, id := x.Response, fmt.Sprint(t.number, " ", n) // another than in any other turn
	t.responses[id] = r
	made, err := json.Marshal(answered{Raw: id, Code: r.Status, Status: r.Reason, Standard: http.StatusText(r.Status),
		ResponseTime: float64(x.Timings.Total.Round(time.Millisecond).Milliseconds()), ResponseSize: int(r.Size())})
	return string(made), err
}

// whole returns the bytes of a body, of a large one those that were kept for scripts; of no response there are none.
func whole(r *wire.Response) []byte {
	if r == nil {
		return nil
	}
	if r.Large != nil && r.Large.Content != nil {
		return r.Large.Content
	}
	return r.Body
}

// decoded returns a body as text. Without a charset that says otherwise it is UTF-8.
func decoded(body []byte, kind string) string {
	_, params, _ := mime.ParseMediaType(kind)
	switch strings.ToLower(params["charset"]) {
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		return western(body)
	case "utf-16", "utf-16le", "utf-16be":
		return wide(body, strings.HasSuffix(strings.ToLower(params["charset"]), "be"))
	default:
		return string(body)
	}
}

// western decodes windows-1252, which is what ISO 8859-1 means on the web (WHATWG Encoding, section 9).
func western(body []byte) string {
	const upper = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"
	high := []rune(upper)
	made := make([]rune, len(body))
	for i, b := range body {
		made[i] = rune(b)
		if 0x80 <= b && b <= 0x9f {
			made[i] = high[b-0x80]
		}
	}
	return string(made)
}

func wide(body []byte, bigEndian bool) string {
	if len(body) >= 2 && body[0] == 0xfe && body[1] == 0xff {
		bigEndian = true
	}
	units := make([]uint16, 0, len(body)/2)
	for pair := range slices.Chunk(body[:len(body)&^1], 2) {
		unit := uint16(pair[1])<<8 | uint16(pair[0])
		if bigEndian {
			unit = uint16(pair[0])<<8 | uint16(pair[1])
		}
		units = append(units, unit)
	}
	return string(utf16.Decode(units))
}
