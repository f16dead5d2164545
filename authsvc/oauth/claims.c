/*
 * claims.c - what a token says about itself, against what it must say
 */
#include "authsvc/oauth/claims.h"

static bool
is_word(const json_t *value, struct span word)
{
	return json_is_string(value) && span_eq(span_of(json_string_value(value), json_string_length(value)), word);
}

/* A string of words, as "scope" is, an array of them, or one word alone that may hold blanks. */
static bool
has(const json_t *value, struct span word, bool words)
{
	struct span rest = span_of(json_string_value(value), json_string_length(value));
	const json_t *item;
	size_t i;

	json_array_foreach(value, i, item)
		if (is_word(item, word))
			return true;
	if (!words)
		return is_word(value, word);
	while (rest.at)
		if (span_eq(span_cut(&rest, ' '), word))
			return true;
	return false;
}

static bool
has_any(const json_t *value, const char *list)
{
	struct span rest = span_str(list);

	while (rest.at) {
		struct span word = span_cut(&rest, ' ');
		if (word.len && has(value, word, false))
			return true;
	}
	return false;
}

static bool
has_all_words(const json_t *value, const char *list)
{
	struct span rest = span_str(list);

	while (rest.at) {
		struct span word = span_cut(&rest, ' ');
		if (word.len && !has(value, word, true))
			return false;
	}
	return true;
}

/* Some issuers call it "scp". */
static const json_t *
scope_of(const json_t *claims)
{
	const json_t *scope = json_object_get(claims, "scope");

	return scope ? scope : json_object_get(claims, "scp");
}

/* Seconds since 1970, which may have a fraction. Beyond what a double holds exactly it is no date. */
static bool
date_of(const json_t *value, int64_t *out)
{
	double seconds = json_number_value(value);

	if (!json_is_number(value) || !(seconds >= 0 && seconds < 9007199254740992.0))
		return false;
	*out = (int64_t)seconds;
	return true;
}

static const char *
time_complaint(const json_t *claims, int64_t leeway_s, bool must_expire, int64_t now_s)
{
	const json_t *exp = json_object_get(claims, "exp"), *nbf = json_object_get(claims, "nbf");
	int64_t date;

	if (!exp && must_expire)
		return "it has no end";
	if (exp && (!date_of(exp, &date) || now_s >= date + leeway_s))
		return "it has expired";
	if (nbf && (!date_of(nbf, &date) || now_s + leeway_s < date))
		return "it is not good yet";
	return NULL;
}

const char *
claims_complaint(const struct oauth_rules *rules, const json_t *claims, bool must_expire, int64_t now_s)
{
	if (*rules->issuer && !is_word(json_object_get(claims, "iss"), span_str(rules->issuer)))
		return "it is another issuer's";
	if (*rules->audiences && !has_any(json_object_get(claims, "aud"), rules->audiences))
		return "it is not for us";
	if (!has_all_words(scope_of(claims), rules->scopes))
		return "its scope does not suffice";
	return time_complaint(claims, rules->leeway_s, must_expire, now_s);
}

int64_t
claims_end(const json_t *claims)
{
	int64_t end;

	return date_of(json_object_get(claims, "exp"), &end) ? end : INT64_MAX;
}

/* Absent is as good as true, for many issuers never say it; some write their booleans as strings. */
static bool
is_verified(const json_t *value)
{
	return !value || json_is_true(value) || (json_is_string(value) && span_eq_nocase(
	    span_of(json_string_value(value), json_string_length(value)), SPAN_LIT("true")));
}

const char *
claims_username(const struct oauth_rules *rules, const json_t *claims, const char **out_complaint)
{
	const json_t *name = json_object_get(claims, rules->username);

	*out_complaint = NULL;
	/* An address that its owner did not confirm may be anybody's. */
	if (strcmp(rules->username, "email") == 0 && !is_verified(json_object_get(claims, "email_verified")))
		*out_complaint = "its email is not verified";
	/* A NUL would end it early. */
	else if (!json_is_string(name) || strlen(json_string_value(name)) != json_string_length(name) ||
	    !*json_string_value(name))
		*out_complaint = "it names no account";
	return *out_complaint ? "" : json_string_value(name);
}
