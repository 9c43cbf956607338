/* The command line. */
#ifndef MOCK_OPTIONS_H
#define MOCK_OPTIONS_H

#include <stddef.h>

#define OPTIONS_FAULTS_MAX 16

/* README.md says what each does. The texts are borrowed from argv; NULL where none is given and
 * there is no default. */
struct options {
    long port, lifetime_s, latency_ms, jitter_ms;
    const char *models, *decide, *likelihood, *embeddings, *salt, *script, *log;
    const char *faults[OPTIONS_FAULTS_MAX];
    size_t fault_count;
};

/* Fills in what is given and the defaults; dies of a wrong command line. */
void options_read(struct options *options, int argc, char **argv);

#endif
