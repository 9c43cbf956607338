/* The HTTP side: takes requests in, lets answers wait until they are due, and counts. One thread
 * does all of it. */
#ifndef MOCK_SERVE_H
#define MOCK_SERVE_H

#include "tests/mock/options.h"

struct server;

/* Listens on the loopback interface; dies where it cannot, or of what answers_open() cannot use.
 * The options are borrowed. */
struct server *server_open(const struct options *options);
unsigned server_port(const struct server *server);

_Noreturn void server_run(struct server *server);

#endif
