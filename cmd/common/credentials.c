#include "cmd/common/credentials.h"

#include "cmd/common/environment.h"
#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/llm/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)1 << 20) /* of .env, and of a file of headers */

/* Reads a small file. False with errno, which is EFBIG if the file is larger. */
static bool read_small(const char *name, struct sm_buf *text)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    sm_buf_init(text, FILE_MAX_BYTES);
    bool ok = sm_file_read(fd, text);
    int why = ok ? EFBIG : errno;
    close(fd);
    errno = why;
    return ok && !text->over;
}

static void append(struct sm_string_list *lines, char *line)
{
    lines->at = sm_grow(lines->at, lines->count, &lines->room, sizeof *lines->at);
    lines->at[lines->count++] = line;
}

static void release_lines(struct sm_string_list *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free((char *)lines->at[i]);
    free(lines->at);
    *lines = (struct sm_string_list){0};
}

static void add_assignment(struct sm_string_list *lines, const char *line, size_t len)
{
    const char *end = line + len;
    while (line < end && strchr(" \t", *line))
        line++;
    if (end - line > 7 && memcmp(line, "export ", 7) == 0)
        line += 7;
    const char *equals = memchr(line, '=', (size_t)(end - line));
    if (!equals || *line == '#')
        return;
    const char *name_end = equals, *value = equals + 1;
    while (name_end > line && strchr(" \t", name_end[-1]))
        name_end--;
    while (value < end && strchr(" \t", *value))
        value++;
    while (end > value && strchr(" \t\r", end[-1]))
        end--;
    if (end - value >= 2 && (*value == '"' || *value == '\'') && end[-1] == *value) {
        value++;
        end--;
    }
    struct sm_buf text = {0};
    sm_buf_printf(&text, "%.*s=%.*s", (int)(name_end - line), line, (int)(end - value), value);
    append(lines, sm_buf_take(&text));
}

void dotenv_read(struct dotenv *env)
{
    struct sm_buf text = {0};
    if (read_small(".env", &text)) {
        const char *line = sm_buf_text(&text);
        for (size_t len; *line; line += len + (line[len] == '\n')) {
            len = strcspn(line, "\n");
            add_assignment(&env->lines, line, len);
        }
    }
    sm_buf_release(&text);
}

void dotenv_release(struct dotenv *env)
{
    release_lines(&env->lines);
}

const char *dotenv_variable(void *arg, const char *name)
{
    const struct dotenv *env = arg;
    const char *value = env_variable(name);
    size_t len = strlen(name);
    for (size_t i = 0; !value && i < env->lines.count; i++) {
        const char *line = env->lines.at[i];
        if (strncmp(line, name, len) == 0 && line[len] == '=' && line[len + 1])
            value = line + len + 1;
    }
    return value;
}

void forget_keys(void)
{
    for (size_t i = 0; sm_provider_key(i); i++)
        env_forget(sm_provider_key(i));
}

static bool add_headers(struct sm_string_list *lines, const char *name, struct sm_err *err)
{
    if (name[0] != '@')
        return sm_err_set(err, SM_EXIT_USAGE,
                          "write the header into a file and give --header @FILE",
                          "a header on the command line can be seen by every user of the machine");
    struct sm_buf text = {0};
    size_t before = lines->count;
    bool ok = read_small(name + 1, &text);
    if (!ok)
        sm_err_set(err, SM_EXIT_INPUT, "give a file with a header on each line", "%s: %s", name + 1,
                   strerror(errno));
    const char *line = sm_buf_text(&text);
    for (size_t len; ok && *line; line += len + strspn(line + len, "\r\n")) {
        len = strcspn(line, "\r\n");
        if (len && !memchr(line, ':', len))
            ok = sm_err_set(err, SM_EXIT_INPUT, "write NAME: VALUE", "%s: a line without a colon",
                            name + 1);
        else if (len)
            append(lines, sm_strndup(line, len));
    }
    if (ok && strlen(sm_buf_text(&text)) < text.len)
        ok = sm_err_set(err, SM_EXIT_INPUT, "give a text file", "%s: a NUL byte in it", name + 1);
    if (ok && lines->count == before)
        ok = sm_err_set(err, SM_EXIT_INPUT, "give a file with a header on each line",
                        "%s: no header in it", name + 1);
    sm_buf_release(&text);
    return ok;
}

bool headers_read(const struct sm_string_list *files, struct sm_string_list *lines,
                  struct sm_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < files->count; i++)
        ok = add_headers(lines, files->at[i], err);
    return ok;
}

void headers_release(struct sm_string_list *lines)
{
    release_lines(lines);
}
