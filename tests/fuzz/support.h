/* What the targets share. Each target is a file TARGET.c with libFuzzer's entry point. It links
 * with libFuzzer, with AFL++, or with driver.c. Its first comment names the files that it is to
 * cover. */
#ifndef FUZZ_SUPPORT_H
#define FUZZ_SUPPORT_H

#include <jv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, as a crash does, unless `is`. */
#define REQUIRE(is) ((is) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #is))
_Noreturn void fuzz_failed(const char *file, int line, const char *what);

/* Whether it is one value of strict JSON (RFC 8259) in UTF-8, without white space around it or lone
 * surrogates, at most `depth` levels deep. Written apart from the library's own. */
bool fuzz_is_json(const char *text, size_t len, int depth);

/* The same without a control character: JSON on one line. */
bool fuzz_is_line(const char *text, size_t len);

/* Whether a parser gives `value` for `text`. Borrows both. */
bool fuzz_reads_as(const char *text, size_t len, jv value);

/* The bytes as a C string, up to a NUL, for the caller to free; not UTF-8 where they are not. */
char *fuzz_string(const uint8_t *data, size_t size);

/* Makes a file `name` with these bytes in the working folder, which becomes a temporary one. */
void fuzz_file(const char *name, const void *data, size_t size);

#endif
