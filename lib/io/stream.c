#include "lib/io/stream.h"

#include "lib/base/mem.h"
#include "lib/base/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)64 << 10)

struct sm_input {
    const char *const *names;
    size_t count, next;
    int fd; /* -1: no file is open */
    const char *name;
    struct sm_buf buf;
    size_t begin, seen; /* the next line begins at `begin`; no newline before `seen` */
    size_t line;
    off_t base; /* offset in the file of the first byte of `buf` */
    off_t offset;
    bool ended, skipping;
    bool each; /* see sm_input_each() */
};

static const char *const only_stdin[] = {"-"};

struct sm_input *sm_input_open(const char *const *names, size_t count)
{
    struct sm_input *input = sm_alloc(1, sizeof *input);
    input->names = count ? names : only_stdin;
    input->count = count ? count : 1;
    input->fd = -1;
    input->name = "stdin";
    return input;
}

static void close_file(struct sm_input *input)
{
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    input->fd = -1;
    sm_buf_clear(&input->buf);
    input->begin = input->seen = input->line = 0;
    input->base = 0;
    input->ended = input->skipping = false;
}

void sm_input_close(struct sm_input *input)
{
    if (!input)
        return;
    close_file(input);
    sm_buf_release(&input->buf);
    free(input);
}

void sm_input_each(struct sm_input *input)
{
    input->each = true;
}

static bool open_next(struct sm_input *input, struct sm_err *err)
{
    const char *name = input->names[input->next++];
    bool standard = strcmp(name, "-") == 0;
    input->name = standard ? "stdin" : name;
    input->fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0)
        return sm_err_set(err, SM_EXIT_INPUT, "check the name, or give - for standard input",
                          "cannot open: %s", strerror(errno));
    return true;
}

static bool ready(int fd, short events, bool wait)
{
    struct pollfd entry = {.fd = fd, .events = events};
    return poll(&entry, 1, wait ? -1 : 0) > 0;
}

/* Reads one chunk, or notes the end of the file; SM_READ_LINE then means: look for a line again. */
static enum sm_read fill(struct sm_input *input, bool wait, struct sm_err *err)
{
    if (!ready(input->fd, POLLIN, wait))
        return SM_READ_WAIT;
    if (input->begin) {
        input->base += (off_t)input->begin;
        sm_buf_skip(&input->buf, input->begin);
        input->seen -= input->begin;
        input->begin = 0;
    }
    char chunk[CHUNK_BYTES];
    ssize_t n = read(input->fd, chunk, sizeof chunk);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return SM_READ_WAIT;
    if (n < 0) {
        sm_err_set(err, SM_EXIT_INPUT, "check the file, or give - for standard input",
                   "cannot read: %s", strerror(errno));
        close_file(input);
        return SM_READ_FAIL;
    }
    input->ended = n == 0;
    sm_buf_add(&input->buf, chunk, (size_t)n);
    return SM_READ_LINE;
}

