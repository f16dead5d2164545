#!/bin/sh
# The layering rules, clang-tidy, then the Kubernetes manifests.	usage: lint.sh [FILE.c ...]
set -u
cd "$(dirname "$0")/.."
status=0

complain() {
	echo "lint: $*"
	status=1
}

# A service never includes another service; lib never includes a service.
for part in lib frontend authsvc storesvc outboxsvc; do
	others=$(printf 'frontend\nauthsvc\nstoresvc\noutboxsvc\n' | grep -vx "$part" | paste -sd'|')
	hits=$(git grep -nE "#include \"($others)/" -- "$part/" || true)
	[ -z "$hits" ] || complain "$part reaches into another service:
$hits"
done

# Inside lib: clients -> rpc -> net -> base, service -> rpc, mail -> base.
layer() {	# FOLDER, what it may include besides itself
	hits=$(git grep -nE '#include "[a-z]+/' -- "lib/$1/" |
		grep -vE "#include \"($1|base|proto${2:+|$2})/" || true)
	[ -z "$hits" ] || complain "lib/$1 includes what lies above it:
$hits"
}
layer base ""
layer metrics ""
layer mail ""
layer ticket ""
layer rpc "net|metrics"
layer notice metrics
layer service "rpc|net|metrics|ticket"
layer clients "rpc|service|net|metrics"

# Only one file knows nng's callbacks, one prints client bytes, one makes paths.
hits=$(git grep -lE '^#include <nng/' -- '*.c' | grep -v '^lib/rpc/' || true)
[ -z "$hits" ] || complain "nng outside lib/rpc: $hits"

# What lies below a Maildir is opened in one way (lib/base/io_open.h). A store's own files (fence/) lie above, as does the way to a Maildir.
hits=$(git grep -nE '(^|[^a-zA-Z0-9_>.])(open|openat|openat2|creat|fopen|freopen|mmap)\(' -- 'storesvc/*.c' 'storesvc/*.h' |
	grep -vE '^storesvc/(fence/|testing/|account/home\.c:|([a-z0-9]+/)?test_[a-z]+\.c:|[a-z0-9/_]+_(test|fuzz)\.c:)' || true)
[ -z "$hits" ] || complain "opened or mapped without base/io_open.h:
$hits"

long=$(git ls-files '*.c' '*.h' | xargs wc -l | awk '$2 != "total" && $1 > 700 { print $2 " (" $1 " lines)" }')
[ -z "$long" ] || complain "more than one idea in a file? $long"

# One file per run: with several, this clang-tidy calls every va_list after the first file
# uninitialized. In tests the analyzer is off: cmocka's asserts are functions that return,
# as far as it can see, so that everything after assert_non_null(x) is a finding.
files=${*:-$(git ls-files 'lib/*.c' 'frontend/*.c' 'authsvc/*.c' 'storesvc/*.c' 'outboxsvc/*.c' 'tools/ctl/*.c')}
packages="openssl libprotobuf-c libevent hiredis libutf8proc libxxhash libpq libmariadb ldap"
flags="-std=gnu11 -D_GNU_SOURCE -Ilib -I. -I${BUILD:-build}/gen -include base/banned.h
	$(pkg-config --cflags $packages)"
if command -v clang-tidy >/dev/null; then
	found=$(mktemp)
	# shellcheck disable=SC2016,SC2086
	printf '%s\n' $files | xargs -P "$(nproc)" -n 1 sh -c '
		case $1 in *_test.c) checks=--checks=-clang-analyzer-* ;; *) checks= ;; esac
		clang-tidy --quiet $checks "$1" -- $0 2>/dev/null' "$flags" >"$found"
	if grep -qE 'warning:|error:' "$found"; then
		grep -E 'warning:|error:' "$found" | sort -u
		complain "clang-tidy has something to say"
	fi
	rm -f "$found"
else
	complain "clang-tidy is not installed (tools/deps.sh lint)"
fi

BUILD=${BUILD:-build} tools/lint-k8s.sh || status=1
[ "$status" -eq 0 ] && echo "lint: clean"
exit "$status"
