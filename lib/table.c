#include "table.h"

#include "json.h"
#include "mem.h"

#include <stdint.h>

#define GAP 2        /* spaces between columns */
#define SHORTEST 4   /* columns that a shortened cell keeps */
#define ELLIPSIS "…" /* takes one column */
#define UNKNOWN "\xef\xbf\xbd"

struct sm_table {
    const struct sm_column *columns;
    size_t count;
    char **cells; /* row by row, the headings first */
    size_t used, room;
};

struct range {
    uint32_t first, last;
};

static const struct range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x23f0, 0x23f0},   {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x3247},   {0x3250, 0x4dbf},   {0x4e00, 0xa4c6},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},
    {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18d08}, {0x1b000, 0x1b2fb},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335},
    {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3},
    {0x1f3e0, 0x1f3f0}, {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc},
    {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f567}, {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5},
    {0x1f6d0, 0x1f6d7}, {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb},
    {0x1f90c, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

static const struct range combining[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd},   {0x0610, 0x061a},   {0x064b, 0x065f},
    {0x0670, 0x0670}, {0x06d6, 0x06dc},   {0x0900, 0x0902},   {0x093c, 0x093c},   {0x0941, 0x0948},
    {0x094d, 0x094d}, {0x0e31, 0x0e31},   {0x0e34, 0x0e3a},   {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200f},   {0x202a, 0x202e},   {0x2060, 0x2064},   {0x2066, 0x2069},
    {0x20d0, 0x20f0}, {0x302a, 0x302d},   {0x3099, 0x309a},   {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0020, 0xe007f}, {0xe0100, 0xe01ef},
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count && ranges[i].first <= code; i++) {
        if (code <= ranges[i].last)
            return true;
    }
    return false;
}

/* The length in bytes of the character at `text`, which is not empty; its code point, or
 * UINT32_MAX for a byte that is not UTF-8. */
static size_t decode(const char *text, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t want = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (sm_utf8_valid(text, strnlen(text, want)) < want) {
        *code = UINT32_MAX;
        return 1;
    }
    *code = want == 1 ? p[0] : p[0] & (0xffu >> (want + 1));
    for (size_t i = 1; i < want; i++)
        *code = *code << 6 | (p[i] & 0x3fu);
    return want;
}

static size_t width_of(uint32_t code)
{
    if (is_in(combining, sizeof combining / sizeof *combining, code))
        return 0;
    return is_in(wide, sizeof wide / sizeof *wide, code) ? 2 : 1;
}

size_t sm_text_width(const char *text)
{
    size_t width = 0;
    uint32_t code;
    for (; *text; width += width_of(code))
        text += decode(text, &code);
    return width;
}

static char *printable(const char *text)
{
    struct sm_buf out = {0};
    uint32_t code;
    for (size_t len; *text; text += len) {
        len = decode(text, &code);
        if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == UINT32_MAX)
            sm_buf_str(&out, UNKNOWN);
        else
            sm_buf_add(&out, text, len);
    }
    sm_buf_str(&out, "");
    return sm_buf_take(&out);
}

struct sm_table *sm_table_open(const struct sm_column *columns, size_t count)
{
    struct sm_table *table = sm_alloc(1, sizeof *table);
    *table = (struct sm_table){.columns = columns, .count = count};
    const char **headings = sm_alloc(count, sizeof *headings);
    for (size_t i = 0; i < count; i++)
        headings[i] = columns[i].heading;
    sm_table_add(table, headings);
    free(headings);
    return table;
}

void sm_table_close(struct sm_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->used; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table);
}

void sm_table_add(struct sm_table *table, const char *const *cells)
{
    for (size_t i = 0; i < table->count; i++) {
        table->cells = sm_grow(table->cells, table->used, &table->room, sizeof *table->cells);
        table->cells[table->used++] = printable(cells[i]);
    }
}

/* The width of each column; that of the first is cut to what `width` leaves for it. */
static size_t *column_widths(const struct sm_table *table, size_t width)
{
    size_t *widths = sm_alloc(table->count, sizeof *widths);
    for (size_t i = 0; i < table->used; i++) {
        size_t cell = sm_text_width(table->cells[i]);
        if (cell > widths[i % table->count])
            widths[i % table->count] = cell;
    }
    size_t others = 0;
    for (size_t i = 1; i < table->count; i++)
        others += GAP + widths[i];
    size_t left = width > others + SHORTEST ? width - others : SHORTEST;
    if (width && widths[0] > left)
        widths[0] = left;
    return widths;
}

/* Appends as much of `text` as fits into `room` columns, and returns how many were taken. */
static size_t write_text(const char *text, size_t room, struct sm_buf *out)
{
    size_t width = sm_text_width(text);
    if (width <= room) {
        sm_buf_str(out, text);
        return width;
    }
    uint32_t code;
    width = 1; /* the ellipsis */
    for (size_t len; *text; text += len) {
        len = decode(text, &code);
        if (width + width_of(code) > room)
            break;
        width += width_of(code);
        sm_buf_add(out, text, len);
    }
    sm_buf_str(out, ELLIPSIS);
    return width;
}

static void write_cell(const char *text, size_t room, bool right, bool last, struct sm_buf *out)
{
    struct sm_buf shown = {0};
    int fill = (int)(room - write_text(text, room, &shown));
    if (right)
        sm_buf_printf(out, "%*s", fill, "");
    sm_buf_str(out, sm_buf_text(&shown));
    if (!right && !last)
        sm_buf_printf(out, "%*s", fill, "");
    sm_buf_printf(out, "%*s", last ? 0 : GAP, "");
    sm_buf_release(&shown);
}

void sm_table_write(const struct sm_table *table, size_t width, struct sm_buf *out)
{
    size_t *widths = column_widths(table, width);
    for (size_t i = 0; i < table->used; i++) {
        size_t column = i % table->count;
        bool last = column + 1 == table->count;
        write_cell(table->cells[i], widths[column], table->columns[column].right, last, out);
        if (last)
            sm_buf_char(out, '\n');
    }
    free(widths);
}
