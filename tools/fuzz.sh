#!/bin/sh
# Run fuzzers, each for a while:  tools/fuzz.sh SECONDS FUZZER.c...
#
# Built with clang, libFuzzer and sanitizers under $BUILD/fuzz, apart from all
# other builds. A fuzzer starts from the files in NAME_corpus/ beside it and, when
# POSTHOUSE_CORPUS (../shared/corpus) is there, from what the line "seeds:" of its
# first comment asks for: "messages", or "field NAME" for the values of a field.
# What it finds on the way is kept in $BUILD/fuzz/found for the next run.
set -u
cd "$(dirname "$0")/.." || exit 1
seconds=${1:?seconds}
shift
out=${BUILD:-build}/fuzz
corpus=${POSTHOUSE_CORPUS:-../shared/corpus}
unset MAKEFLAGS MFLAGS
passed=0 failed=0

# A fuzzer reads thousands of small seeds faster than it learns from a large one.
small_files() {
	find "$corpus" -type f -size -8k ! -name '*.xml' ! -name '*.json' ! -name '*.tsv'
}

seed() { # FUZZER.c DIRECTORY
	mkdir -p "$2"
	[ -d "$corpus" ] && [ -z "$(ls -A "$2")" ] || return 0
	set -- "$2" $(sed -n 's/^ \* seeds: //p' "$1")
	case ${2:-} in
	messages)
		small_files | awk -v to="$1" '{ printf "%s\n%s/%d\n", $0, to, NR }' |
			while read -r from && read -r to; do cp "$from" "$to"; done ;;
	field)
		small_files | tr '\n' '\0' |
			xargs -0 awk -v name="$3:" -v to="$1" '
				tolower($1) == name { seed = to "/" ++n; $1 = ""; print > seed; close(seed); nextfile }' ;;
	esac
}

run() { # FUZZER.c
	name=${1%.c}
	log=$out/log/$(basename "$name")
	found=$out/found/$name
	seeds=$out/seeds/$name
	mkdir -p "$out/log" "$out/crash" "$found"
	if ! make -s BUILD="$out" CC=clang SAN=fuzzer-no-link,address,undefined \
		CFLAGS="-O1 -g -Wno-unknown-warning-option" "$out/fuzz/$name" >"$log" 2>&1; then
		echo "FAILED $name: does not build"
		tail -n 20 "$log"
		return 1
	fi
	seed "$1" "$seeds"
	[ -d "${name}_corpus" ] && set -- "${name}_corpus" || set --
	if ! LC_ALL=C "$out/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
		-print_final_stats=1 -artifact_prefix="$out/crash/$(basename "$name")-" \
		"$found" "$seeds" "$@" >"$log" 2>&1; then
		echo "FAILED $name: the input is in $out/crash"
		tail -n 40 "$log"
		return 1
	fi
	echo "ok $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
}

for fuzzer in "$@"; do
	if run "$fuzzer"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done
echo "fuzzers: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
