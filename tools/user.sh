#!/bin/sh
# Accounts for `make run`, under RUN_DIR (default ./run); safe while it runs.
#
#	user.sh user NAME PASS		one account, or its new password
#	user.sh users '' '' N		user0001@example.test ... with password "pass"
#
# Mail is at RUN_DIR/mail/NAME/Maildir, owned by whoever runs this. The many share
# a cheap hash: they are for trying out load, not for people.
set -eu

run=${RUN_DIR:-run}
tools=$(cd "$(dirname "$0")/.." && pwd)
bin=${BUILD:-$tools/build}/bin
what=${1:?usage: user.sh user NAME PASS, or user.sh users "" "" N}
name=${2-} pass=${3-} count=${4-}

umask 077
mkdir -p "$run/mail"
run=$(cd "$run" && pwd)
source=$run/userdb
owner="uid=$(id -u)|gid=$(id -g)"

case $what in
user)
	[ -n "$name" ] && [ -n "$pass" ] || { echo "give NAME= and PASS=" >&2; exit 64; }
	case $name in
	*/* | .*) echo "$name cannot be the name of an account here" >&2; exit 64 ;;
	esac
	printf '%s\n' "$pass" | "$bin/userdbpw" | "$bin/userdb" "$name" -f "$source" \
		set "uid=$(id -u)" "gid=$(id -g)" "home=$run/mail/$name" "mail=$run/mail/$name/Maildir" systempw
	mkdir -p "$run/mail/$name"
	echo "$name can log in to what runs in $run, with mail in $run/mail/$name/Maildir"
	;;
users)
	case $count in
	'' | *[!0-9]*) echo "give N=, how many" >&2; exit 64 ;;
	esac
	hash=$(echo pass | "$bin/userdbpw" -sha256)
	(
		flock 9
		touch "$source"
		# Those of an earlier time are written anew, all others kept.
		awk -F '\t' '$1 !~ /^user[0-9]+@example\.test$/' "$source" >"$source.new"
		awk -v n="$count" -v owner="$owner" -v mail="$run/mail" -v hash="$hash" 'BEGIN {
			for (i = 1; i <= n; i++) {
				name = sprintf("user%04d@example.test", i)
				printf "%s\t%s|home=%s/%s|mail=%s/%s/Maildir|systempw=%s\n",
					name, owner, mail, name, mail, name, hash
			}
		}' >>"$source.new"
		mv "$source.new" "$source"
	) 9>"$run/.lock.userdb"
	;;
*)
	echo "user.sh: $what?" >&2
	exit 64
	;;
esac
"$bin/makeuserdb" -f "$source"
