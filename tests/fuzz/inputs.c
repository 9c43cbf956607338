#include "tests/fuzz/inputs.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"

#include <fcntl.h>
#include <unistd.h>

void fuzz_inputs_keep(struct fuzz_inputs *inputs, const void *data, size_t size)
{
    inputs->at = sm_grow(inputs->at, inputs->count, &inputs->room, sizeof *inputs->at);
    struct fuzz_input *input = &inputs->at[inputs->count++];
    *input = (struct fuzz_input){sm_resize(NULL, size ? size : 1, 1), size};
    if (size)
        memcpy(input->data, data, size);
}

/* Undoes the escapes of a line, in place. Returns its length then. */
static size_t unpack(char *line)
{
    char *to = line;
    for (const char *p = line; *p;) {
        char digits[3] = "";
        if (*p != '\\') {
            *to++ = *p++;
        } else if (p[1] == 'x' && p[2] && p[3]) {
            memcpy(digits, p + 2, 2);
            *to++ = (char)strtol(digits, NULL, 16);
            p += 4;
        } else {
            *to++ = p[1] == 'n' ? '\n' : p[1];
            p += 2;
        }
    }
    return (size_t)(to - line);
}

bool fuzz_inputs_add(struct fuzz_inputs *inputs, const char *path)
{
    struct sm_buf text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && sm_file_read(fd, &text);
    if (fd >= 0)
        close(fd);
    size_t len = strlen(path);
    bool pack = len > 5 && strcmp(path + len - 5, ".pack") == 0;
    if (ok && !pack)
        fuzz_inputs_keep(inputs, text.data, text.len);
    for (char *line = text.data, *end; ok && pack && line && (end = strchr(line, '\n'));
         line = end + 1) {
        *end = '\0';
        fuzz_inputs_keep(inputs, line, unpack(line));
    }
    sm_buf_release(&text);
    return ok;
}

void fuzz_inputs_release(struct fuzz_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++)
        free(inputs->at[i].data);
    free(inputs->at);
    *inputs = (struct fuzz_inputs){0};
}
