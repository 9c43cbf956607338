#include "lib/io/internal/board.h"

#include "lib/base/buf.h"
#include "lib/base/folder.h"
#include "lib/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file: a cell for each slot, then one for the programs that have ended. Whose slot it is holds
 * a lock on byte SLOT of it: the system drops that lock whatever ends the program. Further bytes
 * are the right to draw, and that to add to the last cell. */
#define ENDED SM_BOARD_SLOTS
#define DRAWING (SM_BOARD_SLOTS + 1)
#define ADDING (SM_BOARD_SLOTS + 2)

#define NUMBERS 17
#define COUNT_MAX ((int64_t)1 << 53)
#define MICRO 1e6

struct cell {
    char name[SM_BOARD_NAME_BYTES];
    int64_t numbers[NUMBERS]; /* as in pack() */
};

struct sm_board {
    char *folder, *path; /* folder: to remove at the end, or NULL */
    int file, slot;
    bool draws;
    struct cell own;
};

/* Money is in millionths. */
static void pack(const struct sm_counts *c, int64_t numbers[NUMBERS])
{
    int64_t packed[NUMBERS] = {c->users_done,  c->users_seen,
                               c->users,       c->about,
                               c->asks,        c->expected,
                               c->calls,       c->hits,
                               c->waiting,     c->tokens_in,
                               c->tokens_out,  c->failed,
                               isnan(c->cost), isnan(c->cost) ? 0 : (int64_t)(c->cost * MICRO),
                               c->max_calls,   (int64_t)(c->max_cost * MICRO),
                               c->begun};
    memcpy(numbers, packed, sizeof packed);
}

/* Whatever stands in the file, sums of such numbers are numbers. */
static int64_t bounded(int64_t n)
{
    return n < 0 ? 0 : n > COUNT_MAX ? COUNT_MAX : n;
}

