#include "tests/mock/grammar.h"

#include "tests/mock/die.h"
#include "tests/mock/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

jv grammar_piece(struct token token)
{
    bool whole = !token_begins_within(token) && !token_ends_within(token);
    return whole ? jv_string_sized(token.at, (int)token.len) : token_bytes(token);
}

static jv none(jv list)
{
    jv_free(list);
    return jv_invalid();
}

/* Reads "text" at *at, which is moved on; the pieces of its tokens go to `list`. */
static jv add_text(jv list, const char **at)
{
    const char *end = *at + 1;
    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    jv text = *end ? jv_parse_sized(*at, (int)(end + 1 - *at)) : jv_invalid();
    if (jv_get_kind(text) != JV_KIND_STRING) {
        jv_free(text);
        return none(list);
    }
    struct tokens tokens = tokens_of(jv_string_value(text), false);
    for (size_t i = 0; i < tokens.count; i++)
        list = jv_array_append(list, grammar_piece(tokens.at[i]));
    free(tokens.at);
    jv_free(text);
    *at = end + 1;
    return list;
}

/* Reads <[id]> likewise. */
static jv add_numbered(jv list, jv known, const char **at)
{
    char *end;
    jv key = jv_string_fmt("%ld", strtol(*at + 2, &end, 10));
    jv piece = member_or(known, jv_string_value(key), jv_invalid());
    bool ok = strncmp(end, "]>", 2) == 0 && jv_is_valid(piece);
    jv_free(key);
    if (ok) {
        *at = end + 2;
        return jv_array_append(list, piece);
    }
    jv_free(piece);
    return none(list);
}

jv grammar_read(const char *grammar, jv known)
{
    static const char root[] = "root ::=";
    jv list = strncmp(grammar, root, strlen(root)) == 0 ? jv_array() : jv_invalid();
    for (const char *at = grammar + strlen(root); jv_is_valid(list) && *at;) {
        if (*at == ' ')
            at++;
        else if (*at == '"')
            list = add_text(list, &at);
        else if (strncmp(at, "<[", 2) == 0)
            list = add_numbered(list, known, &at);
        else
            list = none(list);
    }
    return list;
}

static size_t write_piece(FILE *out, jv piece)
{
    size_t len = 0;
    if (jv_get_kind(piece) == JV_KIND_STRING) {
        len = (size_t)jv_string_length_bytes(jv_copy(piece));
        fwrite(jv_string_value(piece), 1, len, out);
    } else {
        jv_array_foreach(piece, i, byte)
        {
            fputc((int)jv_number_value(byte), out);
            len++;
        }
    }
    jv_free(piece);
    return len;
}

char *grammar_write(const char *prompt, jv pieces, size_t count, struct tokens *tokens)
{
    char *text = NULL;
    size_t len;
    *tokens = (struct tokens){calloc(count + 1, sizeof *tokens->at), count};
    FILE *out = open_memstream(&text, &len);
    if (!out || !tokens->at)
        die("out of memory");
    fputs(prompt, out);
    for (size_t i = 0; i < count; i++)
        tokens->at[i].len = write_piece(out, jv_array_get(jv_copy(pieces), (int)i));
    fclose(out);
    const char *at = text + strlen(prompt);
    for (size_t i = 0; i < count; at += tokens->at[i++].len)
        tokens->at[i].at = at;
    return text;
}
