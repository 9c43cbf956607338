/* Prints OPTIONS in mdoc(7) for a table whose texts are as hostile as texts may be. */
#include "lib/io/opt.h"

#include <stdio.h>

int main(void)
{
    static const struct sm_opt options[] = {
        {0, "plain", NULL, SM_OPT_FLAG, 0, 0, 0,
         ".Nm is no macro here. 'tis none either. Use --plain-text or -p."},
        {0, "back", "DIR", SM_OPT_TEXT, 0, 0, 0,
         "A \\n stays a \\n, as in C:\\temp. well-known words... keep one dash (-x)."},
        {0, "dot", NULL, SM_OPT_FLAG, 0, 0, 0, ". begins it. .so is no request."},
        SM_OPT_END};
    const struct sm_opt_group groups[] = {{options, NULL}, {0}};
    struct sm_buf out = {0};
    sm_opt_manual(groups, &out);
    fputs(sm_buf_text(&out), stdout);
    sm_buf_release(&out);
    return 0;
}
