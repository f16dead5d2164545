/*
 * message - mail that looks like mail, the same for the same number
 *
 * A message depends on its number and the wanted size only, so two runs write
 * the same bytes. Shapes follow what mailboxes hold: plain text, encoded words
 * and quoted-printable, text with HTML, base64 attachments, forwarded messages;
 * most are replies within a thread. Line ends are LF.
 */
#ifndef BENCH_MESSAGE_H
#define BENCH_MESSAGE_H

#include "base/buf.h"

/* Seconds since 1970 of message `number`; for its name and its mtime. */
int64_t message_date(unsigned number);

/*
 * Append message `number` of about `size` bytes to `out`. `rare` puts
 * RARE_WORD into its text, in an encoding that depends on the number.
 */
void message_write(struct buf *out, unsigned number, size_t size, bool rare);
/* The same without RARE_WORD and with CRLF, as it crosses the wire. */
void message_write_crlf(struct buf *out, unsigned number, size_t size);

#endif
