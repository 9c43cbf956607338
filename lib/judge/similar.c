#include "lib/judge/similar.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"

#include <math.h>
#include <sqlite3.h>

#define K1 1.2 /* of BM25, as everywhere */
#define B 0.75

/* Marks belong to the words of many scripts. The words of the text that is looked for are found by
 * the same rules as those of the known ones; there is no query whose syntax a text could be. */
#define WORDS "fts5(text, content='', tokenize=\"unicode61 categories 'L* N* M* Co'\")"
static const char schema[] = "CREATE VIRTUAL TABLE known USING " WORDS ";"
                             "CREATE VIRTUAL TABLE asked USING " WORDS ";"
                             "CREATE VIRTUAL TABLE known_word USING fts5vocab(known, instance);"
                             "CREATE VIRTUAL TABLE asked_word USING fts5vocab(asked, row);";

enum { CLEAR_KNOWN, CLEAR_ASKED, ADD_KNOWN, ADD_ASKED, KNOWN_WORDS, ASKED_WORDS, STATEMENTS };

static const char *const statement_text[STATEMENTS] = {
    [CLEAR_KNOWN] = "INSERT INTO known (known) VALUES ('delete-all')",
    [CLEAR_ASKED] = "INSERT INTO asked (asked) VALUES ('delete-all')",
    [ADD_KNOWN] = "INSERT INTO known (rowid, text) VALUES (?2, ?1)",
    [ADD_ASKED] = "INSERT INTO asked (rowid, text) VALUES (?2, ?1)",
    [KNOWN_WORDS] = "SELECT term, doc FROM known_word ORDER BY term, doc",
    [ASKED_WORDS] = "SELECT term FROM asked_word ORDER BY term",
};

/* A word in a text. */
struct posting {
    size_t word; /* where it is in `words` */
    size_t text;
    double count;
};

struct sm_similar {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    size_t count; /* texts */
    /* Of these, once `listed`: */
    bool listed;
    struct sm_buf words;      /* each with a NUL */
    struct posting *postings; /* by word, in the order of bytes, and text */
    size_t posting_count, posting_room;
    double *lengths, mean; /* in words */
    struct sm_buf scratch;
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
    sm_buf_release(&s->scratch);
    sm_buf_release(&s->words);
    free(s->postings);
    free(s->lengths);
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
    s->listed = false;
    return execute(s, CLEAR_KNOWN, err);
}

/* --- Words --- */

/* How a run of characters goes into the index. */
enum kind {
    OTHER,  /* not at all */
    LETTER, /* as a word, and each three in a row: words are inflected, joined, or not divided */
    SIGN,   /* of Chinese, Japanese and Korean, where one says much: each, and each two in a row */
};

static bool is_sign(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x3041, 0x30ff}, {0x31f0, 0x31ff}, {0x3400, 0x4dbf}, {0x4e00, 0x9fff},
        {0xac00, 0xd7af}, {0xf900, 0xfaff}, {0xff66, 0xff9f}, {0x20000, 0x3ffff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    }
    return false;
}

/* What is beyond ASCII and none of its punctuation is taken for a letter: FTS5 knows better, and
 * divides at what is none. */
