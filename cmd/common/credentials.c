#include "cmd/common/credentials.h"

#include "cmd/common/environment.h"
#include "cmd/common/small_file.h"
#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/llm/provider.h"

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
    static const struct small_file_kind kind = {SM_EXIT_INPUT,
                                                "give a file with a header on each line"};
    struct sm_buf text = {0};
    size_t before = lines->count;
    bool ok = small_file_read(name + 1, &kind, &text, NULL, err);
    const char *line = sm_buf_text(&text);
    for (size_t len; ok && *line; line += len + strspn(line + len, "\r\n")) {
        len = strcspn(line, "\r\n");
        if (len && !memchr(line, ':', len))
            ok = sm_err_set(err, SM_EXIT_INPUT, "write NAME: VALUE", "%s: a line without a colon",
                            name + 1);
        else if (len)
            append(lines, sm_strndup(line, len));
    }
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

bool key_file_read(const char *name, char **key, struct sm_err *err)
{
    static const struct small_file_kind kind = {SM_EXIT_USAGE,
                                                "give a file whose first line is the key"};
    struct sm_buf text = {0};
    bool ok = small_file_read(name, &kind, &text, NULL, err);
    const char *first = sm_buf_text(&text);
    size_t len = strcspn(first, "\r\n");
    if (ok && len == 0)
        ok = sm_err_set(err, SM_EXIT_USAGE, kind.remedy, "--api-key-file %s: no key in it", name);
    if (ok)
        *key = sm_strndup(first, len);
    sm_buf_release(&text);
    return ok;
}
