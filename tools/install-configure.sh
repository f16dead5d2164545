#!/bin/sh
# Settings for the version that was installed: usage: install-configure.sh DESTDIR PREFIX
#
# NAME.conf is made anew from what NAME.conf.dist holds and what the operator has set in the old NAME.conf, which is
# kept as NAME.conf.bak. A NAME.conf of some other form is not merged, only kept as NAME.conf.bak.
# Where there is none, one is made that suits this installation. Nothing is changed that would not change.
set -eu
dest=$1 prefix=$2
. tools/install-paths.sh
umask 022
cd "$dest$etc"

program() {
	case $1 in
	posthousectl) echo "$dest$prefix/bin/posthousectl" ;;
	*) echo "$dest$prefix/sbin/posthouse-$1" ;;
	esac
}

# What differs from the programs' own defaults, for a host of its own.
first_settings() {
	case $1 in
	storesvc)
		echo "HTTP_LISTEN=127.0.0.1:9403"
		echo "REDIS_URL=redis://127.0.0.1:6379"
		;;
	authsvc)
		echo "HTTP_LISTEN=127.0.0.1:9402"
		echo "USERDB=$etc/accounts/userdb"
		echo "REDIS_URL=redis://127.0.0.1:6379"
		;;
	outboxsvc)
		echo "HTTP_LISTEN=127.0.0.1:9404"
		;;
	frontend)
		echo "HTTP_LISTEN=127.0.0.1:9401"
		echo "REDIS_URL=redis://127.0.0.1:6379"
		echo "TLS_CERTFILE=$etc/frontend.pem"
		;;
	posthousectl)
		echo "ADMIN_KEY=$etc/admin.key"
		[ "$run" != /run/posthouse ] || return 0
		echo "FRONTENDS=ipc://$run/frontend/rpc"
		echo "AUTH=ipc://$run/authsvc/rpc"
		echo "STORES=store1=ipc://$run/storesvc/rpc"
		echo "OUTBOX=ipc://$run/outboxsvc/rpc"
		echo "NEW_HOME=$mail/%a"
		;;
	esac
	[ "$1" = posthousectl ] || echo "ADMIN_PUBLIC_KEYS=$etc/admin.pub"
	[ "$run" != /run/posthouse ] || return 0
	case $1 in
	storesvc)
		echo "LISTEN=ipc://$run/storesvc/rpc"
		echo "MAILDIR_ROOT=$mail"
		echo "TICKET_PUBLIC_KEYS=$etc/ticket.pub"
		;;
	authsvc)
		echo "LISTEN=ipc://$run/authsvc/rpc"
		echo "TICKET_KEY=$etc/ticket.key"
		;;
	outboxsvc) echo "LISTEN=ipc://$run/outboxsvc/rpc" ;;
	frontend)
		echo "LISTEN=ipc://$run/frontend/rpc"
		echo "AUTH=ipc://$run/authsvc/rpc"
		echo "STORES=store1=ipc://$run/storesvc/rpc"
		;;
	esac
}

# The sockets of earlier versions were in one directory; now each service's is in a directory of its own.
move_sockets() {
	for socket in $services; do
		set -- "$@" -e "/^[A-Z]*=/s|ipc://$run/$socket\\([, \"]\\)|ipc://$run/$socket/rpc\\1|g; /^[A-Z]*=/s|ipc://$run/$socket\$|ipc://$run/$socket/rpc|"
	done
	conf_file=$1
	shift
	sed "$@" "$conf_file" >"$conf_file.moved"
}

# The mode and owner of the file that is replaced stay as they are.
replace() {
	if cmp -s "$1.new" "$1"; then
		rm -f "$1.new"
		return
	fi
	if [ -e "$1" ]; then
		chmod --reference="$1" "$1.new"
		chown --reference="$1" "$1.new" 2>/dev/null || true
		cp -p "$1" "$1.bak"
	fi
	# Passwords of databases and of Redis are in them: "posthouse setup" gives each to the group of its service.
	[ "$1" = posthousectl.conf ] || for file in "$1.new" "$1.bak"; do
		[ ! -e "$file" ] || chmod o= "$file"
	done
	mv "$1.new" "$1"
}

for name in $services posthousectl; do
	conf=$name.conf
	if [ ! -e "$conf" ]; then
		first_settings "$name" >"$conf.seed"
		"$(program "$name")" --merge-conf="$conf.seed" >"$conf.new" 2>/dev/null
		rm -f "$conf.seed"
		echo "$dest$etc/$conf: new"
	elif move_sockets "$conf" && "$(program "$name")" --merge-conf="$conf.moved" >"$conf.new" 2>"$conf.notes"; then
		sed "s|^|$dest$etc/$conf: |" "$conf.notes"
	else
		cat "$conf.notes" >&2
		echo "$dest$etc/$conf is of another form: it is $conf.bak now, and nothing was taken over from it" >&2
		first_settings "$name" >"$conf.seed"
		"$(program "$name")" --merge-conf="$conf.seed" >"$conf.new" 2>/dev/null
		rm -f "$conf.seed"
	fi
	rm -f "$conf.notes" "$conf.moved"
	replace "$conf"
done
[ -e posthouse.conf ] || cp posthouse.conf.dist posthouse.conf
echo "Look through $dest$etc/*.conf, then: $prefix/sbin/posthouse start"
