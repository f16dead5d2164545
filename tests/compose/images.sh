#!/bin/bash
# The images that deploy/docker names but does not build.	usage: images.sh
#
# What is there is used; what is not is pulled; what cannot be pulled is made from Debian's packages
# under the same name.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=tests/debian.sh
. ../debian.sh

errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

debian_slim() {
	local options path
	mapfile -t options < <(debian_apt_conf | sed 's/^\([^ ]*\) \(".*"\);$/--aptopt=\1 \2/')
	for path in doc man locale info groff lintian; do
		options+=("--dpkgopt=path-exclude=/usr/share/$path/*")
	done
	debian_sources | mmdebstrap --quiet --variant=minbase "${options[@]}" bookworm - - |
		docker import - debian:12-slim >/dev/null
}

make_image() { # IMAGE
	case $1 in
	debian:12-slim) debian_slim ;;
	*) local name=${1%%:*}
	   docker build --quiet --network host --tag "$1" "images/${name##*/}" >/dev/null 2>"$errors" ||
		{ cat "$errors"; return 1; } ;;
	esac
}

for image in debian:12-slim redis:7.0 postgres:15 haproxy:2.6 prom/prometheus:v2.42.0; do
	if docker image inspect "$image" >/dev/null 2>&1; then
		continue
	elif timeout 120 docker pull --quiet "$image" >/dev/null 2>&1; then
		echo "image: $image was pulled"
	else
		echo "image: $image cannot be pulled, it is made from Debian's packages"
		make_image "$image"
	fi
done
