#include "lib/judge/similar.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"

#include <math.h>
#include <sqlite3.h>

#define WORD_MAX 20 /* characters: a longer run of letters is no word */

#define K1 1.2 /* of BM25, as everywhere */
#define B 0.75

/* Marks belong to the words of many scripts. The words of the text that is looked for are found by
 * the same rules as those of the known ones, and each is looked up: there is no query whose syntax
 * a text could be. */
#define WORDS "fts5(text, content='', tokenize=\"unicode61 categories 'L* N* M* Co'\")"
static const char schema[] = "CREATE VIRTUAL TABLE known USING " WORDS ";"
                             "CREATE VIRTUAL TABLE asked USING " WORDS ";"
                             "CREATE VIRTUAL TABLE known_word USING fts5vocab(known, instance);"
                             "CREATE VIRTUAL TABLE asked_word USING fts5vocab(asked, row);";

enum { CLEAR_KNOWN, CLEAR_ASKED, ADD_KNOWN, ADD_ASKED, LENGTHS, WORDS_ASKED, COUNTS, STATEMENTS };

static const char *const statement_text[STATEMENTS] = {
    [CLEAR_KNOWN] = "INSERT INTO known (known) VALUES ('delete-all')",
    [CLEAR_ASKED] = "INSERT INTO asked (asked) VALUES ('delete-all')",
    [ADD_KNOWN] = "INSERT INTO known (rowid, text) VALUES (?2, ?1)",
    [ADD_ASKED] = "INSERT INTO asked (rowid, text) VALUES (?2, ?1)",
    [LENGTHS] = "SELECT doc, count(*) FROM known_word GROUP BY doc",
    [WORDS_ASKED] = "SELECT term FROM asked_word ORDER BY term",
    [COUNTS] = "SELECT doc, count(*) FROM known_word WHERE term = ?1 GROUP BY doc",
};

struct sm_similar {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    size_t count;    /* texts */
    double *lengths; /* of the texts, in words, once `measured`; */
    double *here;    /* how often the word at hand is in each */
    double mean;     /* of the lengths */
    bool measured;
    struct sm_buf text;
};

static bool fail(const struct sm_similar *s, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, NULL, "SQLite's FTS5: %s", sqlite3_errmsg(s->db));
}

struct sm_similar *sm_similar_open(struct sm_err *err)
{
    struct sm_similar *s = sm_alloc(1, sizeof *s);
    bool ok = sqlite3_open(":memory:", &s->db) == SQLITE_OK;
    if (!ok)
        fail(s, err);
    else if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
        ok = sm_err_set(err, SM_EXIT_INPUT,
                        "take an SQLite that has it (all distributions' have), or give "
                        "--embeddings",
                        "this SQLite finds no similar texts, because it has no FTS5: %s",
                        sqlite3_errmsg(s->db));
    for (int i = 0; ok && i < STATEMENTS; i++)
        ok = sqlite3_prepare_v2(s->db, statement_text[i], -1, &s->statements[i], NULL) ==
                 SQLITE_OK ||
             fail(s, err);
    if (ok)
        return s;
    sm_similar_close(s);
    return NULL;
}

void sm_similar_close(struct sm_similar *s)
{
    if (!s)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    sm_buf_release(&s->text);
    free(s->lengths);
    free(s->here);
    free(s);
}

static bool execute(struct sm_similar *s, int which, struct sm_err *err)
{
    int code = sqlite3_step(s->statements[which]);
    bool ok = code == SQLITE_DONE || fail(s, err);
    sqlite3_reset(s->statements[which]);
    return ok;
}

bool sm_similar_clear(struct sm_similar *s, struct sm_err *err)
{
    s->count = 0;
    s->measured = false;
    return execute(s, CLEAR_KNOWN, err);
}

/* --- Words --- */

/* Of a script that puts no spaces between words, or writes what belongs to a word onto it. */
static bool is_dense(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x0e00, 0x0fff},                                     /* Thai, Lao, Tibetan */
        {0x1000, 0x109f},                                     /* Burmese */
        {0x1780, 0x17ff},                                     /* Khmer */
        {0x3041, 0x30ff},                                     /* kana */
        {0x31f0, 0x31ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, /* Chinese */
        {0xac00, 0xd7af},                                     /* Korean */
        {0xf900, 0xfaff}, {0xff66, 0xff9f}, {0x20000, 0x3ffff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    }
    return false;
}

/* How a character goes on: with a run of these are divided. */
enum kind { OTHER, DENSE, LETTER };

/* A letter is, roughly, what is not ASCII and no punctuation: FTS5 knows better, but looks only at
 * what words are made here. */
static enum kind kind_of(uint32_t c)
{
    if (is_dense(c))
        return DENSE;
    bool punctuation = (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3041) || c > 0xfb00 ||
                       c == 0x060c || c == 0x061b || c == 0x061f;
    return c >= 0xc0 && !punctuation ? LETTER : OTHER;
}

/* A run of characters of a kind. */
struct run {
    const char *at;
    size_t len, characters;
    enum kind kind;
};

