#!/bin/sh
# Installs a release of hgrun into a folder, after comparing its checksum. Usage: install.sh [VERSION [FOLDER]]
#
# VERSION is a tag such as v1.2.3, or latest, which is the default. FOLDER is ~/.local/bin by default and is made.
# HGRUN_RELEASES names another place that serves releases in the same layout: https://mirror.example/hgrun
set -eu

version=${1:-latest}
folder=${2:-$HOME/.local/bin}
releases=${HGRUN_RELEASES:-https://github.com/hgrun/hgrun/releases}

say() { printf 'install hgrun: %s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }
fetch() { curl --fail --silent --show-error --location --retry 3 --output "$2" "$1" || stop "no $1; is $version a release, and is there a way to it?"; }

case $(uname -s) in
Linux) os=linux ;;
Darwin) os=darwin ;;
MINGW* | MSYS* | CYGWIN*) os=windows ;;
*) stop "no release for $(uname -s); go install github.com/hgrun/hgrun/cmd/hgrun@$version builds one" ;;
esac
case $(uname -m) in
x86_64 | amd64) arch=amd64 ;;
arm64 | aarch64) arch=arm64 ;;
*) stop "no release for $(uname -m); go install github.com/hgrun/hgrun/cmd/hgrun@$version builds one" ;;
esac
command -v curl >/dev/null || stop "curl is not installed"

case $version in
latest) from=$releases/latest/download ;;
v[0-9]*) from=$releases/download/$version ;;
*) stop "got version $version, want latest or a tag such as v1.2.3" ;;
esac
archive=hgrun_${os}_$arch.tar.gz program=hgrun
[ "$os" != windows ] || { archive=hgrun_${os}_$arch.zip program=hgrun.exe; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch "$from/checksums.txt" "$work/checksums.txt"
fetch "$from/$archive" "$work/$archive"

want=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$work/checksums.txt")
[ -n "$want" ] || stop "checksums.txt does not name $archive"
if command -v sha256sum >/dev/null; then
	got=$(sha256sum "$work/$archive")
else
	got=$(shasum -a 256 "$work/$archive")
fi
got=${got%% *}
[ "$got" = "$want" ] || stop "$archive has the checksum $got, want $want; nothing was installed"

mkdir -p "$work/out" "$folder"
case $archive in
*.zip) unzip -q "$work/$archive" -d "$work/out" ;;
*) tar -xzf "$work/$archive" -C "$work/out" ;;
esac
mv "$work/out/$program" "$folder/$program"
say "$("$folder/$program" version) in $folder"
