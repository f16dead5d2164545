/*
 * imap_parse.c - the rules that commands are made of
 *
 * Sections cited are those of RFC 9051 section 9 where RFC 3501 has the same
 * rule.
 */
#include "frontend/imap/imap_parse.h"

void
imap_parser_init(struct imap_parser *p, struct arena *arena, struct span in)
{
	*p = (struct imap_parser){ .arena = arena, .in = in, .error = "The command is cut short" };
}

enum parse
rule_bad(struct imap_parser *p, const char *expected)
{
	p->error = expected;
	return PARSE_BAD;
}

enum parse
rule_settle(struct imap_parser *p, size_t start, enum parse result)
{
	if (result != PARSE_OK)
		p->at = start;
	return result;
}

enum parse
rule_peek(struct imap_parser *p, char *out)
{
	if (p->at == p->in.len)
		return PARSE_MORE;
	*out = p->in.at[p->at];
	return PARSE_OK;
}

bool
rule_next_is(const struct imap_parser *p, char c)
{
	return p->at < p->in.len && p->in.at[p->at] == c;
}

enum parse
rule_char(struct imap_parser *p, char c)
{
	char next;

	TRY(rule_peek(p, &next));
	if (next != c)
		return rule_bad(p, "Unexpected character");
	p->at++;
	return PARSE_OK;
}

static bool
ends_line(char c)
{
	return c == '\r' || c == '\n';
}

enum parse
rule_blanks(struct imap_parser *p)
{
	size_t end = p->at;

	while (end < p->in.len && p->in.at[end] == ' ')
		end++;
	if (end == p->in.len)
		return PARSE_MORE;
	p->at = end;
	return PARSE_OK;
}

enum parse
rule_space(struct imap_parser *p)
{
	size_t start = p->at;

	TRY(rule_blanks(p));
	if (ends_line(p->in.at[p->at]))
		return rule_settle(p, start, rule_bad(p, "Arguments are missing"));
	return p->at > start ? PARSE_OK : rule_bad(p, "A space is missing");
}

enum parse
rule_another(struct imap_parser *p, bool *out)
{
	size_t start = p->at;

	TRY(rule_blanks(p));
	*out = p->at > start && !ends_line(p->in.at[p->at]);
	return PARSE_OK;
}

enum parse
rule_end(struct imap_parser *p)
{
	size_t start = p->at;

	TRY(rule_blanks(p));
	return rule_settle(p, start, rule_line_end(p));
}

enum parse
rule_line_end(struct imap_parser *p)
{
	size_t start = p->at;
	char next;

	TRY(rule_peek(p, &next));
	if (next == '\r') {
		p->at++;
		enum parse more = rule_peek(p, &next);
		if (more != PARSE_OK)
			return rule_settle(p, start, more);
	}
	if (next != '\n')
		return rule_settle(p, start, rule_bad(p, "Too many arguments"));
	p->at++;
	return PARSE_OK;
}

/* Byte classes of the grammar. */

static bool
is_ctl_or_eight_bit(unsigned char c)
{
	return c < 0x20 || c >= 0x7f;
}

/* ATOM-CHAR */
static bool
is_atom_char(unsigned char c)
{
	const struct span specials = SPAN_LIT("(){ %*\"\\]");

	return !is_ctl_or_eight_bit(c) && span_index(specials, (char)c) == specials.len;
}

/* ASTRING-CHAR = ATOM-CHAR / resp-specials */
static bool
is_astring_char(unsigned char c)
{
	return is_atom_char(c) || c == ']';
}

/* tag = 1*<any ASTRING-CHAR except "+"> */
static bool
is_tag_char(unsigned char c)
{
	return is_astring_char(c) && c != '+';
}

/* list-char = ATOM-CHAR / list-wildcards / resp-specials */
static bool
is_list_char(unsigned char c)
{
	return is_astring_char(c) || c == '%' || c == '*';
}

static bool
is_keyword_char(unsigned char c)
{
	return ascii_digit((char)c) || (ascii_lower((char)c) >= 'a' && ascii_lower((char)c) <= 'z') ||
	    c == '.' || c == '-' || c == '_';
}

static bool
is_set_char(unsigned char c)
{
	return ascii_digit((char)c) || c == ':' || c == ',' || c == '*';
}

static bool
is_digit(unsigned char c)
{
	return ascii_digit((char)c);
}

/* 1*<class>: at least one, and the byte after the last must have been seen. */
static enum parse
run_of(struct imap_parser *p, bool (*in_class)(unsigned char c), const char *expected, struct span *out)
{
	size_t end = p->at;

	while (end < p->in.len && in_class((unsigned char)p->in.at[end]))
		end++;
	if (end == p->in.len)
		return PARSE_MORE;
	if (end == p->at)
		return rule_bad(p, expected);
	*out = span_of(p->in.at + p->at, end - p->at);
	p->at = end;
	return PARSE_OK;
}

