/*
 * frontend_service - a frontend as a process: its RPC clients, its reactions to signals and time
 *
 *	struct frontend_service *fs = frontend_service_new(svc, &config);
 *	frontend_service_listen(fs, config.imap_listen, &imap_protocol, false);
 *	frontend_service_run(fs);		(until SIGTERM, then drained)
 *	frontend_service_free(&fs);
 */
#ifndef FRONTEND_FRONTEND_SERVICE_H
#define FRONTEND_FRONTEND_SERVICE_H

#include "frontend/frontend.h"
#include "service/service.h"

struct frontend_service;

/* Exits with 78 when settings cannot be used; whoever noticed has said why. */
struct frontend_service *frontend_service_new(struct service *svc, const struct frontend_config *config);
void frontend_service_free(struct frontend_service **fs);

/* Exits with 69 when an address cannot be had. */
void frontend_service_listen(struct frontend_service *fs, const char *addresses,
    const struct session_protocol *protocol, bool tls);

void frontend_service_run(struct frontend_service *fs);

#endif
