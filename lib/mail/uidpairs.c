/*
 * uidpairs.c - a set of messages as requests carry it
 */
#include "mail/uidpairs.h"

bool
uidpairs_have(const uint32_t *pairs, size_t count, uint32_t uid)
{
	size_t low = 0, high = count / 2;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (pairs[2 * mid + 1] < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count / 2 && pairs[2 * low] <= uid;
}
