package xpath

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const order = `<?xml version="1.0"?><!-- head --><order xmlns="urn:d" xmlns:n="urn:n" xml:lang="en-GB"><item id="1">x<b>y</b>z</item><item id="2">10</item><n:note n:key="v">5</n:note><?go now?><item id="3"> q
 r </item><price>1.5</price><price>2</price><empty/></order>`

const page = `<!DOCTYPE html><title>A &amp; B</title><META name=robots content='none'><p class="x y">One<p>Two<br>lines<ul><li>a<li>b<ul><li>c</ul><li>d</ul>
<table><tr><td>1<td>2<tr><th>3</table><script>if (a < b) { "</p>" }</script><img src=/i.png alt><DIV ID=main>in<span>side</div>after`

// shown returns what an expression finds, for comparing.
func shown(t *testing.T, d *Document, text string) string {
	t.Helper()
	e, err := Compile(text)
	if err != nil {
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Fatalf("%s: %T", text, err)
		}
		return fmt.Sprintf("at %d: %s", syntax.Offset, err)
	}
	v, err := e.Evaluate(d)
	if err != nil {
		return err.Error()
	}
	set, ok := v.(Nodes)
	if !ok {
		return fmt.Sprint(v)
	}
	texts := []string{}
	for _, n := range set {
		texts = append(texts, n.Value())
	}
	return fmt.Sprintf("%q", texts)
}

func TestExpressionsFindWhatTheRecommendationSays(t *testing.T) {
	t.Parallel()
	d, err := ParseXML(order)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ text, want string }{
		{"count(//item)", "3"}, {"//item[last()]/@id", `["3"]`}, {"(//item)[1]/@id", `["1"]`}, {"//item[position() < 3]/@id", `["1" "2"]`},
		{"/order/item[2]", `["10"]`}, {"/n:note", `[]`}, {"//n:note/@n:key", `["v"]`}, {"//n:*", `["5"]`}, {"//note", `[]`}, {"//*[local-name()='note']", `["5"]`},
		{"sum(//price)", "3.5"}, {"1 + 2 = 3", "true"}, {"'a' = 'b'", "false"}, {"normalize-space(//item[3])", "q r"},
		{"//price | //item", `["xyz" "10" " q\n r " "1.5" "2"]`}, {"//item/..", `["xyz105 q\n r 1.52"]`}, {"//b/ancestor::*", `["xyz105 q\n r 1.52" "xyz"]`},
		{"//b/ancestor::*[1]/@id", `["1"]`}, {"//n:note/preceding::*", `["xyz" "y" "10"]`}, {"//n:note/preceding::*[1]", `["10"]`}, {"//n:note/preceding-sibling::item[1]/@id", `["2"]`},
		{"//b/following::text()", `["z" "10" "5" " q\n r " "1.5" "2"]`}, {"//item[2]/following-sibling::item", `[" q\n r "]`}, {"//@id/following::item", `["10" " q\n r "]`},
		{"//item[1]/@id/preceding::comment()", `[" head "]`}, {"namespace-uri(//n:note)", "urn:n"}, {"namespace-uri(/order)", "urn:d"}, {"name(//n:note)", "n:note"}, {"name(//zzz)", ""},
		{"//comment()", `[" head "]`}, {"//processing-instruction()", `["now"]`}, {"//processing-instruction('go')", `["now"]`}, {"//processing-instruction('x')", `[]`},
		{"substring('12345', 1.5, 2.6)", "234"}, {"substring('12345', 0, 3)", "12"}, {"substring('12345', 2)", "2345"}, {"substring('12345', 0 div 0, 3)", ""}, {"substring('Grüße', 3, 2)", "üß"},
		{"number('x')", "NaN"}, {"number('1e3')", "NaN"}, {"number(' -1.50 ')", "-1.5"}, {"number('+1')", "NaN"}, {"number(true())", "1"}, {"-(1)", "-1"}, {"--1", "1"}, {"- //price", "-1.5"},
		{"7 mod 3", "1"}, {"-7 mod 3", "-1"}, {"7 div 2", "3.5"}, {"2 * 3 - 1", "5"}, {"string(1 div 0)", "Infinity"}, {"string(-1 div 0)", "-Infinity"}, {"string(1.0)", "1"},
		{"string(100000000000000000000)", "100000000000000000000"}, {"string(0.000001)", "0.000001"}, {"round(-1.5)", "-1"}, {"round(2.5)", "3"}, {"floor(-1.5)", "-2"}, {"ceiling(1.2)", "2"},
		{"1 = '1'", "true"}, {"true() = 'x'", "true"}, {"//item = '10'", "true"}, {"//item != '10'", "true"}, {"not(//item = '11')", "true"}, {"3 > //price", "true"}, {"//price > 2", "false"},
		{"//price = //price", "true"}, {"//zzz = //price", "false"}, {"//zzz = false()", "true"}, {"1 < 2 < 3", "true"}, {"//item[@id=2]", `["10"]`}, {"//item[@id>1]/@id", `["2" "3"]`},
		{"//item[contains(., 10)]/@id", `["2"]`}, {"contains(//price, 1)", "true"}, {"starts-with('ab', 'a') and not(starts-with('ab', 'b'))", "true"}, {"true() or 1 div 0", "true"},
		{"concat('a', 1, true())", "a1true"}, {"substring-before('a=b', '=')", "a"}, {"substring-after('a=b', '=')", "b"}, {"substring-before('ab', '=')", ""}, {"translate('--abc--', 'abc-', 'ABC')", "ABC"},
		{"string-length('äö')", "2"}, {"string(//zzz)", ""}, {"//empty", `[""]`}, {"boolean(//zzz)", "false"}, {"lang('en')", "false"}, {"//b[lang('EN')]", `["y"]`}, {"id('2 1')/@id", `["1" "2"]`},
		{"count(/)", "1"}, {"/", `["xyz105 q\n r 1.52"]`}, {"/.", `["xyz105 q\n r 1.52"]`}, {"count(//@*)", "5"}, {"//item[b]/@id", `["1"]`}, {"//item[.//text()='y']/@id", `["1"]`},
		{"//item[1][@id='1']", `["xyz"]`}, {"//*[self::price]", `["1.5" "2"]`}, {"//item[@id='1' or @id='3']/@id", `["1" "3"]`}, {"descendant::b", `["y"]`}, {"//b/ancestor-or-self::node()[2]/@id", `["1"]`},
		{"(//price)[2]", `["2"]`}, {"//item[position() mod 2 = 1]/@id", `["1" "3"]`}, {"* / item [ 1 ] / @id", `["1"]`}, {"//item[count(b) = 1]/@id", `["1"]`}, {"(//item | //price)[last()]", `["2"]`},
		{"//s:fault", "the document declares no prefix s; it declares n"}, {"//xml:x", `[]`},
	} {
		if got := shown(t, d, tt.text); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.text, got, tt.want)
		}
	}
}

