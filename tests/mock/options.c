#include "tests/mock/options.h"

#include "tests/mock/die.h"

#include <stdlib.h>
#include <string.h>

/* One of the two says where the argument goes; every option has one. */
struct option {
    const char *name;
    long *number;
    const char **text;
};

static void set_option(const struct option *option, const char *argument)
{
    char *end = NULL;
    if (option->text)
        *option->text = argument;
    else
        *option->number = strtol(argument, &end, 10);
    if (end && (end == argument || *end || *option->number < 0))
        die("%s %s: not a number", option->name, argument);
}

void options_read(struct options *options, int argc, char **argv)
{
    const char *fault = NULL;
    const struct option table[] = {
        {"--port", &options->port, NULL},
        {"--lifetime", &options->lifetime_s, NULL},
        {"--latency", &options->latency_ms, NULL},
        {"--jitter", &options->jitter_ms, NULL},
        {"--models", NULL, &options->models},
        {"--decide", NULL, &options->decide},
        {"--likelihood", NULL, &options->likelihood},
        {"--embeddings", NULL, &options->embeddings},
        {"--salt", NULL, &options->salt},
        {"--script", NULL, &options->script},
        {"--log", NULL, &options->log},
        {"--fault", NULL, &fault},
    };
    const size_t count = sizeof table / sizeof *table;
    *options = (struct options){.models = "mock", .salt = "", .lifetime_s = 600};
    for (int i = 1; i < argc; i += 2) {
        size_t k = 0;
        while (k < count && strcmp(argv[i], table[k].name) != 0)
            k++;
        if (k == count)
            die("unknown option %s", argv[i]);
        if (i + 1 == argc)
            die("option %s needs an argument", argv[i]);
        set_option(&table[k], argv[i + 1]);
        if (fault && options->fault_count == OPTIONS_FAULTS_MAX)
            die("more than %d faults", OPTIONS_FAULTS_MAX);
        if (fault)
            options->faults[options->fault_count++] = fault;
        fault = NULL;
    }
}
