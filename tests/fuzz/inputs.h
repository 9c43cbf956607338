/* Inputs of a target, from files: a file is one, a pack (NAME.pack) holds many. Each line of a pack
 * is an input, in which \xHH is a byte, \n a newline and \\ a backslash. */
#ifndef FUZZ_INPUTS_H
#define FUZZ_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_input {
    uint8_t *data; /* as long as it is, so that reading on is seen */
    size_t size;
};

/* All-zero is empty. */
struct fuzz_inputs {
    struct fuzz_input *at;
    size_t count, room;
};

/* Adds what is in the file. False with errno. */
bool fuzz_inputs_add(struct fuzz_inputs *inputs, const char *path);

/* Adds a copy of these bytes. */
void fuzz_inputs_keep(struct fuzz_inputs *inputs, const void *data, size_t size);
void fuzz_inputs_release(struct fuzz_inputs *inputs);

#endif
