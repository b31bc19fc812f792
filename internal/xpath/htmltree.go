package xpath

// frame takes care of html, head and body, which are there once and may be unwritten. It reports whether the element
// was one of them.
func (p *htmlParser) frame(n *Node) (done bool, err error) {
	switch n.local {
	case "html":
		return true, p.once(&p.html, n, p.doc.root)
	case "head":
		if err := p.ensureHTML(); err != nil {
			return true, err
		}
		if p.body != nil {
			return true, nil
		}
		return true, p.once(&p.head, n, p.html)
	case "body":
		if p.body != nil {
			return true, p.merge(p.body, n)
		}
		if err := p.intoBody(); err != nil {
			return true, err
		}
		return true, p.merge(p.body, n)
	}
	if p.body != nil || p.inHead() {
		return false, nil
	}
	if oneOf(n.local, []string{"title", "meta", "link", "script", "style", "base", "template", "noscript"}) {
		if p.head != nil {
			return false, p.ensureHTML()
		}
		_, err := p.frame(&Node{kind: elementNode, local: "head"})
		return false, err
	}
	return false, p.intoBody()
}

// inHead reports whether something other than head itself is open in it.
func (p *htmlParser) inHead() bool { return p.head != nil && p.within("head") && p.top() != p.head }

// once adds an element unless it is there; then it only takes the attributes.
func (p *htmlParser) once(there **Node, n, parent *Node) error {
	if *there != nil {
		return p.merge(*there, n)
	}
	*there = n
	for len(p.open) > 1 && p.top() != parent {
		p.leave(len(p.open) - 1)
	}
	return p.push(n, false)
}

func (p *htmlParser) merge(there, n *Node) error {
	for _, a := range n.attributes {
		if there.attributeNamed(a.local) == nil {
			if err := p.attribute(there, a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *htmlParser) ensureHTML() error {
	if p.html != nil {
		return nil
	}
	return p.once(&p.html, &Node{kind: elementNode, local: "html"}, p.doc.root)
}

func (p *htmlParser) intoBody() error {
	if err := p.ensureHTML(); err != nil {
		return err
	}
	if p.head == nil {
		if err := p.once(&p.head, &Node{kind: elementNode, local: "head"}, p.html); err != nil {
			return err
		}
	}
	return p.once(&p.body, &Node{kind: elementNode, local: "body"}, p.html)
}

// ends is the table of start tags that close what is open: which elements, and what keeps them from looking further.
func ends(name string) (closes, fences []string) {
	table := []string{"table", "template", "html"}
	switch name {
	case "li":
		return []string{"li"}, []string{"ul", "ol", "menu"}
	case "dt", "dd":
		return []string{"dt", "dd"}, []string{"dl"}
	case "option":
		return []string{"option"}, []string{"select", "datalist"}
	case "optgroup":
		return []string{"option", "optgroup"}, []string{"select"}
	case "td", "th":
		return []string{"td", "th"}, append(table, "tr")
	case "tr":
		return []string{"tr"}, table
	case "thead", "tbody", "tfoot", "caption", "colgroup":
		return []string{"thead", "tbody", "tfoot", "caption", "colgroup"}, table
	case "a":
		return []string{"a"}, []string{"td", "th", "table", "template", "button"}
	}
	if closesParagraph(name) {
		return []string{"p"}, []string{"td", "th", "table", "template", "button", "caption", "object"}
	}
	return nil, nil
}

func closesParagraph(name string) bool {
	switch name {
	case "address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset", "figcaption", "figure", "footer", "form",
		"h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "main", "menu", "nav", "ol", "p", "pre", "search", "section", "summary", "table", "ul":
		return true
	}
	return false
}

// imply closes what a start tag closes, and opens what it needs around it.
func (p *htmlParser) imply(name string) error {
	closes, fences := ends(name)
	for _, one := range closes {
		if i := p.find(one, fences); i >= 0 {
			p.leave(i)
		}
	}
	if (name == "li" || name == "dt" || name == "dd") && p.top().local == "p" {
		p.leave(len(p.open) - 1)
	}
	switch top := p.top().local; {
	case name == "tr" && top == "table":
		return p.push(&Node{kind: elementNode, local: "tbody"}, false)
	case (name == "td" || name == "th") && top == "table":
		if err := p.imply("tr"); err != nil {
			return err
		}
		return p.push(&Node{kind: elementNode, local: "tr"}, false)
	case (name == "td" || name == "th") && oneOf(top, []string{"tbody", "thead", "tfoot"}):
		return p.push(&Node{kind: elementNode, local: "tr"}, false)
	}
	return nil
}

// close reads an end tag. One that closes nothing is ignored, and html and body stay open to the end.
func (p *htmlParser) close(name string) {
	if name == "html" || name == "body" {
		return
	}
	var fences []string
	if !oneOf(name, []string{"table", "tr", "td", "th", "tbody", "thead", "tfoot"}) {
		fences = []string{"td", "th", "table"}
	}
	if i := p.find(name, fences); i > 0 {
		p.leave(i)
	}
}

func isVoid(name string) bool {
	switch name {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr":
		return true
	}
	return false
}

func isRaw(name string) bool {
	switch name {
	case "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes":
		return true
	}
	return false
}
