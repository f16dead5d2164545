/*
 * harness_client - for harness.c: a client over a connected socket
 */
#ifndef FRONTEND_TESTING_HARNESS_CLIENT_H
#define FRONTEND_TESTING_HARNESS_CLIENT_H

#include "frontend/testing/harness.h"

struct client *client_new(struct harness *h, int take_fd);

#endif
