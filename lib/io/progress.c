#include "lib/io/progress.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/io/internal/board.h"

#include <math.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_EVERY_S 0.1
#define WIDTH_DEFAULT 80
#define LEFT_MAX_S 3e6 /* more is not shown */

struct sm_progress {
    const struct sm_clock *clock;
    int terminal;
    struct sm_board *board;
    struct sm_counts counts;
    bool drawn; /* this program's line is on the terminal */
    double started, last;
};

static double now_seconds(const struct sm_progress *p)
{
    return sm_clock_ms(p->clock) / 1e3;
}

struct sm_progress *sm_progress_open(const char *name, int fd, const char *runtime,
                                     const char *temp, const struct sm_clock *clock)
{
    struct sm_board *board = isatty(fd) ? sm_board_open(name, runtime, temp) : NULL;
    if (!board)
        return NULL;
    struct sm_progress *p = sm_alloc(1, sizeof *p);
    *p = (struct sm_progress){.clock = clock, .terminal = fd, .board = board};
    p->started = now_seconds(p);
    return p;
}

/* Keeps it short: 1234567 becomes 1234k. */
static void add_count(struct sm_buf *line, int64_t n, const char *unit)
{
    if (n < 10000)
        sm_buf_printf(line, "%lld%s", (long long)n, unit);
    else if (n < 10000000)
        sm_buf_printf(line, "%lldk%s", (long long)(n / 1000), unit);
    else
        sm_buf_printf(line, "%lldM%s", (long long)(n / 1000000), unit);
}

/* Of the programs that count users, the one that has finished the fewest; of equals, the last one.
 * It tells how far the pipe is. */
static const struct sm_board_slot *behind(const struct sm_board_slot *slots, size_t n)
{
    const struct sm_board_slot *last = NULL;
    for (size_t i = 0; i < n; i++) {
        if (slots[i].counts.users_seen > 0 &&
            (!last || slots[i].counts.users_done <= last->counts.users_done))
            last = &slots[i];
    }
    return last;
}

static void add_time_left(struct sm_buf *line, const struct sm_counts *counts, double elapsed)
{
    if (!counts->all_seen || counts->users_done <= 0 || counts->users_done >= counts->users_seen)
        return;
    double left =
        elapsed / (double)counts->users_done * (double)(counts->users_seen - counts->users_done);
    long seconds = (long)fmin(left, LEFT_MAX_S);
    if (seconds >= 3600)
        sm_buf_printf(line, "%ld:%02ld:%02ld left  ", seconds / 3600, seconds / 60 % 60,
                      seconds % 60);
    else
        sm_buf_printf(line, "%02ld:%02ld left  ", seconds / 60, seconds % 60);
}

static void add_counts(struct sm_counts *sum, const struct sm_counts *counts)
{
    sum->calls += counts->calls;
    sum->hits += counts->hits;
    sum->waiting += counts->waiting;
    sum->tokens_in += counts->tokens_in;
    sum->tokens_out += counts->tokens_out;
    sum->failed += counts->failed;
}

static void compose(const struct sm_progress *p, double now, struct sm_buf *line)
{
    struct sm_board_slot slots[SM_BOARD_SLOTS];
    struct sm_counts sum;
    size_t n = sm_board_read(p->board, slots, &sum);
    const struct sm_board_slot *slot = behind(slots, n);
    for (size_t i = 0; i < n; i++)
        add_counts(&sum, &slots[i].counts);
    if (slot) { /* first, so that a narrow terminal shows it too */
        sm_buf_printf(line, "%s %lld/%lld%s users  ", slot->name,
                      (long long)slot->counts.users_done, (long long)slot->counts.users_seen,
                      slot->counts.all_seen ? "" : "+");
        add_time_left(line, &slot->counts, now - p->started);
    }
    if (sum.failed)
        sm_buf_printf(line, "%lld failed  ", (long long)sum.failed);
    add_count(line, sum.calls, " calls  ");
    add_count(line, sum.hits, " stored  ");
    add_count(line, sum.waiting, " waiting  ");
    add_count(line, sum.tokens_in, " in ");
    add_count(line, sum.tokens_out, " out");
}

static void write_terminal(const struct sm_progress *p, const char *text, size_t len)
{
    ssize_t ignored = write(p->terminal, text, len); /* a progress bar that fails is no failure */
    (void)ignored;
}

static void draw_line(struct sm_progress *p, double now)
{
    struct winsize size = {0};
    size_t width = WIDTH_DEFAULT;
    if (ioctl(p->terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        width = size.ws_col;
    struct sm_buf line = {0}, text = {0};
    compose(p, now, &line);
    if (line.len >= width)
        line.len = width - 1;
    sm_buf_str(&text, "\r");
    sm_buf_add(&text, line.data, line.len);
    sm_buf_str(&text, "\033[K");
    write_terminal(p, text.data, text.len);
    p->drawn = true;
    sm_buf_release(&line);
    sm_buf_release(&text);
}

void sm_progress_update(struct sm_progress *progress, const struct sm_counts *counts)
{
    if (!progress)
        return;
    double now = now_seconds(progress);
    progress->counts = *counts;
    sm_board_publish(progress->board, counts);
    if (now - progress->last < DRAW_EVERY_S)
        return;
    progress->last = now;
    if (sm_board_draws(progress->board))
        draw_line(progress, now);
}

void sm_progress_clear(struct sm_progress *progress)
{
    if (!progress)
        return;
    /* Another program of the pipe may have drawn the line: a message replaces that, too. */
    write_terminal(progress, "\r\033[K", 4);
    progress->drawn = false;
}

void sm_progress_close(struct sm_progress *progress)
{
    if (!progress)
        return;
    if (progress->drawn)
        sm_progress_clear(progress);
    progress->counts.waiting = 0;
    sm_board_publish(progress->board, &progress->counts);
    sm_board_close(progress->board);
    free(progress);
}
