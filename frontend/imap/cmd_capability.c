/*
 * cmd_capability.c - CAPABILITY (RFC 9051, 6.1.1)
 *
 * What cannot be used before the login is not named before it: greetings stay
 * short, and clients ask again (or read it from the login's OK).
 */
#include "frontend/imap/imap_ops.h"
#include "frontend/sasl/offers.h"

static const char always[] = "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE IDLE";

static const char after_login[] =
    " NAMESPACE UIDPLUS UNSELECT MOVE CHILDREN SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS"
    " STATUS=SIZE ESEARCH WITHIN CONDSTORE QRESYNC";

void
imap_capabilities(const struct session *s, struct buf *out)
{
	const char *plain;

	buf_str(out, always);
	if (s->state != SESSION_NOT_AUTHENTICATED) {
		buf_str(out, after_login);
		return;
	}
	if (conn_can_start_tls(s->conn))
		buf_str(out, " STARTTLS");
	if (offers_find(s, SPAN_LIT("PLAIN"), &plain) != OFFER_STANDS)
		buf_str(out, " LOGINDISABLED");
	offers_print(s, " AUTH=", out);
}

static enum step
capability_start(struct task *t)
{
	struct buf b;

	buf_init(&b, 0);
	imap_capabilities(t->session, &b);
	imap_untagged(t, "CAPABILITY %.*s", (int)b.len, b.at);
	buf_release(&b);
	return imap_ok(t, "CAPABILITY completed");
}

const struct imap_ops capability_ops = { .start = capability_start };
