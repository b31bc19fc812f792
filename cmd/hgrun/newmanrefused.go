package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// refusedOfNewman are options of newman run that mean something that hgrun does not do, with what to do instead.
func refusedOfNewman() map[string]string {
	const look = "the console has one form: -q shows what did not pass alone, -v everything, --silent nothing"
	return map[string]string{
		"postman-api-key":                    "collections are read from files; export them from Postman, or fetch them by its API first",
		"export-collection":                  "a run changes no collection; hgrun export postman writes one, and --export-environment what scripts have set",
		"cookie-jar":                         "every run begins without cookies; a request of setup: brings them",
		"export-cookie-jar":                  "cookies are credentials, and are written nowhere; a request of setup: brings them",
		"ssl-client-cert-list":               "a certificate belongs to an environment: tls: {certificate: …, key: …} in it, or --ssl-client-cert and --ssl-client-key",
		"reporter-json-export":               "Newman's JSON is not written: -r json=FILE and -r ndjson=FILE write that of hgrun",
		"reporter-html-export":               "write -r html=FILE",
		"reporter-htmlextra-export":          "write -r html=FILE",
		"reporter-allure-export":             "write -r allure=FOLDER",
		"reporter-cli-no-summary":            look,
		"reporter-cli-no-failures":           look,
		"reporter-cli-no-assertions":         look,
		"reporter-cli-no-success-assertions": look,
		"reporter-cli-no-console":            look,
		"reporter-cli-no-banner":             look,
		"reporter-cli-show-timestamps":       look,
	}
}

// refused says why an option of Newman is refused that was given, and what to do instead.
func (n *newmanFlags) refused(c *cobra.Command) error {
	var errs []error
	refused := refusedOfNewman()
	c.Flags().Visit(func(f *pflag.Flag) {
		if why, ok := refused[f.Name]; ok {
			errs = append(errs, fmt.Errorf("--%s of newman run: %s", f.Name, why))
		}
	})
	if n.whole < 0 {
		errs = append(errs, fmt.Errorf("--timeout: want milliseconds, got %d", n.whole))
	}
	return errors.Join(errs...)
}
