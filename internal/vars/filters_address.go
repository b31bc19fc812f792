package vars

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hgrun/hgrun/internal/source"
)

// addressFilters take apart what points somewhere or says who someone is: URLs and JWTs.
func addressFilters() map[string]filter {
	return map[string]filter{
		"url_scheme": address("scheme", func(u *url.URL) string { return u.Scheme }),
		"url_host":   address("host", (*url.URL).Hostname),
		"url_port":   address("port", port),
		"url_path":   address("path", (*url.URL).EscapedPath),
		"url_query":  {"name", bindURLQuery},
		"jwt_header": {"name", bindJWT(0, "header")},
		"jwt_claim":  {"name", bindJWT(1, "claim")},
	}
}

func addressOf(v Value) (*url.URL, error) {
	text, err := textOf(v)
	if err != nil {
		return nil, unfit(v, "a URL")
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return nil, unfit(v, "a URL")
	}
	return u, nil
}

// address is a filter that takes a part out of a URL.
func address(name string, part func(*url.URL) string) filter {
	return always(func(v Value) (Value, error) {
		u, err := addressOf(v)
		if err != nil {
			return Value{}, err
		}
		text := part(u)
		if text == "" {
			return Value{}, &nothing{got(v) + ", want a URL with a " + name}
		}
		return Value{Text: text}, nil
	})
}

// port returns the port of a URL, or that which its scheme means.
func port(u *url.URL) string {
	if u.Port() != "" || u.Host == "" {
		return u.Port()
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	}
	return ""
}

// bindURLQuery finds the first value of a parameter, decoded.
func bindURLQuery(args []Value) (change, error) {
	name, err := textOf(args[0])
	if err != nil {
		return nil, fmt.Errorf("name: %w", err)
	}
	return func(v Value) (Value, error) {
		u, err := addressOf(v)
		if err != nil {
			return Value{}, err
		}
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil && !query.Has(name) {
			return Value{}, errors.New(got(v) + ", want a URL whose query can be read")
		}
		if !query.Has(name) {
			return Value{}, &nothing{got(v) + ", want a URL with the parameter " + quoteShort(args[0])}
		}
		return Value{Text: query.Get(name)}, nil
	}, nil
}

// bindJWT finds a member of the header or the claims of a JWT, its type kept. Nothing is verified.
func bindJWT(part int, what string) func([]Value) (change, error) {
	return func(args []Value) (change, error) {
		name, err := textOf(args[0])
		if err != nil {
			return nil, fmt.Errorf("name: %w", err)
		}
		return func(v Value) (Value, error) {
			names, values, err := jwtPart(v, part)
			if err != nil {
				return Value{}, err
			}
			for i := range names {
				if names[i] == name {
					return values[i], nil
				}
			}
			return Value{}, &nothing{fmt.Sprintf("got a JWT without the %s %s; %s", what, quoteShort(args[0]), source.Suggest(name, names))}
		}, nil
	}
}

// jwtPart returns the members of a part of a signed JWT (RFC 7519, section 7.2).
func jwtPart(v Value, part int) ([]string, []Value, error) {
	text, err := textOf(v)
	if err != nil {
		return nil, nil, unfit(v, "a JWT")
	}
	parts := strings.Split(strings.TrimSpace(text), ".")
	switch {
	case len(parts) == 5 && part == 1:
		return nil, nil, errors.New("got an encrypted JWT, want one that is signed")
	case len(parts) != 3 && len(parts) != 5:
		return nil, nil, unfit(v, "a JWT")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[part])
	if err != nil {
		return nil, nil, unfit(v, "a JWT")
	}
	object := Value{Text: strings.TrimSpace(string(raw)), JSON: true, Secret: v.Secret}
	names, values, err := members(object)
	if err != nil {
		return nil, nil, unfit(v, "a JWT")
	}
	return names, values, nil
}
