/*
 * service_admin - what an operator may ask of any service (proto/admin.proto)
 *
 * Stands between operators' calls and the services that answer them: each call needs a warrant
 * (ticket/warrant.h), and each one that is let through is in the log. Answers the service
 * Admin itself: how the process is, and what it counts.
 */
#ifndef SERVICE_SERVICE_ADMIN_H
#define SERVICE_SERVICE_ADMIN_H

#include "rpc/rpc_server.h"
#include "service/service_settings.h"

struct service_admin;

/* `name` ("storesvc"), `config` and `instance` are borrowed. INVALID, UNAVAILABLE: a key cannot be read, the log says which. */
MUST_USE struct status service_admin_new(const char *name, const struct common_config *config, const char *instance,
    struct service_admin **out);
void service_admin_free(struct service_admin **admin);

/* The answers to Admin. */
ProtobufCService *service_admin_service(struct service_admin *admin);
/* For every service that operators alone may call. Lives as long as `admin`. */
struct rpc_guard service_admin_guard(struct service_admin *admin);

#endif
