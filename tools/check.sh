#!/bin/sh
# Run the test programs given; each prints its own rows. Ends with a count.
export TSAN_OPTIONS="suppressions=$(dirname "$0")/tsan.supp${TSAN_OPTIONS:+ $TSAN_OPTIONS}"
passed=0 failed=0
for t in "$@"; do
	if out=$("$t" 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\nFAILED: %s\n' "$out" "$t"
	fi
done
echo "unit-test-programs: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
