/* A conversation: what requests are expected and what they are answered. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <jv.h>

struct script;

/* Reads a script (see README.md); ends the program with a message if it cannot be used. */
struct script *script_open(const char *path);

/* The first entry that fits and is not used up, as an object to be freed; an invalid jv if none
 * does. `headers` is an object of lower-case names. Both are borrowed. */
jv script_take(struct script *script, const char *path, jv headers, jv body);

#endif
