package main

import (
	"fmt"
	"testing"
)

func TestARateIsTheTimeBetweenTwoRequests(t *testing.T) {
	t.Parallel()
	const want = "--rate: want a number of requests for a second, a minute or an hour, such as 10/s, 600/m or 100/h, got "
	for _, row := range []struct{ rate, want string }{
		{"", "0s"}, {"10/s", "100ms"}, {"600/m", "100ms"}, {"0.5/s", "2s"}, {"100/h", "36s"}, {" 1 / s ", "1s"},
		{"10", want + `"10"`}, {"/s", want + `"/s"`}, {"0/s", want + `"0/s"`}, {"-1/s", want + `"-1/s"`}, {"10/sec", want + `"10/sec"`}, {"NaN/s", want + `"NaN/s"`},
		{"1e300/s", `--rate: got "1e300/s", want between one request in a day and one in a nanosecond`},
	} {
		got, err := spacing(row.rate)
		text := got.String()
		if err != nil {
			text = fmt.Sprint(err)
		}
		if text != row.want {
			t.Errorf("%q: got %s, want %s", row.rate, text, row.want)
		}
	}
}