static enum kind kind_of(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? LETTER
                                                                                          : OTHER;
    if (is_sign(c))
        return SIGN;
    bool punctuation = c < 0xc0 || (c >= 0x2000 && c < 0x2c00) || (c >= 0x3000 && c < 0x3041) ||
                       (c >= 0xff00 && c < 0xff10) || c == 0x060c || c == 0x061b || c == 0x061f;
    return punctuation ? OTHER : LETTER;
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

/* Writes a text, without NUL, whose words are what is compared. */
static void write_words(const char *text, size_t len, struct sm_buf *out)
{
    sm_buf_clear(out);
    for (size_t at = 0; at < len;) {
        struct run run = next_run(text + at, len - at);
        if (run.kind != OTHER)
            add_grams(out, &run, run.kind == SIGN ? 1 : run.characters);
        if (run.kind == SIGN && run.characters > 1)
            add_grams(out, &run, 2);
        else if (run.kind == LETTER && run.characters > 3)
            add_grams(out, &run, 3);
        at += run.len;
    }
}

static bool add_text(struct sm_similar *s, int which, size_t number, struct sm_err *err)
{
    sqlite3_stmt *add = s->statements[which];
    sqlite3_bind_text64(add, 1, sm_buf_text(&s->scratch), s->scratch.len, SQLITE_STATIC,
                        SQLITE_UTF8);
    sqlite3_bind_int64(add, 2, (sqlite3_int64)number);
    return execute(s, which, err);
}

bool sm_similar_add(struct sm_similar *s, const char *text, size_t len, struct sm_err *err)
{
    write_words(text, len, &s->scratch);
    s->listed = false;
    return add_text(s, ADD_KNOWN, s->count++, err);
}

/* --- Scores --- */

static const char *word_of(const struct sm_similar *s, size_t posting)
{
    return s->words.data + s->postings[posting].word;
}

/* Counts a word that comes behind all before it, or once more. */
static void add_posting(struct sm_similar *s, const char *word, size_t text)
{
    struct posting *last = s->posting_count ? &s->postings[s->posting_count - 1] : NULL;
    bool same = last && strcmp(word_of(s, s->posting_count - 1), word) == 0;
    s->lengths[text]++;
    if (same && last->text == text) {
        last->count++;
        return;
    }
    size_t at = same ? last->word : s->words.len;
    if (!same)
        sm_buf_add(&s->words, word, strlen(word) + 1);
    s->postings = sm_grow(s->postings, s->posting_count, &s->posting_room, sizeof *s->postings);
    s->postings[s->posting_count++] = (struct posting){at, text, 1};
}

static bool list_words(struct sm_similar *s, struct sm_err *err)
{
    sqlite3_stmt *words = s->statements[KNOWN_WORDS];
    double sum = 0;
    int code;
    if (s->listed)
        return true;
    sm_buf_clear(&s->words);
    s->posting_count = 0;
    free(s->lengths);
    s->lengths = sm_alloc(s->count, sizeof *s->lengths);
    while ((code = sqlite3_step(words)) == SQLITE_ROW) {
        const char *word = (const char *)sqlite3_column_text(words, 0);
        sqlite3_int64 text = sqlite3_column_int64(words, 1);
        if (word && text >= 0 && (size_t)text < s->count)
            add_posting(s, word, (size_t)text);
    }
    s->listed = code == SQLITE_DONE || fail(s, err);
    sqlite3_reset(words);
    for (size_t i = 0; i < s->count; i++)
        sum += s->lengths[i];
    s->mean = fmax(sum, 1) / (double)(s->count ? s->count : 1);
    return s->listed;
}

/* A word that most texts have still counts a little: they are few. */
static void add_word(const struct sm_similar *s, const struct posting *at, size_t with,
                     double *score)
{
    double rare = log(1 + ((double)(s->count - with) + 0.5) / ((double)with + 0.5));
    for (size_t i = 0; i < with; i++) {
        double length = 1 - B + B * s->lengths[at[i].text] / s->mean;
        score[at[i].text] += rare * at[i].count * (K1 + 1) / (at[i].count + K1 * length);
    }
}

bool sm_similar_score(struct sm_similar *s, const char *text, size_t len, double *score,
                      struct sm_err *err)
{
    sqlite3_stmt *words = s->statements[ASKED_WORDS];
    int code = SQLITE_DONE;
    for (size_t i = 0; i < s->count; i++)
        score[i] = 0;
    write_words(text, len, &s->scratch);
    bool ok = list_words(s, err) && execute(s, CLEAR_ASKED, err) && add_text(s, ADD_ASKED, 0, err);
    for (size_t at = 0; ok && (code = sqlite3_step(words)) == SQLITE_ROW;) {
        const char *word = (const char *)sqlite3_column_text(words, 0);
        while (word && at < s->posting_count && strcmp(word_of(s, at), word) < 0)
            at++;
        size_t from = at;
        while (word && at < s->posting_count && strcmp(word_of(s, at), word) == 0)
            at++;
        add_word(s, &s->postings[from], at - from, score);
    }
    ok = ok && (code == SQLITE_DONE || fail(s, err));
    sqlite3_reset(words);
    return ok;
}
