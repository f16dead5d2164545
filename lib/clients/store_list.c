#include "clients/store_list.h"

/* A piece without "=" before its "://" belongs to the store before it. */
static bool
names_a_store(struct span piece)
{
	size_t equals = span_index(piece, '=');

	return equals > 0 && equals < piece.len && equals < span_index(piece, ':');
}

bool
store_list_next(struct span *rest, struct span *out_name, struct span *out_urls)
{
	*rest = span_trim(*rest);
	if (!rest->at || !rest->len)
		return false;
	struct span piece = span_trim(span_cut(rest, ','));
	*out_name = SPAN_LIT("");
	*out_urls = piece;
	if (!names_a_store(piece))
		return true;
	*out_name = span_cut(out_urls, '=');
	while (rest->at) {
		struct span more = *rest, next = span_trim(span_cut(&more, ','));
		if (names_a_store(next))
			break;
		out_urls->len = (size_t)(next.at + next.len - out_urls->at);
		*rest = more;
	}
	return true;
}
