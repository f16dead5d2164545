/*
 * cmd_capa.c - CAPA (RFC 2449, 5)
 *
 * APOP is not named here: its timestamp in the greeting says that it can be used.
 */
#include "frontend/pop3/pop3_command.h"
#include "frontend/sasl/offers.h"

enum { SECOND = 1000 };

static const char always[] =
    "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\nLANG\r\nUTF8 USER\r\n"
    "IMPLEMENTATION Posthouse\r\n";

static void
write_mechanisms(struct session *s)
{
	struct buf b;

	buf_init(&b, 0);
	offers_print(s, " ", &b);
	if (b.len)
		session_printf(s, "SASL%.*s\r\n", (int)b.len, b.at);
	buf_release(&b);
}

static enum step
capa_start(struct task *t)
{
	struct session *s = t->session;
	const char *plain;

	pop3_ok_begin(t, "Capabilities follow");
	session_write(s, SPAN_LIT(always));
	session_printf(s, "LOGIN-DELAY %lld\r\n",
	    (long long)(frontend_config(s->frontend)->pop3_login_delay + SECOND - 1) / SECOND);
	if (offers_find(s, SPAN_LIT("PLAIN"), &plain) == OFFER_STANDS)
		session_write(s, SPAN_LIT("USER\r\n"));
	write_mechanisms(s);
	if (s->state == SESSION_NOT_AUTHENTICATED && conn_can_start_tls(s->conn))
		session_write(s, SPAN_LIT("STLS\r\n"));
	session_write(s, SPAN_LIT(".\r\n"));
	return pop3_end(t);
}

const struct pop3_ops pop3_capa_ops = { .start = capa_start };
