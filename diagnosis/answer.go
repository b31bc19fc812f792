package diagnosis

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/url"
	"strings"

	"github.com/hgrun/hgrun/internal/wire"
)

// Answers is a set of classes of answers: what a client can tell apart, and no more.
type Answers uint32

// The classes. Those of OAuth errors are named after their codes (RFC 6749, section 5.2; RFC 6750, section 3.1).
const (
	NoAnswer           Answers = 1 << iota // the exchange failed on its way
	Granted                                // a token endpoint brought a token
	Answered                               // an API answered 2xx
	HTMLPage                               // HTML with 2xx where data was wanted
	Redirected                             // 3xx that was not followed
	Silent                                 // 4xx without a word from a token endpoint
	InvalidRequest                         // also where the text says no more than that
	InvalidClient                          // also "improper client id" as plain text
	InvalidGrant                           //
	InvalidScope                           // also scope_invalid
	UnsupportedGrant                       // unsupported_grant_type
	UnauthorizedClient                     //
	OtherRefusal                           // 400, 401 or 403 of a token endpoint in other words
	InvalidToken                           // 401 of an API
	Forbidden                              // 403 of an API
	BadRequest                             // 400, 422 and the like of an API
	NotFound                               // 404, 405, 410, 501
	WrongType                              // 406, 415
	Throttled                              // 429
	ServerError                            // 5xx
	ProxyRefusal                           // 407
)

// What several kinds of mistakes can lead to.
const (
	refusedProof   = Silent | InvalidClient | InvalidGrant | InvalidRequest | UnauthorizedClient | OtherRefusal
	refusedToken   = refusedProof | InvalidScope | UnsupportedGrant | NotFound | WrongType
	refusedRequest = refusedToken | ServerError
	refusedAPI     = InvalidToken | Forbidden | BadRequest
)

// answer is what a response says, in the words that rules look for.
type answer struct {
	class       Answers
	status      int
	code        string // of an OAuth error, lower case; empty for none
	description string // the server's own sentence, not cleaned
	text        string // all of the server's words in lower case, bounded
	challenge   challenge
	empty       bool
	title       string // of an HTML page
	html        bool
}

// failed reports whether the answer is not what a request is made for.
func (a *answer) failed() bool {
	return a.class != 0 && a.class&(Granted|Answered) == 0
}

// says reports whether one of the words stands in the server's answer.
func (a *answer) says(words []string) bool {
	if a.text == "" {
		return false
	}
	for _, w := range words {
		if strings.Contains(a.text, w) {
			return true
		}
	}
	return false
}

// answer classifies the response; its class is zero where there is none yet.
func (c *Case) answer() *answer {
	if c.read.reply == nil {
		c.read.reply = c.classify()
	}
	return c.read.reply
}

func (c *Case) classify() *answer {
	resp := c.response()
	if resp == nil {
		if c.Exchange != nil && c.Exchange.Err != nil {
			return &answer{class: NoAnswer, text: strings.ToLower(c.Exchange.Err.Error())}
		}
		return &answer{}
	}
	token := c.role() == TokenRequest
	if resp.Status/100 == 2 && !token && !mayBeHTML(resp) {
		return &answer{class: Answered, status: resp.Status}
	}
	a := &answer{status: resp.Status}
	a.read(resp)
	a.class = a.statusClass(token)
	switch {
	case !token && a.status == 401:
		a.class = InvalidToken
	case !token && a.status == 403:
		a.class = Forbidden
	}
	if a.html && resp.Status/100 == 2 && !token && !c.wantsData() {
		a.class = Answered
	}
	return a
}

// mayBeHTML is a quick look at a success.
func mayBeHTML(resp *wire.Response) bool {
	return len(resp.Body) > 0 && looksLikeHTML(resp.Body)
}

// wantsData reports whether a request asks for something that is no page.
func (c *Case) wantsData() bool {
	accept := strings.ToLower(c.header("Accept"))
	if strings.Contains(accept, "html") {
		return false
	}
	_, _, authorized := c.authorization()
	return authorized || strings.Contains(accept, "json") || strings.Contains(accept, "fhir") ||
		strings.Contains(accept, "xml") || strings.Contains(c.request().URL, "/fhir")
}

func (a *answer) statusClass(token bool) Answers {
	if class, ok := statusClasses()[a.status]; ok {
		return class
	}
	switch family := a.status / 100; {
	case family == 2:
		return a.success(token)
	case family == 3 && a.status != 304:
		return Redirected
	case family == 5:
		return ServerError
	case family == 4 && token:
		return a.tokenClass()
	case family == 4:
		return BadRequest
	}
	return 0
}

