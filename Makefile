.PHONY: build test lint golden bench examples fuzz bundle

build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o hgrun ./cmd/hgrun

test:
	go test ./...

lint:
	golangci-lint run

golden:
	go test . ./collections ./expect ./reporters ./cmd/hgrun -update

bench:
	go run ./bench/compare

examples:
	go test -v -run Example ./examples

fuzz:
	./.ci/fuzz 60s

bundle:
	cd internal/script/bundle && npm ci --ignore-scripts && node build.mjs
