package main

import (
	"github.com/hgrun/hgrun/internal/curl"
	"github.com/hgrun/hgrun/internal/wire"
	"github.com/hgrun/hgrun/runner"
)

// shownBody is how many bytes of a body a report holds at most; one of nearly that length is shortened, and of no use in a command.
const shownBody = 64<<10 - 512

// attemptCurl returns an exchange of a report as a curl command. It is empty where the exchange is not known whole.
func attemptCurl(a *runner.Attempt) string {
	d := a.Detail
	if d == nil || a.URL == "" || len(d.RequestBody) >= shownBody {
		return ""
	}
	return curl.Masked(&wire.Request{Method: a.Method, URL: a.URL, Header: d.RequestHeader, Body: []byte(d.RequestBody)})
}
