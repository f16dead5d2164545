#include "frontend/net/networks.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/span.h"
#include "frontend/net/network.h"

struct networks {
	struct network *list;
	size_t count, room;
};

struct status
networks_new(const char *setting, const char *list, struct networks **out)
{
	struct networks *n = MEM_NEW(struct networks);
	struct span rest = span_str(list);
	while (rest.at) {
		struct span one = span_trim(span_cut(&rest, ','));
		if (!one.len)
			continue;
		MEM_GROW(n->list, n->count, &n->room);
		if (network_parse(one, &n->list[n->count++]))
			continue;
		log_error("%s: \"%.*s\" is not a network such as 10.0.0.0/8", setting, (int)one.len, one.at);
		networks_free(&n);
		return status_make(STATUS_INVALID, "Not a list of networks");
	}
	*out = n;
	return STATUS_FINE;
}

void
networks_free(struct networks **np)
{
	struct networks *n = *np;
	if (!n)
		return;
	*np = NULL;
	free(n->list);
	free(n);
}

bool
networks_have(const struct networks *n, const struct in6_addr *address)
{
	for (size_t i = 0; i < n->count; i++)
		if (network_has(&n->list[i], address))
			return true;
	return false;
}
