/*
 * cmd_capa.c - CAPA (RFC 2449, 5)
 *
 * APOP and CRAM need passwords that the server can read, which nobody stores
 * here, so they are not offered.
 */
#include "frontend/pop3/pop3_command.h"

enum { SECOND = 1000 };

static const char always[] =
    "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\nLANG\r\nUTF8 USER\r\n"
    "IMPLEMENTATION Posthouse\r\n";

static enum step
capa_start(struct task *t)
{
	struct session *s = t->session;

	pop3_ok_begin(t, "Capabilities follow");
	session_write(s, SPAN_LIT(always));
	session_printf(s, "LOGIN-DELAY %lld\r\n",
	    (long long)(frontend_config(s->frontend)->pop3_login_delay + SECOND - 1) / SECOND);
	if (session_plaintext_ok(s))
		session_write(s, SPAN_LIT("USER\r\nSASL PLAIN LOGIN\r\n"));
	if (s->state == SESSION_NOT_AUTHENTICATED && conn_can_start_tls(s->conn))
		session_write(s, SPAN_LIT("STLS\r\n"));
	session_write(s, SPAN_LIT(".\r\n"));
	return pop3_end(t);
}

const struct pop3_ops pop3_capa_ops = { .start = capa_start };
