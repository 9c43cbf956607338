#include "lib/io/color.h"

#include "lib/base/mem.h"

bool sm_term_is_able(const char *term)
{
    return term && *term && strcmp(term, "dumb") != 0;
}

bool sm_color_on(const char *when, bool terminal, const char *no_color, const char *term)
{
    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    return terminal && !(no_color && *no_color) && sm_term_is_able(term);
}

const char *sm_color_begin(bool on, enum sm_style style)
{
    static const char *const codes[] = {
        [SM_PLAIN] = "",       [SM_BOLD] = "\033[1m",   [SM_DIM] = "\033[2m",
        [SM_RED] = "\033[31m", [SM_GREEN] = "\033[32m", [SM_YELLOW] = "\033[33m",
        [SM_CYAN] = "\033[36m"};
    return on ? codes[style] : "";
}

const char *sm_color_end(bool on, enum sm_style style)
{
    return on && style != SM_PLAIN ? "\033[0m" : "";
}

void sm_color_add(struct sm_buf *out, bool on, enum sm_style style, const char *text)
{
    if (!*text)
        return;
    sm_buf_str(out, sm_color_begin(on, style));
    sm_buf_str(out, text);
    sm_buf_str(out, sm_color_end(on, style));
}
