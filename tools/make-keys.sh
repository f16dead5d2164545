#!/bin/sh
# Make the Ed25519 pairs that tickets and operators' orders are signed with.	usage: make-keys.sh DIR [ticket|admin]
#
# DIR/ticket.key is for authsvc alone, DIR/admin.key for posthousectl alone (both mode 0600); ticket.pub and
# admin.pub are for everybody else. A key that is there is kept: replacing ticket.key ends every session.
set -eu

dir=${1:?usage: make-keys.sh DIR [ticket|admin]}
shift
mkdir -p "$dir"

make_pair() {
	umask 077
	if [ ! -e "$dir/$1.key" ]; then
		openssl genpkey -algorithm ed25519 -out "$dir/$1.key.new"
		# A link fails where a rename would replace: of two at work, one wins.
		ln "$dir/$1.key.new" "$dir/$1.key" || true
		rm -f "$dir/$1.key.new"
	fi
	if [ ! -e "$dir/$1.pub" ]; then
		umask 022
		openssl pkey -in "$dir/$1.key" -pubout -out "$dir/$1.pub.new"
		mv "$dir/$1.pub.new" "$dir/$1.pub"
	fi
}

[ $# -gt 0 ] || set -- ticket admin
for pair in "$@"; do
	make_pair "$pair"
done
