/* What the option tables say: --help, and parts of the man page. */
#include "lib/io/opt.h"

#include "lib/base/mem.h"
#include "lib/io/color.h"

static void help_title(const char *title, bool color, struct sm_buf *out)
{
    sm_buf_char(out, '\n');
    sm_color_add(out, color, SM_BOLD, title);
    sm_buf_str(out, ":\n");
}

static void help_line(const struct sm_opt *o, struct sm_buf *out)
{
    static const size_t column = 27, width = 96;
    size_t start = out->len;
    if (o->letter)
        sm_buf_printf(out, "  -%c, --%s", o->letter, o->name);
    else
        sm_buf_printf(out, "      --%s", o->name);
    if (o->arg)
        sm_buf_printf(out, " %s", o->arg);
    size_t at = out->len - start;
    if (at + 2 > column) {
        sm_buf_char(out, '\n');
        at = 0;
    }
    sm_buf_printf(out, "%*s", (int)(column - at), "");
    at = column;
    for (const char *word = o->help; *word;) {
        size_t len = strcspn(word, " ");
        if (at > column && at + 1 + len > width) {
            sm_buf_printf(out, "\n%*s", (int)column, "");
            at = column;
        } else if (at > column) {
            sm_buf_char(out, ' ');
            at++;
        }
        sm_buf_add(out, word, len);
        at += len;
        word += len + (word[len] == ' ');
    }
    sm_buf_char(out, '\n');
}

void sm_opt_help(const struct sm_program *program, const struct sm_opt_group *groups, bool color,
                 struct sm_buf *out)
{
    sm_color_add(out, color, SM_BOLD, "Usage");
    sm_buf_printf(out, ": %s [OPTION ...] %s\n%s.\n\n%s\n", program->name, program->operands,
                  program->summary, program->about);
    if (groups->options && groups->options->kind != SM_OPT_TITLE)
        sm_buf_char(out, '\n');
    for (; groups->options; groups++) {
        for (const struct sm_opt *o = groups->options; o->name; o++) {
            if (o->kind == SM_OPT_TITLE)
                help_title(o->help, color, out);
            else
                help_line(o, out);
        }
    }
    sm_buf_char(out, '\n');
    sm_color_add(out, color, SM_BOLD, "Exit status");
    sm_buf_printf(out,
                  ": 0 done, 1 some lines or users failed, 2 usage, 3 input or "
                  "environment unusable,\n4 the endpoint refused, 5 waiting for a batch, 6 a cap "
                  "was reached, 7 a figure was missed,\n8 --replay has no answer. Manual: man %s\n",
                  program->name);
}

/* Writes text for mdoc(7): escapes backslashes and the dashes of options, keeps a line from reading
 * as a macro, and begins a new line with each sentence. */
static void mdoc_text(struct sm_buf *out, const char *text)
{
    char before = '\n', second = '\n'; /* the last character, and the one before it */
    for (; *text; second = before, before = *text++) {
        bool line = out->len > 0 && out->data[out->len - 1] == '\n';
        bool sentence = *text == ' ' && before == '.' && second != '.';
        if (line && strchr(".'", *text))
            sm_buf_str(out, "\\&");
        if (*text == '\\')
            sm_buf_str(out, "\\e");
        else if (*text == '-' && strchr(" \n(-", before))
            sm_buf_str(out, "\\-");
        else
            sm_buf_add(out, sentence ? "\n" : text, 1);
    }
    sm_buf_char(out, '\n');
}

void sm_opt_synopsis(const struct sm_program *program, const struct sm_opt_group *groups,
                     struct sm_buf *out)
{
    sm_buf_printf(out, ".Nm %s\n", program->name);
    for (; groups->options; groups++) {
        for (const struct sm_opt *o = groups->options; o->name; o++) {
            if (o->kind == SM_OPT_TITLE)
                continue;
            if (o->letter)
                sm_buf_printf(out, ".Op Fl %c", o->letter);
            else
                sm_buf_printf(out, ".Op Fl \\-%s", o->name);
            sm_buf_printf(out, o->arg ? " Ar %s\n" : "\n", o->arg);
        }
    }
    const char *files = strstr(program->operands, "[FILE ...]");
    size_t words = files ? (size_t)(files - program->operands) : strlen(program->operands);
    while (words && program->operands[words - 1] == ' ')
        words--;
    if (words)
        sm_buf_printf(out, ".Cm %.*s\n", (int)words, program->operands);
    if (files)
        sm_buf_str(out, ".Op Ar\n");
}

void sm_opt_manual(const struct sm_opt_group *groups, struct sm_buf *out)
{
    bool open = false; /* a list */
    for (; groups->options; groups++) {
        for (const struct sm_opt *o = groups->options; o->name; o++) {
            if (o->kind == SM_OPT_TITLE) {
                sm_buf_printf(out, "%s.Ss %s\n", open ? ".El\n" : "", o->help);
                open = false;
                continue;
            }
            sm_buf_str(out, open ? "" : ".Bl -tag -width Ds\n");
            open = true;
            sm_buf_str(out, ".It ");
            if (o->letter)
                sm_buf_printf(out, "Fl %c , ", o->letter);
            sm_buf_printf(out, "Fl \\-%s", o->name);
            sm_buf_printf(out, o->arg ? " Ar %s\n" : "\n", o->arg);
            mdoc_text(out, o->help);
        }
    }
    sm_buf_str(out, open ? ".El\n" : "");
}
