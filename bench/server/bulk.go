package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// bulk is one large JSON document, of which the server holds no more than a piece: a Bundle with the same patient many times, and what
// is asked of it behind all of them.
type bulk struct {
	piece  []byte // entries, each with its comma
	pieces int
}

const (
	beforeEntries = `{"resourceType":"Bundle","type":"collection","entry":[`
	afterEntries  = `{"fullUrl":"urn:bench:end"}],"publisher":"Lindqvist"}`
)

// newBulk returns a document of about so many bytes.
func newBulk(size int) bulk {
	entry := []byte(`{"fullUrl":"urn:bench:4471","resource":` + beforeID + "4471" + afterID + `},`)
	b := bulk{piece: bytes.Repeat(entry, max(1, min(size, 256<<10)/len(entry)))}
	b.pieces = max(1, size/len(b.piece))
	return b
}

// size returns the bytes of the document.
func (b bulk) size() int { return len(beforeEntries) + b.pieces*len(b.piece) + len(afterEntries) }

// WriteTo implements io.WriterTo.
func (b bulk) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, beforeEntries)
	sent := int64(n)
	for i := 0; i < b.pieces && err == nil; i++ {
		n, err = w.Write(b.piece)
		sent += int64(n)
	}
	if err == nil {
		n, err = io.WriteString(w, afterEntries)
		sent += int64(n)
	}
	return sent, err
}

// bulk answers a document of the megabytes (10^6 bytes) that the path names, with its length, or without it below /chunked.
func (c *clinic) bulk(w http.ResponseWriter, r *http.Request) {
	megabytes, err := strconv.Atoi(r.PathValue("megabytes"))
	if err != nil || megabytes < 1 {
		c.refuse(w, http.StatusNotFound, "not_found")
		return
	}
	b := newBulk(megabytes * 1_000_000)
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	switch r.PathValue("how") {
	case "":
		w.Header().Set("Content-Length", strconv.Itoa(b.size()))
	case "digest":
		sum := sha256.New()
		_, _ = b.WriteTo(sum) // a hash takes everything
		answer(w, http.StatusOK, map[string]string{"sha256": hex.EncodeToString(sum.Sum(nil)), "size": fmt.Sprint(b.size())})
		return
	}
	c.bulks.Add(1)
	_, _ = b.WriteTo(w) // a client that left is noticed by its own wrong count
}
