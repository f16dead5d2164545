/*
 * jwt.c - a signed token taken apart (RFC 7519, RFC 7515's compact form)
 */
#include "authsvc/oauth/jwt.h"

#include "authsvc/oauth/jose_text.h"

bool
jwt_is_like(struct span token)
{
	size_t dots = 0;

	for (size_t i = 0; i < token.len; i++)
		dots += token.at[i] == '.';
	/* Every JSON object begins like this in base64url. */
	return dots == 2 && span_starts(token, SPAN_LIT("eyJ"));
}

static json_t *
object(struct arena *a, struct span part)
{
	struct span text;

	if (!jose_text_decode(a, part, &text))
		return NULL;
	json_t *value = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(value)) {
		json_decref(value);
		return NULL;
	}
	return value;
}

static bool
read_header(struct jwt *t)
{
	json_t *kid = json_object_get(t->header, "kid");

	t->alg = json_string_value(json_object_get(t->header, "alg"));
	t->kid = kid ? json_string_value(kid) : "";
	return t->alg && t->kid && !json_object_get(t->header, "crit");
}

bool
jwt_parse(struct arena *a, struct span token, struct jwt *out)
{
	struct span rest = token, header = span_cut(&rest, '.'), claims = span_cut(&rest, '.');
	struct jwt t = { .header = NULL };

	if (token.len > JWT_LONGEST || !rest.at || span_index(rest, '.') < rest.len)
		return false;
	t.text = span_head(token, header.len + 1 + claims.len);
	t.header = object(a, header);
	t.claims = t.header ? object(a, claims) : NULL;
	if (t.claims && read_header(&t) && jose_text_decode(a, rest, &t.signature)) {
		*out = t;
		return true;
	}
	jwt_release(&t);
	return false;
}

void
jwt_release(struct jwt *t)
{
	json_decref(t->header);
	json_decref(t->claims);
}
