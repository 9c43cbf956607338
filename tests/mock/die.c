#include "tests/mock/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("mock-llm: ", stderr);
    vfprintf(stderr, format, args);
    fputs("; see tests/mock/README.md\n", stderr);
    va_end(args);
    exit(2);
}
