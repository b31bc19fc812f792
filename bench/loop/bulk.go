package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// bulkJudges are the ways to judge a large body: each returns what it is judged by.
func bulkJudges() map[string]func(io.Reader) (string, error) {
	return map[string]func(io.Reader) (string, error){"json": publisher, "sha256": digest, "size": size}
}

// bulk reads one large document and compares what a judge finds in it.
func (l *loop) bulk(megabytes int, judge func(io.Reader) (string, error), want string) error {
	resp, err := l.client.Get(l.base + "/bulk/" + strconv.Itoa(megabytes))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("got %s, want 200", resp.Status)
	}
	got, err := judge(resp.Body)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}

// publisher unmarshals the whole body and finds one member.
func publisher(body io.Reader) (string, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return "", err
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return "", err
	}
	bundle, _ := v.(map[string]any)
	name, _ := bundle["publisher"].(string)
	return name, nil
}

// digest hashes the body on its way to nowhere.
func digest(body io.Reader) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(sum, body)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// size throws the body away and counts it.
func size(body io.Reader) (string, error) {
	n, err := io.Copy(io.Discard, body)
	return strconv.FormatInt(n, 10), err
}
