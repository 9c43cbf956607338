/* A chat endpoint for tests, on loopback: see README.md. */
#include "tests/mock/serve.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void leave(int number)
{
    (void)number;
    _exit(0);
}

int main(int argc, char **argv)
{
    struct options options;
    options_read(&options, argc, argv);
    struct server *server = server_open(&options);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, leave);
    signal(SIGINT, leave);
    signal(SIGALRM, leave);
    alarm((unsigned)options.lifetime_s);
    printf("%u\n", server_port(server));
    fflush(stdout);
    server_run(server);
}