/* tag */
enum parse
rule_tag(struct imap_parser *p, struct span *out)
{
	size_t start = p->at;

	TRY(run_of(p, is_tag_char, "A tag is expected", out));
	if (out->len > IMAP_MAX_TAG)
		return rule_settle(p, start, rule_bad(p, "The tag is too long"));
	return PARSE_OK;
}

/* atom = 1*ATOM-CHAR */
enum parse
rule_atom(struct imap_parser *p, struct span *out)
{
	return run_of(p, is_atom_char, "An atom is expected", out);
}

enum parse
rule_keyword(struct imap_parser *p, struct span *out)
{
	return run_of(p, is_keyword_char, "A keyword is expected", out);
}

enum parse
rule_maybe_word(struct imap_parser *p, const char *word, bool *out)
{
	size_t start = p->at;
	struct span found;
	enum parse result = rule_keyword(p, &found);

	if (result == PARSE_MORE)
		return PARSE_MORE;
	*out = result == PARSE_OK && span_eq_nocase(found, span_str(word));
	if (!*out)
		p->at = start;
	return PARSE_OK;
}

enum parse
rule_word(struct imap_parser *p, const char *word)
{
	bool found = false;

	TRY(rule_maybe_word(p, word, &found));
	return found ? PARSE_OK : rule_bad(p, "Unknown keyword");
}

/* ASTRING-CHAR, or what people's names are spelled with where a command allows that */
static bool
is_wide_astring_char(unsigned char c)
{
	return is_astring_char(c) || c >= 0x80;
}

static enum parse
string_or(struct imap_parser *p, bool (*in_class)(unsigned char c), struct span *out)
{
	char next;

	TRY(rule_peek(p, &next));
	if (next == '"' || next == '{')
		return rule_string(p, out);
	return run_of(p, in_class, "A string is expected", out);
}

/* astring = 1*ASTRING-CHAR / string; with eight_bit bytes above 0x7f are ASTRING-CHARs */
enum parse
rule_astring(struct imap_parser *p, struct span *out)
{
	return string_or(p, p->eight_bit ? is_wide_astring_char : is_astring_char, out);
}

/* list-mailbox = 1*list-char / string */
enum parse
rule_list_mailbox(struct imap_parser *p, struct span *out)
{
	return string_or(p, is_list_char, out);
}

static enum parse
number_within(struct imap_parser *p, uint64_t max, uint64_t *out)
{
	size_t start = p->at;
	struct span digits;

	TRY(run_of(p, is_digit, "A number is expected", &digits));
	if (!span_number(digits, max, out))
		return rule_settle(p, start, rule_bad(p, "The number is too large"));
	return PARSE_OK;
}

/* number = 1*DIGIT, below 2^32 */
enum parse
rule_number(struct imap_parser *p, uint32_t *out)
{
	uint64_t value;

	TRY(number_within(p, UINT32_MAX, &value));
	*out = (uint32_t)value;
	return PARSE_OK;
}

/* nz-number = digit-nz *DIGIT */
enum parse
rule_nz_number(struct imap_parser *p, uint32_t *out)
{
	if (rule_next_is(p, '0'))
		return rule_bad(p, "A number above zero is expected");
	return rule_number(p, out);
}

/* number64, mod-sequence-valzer (RFC 7162 section 7): below 2^63 */
enum parse
rule_number64(struct imap_parser *p, uint64_t *out)
{
	return number_within(p, INT64_MAX, out);
}

/* seq-number = nz-number / "*" */
static bool
is_seq_number(struct span s)
{
	uint64_t n;

	return span_eq(s, SPAN_LIT("*")) ||
	    (span_number(s, UINT32_MAX, &n) && n != 0 && s.at[0] != '0');
}

/* sequence-set = (seq-number / seq-range) ["," sequence-set] */
enum parse
rule_sequence_set(struct imap_parser *p, struct span *out)
{
	size_t start = p->at;
	struct span set;

	TRY(run_of(p, is_set_char, "A set of messages is expected", &set));
	struct span rest = set;
	while (rest.at) {
		struct span high = span_cut(&rest, ',');
		struct span low = span_cut(&high, ':');
		if (!is_seq_number(low) || (high.at && !is_seq_number(high)))
			return rule_settle(p, start, rule_bad(p, "The set of messages is malformed"));
	}
	*out = set;
	return PARSE_OK;
}
