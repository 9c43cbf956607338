/* What all kinds of rows have in common: they must be text. */
#include "lib/data/internal/rows.h"

#include "lib/base/swar.h"
#include "lib/base/utf8.h"

#include <string.h>

#define REMEDY                                                                                     \
    "convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE | sm-import ... (or from the encoding that "  \
    "it has)"
#define FOREIGN_ROWS 5 /* so many tell that the file is not in UTF-8, if no row is */

void sm_rows_tell(const struct sm_rows *rows, const char *text)
{
    if (rows->note)
        rows->note(rows->note_arg, text);
}

enum sm_read sm_rows_fail(struct sm_rows *rows, const char *remedy, const char *message,
                          struct sm_err *err)
{
    rows->over = true;
    sm_err_set(err, SM_EXIT_INPUT, remedy, "%s", message);
    return SM_READ_FAIL;
}

static bool has_high(const char *text, size_t len)
{
    size_t i = 0;
    while (i + 8 <= len && !sm_swar_high(sm_swar_at(text + i)))
        i += 8;
    while (i < len && !(text[i] & 0x80))
        i++;
    return i < len;
}

/* Whether it could be text in an encoding of one byte a character: random bytes have others. */
static bool could_be_text(const struct sm_buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return false;
    }
    return true;
}

/* A row that is not UTF-8 may be damaged; a file where none is has another encoding. */
static enum sm_read not_utf8(struct sm_rows *rows, struct sm_err *err)
{
    rows->foreign_rows += could_be_text(&rows->text);
    if (!rows->has_utf8 && rows->foreign_rows >= FOREIGN_ROWS)
        return sm_rows_fail(rows, REMEDY,
                            "this row too is not UTF-8, and none with other letters than ASCII "
                            "was: the file has another encoding, and the rest is not read",
                            err);
    if (rows->kind == SM_ROWS_JSON)
        return SM_READ_LINE; /* the parser will tell it, with the place */
    sm_err_set(err, SM_EXIT_INPUT, REMEDY, "invalid UTF-8");
    return SM_READ_BAD;
}

enum sm_read sm_rows_check_text(struct sm_rows *rows, struct sm_err *err)
{
    const char *text = sm_buf_text(&rows->text);
    size_t len = rows->text.len;
    if (rows->text.over) {
        sm_err_set(err, SM_EXIT_INPUT, "split the row, or leave it out",
                   "row is longer than %zu MiB: skipped", SM_LINE_MAX_BYTES >> 20);
        return SM_READ_BAD;
    }
    if (rows->kind != SM_ROWS_JSON && memchr(text, '\0', len)) {
        sm_err_set(err, SM_EXIT_INPUT, "remove the NUL byte", "NUL byte");
        return SM_READ_BAD;
    }
    if (sm_utf8_valid(text, len) < len)
        return not_utf8(rows, err);
    rows->has_utf8 = rows->has_utf8 || has_high(text, len);
    return SM_READ_LINE;
}
