/* Likelihoods as llama.cpp's server tells them. */
#ifndef MOCK_LLAMA_H
#define MOCK_LLAMA_H

#include "tests/mock/way.h"

struct reply llama_template(struct way *way, const struct call *call);
struct reply llama_tokenize(struct way *way, const struct call *call);
struct reply llama_completion(struct way *way, const struct call *call);

/* Of a completion that should be an echo: what was generated, and nothing of the prompt. */
struct reply llama_silent(struct way *way, const struct call *call);

#endif