/* Skips a byte order mark on any line, since cat may have joined files that begin with one. */
static void strip_mark(struct sm_input *input, size_t end)
{
    const char *line = input->buf.data + input->begin;
    if (end - input->begin >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
        input->begin += 3;
}

/* Takes the line that ends at `end` off the buffer, with its newline if there is one. False if the
 * line is blank. */
static bool take_line(struct sm_input *input, size_t end, const char **line, size_t *len)
{
    strip_mark(input, end);
    *line = input->buf.data + input->begin;
    input->offset = input->base + (off_t)input->begin;
    *len = (size_t)(input->buf.data + end - *line);
    input->begin = end < input->buf.len ? end + 1 : end;
    input->seen = input->begin;
    input->line++;
    return input->each || strspn(*line, " \t\r\n") < *len;
}

/* Drops what is there of a line that is too long, and reports it once. */
static enum sm_read drop_long(struct sm_input *input, const char *newline, struct sm_err *err)
{
    bool first = !input->skipping;
    input->skipping = !newline && !input->ended;
    input->begin = newline ? (size_t)(newline - input->buf.data) + 1 : input->buf.len;
    input->seen = input->begin;
    if (!first)
        return SM_READ_LINE;
    input->line++;
    sm_err_set(err, SM_EXIT_INPUT, "split the record, or leave it out",
               "line is longer than %zu MiB: skipped", SM_LINE_MAX_BYTES >> 20);
    return SM_READ_BAD;
}

/* SM_READ_LINE with the next line, or with *line NULL if more must be read first. */
static enum sm_read cut_line(struct sm_input *input, const char **line, size_t *len,
                             struct sm_err *err)
{
    *line = NULL;
    while (input->buf.data && input->seen <= input->buf.len) {
        char *from = input->buf.data + input->seen;
        char *newline = memchr(from, '\n', input->buf.len - input->seen);
        size_t end = newline ? (size_t)(newline - input->buf.data) : input->buf.len;
        if (input->skipping || end - input->begin > SM_LINE_MAX_BYTES) {
            enum sm_read what = drop_long(input, newline, err);
            if (what == SM_READ_BAD || !newline)
                return what;
            continue;
        }
        bool complete = newline || (input->ended && end > input->begin);
        if (!complete) {
            input->seen = input->buf.len;
            return SM_READ_LINE;
        }
        if (take_line(input, end, line, len))
            return SM_READ_LINE;
        *line = NULL;
    }
    return SM_READ_LINE;
}

/* Whether the file is one JSON value over several lines, which is reported once, not for each
 * line. */
static bool over_lines(struct sm_input *input, const char *line, size_t len, struct sm_err *err)
{
    size_t begin = 0;
    while (begin < len && strchr(" \t\r", line[begin]))
        begin++;
    while (len > begin && strchr(" \t\r", line[len - 1]))
        len--;
    bool array = line[begin] == '[' && line[len - 1] != ']';
    if (input->each || input->line != 1 || !(array || (line[begin] == '{' && len - begin == 1)))
        return false;
    sm_err_set(err, SM_EXIT_INPUT,
               array ? "let sm-import rows make lines of it" : "write one a line, with jq -c .",
               "a JSON %s over several lines, of which nothing is read",
               array ? "array" : "object");
    close_file(input);
    return true;
}

enum sm_read sm_input_next(struct sm_input *input, bool wait, const char **line, size_t *len,
                           struct sm_err *err)
{
    for (;;) {
        if (input->fd < 0) {
            if (input->next == input->count)
                return SM_READ_END;
            if (!open_next(input, err))
                return SM_READ_FAIL;
        }
        enum sm_read what = cut_line(input, line, len, err);
        if (what == SM_READ_LINE && *line && over_lines(input, *line, *len, err))
            return SM_READ_FAIL;
        if (what != SM_READ_LINE || *line)
            return what;
        if (input->ended) {
            close_file(input);
            continue;
        }
        what = fill(input, wait, err);
        if (what != SM_READ_LINE && (what != SM_READ_WAIT || !wait))
            return what;
    }
}

const char *sm_input_name(const struct sm_input *input)
{
    return input->name;
}

size_t sm_input_line(const struct sm_input *input)
{
    return input->line;
}

off_t sm_input_offset(const struct sm_input *input)
{
    return input->offset;
}

int sm_input_fd(const struct sm_input *input)
{
    return input->fd;
}

double sm_input_share(const struct sm_input *input)
{
    struct stat info;
    if (input->fd < 0 || fstat(input->fd, &info) != 0 || !S_ISREG(info.st_mode) || !info.st_size)
        return -1;
    double of_file = (double)(input->base + (off_t)input->begin) / (double)info.st_size;
    return ((double)(input->next - 1) + fmin(of_file, 1)) / (double)input->count;
}

/* A pipe that polls writable takes PIPE_BUF bytes without blocking. POSIX promises no more. */
static size_t unblocked_bytes(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? SIZE_MAX / 2 : PIPE_BUF;
}

static bool write_failed(struct sm_output *output, struct sm_err *err)
{
    output->broken = true;
    sm_buf_clear(&output->pending);
    if (errno != EPIPE)
        return sm_err_set(err, SM_EXIT_INPUT,
                          "make room and run the same command again: answers "
                          "already paid for are kept",
                          "cannot write output: %s", strerror(errno));
    sm_err_clear(err);
    err->code = SM_EXIT_SIGNAL + SIGPIPE;
    return false;
}

/* A pipe whose reader is gone says so even if there is nothing to write. */
static bool reader_gone(int fd)
{
    struct pollfd entry = {.fd = fd};
    return poll(&entry, 1, 0) > 0 && (entry.revents & POLLERR);
}

/* What texts hold must not reach a terminal as commands to it. */
static void make_printable(struct sm_output *output)
{
    struct sm_buf text = {0};
    size_t done = output->printable;
    if (!output->terminal || done == output->pending.len)
        return;
    sm_buf_add(&text, output->pending.data, done);
    sm_printable(&text, output->pending.data + done, output->pending.len - done, true);
    sm_buf_release(&output->pending);
    output->pending = text;
    output->printable = text.len;
}

void sm_output_add_shown(struct sm_output *output, const char *text, size_t len)
{
    make_printable(output);
    sm_buf_add(&output->pending, text, len);
    output->printable = output->terminal ? output->pending.len : 0;
}

/* In one write, so that nobody else's comes between the two. */
static ssize_t write_some(struct sm_output *output, const char *text, size_t len)
{
    const char *erase = output->within ? "" : sm_progress_erase(output->progress);
    size_t before = strlen(erase);
    struct sm_buf both = {0};
    if (!before)
        return write(output->fd, text, len);
    sm_buf_str(&both, erase);
    sm_buf_add(&both, text, len);
    ssize_t n = write(output->fd, both.data, both.len);
    sm_buf_release(&both);
    return n > (ssize_t)before ? n - (ssize_t)before : n < 0 ? n : 0;
}

bool sm_output_drain(struct sm_output *output, bool wait, struct sm_err *err)
{
    if (output->broken)
        return true;
    if (!wait && reader_gone(output->fd)) {
        errno = EPIPE;
        return write_failed(output, err);
    }
    make_printable(output);
    size_t at = 0, step = wait ? SIZE_MAX / 2 : unblocked_bytes(output->fd);
    while (at < output->pending.len && (wait || ready(output->fd, POLLOUT, false))) {
        size_t left = output->pending.len - at;
        ssize_t n = write_some(output, output->pending.data + at, left < step ? left : step);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return write_failed(output, err);
        if (n > 0) {
            at += (size_t)n;
            output->within = output->pending.data[at - 1] != '\n';
        } else if (wait) {
            ready(output->fd, POLLOUT, true);
        }
    }
    sm_buf_skip(&output->pending, at);
    output->printable -= output->terminal ? at : 0;
    return true;
}
