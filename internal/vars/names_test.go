package vars

import "testing"

func TestAURLShowsNoSecretByName(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, url, want string }{
		{"no query", "https://h/a", "https://h/a"},
		{"nothing secret", "https://h/a?family=Okafor&x", "https://h/a?family=Okafor&x"},
		{"a token", "https://h/a?q=1&access_token=s3cr3t-abc&b=2", "https://h/a?q=1&access_token=" + Mask("access_token", "s3cr3t-abc") + "&b=2"},
		{"whatever the case", "https://h/a?Token=s3cr3t-abc", "https://h/a?Token=" + Mask("Token", "s3cr3t-abc")},
		{"a variable", "https://h/a?token={{token}}", "https://h/a?token={{token}}"},
		{"empty", "https://h/a?token=&token", "https://h/a?token=&token"},
		{"before a fragment", "https://h/a?sig=s3cr3t-abc#top", "https://h/a?sig=" + Mask("sig", "s3cr3t-abc") + "#top"},
	} {
		if got := MaskQuery(row.url); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
}
