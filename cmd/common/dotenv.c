#include "cmd/common/dotenv.h"

#include "cmd/common/environment.h"
#include "cmd/common/small_file.h"
#include "lib/base/buf.h"
#include "lib/base/mem.h"

#include <sys/stat.h>

#define NAME ".env"
#define BOM "\xef\xbb\xbf" /* some editors begin a file with it */
#define BLANKS " \t"

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, BLANKS);
}

/* Whether nothing but a comment is left of the line. */
static bool ends_here(const char *at)
{
    const char *rest = skip_blanks(at);
    return !*rest || strchr("\r\n", *rest) || (*rest == '#' && rest > at);
}

/* What a backslash before `c` stands for between these quotes; NULL: for itself. */
static const char *escaped(char quote, char c)
{
    static const char from[] = "\\'nrt\"$", *const to[] = {"\\", "'", "\n", "\r", "\t", "\"", "$"};
    const char *at = c ? strchr(from, c) : NULL;
    if (!at || (quote == '\'' && at > from + 1))
        return NULL;
    return to[at - from];
}

/* Reads a text in quotes, which may go over several lines. Returns what is behind it; NULL if it is
 * none: no quote ends it, or something else follows. */
static const char *read_quoted(const char *at, struct sm_buf *value)
{
    char quote = *at++;
    size_t before = value->len;
    for (; *at && *at != quote; at++) {
        const char *text = *at == '\\' ? escaped(quote, at[1]) : NULL;
        if (text)
            sm_buf_str(value, text);
        else
            sm_buf_char(value, *at);
        at += text ? 1 : 0;
    }
    if (*at == quote && ends_here(at + 1))
        return at + 1;
    value->len = before;
    value->data[before] = '\0';
    return NULL;
}

/* Reads up to the end of the line, or to a comment, which a blank sets off. */
static void read_bare(const char *at, struct sm_buf *value)
{
    size_t len = 0;
    while (at[len] && !strchr("\r\n", at[len]) &&
           !(at[len] == '#' && strchr(BLANKS, (at + len)[-1])))
        len++;
    while (len && strchr(BLANKS, at[len - 1]))
        len--;
    sm_buf_add(value, at, len);
}

/* Reads one line, or more where a text in quotes goes on. Returns where the next one begins. */
static const char *read_assignment(struct sm_string_list *lines, const char *line)
{
    const char *name = skip_blanks(line), *after;
    if (strncmp(name, "export", 6) == 0 && name[6] && strchr(BLANKS, name[6]))
        name = skip_blanks(name + 6);
    size_t len = strcspn(name, "=# \t\r\n'\"");
    const char *equals = skip_blanks(name + len);
    after = line;
    if (len && *equals == '=') {
        struct sm_buf text = {0};
        const char *value = skip_blanks(equals + 1), *end = NULL;
        sm_buf_printf(&text, "%.*s=", (int)len, name);
        if (*value == '"' || *value == '\'')
            end = read_quoted(value, &text);
        if (!end)
            read_bare(value, &text);
        after = end ? end : value;
        lines->at = sm_grow(lines->at, lines->count, &lines->room, sizeof *lines->at);
        lines->at[lines->count++] = sm_buf_take(&text);
    }
    after += strcspn(after, "\r\n");
    return after + strspn(after, "\r\n");
}

bool dotenv_read(struct dotenv *env, struct sm_err *err)
{
    static const struct small_file_kind kind = {
        SM_EXIT_USAGE, "make it a text that you can read, or move it away"};
    struct sm_buf text = {0};
    struct stat info;
    /* A folder of that name holds somebody's virtual environment. */
    if (stat(NAME, &info) == 0 && S_ISDIR(info.st_mode))
        return true;
    bool missing, ok = small_file_read(NAME, &kind, &text, &missing, err) || missing;
    const char *at = sm_buf_text(&text);
    if (strncmp(at, BOM, 3) == 0)
        at += 3;
    while (ok && *at)
        at = read_assignment(&env->lines, at);
    sm_buf_release(&text);
    return ok;
}

void dotenv_release(struct dotenv *env)
{
    for (size_t i = 0; i < env->lines.count; i++)
        free((char *)env->lines.at[i]);
    free(env->lines.at);
    *env = (struct dotenv){0};
}

const char *dotenv_value(const struct dotenv *env, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = env->lines.count; i-- > 0;) {
        const char *line = env->lines.at[i];
        if (strncmp(line, name, len) == 0 && line[len] == '=')
            return line[len + 1] ? line + len + 1 : NULL;
    }
    return NULL;
}

const char *dotenv_variable(void *env, const char *name)
{
    const char *value = env_variable(name);
    return value ? value : dotenv_value(env, name);
}
