/* Chance that is a function of the request, so that the same call always has the same answer. */
#ifndef MOCK_CHANCE_H
#define MOCK_CHANCE_H

#include <stddef.h>
#include <stdint.h>

/* What else tells requests with the same text apart, and replies to the same request. */
struct chance_of {
    double temperature, seed, sample;
};

uint64_t chance_begin(const char *salt, const char *text, struct chance_of of);

/* From 0 up to 1, another one for each purpose and number. */
double chance(uint64_t begin, const char *purpose, size_t number);

#endif