static void unpack(const struct cell *cell, struct sm_counts *counts)
{
    int64_t n[NUMBERS];
    for (int i = 0; i < NUMBERS; i++)
        n[i] = bounded(cell->numbers[i]);
    *counts = (struct sm_counts){.users_done = n[0],
                                 .users_seen = n[1],
                                 .users = n[2],
                                 .about = n[3] != 0,
                                 .asks = n[4] != 0,
                                 .expected = n[5],
                                 .calls = n[6],
                                 .hits = n[7],
                                 .waiting = n[8],
                                 .tokens_in = n[9],
                                 .tokens_out = n[10],
                                 .failed = n[11],
                                 .cost = n[12] ? NAN : (double)n[13] / MICRO,
                                 .max_calls = n[14],
                                 .max_cost = (double)n[15] / MICRO,
                                 .begun = n[16]};
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void sm_counts_add(struct sm_counts *sum, const struct sm_counts *counts)
{
    sum->users = greater(sum->users, counts->about ? 0 : counts->users);
    sum->expected += counts->expected;
    sum->calls += counts->calls;
    sum->hits += counts->hits;
    sum->waiting += counts->waiting;
    sum->tokens_in += counts->tokens_in;
    sum->tokens_out += counts->tokens_out;
    sum->failed += counts->failed;
    sum->cost += counts->calls > 0 ? counts->cost : 0;
    sum->max_calls = greater(sum->max_calls, counts->max_calls);
    sum->max_cost = fmax(sum->max_cost, counts->max_cost);
}

static struct flock byte_at(int byte, short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
}

static bool set_lock(const struct sm_board *board, int byte, short type)
{
    struct flock range = byte_at(byte, type);
    return fcntl(board->file, F_SETLK, &range) == 0;
}

/* By another program. */
static bool is_locked(const struct sm_board *board, int byte)
{
    struct flock other = byte_at(byte, F_WRLCK);
    return fcntl(board->file, F_GETLK, &other) == 0 && other.l_type != F_UNLCK;
}

static bool is_alive(const struct sm_board *board, int slot)
{
    return slot == board->slot || is_locked(board, slot);
}

/* A file that is too short by now has zeros there. */
static void read_cell(const struct sm_board *board, int i, struct cell *cell)
{
    memset(cell, 0, sizeof *cell);
    if (pread(board->file, cell, sizeof *cell, (off_t)i * (off_t)sizeof *cell) !=
        (ssize_t)sizeof *cell)
        memset(cell, 0, sizeof *cell);
    cell->name[sizeof cell->name - 1] = '\0';
}

static void write_cell(const struct sm_board *board, int i, struct cell cell)
{
    ssize_t ignored = pwrite(board->file, &cell, sizeof cell, (off_t)i * (off_t)sizeof cell);
    (void)ignored; /* a progress bar that fails is no failure */
}

static bool open_file(struct sm_board *board)
{
    struct stat info;
    board->file = open(board->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    return board->file >= 0 && fstat(board->file, &info) == 0 && S_ISREG(info.st_mode) &&
           info.st_uid == geteuid() && info.st_nlink == 1 &&
           (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

static bool take_slot(struct sm_board *board, const char *name)
{
    board->slot = -1;
    for (int i = 0; i < SM_BOARD_SLOTS && board->slot < 0; i++) {
        if (set_lock(board, i, F_WRLCK))
            board->slot = i;
    }
    snprintf(board->own.name, sizeof board->own.name, "%s", name);
    if (board->slot >= 0)
        write_cell(board, board->slot, board->own);
    return board->slot >= 0;
}

static void free_board(struct sm_board *board)
{
    if (board->file >= 0)
        close(board->file);
    free(board->folder);
    free(board->path);
    free(board);
}

struct sm_board *sm_board_open(const char *name, const char *runtime, const char *temp)
{
    struct sm_board *board = sm_alloc(1, sizeof *board);
    struct sm_buf path = {0};
    char *folder = sm_folder_of_user(runtime, temp);
    board->file = -1;
    sm_buf_printf(&path, "%s/synthesizeme-%ld", folder ? folder : "", (long)getpgrp());
    board->path = sm_buf_take(&path);
    bool ok = folder != NULL;
    if (ok && runtime && strcmp(folder, runtime) == 0)
        free(folder);
    else
        board->folder = folder; /* made for this */
    if (ok && open_file(board) && take_slot(board, name))
        return board;
    free_board(board);
    return NULL;
}

void sm_board_publish(struct sm_board *board, const struct sm_counts *counts)
{
    pack(counts, board->own.numbers);
    write_cell(board, board->slot, board->own);
}

bool sm_board_draws(struct sm_board *board)
{
    if (!board->draws)
        board->draws = set_lock(board, DRAWING, F_WRLCK);
    return board->draws;
}

void sm_board_yield(struct sm_board *board)
{
    if (board->draws)
        set_lock(board, DRAWING, F_UNLCK);
    board->draws = false;
}

bool sm_board_is_drawn(const struct sm_board *board)
{
    return board->draws || is_locked(board, DRAWING);
}

/* What is no name of a program of ours is not shown. */
static void copy_name(const char *from, char to[SM_BOARD_NAME_BYTES])
{
    bool ours = from[strspn(from, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
    snprintf(to, SM_BOARD_NAME_BYTES, "%s", ours ? from : "");
}

size_t sm_board_read(const struct sm_board *board, struct sm_board_slot slots[SM_BOARD_SLOTS],
                     struct sm_counts *ended)
{
    struct cell cell;
    size_t n = 0;
    read_cell(board, ENDED, &cell);
    unpack(&cell, ended);
    for (int i = 0; i < SM_BOARD_SLOTS; i++) {
        if (!is_alive(board, i))
            continue;
        read_cell(board, i, &cell);
        copy_name(cell.name, slots[n].name);
        unpack(&cell, &slots[n++].counts);
    }
    return n;
}

/* Two programs may end at once. One that cannot have the lock at this moment goes uncounted. */
static void add_to_ended(const struct sm_board *board)
{
    struct cell cell;
    struct sm_counts sum, own;
    if (!set_lock(board, ADDING, F_WRLCK))
        return;
    read_cell(board, ENDED, &cell);
    unpack(&cell, &sum);
    unpack(&board->own, &own);
    own.expected = greater(own.expected, own.calls + own.hits); /* as it was */
    sm_counts_add(&sum, &own);
    pack(&sum, cell.numbers);
    write_cell(board, ENDED, cell);
    set_lock(board, ADDING, F_UNLCK);
}

void sm_board_close(struct sm_board *board)
{
    bool others = false;
    for (int i = 0; i < SM_BOARD_SLOTS; i++)
        others |= i != board->slot && is_alive(board, i);
    if (others) {
        add_to_ended(board);
    } else {
        unlink(board->path);
        if (board->folder)
            rmdir(board->folder); /* unless another process group has its board there */
    }
    free_board(board);
}
