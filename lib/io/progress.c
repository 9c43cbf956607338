#define _DEFAULT_SOURCE /* flock() */
#include "lib/io/progress.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS 16
#define DRAW_EVERY_S 0.1
#define WIDTH_DEFAULT 80

/* What a program publishes, at a fixed place in the shared file. Reads may be torn: that shows for
 * a tenth of a second and decides nothing. */
struct slot {
    _Atomic pid_t pid; /* 0: free */
    char name[16];
    struct sm_counts counts;
};

struct board {
    struct slot slots[SLOTS];
    struct sm_counts ended; /* of the programs that have ended */
};

struct sm_progress {
    const struct sm_clock *clock;
    int terminal, file;
    char *path;
    struct board *board;
    struct slot *own;
    bool drawing, drawn; /* this program draws; its line is on the terminal */
    double started, last;
};

static double now_seconds(const struct sm_progress *p)
{
    return sm_clock_ms(p->clock) / 1e3;
}

static bool is_alive(pid_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM);
}

static struct slot *take_slot(struct board *board, const char *name)
{
    for (int i = 0; i < SLOTS; i++) {
        struct slot *slot = &board->slots[i];
        pid_t owner = slot->pid;
        /* Two programs of a pipe may start at once: only one gets the slot. */
        if (is_alive(owner) || !atomic_compare_exchange_strong(&slot->pid, &owner, getpid()))
            continue;
        slot->counts = (struct sm_counts){0};
        snprintf(slot->name, sizeof slot->name, "%s", name);
        return slot;
    }
    return NULL;
}

static bool open_board(struct sm_progress *p, const char *name)
{
    p->file = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (p->file < 0 || ftruncate(p->file, sizeof *p->board) != 0)
        return false;
    p->board = mmap(NULL, sizeof *p->board, PROT_READ | PROT_WRITE, MAP_SHARED, p->file, 0);
    if (p->board == MAP_FAILED) {
        p->board = NULL;
        return false;
    }
    p->own = take_slot(p->board, name);
    return p->own != NULL;
}

static void free_progress(struct sm_progress *p)
{
    if (p->board)
        munmap(p->board, sizeof *p->board);
    if (p->file >= 0)
        close(p->file);
    free(p->path);
    free(p);
}

struct sm_progress *sm_progress_open(const char *name, int fd, const char *runtime_dir,
                                     const struct sm_clock *clock)
{
    if (!isatty(fd))
        return NULL;
    struct sm_progress *p = sm_alloc(1, sizeof *p);
    struct sm_buf path = {0};
    sm_buf_printf(&path, "%s/synthesizeme-%ld-%ld", runtime_dir, (long)getuid(), (long)getpgrp());
    p->clock = clock;
    p->path = sm_buf_take(&path);
    p->terminal = fd;
    p->file = -1;
    p->started = now_seconds(p);
    if (open_board(p, name))
        return p;
    free_progress(p);
    return NULL;
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
static const struct slot *behind(const struct board *board)
{
    const struct slot *last = NULL;
    for (int i = 0; i < SLOTS; i++) {
        const struct slot *slot = &board->slots[i];
        if (is_alive(slot->pid) && slot->counts.users_seen > 0 &&
            (!last || slot->counts.users_done <= last->counts.users_done))
            last = slot;
    }
    return last;
}

static void add_time_left(struct sm_buf *line, const struct sm_counts *counts, double elapsed)
{
    if (!counts->all_seen || counts->users_done == 0 || counts->users_done >= counts->users_seen)
        return;
    double left =
        elapsed / (double)counts->users_done * (double)(counts->users_seen - counts->users_done);
    long seconds = (long)left;
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
    struct sm_counts sum = p->board->ended;
    const struct slot *slot = behind(p->board);
    for (int i = 0; i < SLOTS; i++) {
        if (is_alive(p->board->slots[i].pid))
            add_counts(&sum, &p->board->slots[i].counts);
    }
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
    progress->own->counts = *counts;
    if (now - progress->last < DRAW_EVERY_S)
        return;
    progress->last = now;
    if (!progress->drawing)
        progress->drawing = flock(progress->file, LOCK_EX | LOCK_NB) == 0;
    if (progress->drawing)
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
    bool others = false;
    if (progress->drawn)
        sm_progress_clear(progress);
    progress->own->counts.waiting = 0;
    add_counts(&progress->board->ended, &progress->own->counts);
    progress->own->pid = 0;
    for (int i = 0; i < SLOTS; i++)
        others |= is_alive(progress->board->slots[i].pid);
    if (!others)
        unlink(progress->path);
    free_progress(progress);
}
