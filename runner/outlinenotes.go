package runner

import (
	"fmt"

	"github.com/hgrun/hgrun/collections"
)

// notesOn tells what of a request an outline does not show: how often it is sent, and on what that depends.
func notesOn(p *collections.Preview) []string {
	var notes []string
	for _, of := range p.Loops {
		notes = append(notes, loopNote(of))
	}
	if p.Depends {
		notes = append(notes, "only when its conditions hold, which a run will tell")
	}
	flow := &p.Request.Flow
	switch {
	case flow.Poll != nil:
		notes = append(notes, fmt.Sprintf("sent again every %s until the answer is what is waited for, for %s at most", flow.Poll.Every, flow.Poll.For))
	case flow.Pages != nil && flow.Pages.Given:
		notes = append(notes, fmt.Sprintf("the first page; the others follow, %d at most", flow.Pages.Max))
	case flow.Pages != nil:
		notes = append(notes, "the first page; all others follow")
	case flow.Job != nil:
		notes = append(notes, fmt.Sprintf("where the answer comes later, its status is looked at every %s, for %s at most", flow.Job.Every, flow.Job.For))
	}
	return notes
}

// loopNote says how often a loop runs, and which time of it is shown: "runs 3 times, once for each id; shown is [1001]".
func loopNote(of collections.LoopPreview) string {
	what, value := "runs", of.Loop.Name
	if !of.Own {
		what = "its folder runs"
	}
	often := times(of.Times)
	if of.Times == collections.MostCounted {
		often = fmt.Sprintf("%d times or more", of.Times)
	}
	switch {
	case of.Unknown && value != "":
		return fmt.Sprintf("%s once for each %s, which a run will tell", what, value)
	case value == "":
		return what + " " + often
	case of.Times == 1:
		return fmt.Sprintf("%s once, for %s [%s]", what, value, of.First)
	}
	return fmt.Sprintf("%s %s, once for each %s; shown is [%s]", what, often, value, of.First)
}
