package vars

import (
	"math/big"
	"strconv"
	"strings"
)

// currencies are names, codes of ISO 4217 and symbols, three of a kind.
const (
	currencyNames   = "Australian Dollar|Baht|Brazilian Real|Canadian Dollar|Danish Krone|Euro|Forint|Indian Rupee|Krona|Mexican Peso|New Zealand Dollar|Norwegian Krone|Pound Sterling|Rand|Swiss Franc|US Dollar|Won|Yen|Zloty"
	currencyCodes   = "AUD|BRL|CAD|CHF|DKK|EUR|GBP|HUF|INR|JPY|KRW|MXN|NOK|NZD|PLN|SEK|THB|USD|ZAR"
	currencySymbols = "$|£|¥|€|₩|₹|฿|kr|zł|Ft|R|R$|CHF"
	base58          = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
)

func moneyNames() family {
	return family{
		texts: map[string]func(draw) string{
			"$randomBankAccount": func(d draw) string { return d.digits(8) },
			"$randomBankAccountName": func(d draw) string {
				return d.pick("Auto Loan|Checking|Credit Card|Home Loan|Investment|Money Market|Personal Loan|Savings") + " Account"
			},
			"$randomCreditCardMask": func(d draw) string { return d.digits(4) },
			"$randomBankAccountBic": func(d draw) string {
				return d.of(4, capitals) + d.pick(countryCodes) + d.of(1, capitals) + d.of(1, digits[2:])
			},
			"$randomBankAccountIban": draw.iban,
			"$randomTransactionType": func(d draw) string { return d.pick("deposit|invoice|payment|refund|transfer|withdrawal") },
			"$randomCurrencyCode":    func(d draw) string { return d.pick(currencyCodes) },
			"$randomCurrencyName":    func(d draw) string { return d.pick(currencyNames) },
			"$randomCurrencySymbol":  func(d draw) string { return d.pick(currencySymbols) },
			"$randomBitcoin":         func(d draw) string { return d.pick("1|3") + d.of(d.between(25, 33), base58) },
		},
		fresh: map[string]func(draw) string{
			"$randomPrice": func(d draw) string { return d.decimal(0, 1000, 2) },
		},
	}
}

// iban returns an account number of the length that its country has, with check digits that are right (ISO 13616).
func (d draw) iban() string {
	country, size, _ := strings.Cut(d.pick("AT 16|BE 12|CH 17|DE 18|DK 14|EE 16|ES 20|FI 14|LT 16|LU 16|NO 11|PL 24|PT 21|SE 20"), " ")
	n, _ := strconv.Atoi(size)
	account := d.digits(n)
	var number strings.Builder
	number.WriteString(account)
	for _, letter := range country {
		number.WriteString(strconv.Itoa(int(letter-'A') + 10))
	}
	number.WriteString("00")
	whole, _ := new(big.Int).SetString(number.String(), 10)
	check := 98 - whole.Mod(whole, big.NewInt(97)).Int64()
	return country + strconv.Itoa(int(100 + check))[1:] + account
}

const (
	bsVerbs         = "align|balance|bundle|connect|deliver|embrace|enable|extend|gather|harness|iterate|leverage|map|merge|monetize|orchestrate|reinvent|repurpose|scale|streamline|unlock"
	bsAdjectives    = "agile|bold|clean|collaborative|dynamic|end-to-end|frictionless|global|holistic|integrated|killer|lean|modular|next-level|open|proactive|real-time|robust|seamless|strategic|turn-key"
	bsNouns         = "architectures|channels|communities|content|deliverables|experiences|functions|initiatives|markets|metrics|models|networks|partnerships|platforms|portals|processes|schemas|services|systems|users|workflows"
	phraseAdjective = "Adaptive|Advanced|Balanced|Central|Cloned|Configurable|Distributed|Ergonomic|Expanded|Focused|Future-proofed|Grounded|Horizontal|Innovative|Managed|Monitored|Optional|Persistent|Reactive|Self-enabling|Shared|Upgradable|Versatile"
	phraseDescribes = "24 hour|asynchronous|bandwidth-monitored|bottom-line|client-driven|composite|context-aware|didactic|explicit|fault-tolerant|fresh-thinking|heuristic|high-level|homogeneous|logistical|modular|multi-tasking|neutral|object-oriented|tangible|uniform|web-enabled"
	phraseNouns     = "access|adapter|alliance|approach|archive|array|benchmark|capability|circuit|collaboration|concept|database|encoding|framework|hub|interface|matrix|middleware|open architecture|paradigm|protocol|secured line|toolset|workforce"
	companyEnds     = "and Sons|Group|Inc|LLC"
)

