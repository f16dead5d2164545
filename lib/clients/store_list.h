/*
 * store_list - the text of STORES: which stores there are, and where
 *
 *	store1=tcp://a:7002,tcp://b:7002,store2=tcp://c:7002
 *
 * An address without a name is one more of the store before it.
 *
 *	struct span rest = span_str(stores), name, urls;
 *	while (store_list_next(&rest, &name, &urls)) ...
 */
#ifndef CLIENTS_STORE_LIST_H
#define CLIENTS_STORE_LIST_H

#include "base/span.h"

/* False: that was all. An empty *out_name: what comes next has none. *out_urls is separated by commas. */
bool store_list_next(struct span *rest, struct span *out_name, struct span *out_urls);

#endif
