#define _XOPEN_SOURCE 700 /* mkdtemp() */

#include "tests/fuzz/support.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"

#include <fcntl.h>
#include <unistd.h>

void fuzz_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}

/* --- Strict JSON --- */

struct cursor {
    const char *p, *end;
};

static bool take(struct cursor *c, char byte)
{
    bool is = c->p < c->end && *c->p == byte;
    c->p += is;
    return is;
}

static bool take_digits(struct cursor *c)
{
    const char *from = c->p;
    while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
        c->p++;
    return c->p > from;
}

static bool take_number(struct cursor *c)
{
    take(c, '-');
    if (!take(c, '0') && !take_digits(c))
        return false;
    if (take(c, '.') && !take_digits(c))
        return false;
    if (!take(c, 'e') && !take(c, 'E'))
        return true;
    if (!take(c, '-'))
        take(c, '+');
    return take_digits(c);
}

/* The number behind \u, or -1. */
static int take_code(struct cursor *c)
{
    int code = 0;
    for (int i = 0; i < 4; i++, c->p++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = c->p < c->end && *c->p ? strchr(digits, *c->p) : NULL;
        if (!digit)
            return -1;
        code = 16 * code + (int)((digit - digits) % 16);
    }
    return code;
}

/* Behind the backslash. */
static bool take_escape(struct cursor *c)
{
    if (c->p == c->end || !*c->p || !strchr("\"\\/bfnrtu", *c->p))
        return false;
    if (*c->p++ != 'u')
        return true;
    int code = take_code(c);
    if (code < 0xd800 || code > 0xdfff)
        return code >= 0;
    if (code > 0xdbff || !take(c, '\\') || !take(c, 'u'))
        return false;
    code = take_code(c);
    return code >= 0xdc00 && code <= 0xdfff;
}

static bool take_string(struct cursor *c)
{
    if (!take(c, '"'))
        return false;
    while (c->p < c->end && *c->p != '"') {
        if ((unsigned char)*c->p < 0x20)
            return false;
        if (take(c, '\\') ? !take_escape(c) : !++c->p)
            return false;
    }
    return take(c, '"');
}

static void skip_blanks(struct cursor *c)
{
    while (take(c, ' ') || take(c, '\t') || take(c, '\n') || take(c, '\r')) {
    }
}

static bool take_value(struct cursor *c, int depth);

static bool take_items(struct cursor *c, char close, int depth)
{
    skip_blanks(c);
    if (take(c, close))
        return true;
    do {
        skip_blanks(c);
        if (close == '}') {
            if (!take_string(c))
                return false;
            skip_blanks(c);
            if (!take(c, ':'))
                return false;
            skip_blanks(c);
        }
        if (!take_value(c, depth))
            return false;
        skip_blanks(c);
    } while (take(c, ','));
    return take(c, close);
}

static bool take_word(struct cursor *c, const char *word)
{
    while (*word && take(c, *word))
        word++;
    return !*word;
}

static bool take_value(struct cursor *c, int depth)
{
    switch (c->p < c->end ? *c->p : 0) {
    case '"':
        return take_string(c);
    case '{':
        return ++c->p && depth > 0 && take_items(c, '}', depth - 1);
    case '[':
        return ++c->p && depth > 0 && take_items(c, ']', depth - 1);
    case 't':
        return take_word(c, "true");
    case 'f':
        return take_word(c, "false");
    case 'n':
        return take_word(c, "null");
    default:
        return take_number(c);
    }
}

bool fuzz_is_json(const char *text, size_t len, int depth)
{
    struct cursor c = {text, text + len};
    return sm_utf8_valid(text, len) == len && take_value(&c, depth) && c.p == c.end;
}

bool fuzz_is_line(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20)
            return false;
    }
    return fuzz_is_json(text, len, 256);
}

bool fuzz_reads_as(const char *text, size_t len, jv value)
{
    jv read;
    if (!sm_json_parse(text, len, &read, NULL))
        return false;
    return jv_equal(sm_json_doubles(read), sm_json_doubles(jv_copy(value)));
}

/* --- Inputs --- */

char *fuzz_string(const uint8_t *data, size_t size)
{
    const void *nul = size ? memchr(data, '\0', size) : NULL;
    return sm_strndup((const char *)data, nul ? (size_t)((const uint8_t *)nul - data) : size);
}

static char folder[] = "/tmp/sm-fuzz-XXXXXX";
static char *made; /* the last file in it */

static void remove_folder(void)
{
    unlink(made);
    free(made);
    if (chdir("/") == 0)
        rmdir(folder);
}

void fuzz_file(const char *name, const void *data, size_t size)
{
    if (!made) {
        REQUIRE(mkdtemp(folder) && chdir(folder) == 0);
        atexit(remove_folder);
    }
    free(made);
    made = sm_strdup(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    REQUIRE(fd >= 0 && sm_file_write(fd, data, size));
    close(fd);
}
