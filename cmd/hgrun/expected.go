package main

import (
	"sync"
	"sync/atomic"

	"github.com/hgrun/hgrun/runner"
)

// expecting returns what says how many requests of the jobs will be reported; 0 as long as nobody knows. They are counted beside the run, from
// the first time that somebody asks: files of data are read for it.
func expecting(jobs []runner.Job) func() int {
	var all atomic.Int64
	start := sync.OnceFunc(func() { go func() { all.Store(int64(expected(jobs))) }() })
	return func() int {
		start()
		return int(all.Load())
	}
}

// expected returns how many requests will be reported; 0 where only the run can tell.
func expected(jobs []runner.Job) int {
	all := 0
	for _, job := range jobs {
		rows := 1
		if data := job.Collection.Data; data != nil {
			rows = data.Counted(known(job))
		}
		n := runner.Expected(job.Collection, rows)
		if n == 0 {
			return 0
		}
		all += n
	}
	return all
}
