package expect

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/tidwall/gjson"
)

// Absent is what a Query finds where there is nothing. It is not null: a member whose value is null is there.
type Absent struct{}

// kind says what sort of value stands on either side of a comparison.
type kind int8

const (
	absent kind = iota
	null
	boolean
	number
	text
	list
	object
	span   // a time.Duration
	class  // only wanted: a class of statuses, its first digit in text
	loose  // only wanted: a number that a text may spell, because headers have nothing but text
	jsonic // only wanted: a document that a text may spell, because a body is text
	alien  // a Go value that no query finds
)

// value is what a query found or a predicate wants, unboxed: most values are short texts and numbers, and judging
// them should cost no memory.
type value struct {
	kind kind
	yes  bool          // of a boolean
	text string        // of a text; the digits of a number; the JSON of a list or an object, where any is nil
	span time.Duration // of a span
	any  any           // of a list, an object or an alien
}

// looseNumber is a wanted number in a subject that has only texts.
type looseNumber json.Number

// statusClass is a wanted class of statuses: 2 for 2xx.
type statusClass byte

// document is a wanted body that is more than text.
type document struct{ value any }

// valueOf takes a value out of its box.
func valueOf(v any) value {
	switch v := v.(type) {
	case Absent:
		return value{}
	case nil:
		return value{kind: null}
	case bool:
		return value{kind: boolean, yes: v}
	case json.Number:
		return value{kind: number, text: string(v)}
	case string:
		return value{kind: text, text: v}
	case []any:
		return value{kind: list, any: v}
	case map[string]any:
		return value{kind: object, any: v}
	case time.Duration:
		return value{kind: span, span: v}
	case looseNumber:
		return value{kind: loose, text: string(v)}
	case statusClass:
		return value{kind: class, text: string(rune(v) + '0')}
	case document:
		return value{kind: jsonic, any: v.value}
	}
	return valueOfGo(v)
}

// valueOfGo reads numbers of Go, for those who use the matchers in suites of their own.
func valueOfGo(v any) value {
	switch v := v.(type) {
	case int:
		return value{kind: number, text: strconv.Itoa(v)}
	case int64:
		return value{kind: number, text: strconv.FormatInt(v, 10)}
	case float64:
		if digits := strconv.FormatFloat(v, 'g', -1, 64); isNumber(digits) {
			return value{kind: number, text: digits}
		}
	}
	return value{kind: alien, any: v}
}

// valueOfJSON takes what gjson found. Numbers keep their digits, lists and objects are not read before they are needed.
func valueOfJSON(r gjson.Result) value {
	switch r.Type {
	case gjson.Null:
		if !r.Exists() {
			return value{}
		}
		return value{kind: null}
	case gjson.False, gjson.True:
		return value{kind: boolean, yes: r.Type == gjson.True}
	case gjson.Number:
		if r.Raw == "" {
			return value{kind: number, text: strconv.FormatFloat(r.Num, 'f', -1, 64)}
		}
		return value{kind: number, text: r.Raw}
	case gjson.String:
		return value{kind: text, text: r.Str}
	}
	if r.IsArray() {
		return value{kind: list, text: r.Raw}
	}
	return value{kind: object, text: r.Raw}
}

// box returns the value as a Query returns it.
func (v value) box() any {
	switch v.kind {
	case absent:
		return Absent{}
	case null:
		return nil
	case boolean:
		return v.yes
	case number, loose:
		return json.Number(v.text)
	case text:
		return v.text
	case span:
		return v.span
	case class:
		return v.text + "xx"
	case list, object:
		if v.any == nil {
			return fromJSON(v.text)
		}
	}
	return v.any
}

// list returns the elements of a list.
func (v value) list() []any {
	l, _ := v.box().([]any)
	return l
}

// object returns the members of an object.
func (v value) object() map[string]any {
	o, _ := v.box().(map[string]any)
	return o
}

// length returns the characters of a text, the elements of a list or the members of an object.
func (v value) length() (n int, ok bool) {
	switch v.kind {
	case text:
		for range v.text {
			n++
		}
		return n, true
	case list:
		return len(v.list()), true
	case object:
		return len(v.object()), true
	}
	return 0, false
}

// kindShown names the kind in brackets, where a value does not show it by itself.
func (v value) kindShown() string {
	if v.kind == null {
		return ""
	}
	return " (" + v.kind.String() + ")"
}

// String names a kind as messages do.
func (k kind) String() string {
	switch k {
	case null:
		return "null"
	case boolean:
		return "a boolean"
	case number, loose, class:
		return "a number"
	case text:
		return "text"
	case list:
		return "a list"
	case object, jsonic:
		return "an object"
	case span:
		return "a time span"
	case absent:
		return "nothing"
	}
	return "a value of Go"
}
