# docker build .                  the program, CA certificates, time zones and a folder for temporary files, nothing else
# docker build --target shell .   the same with a shell, for services that start jobs in the image
FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
RUN apk add --no-cache ca-certificates
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -tags timetzdata -ldflags="-s -w" -o /out/usr/local/bin/hgrun ./cmd/hgrun
RUN mkdir -p -m 1777 /out/tmp && mkdir -p -m 0777 /out/work && mkdir -p /out/etc/ssl/certs && cp /etc/ssl/certs/ca-certificates.crt /out/etc/ssl/certs/

FROM alpine:3.22 AS shell
RUN apk add --no-cache ca-certificates git
COPY --from=build /out/usr/local/bin/hgrun /usr/local/bin/hgrun
RUN adduser -D -u 65532 hgrun && mkdir -p /work && chown hgrun /work
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["hgrun"]

FROM scratch AS hgrun
COPY --from=build /out/ /
ENV PATH=/usr/local/bin HOME=/tmp
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["hgrun"]