func companyNames() family {
	return family{texts: map[string]func(draw) string{
		"$randomCompanyName":   draw.company,
		"$randomCompanySuffix": func(d draw) string { return d.pick(companyEnds) },
		"$randomBs":            func(d draw) string { return d.pick(bsVerbs) + " " + d.pick(bsAdjectives) + " " + d.pick(bsNouns) },
		"$randomBsAdjective":   func(d draw) string { return d.pick(bsAdjectives) },
		"$randomBsBuzz":        func(d draw) string { return d.pick(bsVerbs) },
		"$randomBsNoun":        func(d draw) string { return d.pick(bsNouns) },
		"$randomCatchPhrase": func(d draw) string {
			return d.pick(phraseAdjective) + " " + d.pick(phraseDescribes) + " " + d.pick(phraseNouns)
		},
		"$randomCatchPhraseAdjective":  func(d draw) string { return d.pick(phraseAdjective) },
		"$randomCatchPhraseDescriptor": func(d draw) string { return d.pick(phraseDescribes) },
		"$randomCatchPhraseNoun":       func(d draw) string { return d.pick(phraseNouns) },
	}}
}

func (d draw) company() string {
	switch d.IntN(3) {
	case 0:
		return d.lastName() + " " + d.pick(companyEnds)
	case 1:
		return d.lastName() + " - " + d.lastName()
	}
	return d.lastName() + ", " + d.lastName() + " and " + d.lastName()
}

const (
	products    = "Ball|Bench|Bike|Blanket|Bottle|Bowl|Candle|Chair|Clock|Cup|Desk|Gloves|Hat|Jacket|Kettle|Keyboard|Lamp|Mouse|Pencil|Pillow|Plate|Scarf|Shelf|Shoes|Soap|Table|Towels|Umbrella"
	qualities   = "Compact|Durable|Elegant|Fine|Generic|Handmade|Light|Modern|Practical|Quiet|Refined|Rustic|Simple|Sleek|Small|Smart|Sturdy|Unbranded"
	materials   = "Bamboo|Bronze|Clay|Concrete|Copper|Cork|Cotton|Felt|Glass|Granite|Leather|Linen|Metal|Plastic|Rubber|Steel|Stone|Wooden|Wool"
	departments = "Automotive|Baby|Beauty|Books|Clothing|Computers|Electronics|Games|Garden|Grocery|Health|Home|Industrial|Jewelry|Kids|Movies|Music|Outdoors|Shoes|Sports|Tools|Toys"
)

func productNames() family {
	return family{texts: map[string]func(draw) string{
		"$randomProduct":          func(d draw) string { return d.pick(products) },
		"$randomProductAdjective": func(d draw) string { return d.pick(qualities) },
		"$randomProductMaterial":  func(d draw) string { return d.pick(materials) },
		"$randomProductName":      func(d draw) string { return d.pick(qualities) + " " + d.pick(materials) + " " + d.pick(products) },
		"$randomDepartment":       func(d draw) string { return d.pick(departments) },
		"$randomDatabaseColumn": func(d draw) string {
			return d.pick("avatar|category|comment|createdAt|email|group|id|name|password|phone|status|title|token|updatedAt")
		},
		"$randomDatabaseType": func(d draw) string {
			return d.pick("bigint|binary|bit|blob|boolean|date|datetime|decimal|double|enum|float|int|point|serial|set|smallint|text|time|timestamp|tinyint|varchar")
		},
		"$randomDatabaseCollation": func(d draw) string {
			return d.pick("ascii_bin|ascii_general_ci|cp1250_bin|cp1250_general_ci|utf8_bin|utf8_general_ci|utf8_unicode_ci|utf8mb4_bin|utf8mb4_general_ci")
		},
		"$randomDatabaseEngine": func(d draw) string { return d.pick("ARCHIVE|BLACKHOLE|CSV|InnoDB|MEMORY|MyISAM") },
	}}
}
