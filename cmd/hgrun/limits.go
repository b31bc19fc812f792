package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hgrun/hgrun/runner"
)

// limitFlags spare the servers.
type limitFlags struct {
	perHost int
	rate    string
}

func (l *limitFlags) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&l.perHost, "per-host", 0, "requests in flight to one host at most, token exchanges included; 0 means any number")
	f.StringVar(&l.rate, "rate", "", "how many requests may begin in a time, over the whole run and evenly spaced: `10/s`, 600/m or 100/h")
}

func (l *limitFlags) limits() (runner.Limits, error) {
	if l.perHost < 0 {
		return runner.Limits{}, fmt.Errorf("--per-host: want 0 or more, got %d", l.perHost)
	}
	every, err := spacing(l.rate)
	return runner.Limits{PerHost: l.perHost, Every: every}, err
}

// spacing returns the time between two requests of a rate such as 10/s; zero for an empty one.
func spacing(rate string) (time.Duration, error) {
	if rate == "" {
		return 0, nil
	}
	number, unit, _ := strings.Cut(rate, "/")
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	span, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[strings.TrimSpace(unit)]
	if err != nil || !known || !(n > 0) {
		return 0, fmt.Errorf("--rate: want a number of requests for a second, a minute or an hour, such as 10/s, 600/m or 100/h, got %q", rate)
	}
	every := float64(span) / n
	if every < 1 || every > float64(24*time.Hour) {
		return 0, fmt.Errorf("--rate: got %q, want between one request in a day and one in a nanosecond", rate)
	}
	return time.Duration(every), nil
}