// statusClasses are the classes of statuses that mean the same from whoever they come.
func statusClasses() map[int]Answers {
	return map[int]Answers{
		404: NotFound, 405: NotFound, 410: NotFound, 501: NotFound, 406: WrongType, 415: WrongType,
		407: ProxyRefusal, 429: Throttled,
	}
}

func (a *answer) success(token bool) Answers {
	switch {
	case a.html:
		return HTMLPage
	case !token:
		return Answered
	case a.code == "":
		return Granted
	}
	return a.tokenClass()
}

// tokenClass reads a refusal by its code, or by what servers write in its place.
func (a *answer) tokenClass() Answers {
	switch a.code {
	case "invalid_request":
		return InvalidRequest
	case "invalid_client":
		return InvalidClient
	case "invalid_grant":
		return InvalidGrant
	case "invalid_scope", "scope_invalid":
		return InvalidScope
	case "unsupported_grant_type":
		return UnsupportedGrant
	case "unauthorized_client":
		return UnauthorizedClient
	}
	switch {
	case a.empty:
		return Silent
	case a.code == "" && strings.Contains(a.text, "improper client id"):
		return InvalidClient
	}
	return OtherRefusal
}

const maxWords = 2 << 10 // bytes of a server's answer that are searched for words

func (a *answer) read(resp *wire.Response) {
	body := bytes.TrimSpace(bytes.TrimPrefix(resp.Body, []byte("\ufeff")))
	a.empty = len(body) == 0
	a.challenge = readChallenge(resp.Header["Www-Authenticate"])
	a.html = looksLikeHTML(body)
	switch {
	case a.html:
		a.title = titleOf(string(body[:min(len(body), 64<<10)]))
		a.text = strings.ToLower(a.title)
	case resp.Status/100 == 2 && (len(body) == 0 || body[0] != '{'):
	case len(body) > 0 && body[0] == '{':
		a.readJSON(body)
	case !a.empty:
		a.readText(resp, body)
	}
	if a.code == "" {
		a.code = a.challenge.code
	}
	if resp.Status/100 != 2 {
		a.text = strings.ToLower(a.text + " " + a.challenge.code + " " + a.challenge.description)
	}
}

func (a *answer) readJSON(body []byte) {
	if a.status/100 == 2 && !bytes.Contains(body, []byte(`"error"`)) || len(body) > maxParams {
		return
	}
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return
	}
	text := func(name string) string {
		var s string
		_ = json.Unmarshal(top[name], &s) // a member that is no text says nothing
		return s
	}
	a.code = strings.ToLower(text("error"))
	for _, name := range []string{"error_description", "message", "detail", "title", "msg"} {
		if a.description = text(name); a.description != "" {
			break
		}
	}
	if a.status/100 == 2 && a.code == "" {
		return
	}
	a.text = strings.ToLower(string(body[:min(len(body), maxWords)]))
}

func (a *answer) readText(resp *wire.Response, body []byte) {
	words := string(body[:min(len(body), maxWords)])
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if strings.HasSuffix(kind, "form-urlencoded") || strings.HasPrefix(words, "error=") {
		if form, err := url.ParseQuery(words); err == nil {
			a.code, a.description = strings.ToLower(form.Get("error")), form.Get("error_description")
		}
	} else {
		a.description = words
	}
	a.text = strings.ToLower(words)
}

func looksLikeHTML(body []byte) bool {
	head := body[:min(len(body), 512)]
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 || head[0] != '<' {
		return false
	}
	lower := bytes.ToLower(head)
	return bytes.HasPrefix(lower, []byte("<!doctype html")) || bytes.HasPrefix(lower, []byte("<html")) ||
		bytes.Contains(lower, []byte("<head")) || bytes.Contains(lower, []byte("<body"))
}

func titleOf(page string) string {
	from := indexFold(page, "<title")
	if from < 0 {
		return ""
	}
	_, after, ok := strings.Cut(page[from:], ">")
	if !ok {
		return ""
	}
	end := indexFold(after, "</title")
	if end < 0 {
		return ""
	}
	return strings.Join(strings.Fields(after[:end]), " ")
}

// indexFold finds ASCII text whatever its case.
func indexFold(text, sought string) int {
	for i := 0; i+len(sought) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(sought)], sought) {
			return i
		}
	}
	return -1
}
