package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A groupList is one of the three lists of a group.
type groupList struct {
	mu    sync.RWMutex
	path  string // of the list, for hrefs
	seed  string // from which the ids of members to come are made
	role  string // "members" may be added to; the client's role does not cover adding to the others
	items []item // oldest first
}

// An item is a resource of a list, encoded once.
type item struct {
	id, title, created string
	unique             []string // values no other item of the list may have
	body               []byte
}

// A member is what registering one takes.
type member struct {
	FirstName  string `json:"firstName"`
	LastName   string `json:"lastName"`
	Email      string `json:"email"`
	ExternalID string `json:"externalId,omitempty"`
}

func (l *groupList) answer(r *http.Request, now time.Time) answer {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return l.list(r.URL.Query())
	case http.MethodPost:
		if l.role != "members" {
			return patternError(http.StatusForbidden, "Your role does not permit this", RoleNotPermitted)
		}
		return l.register(r, now)
	}
	return patternError(http.StatusMethodNotAllowed, "Method Not Allowed", WrongMethod).with("Allow", "GET, POST")
}

func (l *groupList) read(r *http.Request, id string) answer {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return patternError(http.StatusForbidden, "Your role does not permit this", RoleNotPermitted)
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, each := range l.items {
		if each.id == id {
			return answer{status: http.StatusOK, header: map[string]string{"Content-Type": jsonType}, body: each.body, reason: OK}
		}
	}
	return patternError(http.StatusNotFound, "Not Found", UnknownResource)
}

// list answers with a page: limit (default 20, at most 100), offset, sortBy title or created, sortDirection asc or desc.
func (l *groupList) list(query url.Values) answer {
	limit, offset := defaultCount, 0
	for name, target := range map[string]*int{"limit": &limit, "offset": &offset} {
		if n, err := strconv.Atoi(query.Get(name)); query.Has(name) && (err != nil || n < 0 || n > 1<<30) {
			return patternError(http.StatusBadRequest, name+" must be a non-negative integer", WrongParameter)
		} else if query.Has(name) {
			*target = n
		}
	}
	limit = max(1, min(limit, maxCount))
	items, bad := l.sorted(query.Get("sortBy"), query.Get("sortDirection"))
	if bad != "" {
		return patternError(http.StatusBadRequest, bad, WrongParameter)
	}
	results := []json.RawMessage{}
	from := min(offset, len(items))
	for _, each := range items[from:min(from+limit, len(items))] {
		results = append(results, each.body)
	}
	at := func(offset int) string {
		query.Set("limit", strconv.Itoa(limit))
		query.Set("offset", strconv.Itoa(offset))
		return l.path + "?" + query.Encode()
	}
	var links pageLinks
	if offset > 0 {
		links.Previous = at(max(0, offset-limit))
	}
	if offset+limit < len(items) {
		links.Next = at(offset + limit)
	}
	return jsonAnswer(http.StatusOK, struct {
		TotalCount int               `json:"totalCount"`
		Limit      int               `json:"limit"`
		Offset     int               `json:"offset"`
		Results    []json.RawMessage `json:"results"`
		Links      pageLinks         `json:"links"`
	}{len(items), limit, offset, results, links})
}

// pageLinks are relative; a page that does not exist has none.
type pageLinks struct {
	Previous string `json:"previous,omitempty"`
	Next     string `json:"next,omitempty"`
}

// sorted returns a copy of the items; bad says what is wrong with the order.
func (l *groupList) sorted(by, direction string) (items []item, bad string) {
	l.mu.RLock()
	items = slices.Clone(l.items)
	l.mu.RUnlock()
	switch by {
	case "", "created":
	case "title":
		slices.SortStableFunc(items, func(a, b item) int { return strings.Compare(a.title, b.title) })
	default:
		return nil, "sortBy must be title or created"
	}
	switch direction {
	case "", "asc":
	case "desc":
		slices.Reverse(items)
	default:
		return nil, "sortDirection must be asc or desc"
	}
	return items, ""
}

// register adds a member. An email or external id in use is a conflict; an unreadable body is a bad request.
func (l *groupList) register(r *http.Request, now time.Time) answer {
	var m member
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		return patternError(http.StatusBadRequest, "The body must be a JSON object", UnreadableBody)
	}
	if fault := m.fault(); fault != "" {
		return patternError(http.StatusUnprocessableEntity, fault, InvalidResource)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	added := l.newMember(m, now)
	for _, each := range l.items {
		for _, value := range added.unique {
			if slices.Contains(each.unique, value) {
				return patternError(http.StatusConflict, "A member with this "+value[:strings.Index(value, " ")]+
					" is already registered", DuplicateRecord)
			}
		}
	}
	l.items = append(l.items, added)
	return answer{status: http.StatusCreated, body: added.body, reason: OK, header: map[string]string{
		"Content-Type": jsonType, "Location": l.path + "/" + added.id,
	}}
}

func (m member) fault() string {
	switch {
	case m.FirstName == "":
		return "firstName must not be empty"
	case m.LastName == "":
		return "lastName must not be empty"
	case !strings.Contains(m.Email, "@"):
		return "email must be an email address"
	}
	return ""
}

func (l *groupList) newMember(m member, now time.Time) item {
	n := l.newItem(m.FirstName+" "+m.LastName, now, m)
	n.unique = []string{"email " + strings.ToLower(m.Email)}
	if m.ExternalID != "" {
		n.unique = append(n.unique, "externalId "+m.ExternalID)
	}
	return n
}

// newItem makes the next item of the list: an envelope of uuid, href, title and created around what is told about it.
func (l *groupList) newItem(title string, now time.Time, about any) item {
	n := item{id: inventedUUID(l.seed + strconv.Itoa(len(l.items))), title: title, created: now.UTC().Format(time.RFC3339)}
	n.body = fmt.Appendf(nil, `{"uuid":%q,"href":"%s/%s","title":%s,"created":%q,%s`,
		n.id, l.path, n.id, encode(title), n.created, encode(about)[1:])
	return n
}

// seedGroup makes the lists of a group: 25 members, 12 tasks and 45 measurements, invented.
func seedGroup(realm, group string) map[string]*groupList {
	lists := map[string]*groupList{}
	for _, role := range []string{"members", "tasks", "measurements"} {
		path := groupsPath + group + "/" + role
		lists[group+"/"+role] = &groupList{path: path, seed: realm + " " + role, role: role}
	}
	at := time.Date(2025, 2, 3, 9, 0, 0, 0, time.UTC)
	first := strings.Fields("Ansel Briony Corin Delphine Emrys")
	last := strings.Fields("Ashgrove Birchall Cloverly Dovecote Elmstead")
	for i := range 45 {
		at = at.Add(time.Hour)
		m := member{FirstName: first[i%5], LastName: last[i/5%5], ExternalID: fmt.Sprintf("EXT-%03d", i+1)}
		m.Email = strings.ToLower(m.FirstName+"."+m.LastName) + "@mail.example"
		if l := lists[group+"/members"]; i < 25 {
			l.items = append(l.items, l.newMember(m, at))
		}
		if l := lists[group+"/tasks"]; i < 12 {
			l.items = append(l.items, l.newItem(fmt.Sprintf("Weekly check-in %d", i+1), at, object{"status": "open"}))
		}
		l := lists[group+"/measurements"]
		l.items = append(l.items, l.newItem("Resting heart rate", at, object{"value": 58 + i%30, "unit": "bpm"}))
	}
	return lists
}
