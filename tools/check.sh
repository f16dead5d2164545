#!/bin/sh
# Run the test programs given; each prints its own rows. Ends with a count.
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
