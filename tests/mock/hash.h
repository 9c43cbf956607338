/* The rules of --decide that hash the request. */
#ifndef MOCK_HASH_H
#define MOCK_HASH_H

#include "tests/mock/call.h"

/* A bit of the hash of all messages. */
bool hash_digest_first(const char *salt, const struct call *call);

/* The function that the vectors of tests/golden/search.jsonl were made with. It sees the words in
 * the marks ⟦ and ⟧: the last two are the replies, the ones before them the examples. */
bool hash_golden_first(const char *salt, const struct call *call);
jv hash_golden_persona(const char *salt, const struct call *call);

#endif