func TestHTMLIsReadAsBrowsersReadIt(t *testing.T) {
	t.Parallel()
	d, err := ParseHTML(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ text, want string }{
		{"/html/head/title", `["A & B"]`}, {"//meta[@name='robots']/@content", `["none"]`}, {"/html/body/p", `["One" "Twolines"]`}, {"//P[@class='x y']", `["One"]`},
		{"//body/ul/li/text()[1]", `["a" "b" "d"]`}, {"//li/ul/li", `["c"]`}, {"/html/body/table/tbody/tr[1]/td", `["1" "2"]`}, {"//tr[2]/th", `["3"]`},
		{"//script", `["if (a < b) { \"</p>\" }"]`}, {"//img/@src", `["/i.png"]`}, {"//img[@alt]/@alt", `[""]`}, {"//div[@id='main']", `["inside"]`}, {"//div/following-sibling::text()", `["after"]`},
		{"count(//body)", "1"}, {"//svg:rect", "the document declares no prefix svg; a name without one finds elements that are written without one"}, {"lang('de')", "false"},
	} {
		if got := shown(t, d, tt.text); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.text, got, tt.want)
		}
	}
	for text, want := range map[string]string{
		"":                                    "[]",
		"just text":                           `["just text"]`,
		"<b>x</b":                             `["x"]`,
		"a < b <":                             `["a < b <"]`,
		"<!-- open":                           `[]`,
		"<p title=\"x":                        `[""]`,
		"<html lang=de><body a=1><body b=2>x": `["x"]`,
		"<td>1<td>2":                          `["12"]`,
		"</p></div>y":                         `["y"]`,
		"<select><option>1<option>2</select>": `["12"]`,
		"<dl><dt>a<dd>b<dt>c</dl>":            `["abc"]`,
		"<svg><path d='x'/><g/>t</svg>":       `["t"]`,
		"<textarea><b>&lt;</textarea>z":       `["<b><z"]`,
		"<head><title>t</title></head>v":      `["v"]`,
	} {
		d, err := ParseHTML(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(t, d, "//body"); got != want && (got != `[]` || want != `[""]`) {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestABadExpressionIsExplainedAtItsPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"", "at 0: the expression is empty; / is the whole document"},
		{"//", "at 2: the expression ends after //"}, {"a//", "at 3: the expression ends after //"}, {"1 +", "at 3: the expression ends after +"}, {"a b", "at 2: want an operator before b"},
		{"//a[", "at 4: the expression ends after ["}, {"//a[@id='1'", "at 3: [ without its closing ]"}, {"//a[]", "at 3: [] has no condition in it"}, {"//a[0]", "at 3: [0] finds nothing: the first is [1]"},
		{"$x", "at 0: an expression has no variables; write {{name}} for one of the collection"}, {"'x", "at 0: ' without its closing '"}, {"count()", "at 0: count() takes one argument, got 0"},
		{"count(1)", "at 6: count() takes nodes"}, {"count(//a", "at 5: ( without its closing )"}, {"concat('a'", "at 6: ( without its closing )"}, {"concat('a')", "at 0: concat() takes 2 arguments at least, got 1"},
		{"matches(., 'x')", "at 0: XPath 1.0 has no matches(); find the value, and judge it with a predicate"}, {"'a'[1]", "at 0: \"a\" is no node, and only nodes have [ ] and / behind them"},
		{"1 | //a", "at 2: | joins nodes, and one of the two is none"}, {"//a == 1", "at 5: two values are compared with one ="}, {"//a && //b", "at 4: unexpected &; both of two is written with and"},
		{"!//a", "at 0: unexpected !; the opposite is written not(…)"}, {"parents::a", "at 0: unknown axis parents; there are ancestor, ancestor-or-self, attribute, child, descendant, descendant-or-self, following, following-sibling, parent, preceding, preceding-sibling, self"},
		{"//a/1", "at 4: want a name, got 1; the first node is written [1]"}, {"//a)", "at 3: unexpected )"}, {"a#", "at 1: unexpected #"}, {"//a/name()", "at 4: a step of a path is a name, or node(), text(), comment(); name() stands before a path or behind it in [ ]"},
		{"substring('a')", "at 0: substring() takes 2 to 3 arguments, got 1"}, {"true(1)", "at 0: true() takes no arguments, got 1"}, {"contains('a')", "at 0: contains() takes 2 arguments, got 1"},
		{strings.Repeat("(", 300), "at 200: the expression is nested deeper than 200 levels"},
	} {
		if got := shown(t, nil, tt.text); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.text, got, tt.want)
		}
	}
	if got, want := shown(t, nil, "fo()"), "at 0: unknown function fo(); there are boolean, "; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s…", got, want)
	}
}

func TestWhatIsNoXMLIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + "\n<x>&b;</x>"
	for _, tt := range []struct{ text, want string }{
		{"<a>\n</b>", "line 2: </b> closes nothing that is open"}, {"<a>", "line 1: <a> is not closed"}, {"<a/><b/>", "line 1: a second root element <b>"}, {"<a/>x", "line 1: text outside the root element"},
		{"", "it has no element"}, {"<!-- x -->", "it has no element"}, {"<s:a/>", "line 1: the prefix s is not declared"}, {"<a s:b='1'/>", "line 1: the prefix s is not declared"},
		{"<a>&nbsp;</a>", "line 1: invalid character entity &nbsp;"}, {bomb, "line 2: invalid character entity &b;, and entities that a document defines itself are not resolved"},
		{"<a><b></a></b>", "line 1: </a> closes nothing that is open"}, {"<a b=1/>", "line 1: unquoted or missing attribute value in element"},
		{strings.Repeat("<a>", 20_000), "line 1: it is nested deeper than 10000 levels"}, {"</a>", "line 1: </a> closes nothing that is open"},
		{"<a>" + strings.Repeat("<b/>", maxNodes) + "</a>", "line 1: it has more than 1000000 nodes"},
	} {
		_, err := ParseXML(tt.text)
		if got := fmt.Sprint(err); got != tt.want {
			t.Errorf("%.40q: got %s, want %s", tt.text, got, tt.want)
		}
	}
	if _, err := ParseXML("\ufeff<?xml version='1.0' encoding='latin1'?>\n<!DOCTYPE a SYSTEM 'http://nowhere.test/a.dtd'>\n<a b='1' c=\"&#65;&lt;\"><![CDATA[<x>]]>y</a>\n<!-- end -->\n"); err != nil {
		t.Error(err)
	}
}

