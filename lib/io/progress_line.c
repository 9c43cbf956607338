#include "lib/io/internal/progress_line.h"

#include "lib/base/mem.h"
#include "lib/io/color.h"

#include <math.h>
#include <stdlib.h>

#define GAP "  "
#define PACE_S 5       /* the first look back */
#define LEFT_MAX_S 3e6 /* more is not shown */
#define DOUBT 2        /* as many users that are done outweigh what was expected */
#define CERTAIN 0.8    /* this part of what a user was expected to take, it takes */

/* A line that is being put together. */
struct line {
    struct sm_buf *out;
    size_t used, width;
    bool color, full;
};

/* Appends a part, unless it does not fit: then nothing follows it either. Clears `part`. */
static bool add_part(struct line *line, enum sm_style style, struct sm_buf *part)
{
    size_t gap = line->used ? strlen(GAP) : 0;
    line->full |= line->width && line->used + gap + part->len > line->width;
    bool fits = !line->full && part->len > 0;
    if (fits) {
        sm_buf_str(line->out, gap ? GAP : "");
        sm_color_add(line->out, line->color, style, part->data);
        line->used += gap + part->len;
    }
    sm_buf_release(part);
    return fits;
}

static void add_time(struct sm_buf *part, double s)
{
    long seconds = (long)fmin(s, LEFT_MAX_S);
    if (seconds >= 3600)
        sm_buf_printf(part, "%ld:%02ld:%02ld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        sm_buf_printf(part, "%ld:%02ld", seconds / 60, seconds % 60);
}

/* Keeps it short: 1234567 becomes 1234k. */
static void add_count(struct sm_buf *part, int64_t n, const char *unit)
{
    if (n < 10000)
        sm_buf_printf(part, "%lld%s", (long long)n, unit);
    else if (n < 10000000)
        sm_buf_printf(part, "%lldk%s", (long long)(n / 1000), unit);
    else
        sm_buf_printf(part, "%lldM%s", (long long)(n / 1000000), unit);
}

/* --- How far it is --- */

/* How many users a stage will see; 0: not known. Some program tells those of the whole pipe, as
 * sm-split does. */
static int64_t users_of(const struct sm_pipe *pipe, const struct sm_counts *stage)
{
    int64_t users = pipe->ended.users;
    if (stage->users && !stage->about)
        return stage->users;
    for (size_t i = 0; i < pipe->count; i++) {
        const struct sm_counts *c = &pipe->slots[i].counts;
        if (c->users > users && !c->about)
            users = c->users;
    }
    return users ? users : stage->users;
}

/* Calls that a user takes; 0: not known. As expected, and the more users are done, the more as it
 * is: those that are under way are taken for half done. */
static double calls_each(const struct sm_counts *stage)
{
    double begun = (double)stage->begun, done = (double)stage->users_done;
    double calls = (double)(stage->calls + stage->hits);
    if (stage->expected <= 0 || begun <= 0)
        return 0;
    double expected = fmax((double)stage->expected, calls) / begun;
    double found = done > 0 ? calls / (done + fmax(begun - done, 0) / 2) : 0;
    return (done * found + DOUBT * expected) / (done + DOUBT);
}

/* How many users are through a stage; those that are under way count by their calls. These may be
 * more than was expected: the last part is approached, and never reached. */
static double users_through(const struct sm_counts *stage)
{
    double each = calls_each(stage), begun = (double)stage->begun;
    double part = each > 0 ? (double)(stage->calls + stage->hits) / each / begun : 0;
    if (part > CERTAIN)
        part = 1 - (1 - CERTAIN) * exp(-(part - CERTAIN) / (1 - CERTAIN));
    return fmax((double)stage->users_done, part * begun);
}

/* The work that is done and all work, in calls as expected. A stage that has seen no user may take
 * as much as the greatest. False if it is not known how many users there are. */
static bool weigh(const struct sm_pipe *pipe, double *done, double *all)
{
    double most = 0;
    if (pipe->ended.users > 0)
        most = (double)pipe->ended.expected / (double)pipe->ended.users;
    *done = *all = (double)pipe->ended.expected;
    for (size_t i = 0; i < pipe->count; i++)
        most = fmax(most, calls_each(&pipe->slots[i].counts));
    for (size_t i = 0; i < pipe->count; i++) {
        const struct sm_counts *stage = &pipe->slots[i].counts;
        double users = (double)users_of(pipe, stage), each = calls_each(stage);
        each = each > 0 ? each : most > 0 ? most : 1;
        if (stage->asks && users <= 0)
            return false;
        if (stage->asks) {
            *done += each * fmin(users_through(stage), users);
            *all += each * users;
        }
    }
    return true;
}

static void add_percent(struct line *line, double done, double all, struct sm_pace *pace)
{
    struct sm_buf part = {0};
    pace->percent = fmax(pace->percent, floor(100 * done / all));
    sm_buf_printf(&part, "%.0f%%", pace->percent);
    add_part(line, SM_GREEN, &part);
}

/* By the pace of late, for what the store knows goes fast and what is asked does not. */
static void add_left(struct line *line, double done, double all, struct sm_pace *pace, double now_s)
{
    struct sm_buf part = {0};
    if (now_s - pace->mid_s >= PACE_S + (pace->mid_s - pace->from_s)) {
        pace->from_s = pace->mid_s;
        pace->from_work = pace->mid_work;
        pace->mid_s = now_s;
        pace->mid_work = done;
    }
    double per_s = (done - pace->from_work) / (now_s - pace->from_s);
    if (!(now_s >= 1 && per_s > 0 && done < all))
        return;
    add_time(&part, ceil((all - done) / per_s));
    sm_buf_str(&part, " left");
    add_part(line, SM_BOLD, &part);
}

static void add_how_far(struct line *line, const struct sm_pipe *pipe, struct sm_pace *pace,
                        double now_s)
{
    double done, all;
    if (!weigh(pipe, &done, &all) || all <= 0)
        return;
    add_percent(line, done, all, pace);
    add_left(line, done, all, pace, now_s);
}

/* --- The parts --- */

/* Programs as they stand in a pipe; others come before them. */
static int place_of(const struct sm_board_slot *slot)
{
    static const char *const order[] = {"sm-bootstrap", "sm-persona", "sm-demosearch",
                                        "sm-neighbors", "sm-judge",   "sm-rank"};
    int count = (int)(sizeof order / sizeof *order), i = 0;
    while (i < count && strcmp(order[i], slot->name) != 0)
        i++;
    return i < count ? i : -1;
}

static int compare_places(const void *a, const void *b)
{
    return place_of(a) - place_of(b);
}

/* "demosearch 2 of 10", of 4+ where it is not known whether that is all. */
static void name_stage(struct sm_buf *part, const struct sm_board_slot *slot)
{
    const char *name = slot->name;
    name += strncmp(name, "sm-", 3) == 0 ? 3 : 0;
    sm_buf_printf(part, "%s%s %lld", part->len ? " " : "", name,
                  (long long)slot->counts.users_done);
}

static void name_total(struct sm_buf *part, const char *of, const struct sm_pipe *pipe,
                       const struct sm_counts *stage)
{
    int64_t users = users_of(pipe, stage), seen = 0;
    if (users)
        sm_buf_printf(part, "%s%s%lld", of, users == stage->users && stage->about ? "~" : "",
                      (long long)users);
    for (size_t i = 0; !users && i < pipe->count; i++)
        seen = pipe->slots[i].counts.users_seen > seen ? pipe->slots[i].counts.users_seen : seen;
    if (!users)
        sm_buf_printf(part, "%s%lld+", of, (long long)seen);
}

/* All stages, or where that is too long the one that is the farthest behind. */
static void add_stages(struct line *line, const struct sm_pipe *pipe)
{
    struct sm_buf all = {0}, one = {0};
    const struct sm_board_slot *last = NULL;
    for (size_t i = 0; i < pipe->count; i++) {
        const struct sm_board_slot *slot = &pipe->slots[i];
        if (!slot->counts.asks)
            continue;
        name_stage(&all, slot);
        if (!last || slot->counts.users_done <= last->counts.users_done)
            last = slot;
    }
    if (last) {
        name_total(&all, " of ", pipe, &last->counts);
        name_stage(&one, last);
        name_total(&one, "/", pipe, &last->counts);
    }
    bool wide = !line->width || line->used + strlen(GAP) + all.len <= line->width;
    add_part(line, SM_PLAIN, wide ? &all : &one);
    sm_buf_release(&all);
    sm_buf_release(&one);
}

static void add_number(struct line *line, enum sm_style style, int64_t n, const char *unit)
{
    struct sm_buf part = {0};
    if (n > 0)
        add_count(&part, n, unit);
    add_part(line, style, &part);
}

static void add_calls(struct line *line, const struct sm_counts *sum)
{
    struct sm_buf part = {0};
    add_count(&part, sum->calls, sum->max_calls ? " of " : sum->calls == 1 ? " call" : " calls");
    if (sum->max_calls)
        add_count(&part, sum->max_calls, " calls");
    add_part(line, SM_PLAIN, &part);
}

static void add_cost(struct line *line, const struct sm_counts *sum)
{
    struct sm_buf part = {0};
    if (!isnan(sum->cost) && (sum->cost > 0 || sum->max_cost > 0))
        sm_buf_printf(&part, sum->cost < 1 ? "$%.3f" : "$%.2f", sum->cost);
    if (part.len && sum->max_cost > 0)
        sm_buf_printf(&part, " of $%g", sum->max_cost);
    add_part(line, SM_PLAIN, &part);
}

static void add_tokens(struct line *line, const struct sm_counts *sum)
{
    struct sm_buf part = {0};
    if (sum->tokens_in + sum->tokens_out > 0) {
        add_count(&part, sum->tokens_in, " + ");
        add_count(&part, sum->tokens_out, " tokens");
    }
    add_part(line, SM_DIM, &part);
}

void sm_progress_line(struct sm_pipe *pipe, struct sm_pace *pace, double elapsed_s, size_t width,
                      bool color, struct sm_buf *out)
{
    struct line line = {.out = out, .width = width, .color = color};
    struct sm_buf part = {0};
    struct sm_counts sum = pipe->ended;
    qsort(pipe->slots, pipe->count, sizeof *pipe->slots, compare_places);
    for (size_t i = 0; i < pipe->count; i++)
        sm_counts_add(&sum, &pipe->slots[i].counts);
    add_time(&part, elapsed_s);
    add_part(&line, SM_DIM, &part);
    add_how_far(&line, pipe, pace, elapsed_s);
    add_stages(&line, pipe);
    add_number(&line, SM_RED, sum.failed, " failed");
    add_calls(&line, &sum);
    add_cost(&line, &sum);
    add_number(&line, SM_DIM, sum.waiting, " under way");
    add_number(&line, SM_DIM, sum.hits, " stored");
    add_tokens(&line, &sum);
}
