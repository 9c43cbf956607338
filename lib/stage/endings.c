#include "lib/stage/endings.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/printable.h"
#include "lib/base/utf8.h"

#include <stdlib.h>

#define SAMPLE_BYTES 100

/* What is not shown becomes a space, several become one. */
static char *sample_of(const char *text, size_t len)
{
    struct sm_buf out = {0};
    size_t i = 0;
    while (i < len && out.len < SAMPLE_BYTES) {
        uint32_t code;
        size_t bytes = sm_utf8_decode(text + i, len - i, &code);
        if (code != ' ' && sm_is_printable(code))
            sm_buf_add(&out, text + i, bytes);
        else if (out.len && out.data[out.len - 1] != ' ')
            sm_buf_char(&out, ' ');
        i += bytes;
    }
    if (i < len)
        sm_buf_str(&out, "...");
    return out.len ? sm_buf_take(&out) : sm_strdup("");
}

void sm_endings_add(struct sm_endings *endings, enum sm_status status,
                    const struct sm_completion *c)
{
    bool refused = status == SM_STATUS_REFUSED && c->why;
    endings->count[status]++;
    if (status != SM_STATUS_OK && !endings->sample[status])
        endings->sample[status] =
            refused ? sample_of(c->why, strlen(c->why)) : sample_of(c->content, c->content_len);
}

void sm_endings_release(struct sm_endings *endings)
{
    for (size_t i = 0; i < SM_STATUSES; i++)
        free(endings->sample[i]);
    *endings = (struct sm_endings){0};
}

size_t sm_endings_total(const struct sm_endings *endings)
{
    size_t total = 0;
    for (size_t i = 0; i < SM_STATUSES; i++)
        total += endings->count[i];
    return total;
}

enum sm_status sm_endings_worst(const struct sm_endings *endings)
{
    enum sm_status worst = SM_STATUS_OK;
    for (enum sm_status s = SM_STATUS_UNPARSED; s < SM_STATUSES; s++) {
        if (endings->count[s] > (worst == SM_STATUS_OK ? 0 : endings->count[worst]))
            worst = s;
    }
    return worst;
}
