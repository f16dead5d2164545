/*
 * hex, base64 - bytes as text (RFC 4648)
 *
 * For tokens, SASL and modified UTF-7. MIME bodies, which need tolerance for
 * rubbish, have their own decoder in mail/.
 */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/arena.h"
#include "base/span.h"

/* Lower case; out has 2 * in.len bytes, not terminated. */
void hex_encode(struct span in, char *out);
/* False for odd length or other bytes. out has in.len / 2 bytes. */
bool hex_decode(struct span in, unsigned char *out);

/* Standard alphabet with padding; terminated. */
char *base64_encode(struct arena *a, struct span in);
/* Strict: canonical padding required, nothing else inside. */
bool base64_decode(struct arena *a, struct span in, struct span *out);

#endif
