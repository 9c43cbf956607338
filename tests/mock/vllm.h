/* Likelihoods as vLLM's server tells them. */
#ifndef MOCK_VLLM_H
#define MOCK_VLLM_H

#include "tests/mock/way.h"

struct reply vllm_echo(struct way *way, const struct call *call);
struct reply vllm_tokenize(struct way *way, const struct call *call);
struct reply vllm_chat(struct way *way, const struct call *call);

#endif
