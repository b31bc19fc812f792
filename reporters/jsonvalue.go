package reporters

import (
	"bytes"
	"encoding/json"
)

// appendValue adds a value as JSON on one line. U+FFFD stands for each byte that is not UTF-8, as in a record, and as itself: not as an
// escape, which it would be beside the bytes and is not where the text comes from a record.
func appendValue(out *bytes.Buffer, v any) error {
	from := out.Len()
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		out.Truncate(from)
		return err
	}
	out.Truncate(out.Len() - 1) // the line break
	const escape = `\ufffd`
	if text := out.Bytes()[from:]; bytes.Contains(text, []byte(escape)) {
		plain := unescapedReplacements(bytes.Clone(text), escape)
		out.Truncate(from)
		out.Write(plain)
	}
	return nil
}

// unescapedReplacements writes U+FFFD for its escapes; a backslash that is escaped itself begins none.
func unescapedReplacements(text []byte, escape string) []byte {
	plain := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '\\':
			plain = append(plain, text[i])
		case bytes.HasPrefix(text[i:], []byte(escape)):
			plain = append(plain, "\uFFFD"...)
			i += len(escape) - 1
		default:
			plain = append(plain, text[i], text[i+1])
			i++
		}
	}
	return plain
}
