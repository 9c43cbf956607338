#include "lib/base/file.h"

#include "lib/base/mem.h"
#include "lib/base/printable.h"
#include "lib/base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool sm_file_read(int fd, struct sm_buf *text)
{
    char chunk[16384];
    ssize_t n;
    while (!text->over && (n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n > 0)
            sm_buf_add(text, chunk, (size_t)n);
        else if (errno != EINTR)
            return false;
    }
    return true;
}

bool sm_file_write(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno != EINTR)
            return false;
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

FILE *sm_file_unnamed(const char *folder, struct sm_err *err)
{
    struct sm_buf name = {0};
    sm_buf_printf(&name, "%s/synthesizeme-XXXXXX", folder);
    int fd = mkstemp(name.data);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");
    if (!file)
        sm_err_set(err, SM_EXIT_INPUT, "set TMPDIR to a folder that can be written",
                   "cannot make a temporary file in %s: %s", folder, strerror(errno));
    if (fd >= 0)
        unlink(name.data);
    if (file)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    else if (fd >= 0)
        close(fd);
    sm_buf_release(&name);
    return file;
}

/* Whether the character at `name` is not printable, though no control of one byte; *len is its
 * length. */
static bool is_hidden(const char *name, size_t left, size_t *len)
{
    uint32_t code;
    *len = sm_utf8_decode(name, left, &code);
    return code >= 0x80 && code != SM_UTF8_BAD && !sm_is_printable(code);
}

static bool needs_escape(int c, bool first, const char *also)
{
    return c < 0x20 || c == 0x7f || c == '/' || c == '%' || (c == '.' && first) || strchr(also, c);
}

void sm_file_escape(struct sm_buf *out, const char *name, const char *also)
{
    const char *end = name + strlen(name);
    for (const char *at = name; *at;) {
        size_t len;
        bool hidden = is_hidden(at, (size_t)(end - at), &len);
        bool escape = hidden || needs_escape((unsigned char)*at, at == name, also);
        for (; len > 0; len--, at++) {
            if (escape)
                sm_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
            else
                sm_buf_char(out, *at);
        }
    }
}

/* The byte that an escape %XX stands for, or -1. */
static int escaped(const char *at, size_t left, bool first)
{
    static const char digits[] = "0123456789ABCDEF";
    if (left < 3 || at[0] != '%' || !at[1] || !at[2])
        return -1;
    const char *high = strchr(digits, toupper((unsigned char)at[1]));
    const char *low = strchr(digits, toupper((unsigned char)at[2]));
    int byte = high && low ? (int)((high - digits) * 16 + (low - digits)) : 0;
    return byte && (byte >= 0x80 || needs_escape(byte, first, "")) ? byte : -1;
}

/* The escapes of a character that is not printable, behind which *len bytes are read; 0: none. */
static size_t hidden_at(const char *at, size_t left, char bytes[4], size_t *len)
{
    size_t n = 0, whole;
    int byte;
    while (n < 4 && left >= 3 * (n + 1) &&
           (byte = escaped(at + 3 * n, left - 3 * n, false)) >= 0x80)
        bytes[n++] = (char)byte;
    if (n == 0 || !is_hidden(bytes, n, &whole))
        return 0;
    *len = 3 * whole;
    return whole;
}

void sm_file_unescape(struct sm_buf *out, const char *text, size_t len)
{
    for (size_t i = 0, taken; i < len; i += taken) {
        int byte = escaped(text + i, len - i, i == 0);
        char bytes[4];
        size_t hidden = byte >= 0x80 ? hidden_at(text + i, len - i, bytes, &taken) : 0;
        if (hidden > 0) {
            sm_buf_add(out, bytes, hidden);
            continue;
        }
        bool is_escape = byte >= 0 && byte < 0x80;
        if (is_escape)
            sm_buf_char(out, (char)byte);
        else
            sm_buf_char(out, text[i]);
        taken = is_escape ? 3 : 1;
    }
}
