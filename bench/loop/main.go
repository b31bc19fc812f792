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
	flag.StringVar(&l.delay, "delay", "", "how `long` the server is asked to take for each patient; empty asks for nothing")
	secret := flag.String("secret-env", "BENCH_SECRET", "the environment `variable` with the secret that signs the assertion")
	judge := flag.String("judge", "json", "json: unmarshal and compare two members; text: search two strings; of a bulk: json, sha256 or size")
	bulk := flag.Int("bulk", 0, "read one document of so many `megabytes` instead of patients")
	want := flag.String("want", "", "what the judge must find in the bulk: the publisher, the digest or the number of bytes")
	flag.Parse()
	l.secret = os.Getenv(*secret)
	if find := bulkJudges()[*judge]; *bulk > 0 && find != nil {
		if err := l.bulk(*bulk, find, *want); err != nil {
			fmt.Fprintln(os.Stderr, "loop:", err)
			os.Exit(1)
		}
		return
	}
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
