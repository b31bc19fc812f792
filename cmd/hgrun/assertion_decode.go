package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/assertions"
)

func decodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "decode [TEXT|-]",
		Short: "Show header, claims and times of an assertion; nothing is verified",
		Example: `  hgrun assertion decode < assertion.txt
  hgrun assertion mint --alg HS256 --key-env SECRET --iss my-client --aud https://as.example/token | hgrun assertion decode`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := readAssertion(c, args)
			if err != nil {
				return err
			}
			token, err := inspect(c, text)
			if token == nil {
				return &exit{exitFailed, err}
			}
			var b bytes.Buffer
			decode(&b, token, time.Now())
			if _, err := c.OutOrStdout().Write(b.Bytes()); err != nil {
				return &exit{exitReport, err}
			}
			if err != nil {
				return &exit{exitFailed, err}
			}
			return nil
		},
	}
}

// decode writes what a token says, in the order in which it says it.
func decode(b *bytes.Buffer, t *assertions.Token, now time.Time) {
	parts := strings.Split(t.Raw, ".")
	for i, name := range []string{"header", "claims"} {
		fmt.Fprintln(b, name)
		var shown bytes.Buffer
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Indent(&shown, raw, "", "  ")
		}
		if err != nil { // Inspect has read it already
			fmt.Fprintf(&shown, "(%v)", err)
		}
		fmt.Fprintln(b, visible(shown.String()))
	}
	writeTimes(b, t, now)
	if len(parts) > 2 {
		fmt.Fprintf(b, "signature of %d bytes, not verified\n", base64.RawURLEncoding.DecodedLen(len(parts[2])))
	}
}

// visible escapes what would change how a terminal shows a text: a claim is a stranger's.
func visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// writeTimes writes the times of a token in words.
func writeTimes(w io.Writer, t *assertions.Token, now time.Time) {
	for _, name := range []string{"iat", "nbf", "exp"} {
		value, there := t.Claims[name]
		if !there {
			continue
		}
		at, err := moment(value)
		if err != nil {
			fmt.Fprintf(w, "%s: %v\n", name, err)
			continue
		}
		fmt.Fprintf(w, "%s: %s, %s\n", name, at.UTC().Format(time.RFC3339), when(name, at, now))
	}
	iat, err := moment(t.Claims["iat"])
	exp, err2 := moment(t.Claims["exp"])
	if err == nil && err2 == nil {
		fmt.Fprintf(w, "lives %s\n", span(exp.Unix()-iat.Unix()))
	}
}

// tooManySeconds is the year 5138; a greater number counts milliseconds.
const tooManySeconds = 1e11

// moment reads a time claim.
func moment(value any) (time.Time, error) {
	number, ok := value.(json.Number)
	if !ok {
		return time.Time{}, errors.New("is no number; servers refuse that")
	}
	seconds, err := strconv.ParseFloat(number.String(), 64)
	switch {
	case err != nil || math.Abs(seconds) > 1e15:
		return time.Time{}, errors.New("is no time that could be meant")
	case math.Abs(seconds) >= tooManySeconds:
		return time.Time{}, fmt.Errorf("is in milliseconds (%s), want seconds", time.UnixMilli(int64(seconds)).UTC().Format(time.RFC3339))
	}
	return time.UnixMilli(int64(seconds * 1000)), nil
}

// when says how far a time is from now.
func when(name string, at, now time.Time) string {
	ago := now.Unix() - at.Unix() // a Duration ends after 292 years
	switch {
	case name == "exp" && ago >= 0:
		return "expired " + span(ago) + " ago"
	case name == "exp":
		return "expires in " + span(-ago)
	case ago >= 0:
		return span(ago) + " ago"
	}
	return "in " + span(-ago)
}

// span writes seconds in the unit that people would use.
func span(seconds int64) string {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	switch size := max(seconds, -seconds); {
	case size < 10*minute:
		return fmt.Sprintf("%d s", seconds)
	case size < 2*hour:
		return fmt.Sprintf("%d min", seconds/minute)
	case size < 3*day:
		return fmt.Sprintf("%d h", seconds/hour)
	}
	return fmt.Sprintf("%d days", seconds/day)
}
