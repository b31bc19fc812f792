package expect

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unsafe"

	"github.com/hgrun/hgrun/internal/wire"
)

// Answer is a response that queries look into. It keeps what several of them need, such as that the body is JSON.
// It serves one goroutine, and the body must not change while it is used.
type Answer struct {
	exchange *wire.Exchange
	response *wire.Response
	body     string // without a byte order mark; no more than the head where cut is set
	json     state
	jsonErr  error
	cut      bool   // the content was not kept, because nobody said that it is needed
	chars    string // the body as text
	charsErr error
	decoded  bool
	parsed   parsed
	kept     []string // the snapshots that it was compared with
}

// parsed is what was read of an answer because somebody asked; nil before.
type parsed struct {
	cookies []*http.Cookie
	markup  *markup
	jwt     *openedJWT // that was looked into last
}

type state int8

const (
	unknown state = iota
	good
	bad
)

const byteOrderMark = "\ufeff"

// NewAnswer returns the answer of an exchange. An exchange without a response is one in which nothing is found.
func NewAnswer(x *wire.Exchange) *Answer {
	a := &Answer{exchange: x, response: x.Response}
	if a.response == nil {
		a.response = &wire.Response{}
	}
	b := a.response.Body
	if l := a.response.Large; l != nil {
		if a.cut = l.Content == nil; !a.cut {
			b = l.Content
		}
	}
	if len(b) > 0 {
		a.body = strings.TrimPrefix(unsafe.String(&b[0], len(b)), byteOrderMark) // a copy of 100 MB would be 100 MB
	}
	return a
}

// whole is an error where no more than the head of the body is there: nothing is judged by a part of it.
func (a *Answer) whole() error {
	if a.cut {
		return fmt.Errorf("the body has %d bytes, and no more than the first %d were kept", a.response.Size(), len(a.response.Body))
	}
	return nil
}

// bytes returns the body, whole, with its byte order mark.
func (a *Answer) bytes() ([]byte, error) {
	if l := a.response.Large; l != nil {
		return l.Content, a.whole()
	}
	return a.response.Body, nil
}

// document returns the body if it is JSON. gjson finds things in text that is not JSON, so nothing may look before this.
func (a *Answer) document() (string, error) {
	if a.json == unknown {
		a.json = good
		if a.jsonErr = a.checkJSON(); a.jsonErr != nil {
			a.json = bad
		}
	}
	if a.json == bad {
		return "", a.jsonErr
	}
	return a.body, nil
}

func (a *Answer) checkJSON() error {
	if err := a.whole(); err != nil {
		return err
	}
	at, deep, ok := checkSyntax(a.body)
	switch {
	case ok:
		return nil
	case deep:
		return errors.New("the body is nested deeper than " + strconv.Itoa(maxDepth) + " levels")
	}
	return errors.New(a.noJSON(at))
}

// noJSON says what the body is instead: at is the byte from which on it is no JSON.
func (a *Answer) noJSON(at int) string {
	text := strings.TrimSpace(a.body)
	if text == "" {
		return "the body is empty"
	}
	kind := a.response.Header.Get("Content-Type")
	if kind == "" {
		kind = "no Content-Type"
	}
	is := "the body is not JSON (" + kind
	switch {
	case text[0] != '{' && text[0] != '[':
		return is + ", starts with " + start20(a.body) + ")"
	case at == len(a.body):
		return is + ", breaks off after " + strconv.Itoa(at) + " bytes: " + tail(a.body) + ")"
	}
	return is + ", breaks at byte " + strconv.Itoa(at) + ": " + start20(a.body[at:]) + ")"
}

// start20 quotes the beginning of a text.
func start20(s string) string {
	n := 0
	for i := range s {
		if n == 20 {
			return strconv.Quote(s[:i])
		}
		n++
	}
	return strconv.Quote(s)
}

// tail quotes the end of a text.
func tail(s string) string {
	r := []rune(s[max(0, len(s)-80):])
	return strconv.Quote(string(r[max(0, len(r)-20):]))
}

// text returns the body as characters, after the charset of Content-Type.
func (a *Answer) text() (string, error) {
	if !a.decoded {
		_, params, _ := mime.ParseMediaType(a.response.Header.Get("Content-Type"))
		if a.decoded, a.charsErr = true, a.whole(); a.charsErr == nil {
			a.chars, a.charsErr = decode(a.body, params["charset"])
		}
	}
	return a.chars, a.charsErr
}
