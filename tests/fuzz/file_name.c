/* covers: lib/base/file.c
 *
 * A name from data as the name of a file that is written and read, and back. */
#include "tests/fuzz/support.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"

#include <fcntl.h>
#include <unistd.h>

/* The file system takes the name. */
static void use_name(const char *name)
{
    struct sm_buf text = {0};
    fuzz_file(name, "text", 4);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0 && sm_file_read(fd, &text) && strcmp(sm_buf_text(&text), "text") == 0);
    close(fd);
    unlink(name);
    FILE *unnamed = sm_file_unnamed(".", NULL);
    REQUIRE(unnamed && !sm_file_unnamed(name, NULL)); /* there is no such folder */
    fclose(unnamed);
    sm_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const also[] = {"", " :", "%"};
    char *name = fuzz_string(data, size);
    struct sm_buf back = {0};
    for (size_t i = 0; i < sizeof also / sizeof *also; i++) {
        struct sm_buf file = {0};
        sm_file_escape(&file, name, also[i]);
        const char *text = sm_buf_text(&file);
        REQUIRE(!strchr(text, '/') && *text != '.' && (*text || !*name));
        for (size_t k = 0; k < file.len; k++)
            REQUIRE((unsigned char)text[k] >= 0x20 && text[k] != 0x7f);
        REQUIRE(!*also[i] || strcspn(text, " :") == file.len || *also[i] == '%');
        if (!*also[i]) {
            sm_file_unescape(&back, text, file.len);
            REQUIRE(strcmp(sm_buf_text(&back), name) == 0);
            if (file.len > 0 && file.len <= 255)
                use_name(text);
        }
        sm_buf_release(&file);
    }
    sm_buf_clear(&back);
    sm_file_unescape(&back, (const char *)data, size); /* a name that we have not made */
    REQUIRE(back.len <= size);
    sm_buf_release(&back);
    free(name);
    return 0;
}
