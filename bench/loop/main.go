// Command loop is the least that a client can do: one keep-alive net/http client, a token exchange, then patients.
// It knows nothing of collections, reports or secrets, and is what a runner is compared with.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var l loop
	flag.StringVar(&l.base, "base", "", "`URL` of the server")
	flag.IntVar(&l.requests, "n", 1, "how many patients to read")
	flag.IntVar(&l.workers, "c", 1, "how many at a time")
	flag.IntVar(&l.first, "first", 1000, "the id of the first patient")
	flag.StringVar(&l.family, "family", "Lindqvist", "the family name that every patient must have")
	flag.StringVar(&l.token, "token", "", "a bearer `token` to send; empty exchanges an assertion for one")
	secret := flag.String("secret-env", "BENCH_SECRET", "the environment `variable` with the secret that signs the assertion")
	judge := flag.String("judge", "json", "json: unmarshal and compare two members; text: search two strings")
	flag.Parse()
	l.secret = os.Getenv(*secret)
	switch *judge {
	case "json":
		l.judge = judgeJSON
	case "text":
		l.judge = judgeText
	default:
		fmt.Fprintf(os.Stderr, "loop: got -judge %s, want json or text\n", *judge)
		os.Exit(2)
	}
	if err := l.run(); err != nil {
		fmt.Fprintln(os.Stderr, "loop:", err)
		os.Exit(1)
	}
}
