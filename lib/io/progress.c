#include "lib/io/progress.h"

#include "lib/base/mem.h"
#include "lib/io/internal/board.h"
#include "lib/io/internal/progress_line.h"

#include <math.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_EVERY_S 0.1
#define LINE_FIRST_S 1.0 /* where lines cannot be erased: the pauses between them double */
#define LINE_MOST_S 60.0
#define WIDTH_DEFAULT 80

struct sm_progress {
    const struct sm_clock *clock;
    int terminal;
    struct sm_board *board;
    struct sm_counts counts;
    struct sm_progress_look look;
    struct sm_pace pace;
    bool drawn; /* this program's line is on the terminal */
    double started, next, pause;
};

static double now_seconds(const struct sm_progress *p)
{
    return sm_clock_ms(p->clock) / 1e3;
}

struct sm_progress *sm_progress_open(const char *name, int fd, const char *runtime,
                                     const char *temp, const struct sm_progress_look *look,
                                     const struct sm_clock *clock)
{
    struct sm_board *board = isatty(fd) ? sm_board_open(name, runtime, temp) : NULL;
    if (!board)
        return NULL;
    struct sm_progress *p = sm_alloc(1, sizeof *p);
    *p = (struct sm_progress){.clock = clock, .terminal = fd, .board = board, .look = *look};
    p->started = now_seconds(p);
    p->pause = LINE_FIRST_S / 2;
    p->next = look->able ? 0 : p->started + LINE_FIRST_S;
    return p;
}

static void write_terminal(const struct sm_progress *p, const char *text, size_t len)
{
    ssize_t ignored = write(p->terminal, text, len); /* a progress bar that fails is no failure */
    (void)ignored;
}

static size_t width_of(int terminal)
{
    struct winsize size = {0};
    return ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : WIDTH_DEFAULT;
}

/* The cursor goes back to where the line begins: what other programs print comes over it. Nothing
 * is in the last column, where some terminals begin a new line. */
static void draw(struct sm_progress *p, double now)
{
    struct sm_pipe pipe;
    struct sm_buf text = {0};
    pipe.count = sm_board_read(p->board, pipe.slots, &pipe.ended);
    sm_buf_str(&text, p->look.able ? SM_PROGRESS_ERASE : "");
    sm_progress_line(&pipe, &p->pace, now - p->started, width_of(p->terminal) - 1, p->look.color,
                     &text);
    sm_buf_char(&text, p->look.able ? '\r' : '\n');
    write_terminal(p, text.data, text.len);
    p->drawn = p->look.able;
    sm_buf_release(&text);
}

void sm_progress_publish(struct sm_progress *progress, const struct sm_counts *counts)
{
    if (!progress)
        return;
    progress->counts = *counts;
    sm_board_publish(progress->board, counts);
}

void sm_progress_update(struct sm_progress *progress, const struct sm_counts *counts)
{
    if (!progress)
        return;
    double now = now_seconds(progress);
    sm_progress_publish(progress, counts);
    if (now < progress->next || !sm_board_draws(progress->board))
        return;
    draw(progress, now);
    progress->pause = progress->look.able ? DRAW_EVERY_S : fmin(2 * progress->pause, LINE_MOST_S);
    progress->next = now + progress->pause;
}

const char *sm_progress_erase(const struct sm_progress *progress)
{
    bool drawn =
        progress && progress->look.able && (progress->drawn || sm_board_is_drawn(progress->board));
    return drawn ? SM_PROGRESS_ERASE : "";
}

void sm_progress_yield(struct sm_progress *progress)
{
    if (!progress)
        return;
    if (progress->drawn)
        write_terminal(progress, SM_PROGRESS_ERASE, strlen(SM_PROGRESS_ERASE));
    progress->drawn = false;
    sm_board_yield(progress->board);
}

void sm_progress_close(struct sm_progress *progress)
{
    if (!progress)
        return;
    sm_progress_yield(progress);
    progress->counts.waiting = 0;
    sm_board_publish(progress->board, &progress->counts);
    sm_board_close(progress->board);
    free(progress);
}
