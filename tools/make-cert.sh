#!/bin/sh
# A self-signed certificate and its key in one PEM file, for trying things out.
# Never overwrites.	usage: make-cert.sh FILE [NAME]
set -eu
file=$1
name=${2:-localhost}
[ -e "$file" ] && exit 0
umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -sha256 \
	-subj "/CN=$name" -addext "subjectAltName=DNS:$name,IP:127.0.0.1" \
	-keyout "$file.key" -out "$file.crt" 2>/dev/null
cat "$file.crt" "$file.key" >"$file.new"
rm -f "$file.key"
mv "$file.new" "$file"
