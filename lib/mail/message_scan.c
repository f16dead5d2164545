/*
 * message_scan.c - line ends of a message on its way in
 */
#include "mail/message_scan.h"

void
message_scan_init(struct message_scan *s)
{
	*s = (struct message_scan){ 0 };
}

/*
 * Counting sixteen bytes at a time: a comparison gives -1 in each lane that is
 * equal, so subtracting it adds one to that lane's count.
 */
typedef unsigned char lanes __attribute__((vector_size(16)));
#define LANES sizeof(lanes)

static uint32_t
sum_lanes(lanes counts)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < LANES; i++)
		sum += counts[i];
	return sum;
}

static void
count_byte(struct message_scan *s, char c, bool after_cr)
{
	s->lf += c == '\n';
	s->cr += c == '\r';
	s->crlf += c == '\n' && after_cr;
	s->nul += c == '\0';
}

/* Up to 255 blocks that begin at `at`, which is not the piece's first byte. */
static size_t
count_blocks(struct message_scan *s, const char *at, size_t len)
{
	lanes lf = { 0 }, cr = { 0 }, crlf = { 0 }, nul = { 0 };
	size_t done = 0;

	for (int round = 0; round < 255 && done + LANES <= len; round++, done += LANES) {
		lanes here, before;
		memcpy(&here, at + done, LANES);
		memcpy(&before, at + done - 1, LANES);
		lanes is_lf = (lanes)(here == '\n');
		lf -= is_lf;
		crlf -= is_lf & (lanes)(before == '\r');
		cr -= (lanes)(here == '\r');
		nul -= (lanes)(here == '\0');
	}
	s->lf += sum_lanes(lf);
	s->cr += sum_lanes(cr);
	s->crlf += sum_lanes(crlf);
	s->nul += sum_lanes(nul);
	return done;
}

void
message_scan_feed(struct message_scan *s, struct span piece)
{
	size_t i = 1;

	if (piece.len == 0)
		return;
	count_byte(s, piece.at[0], s->after_cr);
	while (i + LANES <= piece.len)
		i += count_blocks(s, piece.at + i, piece.len - i);
	for (; i < piece.len; i++)
		count_byte(s, piece.at[i], piece.at[i - 1] == '\r');
	s->bytes += piece.len;
	s->after_cr = piece.at[piece.len - 1] == '\r';
}
