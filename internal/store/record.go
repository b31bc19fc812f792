package store

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A record's file is a line "hgrun-record VERSION BYTES-OF-KEY BYTES-OF-RECORD CHECKSUM", the key and the record.
const (
	recordMagic   = "hgrun-record"
	recordVersion = 1
	maxHead       = 128 // bytes of the line
)

func (s *Store) encode(key string, record []byte) []byte {
	lengths := fmt.Sprintf("%s %d %d %d", recordMagic, recordVersion, len(key), len(record))
	mac := hmac.New(sha256.New, s.salt)
	for _, part := range []string{"record\x00", lengths, "\n", key, string(record)} {
		_, _ = mac.Write([]byte(part)) // a hash takes everything
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n%s", lengths, hex.EncodeToString(mac.Sum(nil)), key)
	b.Write(record)
	return b.Bytes()
}

// decode reads what encode wrote. The error says of the file what it is; it shows nothing of it.
func (s *Store) decode(content []byte) (key string, record []byte, err error) {
	line, rest, ok := bytes.Cut(content, []byte("\n"))
	head := strings.Split(string(line), " ")
	switch {
	case len(content) == 0:
		return "", nil, errors.New("is empty")
	case !strings.HasPrefix(recordMagic, head[0]), ok && head[0] != recordMagic, len(line) > maxHead:
		return "", nil, errors.New("is no record of hgrun")
	case !ok:
		return "", nil, errors.New("is cut off")
	case len(head) > 1 && head[1] != strconv.Itoa(recordVersion) && number(head[1]) > 0:
		return "", nil, fmt.Errorf("is a record of version %d, which another hgrun wrote and this one cannot read", number(head[1]))
	case len(head) != 5:
		return "", nil, errors.New("is damaged")
	}
	keyLength, recordLength := number(head[2]), number(head[3])
	if keyLength < 0 || recordLength < 0 {
		return "", nil, errors.New("is damaged")
	}
	if want := keyLength + recordLength; len(rest) < want {
		return "", nil, fmt.Errorf("is cut off (%d of %d bytes)", len(line)+1+len(rest), len(line)+1+want)
	}
	key, record = string(rest[:keyLength]), rest[keyLength:]
	if !hmac.Equal(content, s.encode(key, record)) {
		return "", nil, errors.New("is damaged, or was written with another salt: its checksum does not hold")
	}
	return key, record, nil
}

// number reads a length; -1 for what is none that a file could have.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 2*maxRecord {
		return -1
	}
	return n
}
