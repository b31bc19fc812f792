package vars

import (
	"net/url"
	"strconv"
	"strings"
)

const (
	domainWords = "alder|amrin|barlow|brandt|calder|carnow|dahlen|dorne|elmore|fenwick|garran|halden|harrow|ilves|jarrow|kestrel|lindow|lorne|merrick|norden|orlow|perrin|quade|rowan|selby|tarrow|thorne|varga|wallin|yarrow|zeller"
	languages   = "af|ar|az|bg|cs|da|de|el|en|es|et|fa|fi|fr|ga|ge|he|hr|hu|hy|id|is|it|ja|ka|ko|lt|lv|mk|nb|ne|nl|pl|pt|ro|ru|sk|sl|sr|sv|th|tr|uk|vi|zh"
)

// netNames are what names things on a network. Mail goes to domains that are kept for examples (RFC 2606, section 3).
func netNames() family {
	email := func(d draw) string { return d.userName() + "@" + d.pick("example.com|example.net|example.org") }
	return family{texts: map[string]func(draw) string{
		"$randomIP":           draw.ip,
		"$randomIPV6":         func(d draw) string { return d.groups(8, 4) },
		"$randomMACAddress":   func(d draw) string { return d.groups(6, 2) },
		"$randomLocale":       func(d draw) string { return d.pick(languages) },
		"$randomUserAgent":    draw.userAgent,
		"$randomProtocol":     func(d draw) string { return d.pick("http|https") },
		"$randomSemver":       func(d draw) string { return d.digits(1) + "." + d.digits(1) + "." + d.digits(1) },
		"$randomDomainName":   draw.domain,
		"$randomDomainSuffix": func(d draw) string { return d.pick(domainSuffixes) },
		"$randomDomainWord":   func(d draw) string { return d.pick(domainWords) },
		"$randomEmail":        email,
		"$randomExampleEmail": email,
		"$randomUrl":          func(d draw) string { return d.pick("http|https") + "://" + d.domain() },
	}}
}

const domainSuffixes = "biz|com|info|name|net|org"

func (d draw) domain() string { return d.pick(domainWords) + "." + d.pick(domainSuffixes) }

func (d draw) ip() string {
	parts := make([]string, 4)
	for i := range parts {
		parts[i] = strconv.Itoa(d.IntN(256))
	}
	return strings.Join(parts, ".")
}

// groups returns n groups of hexadecimal digits.
func (d draw) groups(n, size int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = d.of(size, hexes)
	}
	return strings.Join(parts, ":")
}

func (d draw) userAgent() string {
	system := d.pick("X11; Linux x86_64|Windows NT 10.0; Win64; x64|Macintosh; Intel Mac OS X 10_15_7")
	version := strconv.Itoa(d.between(110, 150)) + ".0"
	if d.IntN(2) == 0 {
		return "Mozilla/5.0 (" + system + "; rv:" + version + ") Gecko/20100101 Firefox/" + version
	}
	return "Mozilla/5.0 (" + system + ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" + version + ".0.0 Safari/537.36"
}

// imageNames are addresses of images, all of a domain that is kept for examples.
func imageNames() family {
	const host = "https://images.example.com"
	texts := map[string]func(draw) string{
		"$randomAvatarImage":  func(d draw) string { return host + "/avatars/" + d.pick(domainWords) + d.digits(2) + "/128.jpg" },
		"$randomImageUrl":     func(draw) string { return host + "/640/480" },
		"$randomImageDataUri": draw.dataURI,
	}
	for name, subject := range map[string]string{
		"$randomAbstractImage": "abstract", "$randomAnimalsImage": "animals", "$randomBusinessImage": "business", "$randomCatsImage": "cats",
		"$randomCityImage": "city", "$randomFoodImage": "food", "$randomNightlifeImage": "nightlife", "$randomFashionImage": "fashion",
		"$randomPeopleImage": "people", "$randomNatureImage": "nature", "$randomSportsImage": "sports", "$randomTransportImage": "transport",
	} {
		texts[name] = func(draw) string { return host + "/640/480/" + subject }
	}
	return family{texts: texts}
}

// dataURI returns an image that needs no network: a field of one colour.
func (d draw) dataURI() string {
	svg := `<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="640" height="480"><rect width="100%" height="100%" fill="#` + d.of(6, hexes) + `"/></svg>`
	return "data:image/svg+xml;charset=UTF-8," + strings.ReplaceAll(url.QueryEscape(svg), "+", "%20")
}

const (
	commonExtensions = "gif|htm|html|jpeg|jpg|m2a|m2v|mp2|mp3|mp4|mpeg|mpg|pdf|png|wav"
	extensions       = "atom|avi|bin|bmp|book|cpio|csv|doc|epub|flac|gdoc|ics|jar|json|mid|odt|ogg|rtf|svg|tar|tif|txt|vcf|war|webm|xml|yaml|zip"
	commonKinds      = "application|audio|image|text|video"
	kinds            = "application|audio|font|image|message|model|multipart|text|video"
	mimeTypes        = "application/fhir+json|application/gzip|application/json|application/pdf|application/xml|application/zip|audio/flac|audio/mpeg|audio/ogg|font/woff2|image/gif|image/jpeg|image/png|image/svg+xml|model/gltf+json|text/calendar|text/csv|text/html|text/plain|video/mp4|video/mpeg|video/webm"
	folders          = "/bin|/boot|/dev|/etc|/etc/ppp|/home|/home/user|/lib|/media|/mnt|/opt|/opt/bin|/root|/sbin|/srv|/sys|/tmp|/usr|/usr/bin|/usr/lib|/usr/share|/var|/var/log|/var/mail"
)

func fileNames() family {
	stem := func(d draw) string { return d.pick(wordAdjectives) + "_" + d.pick(wordNouns) }
	file := func(list string) func(draw) string {
		return func(d draw) string { return strings.ReplaceAll(stem(d), "-", "_") + "." + d.pick(list) }
	}
	return family{texts: map[string]func(draw) string{
		"$randomFileName":       file(extensions),
		"$randomFileType":       func(d draw) string { return d.pick(kinds) },
		"$randomFileExt":        func(d draw) string { return d.pick(extensions) },
		"$randomCommonFileName": file(commonExtensions),
		"$randomCommonFileType": func(d draw) string { return d.pick(commonKinds) },
		"$randomCommonFileExt":  func(d draw) string { return d.pick(commonExtensions) },
		"$randomFilePath":       func(d draw) string { return d.pick(folders) + "/" + file(extensions)(d) },
		"$randomDirectoryPath":  func(d draw) string { return d.pick(folders) },
		"$randomMimeType":       func(d draw) string { return d.pick(mimeTypes) },
	}}
}
