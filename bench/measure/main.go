// Command measure runs one program and prints, as one line of JSON, what it took as a whole process.
//
//	measure [-o FILE] program argument...
//
// It is a program of its own because the kernel starts a child's peak memory at that of the process that made the
// child: measured from a big driver, every small program would look as big as the driver. This one stays below 6 MB.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// sample is one run of a program.
type sample struct {
	WallMS float64 `json:"wall_ms"` // start to exit
	CPUMS  float64 `json:"cpu_ms"`  // user and system, all threads
	PeakMB float64 `json:"peak_mb"` // resident memory, 2^20 bytes; 0 where the system does not tell
	Exit   int     `json:"exit"`
}

func main() {
	out := flag.String("o", os.DevNull, "`file` for what the program prints, both streams")
	flag.Parse()
	s, err := measure(*out, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
		os.Exit(2)
	}
}

// measure runs the program and returns an error only when it could not be run; how it ended is in the sample.
func measure(out string, argv []string) (sample, error) {
	if len(argv) == 0 {
		return sample{}, errors.New("got no program, want one to run")
	}
	f, err := os.Create(out)
	if err != nil {
		return sample{}, err
	}
	defer f.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = f, f
	start := time.Now()
	err = cmd.Run()
	wall := time.Since(start)
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return sample{}, err
	}
	state := cmd.ProcessState
	return sample{
		WallMS: float64(wall) / float64(time.Millisecond),
		CPUMS:  float64(state.UserTime()+state.SystemTime()) / float64(time.Millisecond),
		PeakMB: peakMB(state),
		Exit:   state.ExitCode(),
	}, nil
}
