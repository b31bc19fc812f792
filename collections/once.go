package collections

// Once is here only for the build.
type Once struct{}
