#!/bin/sh
# The Secrets that the manifests name, as YAML on standard output.
#
#	usage: make-secrets.sh DIR [-n NAME] [-c CERT -k KEY] [-d CONNECTION] [-r]
#
#	make-secrets.sh secrets -n mail.example.com | kubectl apply -n posthouse -f -
#
# What is made is kept in DIR, and kept when it is there already: a second run gives the same. DIR/ca.key is the root of all
# trust among the services; keep DIR where you keep such things, not in the cluster and not in git.
#
#	posthouse-rpc-SERVICE	its certificate for calls among services, from a CA of our own
#	posthouse-tls		what mail clients see: CERT and KEY, or self-signed for NAME
#	posthouse-tls-tickets	keys of TLS session tickets, the same for all frontends; -r puts a new one first
#	posthouse-ticket-key	what authsvc signs tickets with; posthouse-ticket-public what storesvc checks them with
#	posthouse-operators	whose orders are obeyed: DIR/admin.key is for posthousectl and stays out of the cluster
#	posthouse-database	libpq's CONNECTION to the accounts, or one to the dev overlay's PostgreSQL
set -eu
umask 077

dir=${1:?usage: make-secrets.sh DIR [-n NAME] [-c CERT -k KEY] [-d CONNECTION] [-r]}
shift
name=localhost cert='' key='' connection='' rotate=''
while getopts n:c:k:d:r option; do
	case $option in
	n) name=$OPTARG ;;
	c) cert=$OPTARG ;;
	k) key=$OPTARG ;;
	d) connection=$OPTARG ;;
	r) rotate=yes ;;
	*) exit 64 ;;
	esac
done
mkdir -p "$dir"

# Everything but the YAML goes to standard error.
quietly() {
	"$@" 2>"$dir/log" >&2 || { cat "$dir/log" >&2; exit 1; }
	rm -f "$dir/log"
}

new_key() {	# FILE
	quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

# A certificate for both ends of a call; what its service may call at others is its role.
rpc_certificate() {	# SERVICE NAMES [ROLE]
	"$(dirname "$0")/../../tools/make-rpc-cert.sh" "$dir" "$@"
}
rpc_certificate frontend DNS:frontend,DNS:frontend-rpc frontend
rpc_certificate authsvc DNS:authsvc
rpc_certificate storesvc "DNS:storesvc,DNS:*.storesvc"
rpc_certificate outboxsvc DNS:outboxsvc outbox
rpc_certificate posthousectl DNS:posthousectl operator

for pair in ticket admin; do
	[ -e "$dir/$pair.key" ] || quietly openssl genpkey -algorithm ed25519 -out "$dir/$pair.key"
	quietly openssl pkey -in "$dir/$pair.key" -pubout -out "$dir/$pair.pub"
done

# The first encrypts; the two before it still open what clients have.
[ -e "$dir/tls-tickets" ] || rotate=yes
if [ -n "$rotate" ]; then
	{ openssl rand -hex 80; [ ! -e "$dir/tls-tickets" ] || head -n 2 "$dir/tls-tickets"; } >"$dir/tls-tickets.new"
	mv "$dir/tls-tickets.new" "$dir/tls-tickets"
fi

if [ -n "$cert" ]; then
	cp "$cert" "$dir/tls.crt"
	cp "$key" "$dir/tls.key"
elif [ ! -e "$dir/tls.crt" ]; then
	new_key "$dir/tls.key"
	quietly openssl req -x509 -new -key "$dir/tls.key" -days 825 -subj "/CN=$name" \
		-addext "subjectAltName=DNS:$name" -out "$dir/tls.crt"
fi

if [ ! -e "$dir/database-password" ]; then
	openssl rand -hex 16 | tr -d '\n' >"$dir/database-password"
fi
[ -n "$connection" ] ||
	connection="host=postgresql dbname=posthouse user=posthouse password=$(cat "$dir/database-password")"
printf '%s' "$connection" >"$dir/database-connection"

secret() {	# NAME TYPE KEY=FILE ...
	printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: %s\ndata:\n' "$1" "$2"
	shift 2
	for pair in "$@"; do
		printf '  %s: %s\n' "${pair%%=*}" "$(base64 -w0 <"$dir/${pair#*=}")"
	done
}
for service in frontend authsvc storesvc outboxsvc posthousectl; do
	secret "posthouse-rpc-$service" kubernetes.io/tls "tls.crt=$service.crt" "tls.key=$service.key" ca.crt=ca.crt
done
secret posthouse-tls kubernetes.io/tls tls.crt=tls.crt tls.key=tls.key
secret posthouse-ticket-key Opaque ticket.key=ticket.key
secret posthouse-ticket-public Opaque ticket.pub=ticket.pub
secret posthouse-tls-tickets Opaque keys=tls-tickets
secret posthouse-operators Opaque admin.pub=admin.pub
secret posthouse-database Opaque connection=database-connection password=database-password
