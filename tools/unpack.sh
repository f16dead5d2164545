#!/bin/sh
# Debian packages unpacked, not installed: for programs that would be in each other's way.
#	usage: unpack.sh DIRECTORY PACKAGE...
# What is in DIRECTORY already is not fetched again.
set -eu

to=$1
shift
mkdir -p "$to/.done"
for package in "$@"; do
	[ ! -e "$to/.done/$package" ] || continue
	fetched=$(mktemp -d)
	(cd "$fetched" && { apt-get download -q "$package" || { apt-get update -q && apt-get download -q "$package"; }; } >&2)
	dpkg -x "$fetched"/*.deb "$to"
	rm -rf "$fetched"
	touch "$to/.done/$package"
done
