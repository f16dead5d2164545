/*
 * introspect.c - asking the server that made a token about it (RFC 7662)
 */
#include "authsvc/oauth/introspect.h"

#include "base/log.h"
#include "base/secret.h"

#define LONGEST_ANSWER 65536

/* application/x-www-form-urlencoded: all but a few bytes as %XX. */
static void
put_encoded(struct buf *b, struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		if (ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' || c == '.' || c == '_')
			buf_char(b, c);
		else
			buf_printf(b, "%%%02X", (unsigned char)c);
	}
}

static enum auth_result
understand(const struct fetch *f, json_t **out_claims)
{
	json_t *said = f->status == 200 ?
	    json_loadb(f->body.at, f->body.len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const json_t *active = json_object_get(said, "active");
	enum auth_result r = json_is_true(active) ? AUTH_OK : json_is_false(active) ? AUTH_REJECTED : AUTH_TROUBLE;

	if (r == AUTH_TROUBLE)
		log_error("OAUTH_INTROSPECTION_URL: %s: status %ld, and no answer that tells", f->url, f->status);
	if (r == AUTH_OK)
		*out_claims = said;
	else
		json_decref(said);
	return r;
}

enum auth_result
introspect(struct fetcher *f, const char *url, struct span token, json_t **out_claims)
{
	enum auth_result r = AUTH_TROUBLE;
	struct fetch task = { .url = url };
	struct buf form;

	buf_init(&form, 0);
	buf_init(&task.body, LONGEST_ANSWER);
	buf_reserve(&form, 64 + 3 * token.len);		/* so nothing moves, and all of it can be wiped */
	buf_str(&form, "token_type_hint=access_token&token=");
	put_encoded(&form, token);
	task.form = buf_view(&form);
	if (fetch(f, &task))
		r = understand(&task, out_claims);
	secret_wipe(form.at, form.len);
	buf_release(&form);
	buf_release(&task.body);
	return r;
}