static struct run next_run(const char *text, size_t len)
{
    struct run run = {.at = text};
    while (run.len < len) {
        uint32_t c;
        size_t n = sm_utf8_decode(text + run.len, len - run.len, &c);
        enum kind kind = kind_of(c);
        if (run.characters > 0 && kind != run.kind)
            break;
        run.kind = kind;
        run.len += n;
        run.characters++;
    }
    return run;
}

/* Appends each `size` characters in a row as a word. */
static void add_grams(struct sm_buf *out, const struct run *run, size_t size)
{
    size_t from = 0, to = 0, n = 0;
    while (to < run->len) {
        to += sm_utf8_sequence(run->at + to, run->len - to);
        if (++n < size && to < run->len)
            continue;
        sm_buf_char(out, ' ');
        sm_buf_add(out, run->at + from, to - from);
        from += sm_utf8_sequence(run->at + from, run->len - from);
    }
    sm_buf_char(out, ' ');
}

/* Writes a text without NUL in which FTS5 finds the words. */
static void write_words(const char *text, size_t len, struct sm_buf *out)
{
    sm_buf_clear(out);
    for (size_t at = 0; at < len;) {
        struct run run = next_run(text + at, len - at);
        if (run.kind == DENSE)
            add_grams(out, &run, 2);
        else if (run.kind == LETTER && run.characters > WORD_MAX)
            add_grams(out, &run, 3);
        else
            sm_buf_add(out, run.at, run.len);
        at += run.len;
    }
    for (size_t i = 0; i < out->len; i++)
        out->data[i] = out->data[i] ? out->data[i] : ' ';
}

static bool add_text(struct sm_similar *s, int which, size_t number, struct sm_err *err)
{
    sqlite3_stmt *add = s->statements[which];
    sqlite3_bind_text64(add, 1, sm_buf_text(&s->text), s->text.len, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_int64(add, 2, (sqlite3_int64)number);
    return execute(s, which, err);
}

bool sm_similar_add(struct sm_similar *s, const char *text, size_t len, struct sm_err *err)
{
    write_words(text, len, &s->text);
    s->measured = false;
    return add_text(s, ADD_KNOWN, s->count++, err);
}

/* --- Scores --- */

/* Reads (text, number) pairs, which are added to `numbers`. */
static bool read_counts(struct sm_similar *s, int which, double *numbers, struct sm_err *err)
{
    sqlite3_stmt *counts = s->statements[which];
    int code;
    for (size_t i = 0; i < s->count; i++)
        numbers[i] = 0;
    while ((code = sqlite3_step(counts)) == SQLITE_ROW) {
        sqlite3_int64 i = sqlite3_column_int64(counts, 0);
        if (i >= 0 && (size_t)i < s->count)
            numbers[i] = sqlite3_column_double(counts, 1);
    }
    bool ok = code == SQLITE_DONE || fail(s, err);
    sqlite3_reset(counts);
    return ok;
}

static bool measure(struct sm_similar *s, struct sm_err *err)
{
    if (s->measured)
        return true;
    s->lengths = sm_resize(s->lengths, s->count + 1, sizeof *s->lengths);
    s->here = sm_resize(s->here, s->count + 1, sizeof *s->here);
    s->measured = read_counts(s, LENGTHS, s->lengths, err);
    double sum = 0;
    for (size_t i = 0; i < s->count; i++)
        sum += s->lengths[i];
    s->mean = s->count ? sum / (double)s->count : 0;
    return s->measured;
}

/* A word that most texts have still counts a little: they are few. */
static void add_word(const struct sm_similar *s, double *score)
{
    double n = (double)s->count, with = 0;
    for (size_t i = 0; i < s->count; i++)
        with += s->here[i] > 0;
    double rare = log(1 + (n - with + 0.5) / (with + 0.5));
    for (size_t i = 0; i < s->count; i++) {
        double length = 1 - B + B * s->lengths[i] / (s->mean > 0 ? s->mean : 1);
        score[i] += rare * s->here[i] * (K1 + 1) / (s->here[i] + K1 * length);
    }
}

bool sm_similar_score(struct sm_similar *s, const char *text, size_t len, double *score,
                      struct sm_err *err)
{
    sqlite3_stmt *words = s->statements[WORDS_ASKED], *counts = s->statements[COUNTS];
    int code = SQLITE_DONE;
    for (size_t i = 0; i < s->count; i++)
        score[i] = 0;
    write_words(text, len, &s->text);
    bool ok = measure(s, err) && execute(s, CLEAR_ASKED, err) && add_text(s, ADD_ASKED, 0, err);
    while (ok && (code = sqlite3_step(words)) == SQLITE_ROW) {
        sqlite3_bind_value(counts, 1, sqlite3_column_value(words, 0));
        ok = read_counts(s, COUNTS, s->here, err);
        if (ok)
            add_word(s, score);
    }
    ok = ok && (code == SQLITE_DONE || fail(s, err));
    sqlite3_reset(words);
    return ok;
}