func TestNoDocumentAndNoExpressionTakesForever(t *testing.T) {
	t.Parallel()
	deep, err := ParseXML(strings.Repeat("<a>", 3000) + strings.Repeat("</a>", 3000))
	if err != nil {
		t.Fatal(err)
	}
	const text = "//a//a//a[.//a[.//a]]"
	if got, want := shown(t, deep, text), text+" looks at more than 20000000 nodes"; got != want {
		t.Errorf("got %.100s, want %s", got, want)
	}
	for _, hostile := range []string{strings.Repeat("<", 1<<18), strings.Repeat("<p ", 1<<18), "<p " + strings.Repeat("a1 ", 1<<17), strings.Repeat("<div>", 1<<16), strings.Repeat("</a", 1<<17), strings.Repeat("<title>", 1<<18)} {
		if _, err := ParseHTML(hostile); err != nil {
			t.Errorf("%.10s…: %v", hostile, err)
		}
	}
}

func TestADocumentAndAnExpressionServeManyGoroutines(t *testing.T) {
	t.Parallel()
	d, err := ParseXML(order)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Compile("sum(//price[. > 1] | //item[contains(., '10')])")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if v, err := e.Evaluate(d); v != 13.5 || err != nil {
					t.Errorf("got %v, %v", v, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestADocumentSaysWhatItConsistsOf(t *testing.T) {
	t.Parallel()
	d, err := ParseXML(order)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(d.Names(), " "), "order item b n:note price empty"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzNothingBreaksAnEvaluation(f *testing.F) {
	for _, s := range []string{"//item[last()]/@id", "substring('a', 1.5)", "a[b][1] | ../c", "-1 mod 2 * 3", "id('x')/ancestor::node()", "processing-instruction('x')"} {
		f.Add(s, order)
		f.Add(s, page)
	}
	f.Fuzz(func(t *testing.T, text, doc string) {
		e, err := Compile(text)
		var syntax *SyntaxError
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		html, err := ParseHTML(doc)
		if err != nil {
			t.Skip()
		}
		docs := []*Document{html}
		if x, err := ParseXML(doc); err == nil {
			docs = append(docs, x)
		}
		for _, d := range docs {
			v, err := e.Evaluate(d)
			set, isSet := v.(Nodes)
			if err == nil && isSet != (e.Kind() == NodeSet) {
				t.Fatalf("%q: got %T of kind %v", text, v, e.Kind())
			}
			for i := 1; i < len(set); i++ {
				if set[i].order <= set[i-1].order {
					t.Fatalf("%q: out of order", text)
				}
			}
		}
	})
}

func BenchmarkFindingInABundle(b *testing.B) {
	text := "<Bundle xmlns='http://hl7.org/fhir'>" + strings.Repeat("<entry><resource><Patient><id value='1'/><name><family value='Smith'/></name></Patient></resource></entry>", 50) + "</Bundle>"
	e, err := Compile("//Patient/name/family/@value")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		d, err := ParseXML(text)
		if err != nil {
			b.Fatal(err)
		}
		if v, err := e.Evaluate(d); err != nil || len(v.(Nodes)) != 50 {
			b.Fatal(v, err)
		}
	}
}

func TestTheLastTextOfADocumentIsPartOfIt(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"<a>x</a>":                  `["x"]`,
		"<a><b>x</b>y</a>":          `["xy"]`,
		"<a>x</a><!-- c -->\n":      `["x"]`,
		"<a>x<!-- c -->y</a><?go?>": `["xy"]`,
		"<a/>":                      `[""]`,
	} {
		d, err := ParseXML(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := shown(t, d, "/a"); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
