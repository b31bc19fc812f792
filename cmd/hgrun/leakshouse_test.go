package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
)

// mirrors are the forms in which a server may say what it was told.
func mirrors() map[string]func(string) string {
	marshalled := func(s string) string {
		raw, _ := json.Marshal(s) // a text always encodes
		return string(raw)
	}
	escaped := func(s string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
		return b.String()
	}
	base64s := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	percent := func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
	return map[string]func(string) string{
		"json": func(s string) string { return `{"echo": ` + marshalled(s) + `}` },
		"json-of-php": func(s string) string {
			return `{"echo": ` + asciiJSON(strings.ReplaceAll(marshalled(s), "/", `\/`)) + `}`
		},
		"json-of-dotnet": func(s string) string {
			return `{"echo": ` + asciiJSON(strings.ReplaceAll(marshalled(s), "+", `\u002B`)) + `}`
		},
		"json-in-json": func(s string) string { return `{"echo": ` + marshalled(marshalled(s)) + `}` },
		"ndjson":       func(s string) string { return "{\"n\":1}\n{\"echo\":" + marshalled(s) + "}\n" },
		"problem":      func(s string) string { return `{"type":"about:blank","title":"Bad","detail":` + marshalled(s) + `}` },
		"outcome": func(s string) string {
			return `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":` + marshalled(s) + `,"details":{"text":` + marshalled(s) + `}}]}`
		},
		"xml": func(s string) string {
			return `<?xml version="1.0"?><Fault at="` + escaped(s) + `"><text>` + escaped(s) + `</text></Fault>`
		},
		"html": func(s string) string {
			return "<!doctype html><title>400 " + html.EscapeString(s) + "</title><p>" + html.EscapeString(s) + "</p>"
		},
		"text":          func(s string) string { return "you sent " + s },
		"csv":           func(s string) string { return "when,what\nnow,\"" + strings.ReplaceAll(s, `"`, `""`) + "\"\n" },
		"query":         url.QueryEscape,
		"percent":       percent,
		"percent-lower": func(s string) string { return lowerPercent(percent(s)) },
		"form":          func(s string) string { return url.Values{"echo": {s}}.Encode() },
		"base64":        base64s,
		"base64-1":      func(s string) string { return base64s("x" + s) },
		"base64-2":      func(s string) string { return base64s("xy" + s) },
		"base64url":     func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("id:" + s)) },
		"base64-lines":  func(s string) string { return mimeLines(base64s(s)) },
		"hex":           func(s string) string { return hex.EncodeToString([]byte(s)) },
		"HEX":           func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	}
}

// mirrorTypes are the content types of the mirrors that are no text/plain.
func mirrorTypes() map[string]string {
	return map[string]string{"json": "application/json", "json-of-php": "application/json", "json-of-dotnet": "application/json; charset=utf-8", "json-in-json": "application/json",
		"ndjson": "application/x-ndjson", "problem": "application/problem+json", "outcome": "application/fhir+json", "xml": "application/xml", "html": "text/html", "csv": "text/csv",
		"form": "application/x-www-form-urlencoded"}
}

// asciiJSON writes what is no ASCII by number.
func asciiJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func lowerPercent(s string) string {
	return percentEscapes().ReplaceAllStringFunc(s, strings.ToLower)
}

// mimeLines is base64 as MIME wants it: no more than 76 letters in a line.
func mimeLines(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	return b.String() + s
}

// leakyHouse is a server that tells everybody everything: what it was sent, in every form, and what it knows of patients.
type leakyHouse struct {
	fill func(string) string // puts what is planted in its @place@
	hung chan struct{}       // gets one for each request that waits in vain

	mu    sync.Mutex
	proof []planted // assertions and signatures that it was sent
}

