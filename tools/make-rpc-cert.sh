#!/bin/sh
# A certificate for both ends of calls among services (tls+tcp://), from an authority of our own that is made the first time.
#	usage: make-rpc-cert.sh DIR SERVICE NAMES [ROLE]
#
#	make-rpc-cert.sh /secrets frontend DNS:frontend frontend
#
# DIR/SERVICE.key and .crt are the service's, DIR/ca.crt is everybody's, and DIR/ca.key is the root of all trust among the
# services: keep it away from them. NAMES are what callers write in their settings. ROLE (frontend, delivery, outbox,
# operator) says what the service may call at others; without one it may call nothing. What is there is kept.
set -eu
umask 077

dir=${1:?usage: make-rpc-cert.sh DIR SERVICE NAMES [ROLE]}
service=$2 names=$3${4:+,URI:posthouse:role/$4}
mkdir -p "$dir"

# Only what goes wrong is worth reading.
quietly() {
	"$@" 2>"$dir/log" >&2 || { cat "$dir/log" >&2; exit 1; }
	rm -f "$dir/log"
}

new_key() {	# FILE
	quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

if [ ! -e "$dir/ca.crt" ]; then
	new_key "$dir/ca.key"
	quietly openssl req -x509 -new -key "$dir/ca.key" -days 3650 -subj "/CN=Posthouse services" \
		-addext "keyUsage=critical,keyCertSign,cRLSign" -out "$dir/ca.crt"
fi
[ ! -e "$dir/$service.crt" ] || exit 0
new_key "$dir/$service.key"
quietly openssl req -new -key "$dir/$service.key" -subj "/CN=$service" -out "$dir/$service.csr"
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$names" >"$dir/$service.ext"
quietly openssl x509 -req -in "$dir/$service.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial \
	-days "${RPC_CERT_DAYS:-825}" -extfile "$dir/$service.ext" -out "$dir/$service.crt.new"
mv "$dir/$service.crt.new" "$dir/$service.crt"
rm -f "$dir/$service.csr" "$dir/$service.ext"
