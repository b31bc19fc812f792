package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// loop is one run: a token, then so many patients.
type loop struct {
	base     string
	requests int
	workers  int
	first    int
	family   string
	token    string
	delay    string
	secret   string
	judge    func(body []byte, id, family string) error
	client   http.Client
}

// run reads every patient and returns the first thing that is wrong with any.
func (l *loop) run() error {
	l.client.Transport = &http.Transport{MaxIdleConnsPerHost: l.workers}
	if l.token == "" {
		if err := l.exchange(); err != nil {
			return err
		}
	}
	var (
		next  atomic.Int64
		group sync.WaitGroup
		wrong = make(chan error, l.workers)
	)
	for range l.workers {
		group.Go(func() {
			for i := next.Add(1) - 1; int(i) < l.requests; i = next.Add(1) - 1 {
				if err := l.read(strconv.Itoa(l.first + int(i))); err != nil {
					wrong <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-wrong:
		return err
	default:
		return nil
	}
}

// exchange trades an assertion, signed with HS256, for the token (RFC 7523, section 2.1).
func (l *loop) exchange() error {
	target := l.base + "/oauth/token"
	now := time.Now().Unix()
	claims, err := json.Marshal(map[string]any{"iss": "bench", "sub": "bench", "aud": target, "iat": now, "exp": now + 60, "jti": rand.Text()})
	if err != nil {
		return err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(claims)
	mac := hmac.New(sha256.New, []byte(l.secret))
	mac.Write([]byte(signed))
	resp, err := l.client.PostForm(target, url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
		"assertion":  {signed + "." + encode(mac.Sum(nil))},
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&given); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || given.AccessToken == "" {
		return fmt.Errorf("token exchange: got %s, want a token", resp.Status)
	}
	l.token = given.AccessToken
	return nil
}

func (l *loop) read(id string) error {
	query := ""
	if l.delay != "" {
		query = "?delay=" + l.delay
	}
	req, err := http.NewRequest(http.MethodGet, l.base+"/fhir/R4/Patient/"+id+query, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+l.token)
	resp, err := l.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("patient %s: got %s, want 200", id, resp.Status)
	}
	return l.judge(body, id, l.family)
}

var errWrong = errors.New("not the patient that was asked for")

// judgeJSON unmarshals the whole body and compares two members.
func judgeJSON(body []byte, id, family string) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	patient, _ := v.(map[string]any)
	names, _ := patient["name"].([]any)
	if len(names) == 0 || patient["id"] != id {
		return errWrong
	}
	if name, _ := names[0].(map[string]any); name["family"] != family {
		return errWrong
	}
	return nil
}

// judgeText searches the body for two strings.
func judgeText(body []byte, id, family string) error {
	if !bytes.Contains(body, []byte(`"id":"`+id+`"`)) || !bytes.Contains(body, []byte(`"family":"`+family+`"`)) {
		return errWrong
	}
	return nil
}