func (h *leakyHouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	h.learn(r, string(body))
	sent := fmt.Sprintf("%s %s %v body %s", r.Method, r.URL, r.Header, body)
	if plain, err := url.QueryUnescape(r.URL.RawQuery + "&" + string(body)); err == nil {
		sent += " that is " + plain
	}
	if _, pair, ok := strings.Cut(r.Header.Get("Authorization"), "Basic "); ok {
		plain, _ := base64.StdEncoding.DecodeString(pair) // what is none shows nothing
		sent += " by " + string(plain)
	}
	first, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	switch first {
	case "mirror":
		form, _, _ := strings.Cut(rest, "/")
		w.Header().Set("Content-Type", mirrorTypes()[form])
		w.Header().Set("X-Echo", strings.ReplaceAll(r.URL.RawQuery+" "+r.Header.Get("Authorization")+" "+r.Header.Get("X-Note"), "\n", " "))
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, mirrors()[form](sent)) // to loopback
	case "same":
		code, _ := strconv.Atoi(rest) // the collection says which
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		w.WriteHeader(code)
		_, _ = w.Write(body)
	case "half":
		w.Header().Set("Content-Type", "application/fhir+json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
	case "hang":
		h.hung <- struct{}{}
		<-r.Context().Done()
	default:
		h.tell(w, first, sent)
	}
}

// learn keeps what a client has made of its secrets.
func (h *leakyHouse) learn(r *http.Request, body string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	keep := func(name, text string) {
		if text != "" {
			h.proof = append(h.proof, planted{name, text})
		}
	}
	keep("signature", r.Header.Get("X-Signature"))
	if form, err := url.ParseQuery(body); err == nil {
		for _, name := range []string{"assertion", "client_assertion"} {
			if jwt := form.Get(name); jwt != "" {
				keep(name, jwt)
				keep("signature of "+name, jwt[strings.LastIndexByte(jwt, '.')+1:])
			}
		}
	}
}

// tell answers with what only the server knows.
func (h *leakyHouse) tell(w http.ResponseWriter, about, sent string) {
	write := func(contentType string, status int, text string) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, h.fill(text)) // to loopback
	}
	quoted, _ := json.Marshal(sent) // a text always encodes
	switch about {
	case "token":
		write("application/json", 200, `{"access_token": "@access_token@", "refresh_token": "@refresh_token@", "id_token": "`+h.idToken()+`", "token_type": "Bearer", "expires_in": 3600, "patient": "@id@"}`)
	case "token-form":
		write("application/x-www-form-urlencoded", 200, "access_token="+url.QueryEscape(h.fill("@form_token@"))+"&token_type=bearer&patient=@id@")
	case "refuse":
		write("application/json", 400, `{"error": "invalid_client", "error_description": `+string(quoted)+`}`)
	case "login":
		http.SetCookie(w, &http.Cookie{Name: "session", Value: h.fill("@cookie_set@"), Path: "/"})
		w.Header().Set("X-Csrf-Token", h.fill("@csrf_token@"))
		write("application/json", 200, `{"password": "@member_password@", "api_key": "@member_key@", "echo": `+string(quoted)+`}`)
	case "redirect":
		w.Header().Set("Location", "/mirror/json/Patient/"+h.fill("@path_id@")+"?access_token="+url.QueryEscape(h.fill("@redirect_token@"))+"&family="+h.fill("@family@"))
		write("text/plain", 302, "go to "+w.Header().Get("Location"))
	case "implicit":
		w.Header().Set("Location", "https://app.example/back#access_token="+url.QueryEscape(h.fill("@fragment_token@"))+"&id_token="+h.idToken()+"&state=1")
		write("text/plain", 302, "go to "+w.Header().Get("Location"))
	case "callback":
		w.Header().Set("Location", "https://app.example/back?code="+url.QueryEscape(h.fill("@auth_code@"))+"&state=1&patient="+h.fill("@id@"))
		write("text/html", 302, `<a href="`+html.EscapeString(w.Header().Get("Location"))+`">Found</a>`)
	case "page":
		write("text/html", 404, `<!doctype html><title>No such page</title><p>`+html.EscapeString(sent)+`</p><a href="https://app.example/?access_token=`+url.QueryEscape(h.fill("@link_token@"))+`&amp;state=1">again</a>`)
	}
}

// idToken is a JWT of nobody.
func (h *leakyHouse) idToken() string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(h.fill(s))) }
	return part(`{"alg":"RS256"}`) + "." + part(`{"sub":"@id@","name":"@claim_name@","email":"@claim_mail@"}`) + "." + part("a signature of nobody at all")
}
