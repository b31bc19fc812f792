package curl

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hgrun/hgrun/internal/wire"
)

// Masked returns a request of a report as a command. What is masked in it, such as ‹access_token sha256:1a2b3c4d›, is a variable of the
// shell, which a comment before the command names.
func Masked(r *wire.Request) string {
	var masks maskedValues
	c := Command{Request: wire.Request{Method: r.Method, URL: masks.mark(r.URL), Header: map[string][]string{}}}
	if len(r.Body) > 0 {
		c.Request.Body = []byte(masks.mark(string(r.Body)))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, v := range r.Header[name] {
			if added(r, name, v) {
				continue
			}
			c.Request.Header[name] = append(c.Request.Header[name], masks.mark(v))
		}
	}
	c.Holes = masks.holes
	comment := ""
	if len(masks.holes) > 0 {
		var names []string
		for _, h := range masks.holes {
			names = append(names, h.Variable)
		}
		comment = "# masked here, to be set in the shell: " + strings.Join(names, ", ") + "\n"
	}
	return comment + c.Text(POSIX)
}

// added reports whether a header is none that a command needs: curl adds its own, or the client that sent the request added it of its own accord.
func added(r *wire.Request, name, value string) bool {
	_, after, _ := strings.Cut(r.URL, "://")
	authority, _, _ := strings.Cut(after, "/")
	authority, _, _ = strings.Cut(authority, "?")
	user := strings.LastIndexByte(authority, '@')
	switch name {
	case "Content-Length", "Transfer-Encoding":
		return true
	case "Host":
		return value == authority[user+1:]
	case "User-Agent":
		return value == "hgrun" || strings.HasPrefix(value, "hgrun/")
	case "Accept-Encoding":
		return value == "gzip" // which curl would not decompress
	case "Authorization":
		return user >= 0 && strings.HasPrefix(value, "Basic ") // made of what stands in the URL
	}
	return false
}

// maskedValues are what a command has in the place of masks such as ‹access_token sha256:1a2b3c4d›. Equal masks are one variable.
type maskedValues struct {
	masks []string
	holes []Hole
}

// mark returns a text with a mark for each masked value, which any escape leaves as it is.
func (v *maskedValues) mark(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "‹")
		inside, after, whole := strings.Cut(rest, "›")
		if !found || !whole {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(before + v.hole(inside))
		text = after
	}
}

// hole returns the mark of a masked value.
func (v *maskedValues) hole(mask string) string {
	for i, known := range v.masks {
		if known == mask {
			return v.holes[i].Mark
		}
	}
	name, _, _ := strings.Cut(mask, " sha256:")
	variable := shellName(name)
	same := 0
	for i := range v.holes {
		if of, _, _ := strings.Cut(v.masks[i], " sha256:"); shellName(of) == variable {
			same++
		}
	}
	if same > 0 {
		variable += "_" + strconv.Itoa(same+1)
	}
	v.masks = append(v.masks, mask)
	v.holes = append(v.holes, Hole{Mark: "hgrunMask" + strconv.Itoa(len(v.holes)) + "End", Variable: variable})
	return v.holes[len(v.holes)-1].Mark
}

// shellName is a name as shells take it: "client secret" becomes CLIENT_SECRET.
func shellName(name string) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, strings.TrimSpace(name))
	text = strings.ToUpper(text)
	if text == "" || text[0] >= '0' && text[0] <= '9' {
		text = "MASKED_" + text
	}
	return text
}
