package vars

const (
	firstNames = "Ada|Aldo|Alma|Anton|Arlo|Asta|Bela|Bruno|Carla|Cleo|Dario|Delia|Edda|Elio|Enno|Fania|Felix|Gerd|Greta|Hanno|Hedda|Ilka|Ivo|Jana|Jonas|Kara|Kuno|Lena|Linus|Lotte|Malte|Mira|Nadia|Nils|Oda|Otis|Paula|Piet|Quinn|Rosa|Rufus|Selma|Silas|Tessa|Theo|Ugo|Vera|Viggo|Wanda|Yara|Zeno"
	lastNames  = "Albers|Amrin|Barlow|Belfort|Brandt|Calder|Carnow|Dahlen|Dorne|Eckhart|Elmore|Falk|Fenwick|Garran|Gerber|Halden|Harrow|Ilves|Jansen|Jarrow|Keller|Kestrel|Lindow|Lorne|Marten|Merrick|Norden|Oakes|Orlow|Pahlen|Perrin|Quade|Ravens|Rowan|Sanders|Selby|Tarrow|Thorne|Ullman|Varga|Vester|Wallin|Wendt|Yarrow|Zeller"

	jobAreas       = "Accounts|Assurance|Clinical|Data|Education|Facilities|Finance|Identity|Infrastructure|Intake|Laboratory|Logistics|Markets|Mobility|Operations|Quality|Records|Research|Security|Standards"
	jobDescriptors = "Assistant|Central|Chief|Corporate|District|Forward|Global|Internal|International|Junior|Lead|National|Principal|Regional|Senior"
	jobTypes       = "Administrator|Agent|Analyst|Architect|Consultant|Coordinator|Designer|Developer|Director|Engineer|Liaison|Manager|Officer|Planner|Specialist|Supervisor|Technician"
)

func (d draw) firstName() string { return d.pick(firstNames) }
func (d draw) lastName() string  { return d.pick(lastNames) }

// personNames are people. Phone numbers are of the range that is kept for fiction: 555-0100 to 555-0199.
func personNames() family {
	return family{texts: map[string]func(draw) string{
		"$randomFirstName":      draw.firstName,
		"$randomLastName":       draw.lastName,
		"$randomFullName":       func(d draw) string { return d.firstName() + " " + d.lastName() },
		"$randomNamePrefix":     func(d draw) string { return d.pick("Dr.|Miss|Mr.|Mrs.|Ms.") },
		"$randomNameSuffix":     func(d draw) string { return d.pick("DDS|DVM|I|II|III|IV|Jr.|MD|PhD|Sr.|V") },
		"$randomJobArea":        func(d draw) string { return d.pick(jobAreas) },
		"$randomJobDescriptor":  func(d draw) string { return d.pick(jobDescriptors) },
		"$randomJobTitle":       func(d draw) string { return d.pick(jobDescriptors) + " " + d.pick(jobAreas) + " " + d.pick(jobTypes) },
		"$randomJobType":        func(d draw) string { return d.pick(jobTypes) },
		"$randomPhoneNumber":    draw.phone,
		"$randomPhoneNumberExt": func(d draw) string { return d.of(1, digits[1:]) + d.digits(1) + "-" + d.phone() },
		"$randomUserName":       draw.userName,
		"$randomPassword":       func(d draw) string { return d.of(15, alphanum) },
	}}
}

func (d draw) phone() string { return d.of(1, "23456789") + d.digits(2) + "-555-01" + d.digits(2) }

func (d draw) userName() string {
	name := d.firstName()
	if d.IntN(2) == 0 {
		name += d.pick(".|_") + d.lastName()
	}
	if d.IntN(2) == 0 {
		name += d.digits(2)
	}
	return name
}

const (
	cityStarts = "Alder|Amber|Ash|Birch|Brook|Cedar|Clear|Crane|Dove|Elm|Fair|Fern|Fox|Glen|Hazel|Heron|High|Iron|Lake|Lark|Maple|Marsh|North|Oak|Pine|Quarry|River|Rose|South|Stone|Thorn|West|Willow"
	cityEnds   = "borough|bridge|bury|dale|field|ford|gate|ham|haven|mouth|port|side|stead|ton|view|ville|wick|wood"
	streets    = "Alley|Avenue|Bend|Court|Drive|Island|Lane|Loop|Mews|Parade|Passage|Path|Place|Ridge|Road|Row|Square|Street|Terrace|Trail|Walk|Way"
	countries  = "Argentina|Australia|Austria|Belgium|Botswana|Brazil|Canada|Chile|Denmark|Egypt|Estonia|Finland|France|Georgia|Germany|Ghana|Greece|Iceland|India|Indonesia|Ireland|Italy|Japan|Kenya|Latvia|Mexico|Morocco|Nepal|New Zealand|Norway|Panama|Peru|Poland|Portugal|Senegal|Spain|Sweden|Thailand|Uruguay|Vietnam"
	// countryCodes are of ISO 3166-1.
	countryCodes = "AR|AT|AU|BE|BR|BW|CA|CH|CL|DE|DK|EE|EG|ES|FI|FR|GB|GE|GH|GR|IE|IN|IS|IT|JP|KE|LV|MA|MX|NL|NO|NP|NZ|PA|PE|PL|PT|SE|SN|TH|US|UY|VN|ZA"
)

func (d draw) streetName() string { return d.lastName() + " " + d.pick(streets) }

func placeNames() family {
	return family{
		texts: map[string]func(draw) string{
			"$randomCity":          func(d draw) string { return d.pick(cityStarts) + d.pick(cityEnds) },
			"$randomStreetName":    draw.streetName,
			"$randomStreetAddress": func(d draw) string { return d.of(1, digits[1:]) + d.digits(d.between(1, 4)) + " " + d.streetName() },
			"$randomCountry":       func(d draw) string { return d.pick(countries) },
			"$randomCountryCode":   func(d draw) string { return d.pick(countryCodes) },
		},
		fresh: map[string]func(draw) string{
			"$randomLatitude":  func(d draw) string { return d.decimal(-90, 90, 4) },
			"$randomLongitude": func(d draw) string { return d.decimal(-180, 180, 4) },
		},
	}
}
