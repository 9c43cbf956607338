#include "lib/data/internal/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_MODULE 97   /* python3 ends so if it has no pyarrow */
#define NO_COMMAND 127 /* a child ends so where the system cannot say it earlier */

extern char **environ;

static const char *const duckdb[] = {
    "duckdb", "-c",
    "COPY (SELECT * FROM read_parquet('/dev/stdin')) TO '/dev/stdout' (FORMAT JSON)", NULL};

/* Nothing is imported from the current folder, which holds foreign data. A blank line tells that
 * the module is there. A batch is in memory at a time. */
#define PYTHON_HEAD                                                                                \
    "import sys\n"                                                                                 \
    "sys.path = [p for p in sys.path if p]\n"                                                      \
    "try:\n"                                                                                       \
    "    import json, pyarrow\n"                                                                   \
    "except ImportError:\n"                                                                        \
    "    sys.exit(97)\n"                                                                           \
    "print(flush=True)\n"                                                                          \
    "file = open(0, 'rb')\n"
#define PYTHON_TAIL                                                                                \
    "for batch in batches:\n"                                                                      \
    "    for row in batch.to_pylist():\n"                                                          \
    "        print(json.dumps(row, default=str))\n"

static const char *const parquet[] = {
    "python3", "-c",
    PYTHON_HEAD "import pyarrow.parquet\n"
                "batches = pyarrow.parquet.ParquetFile(file).iter_batches(1000)\n" PYTHON_TAIL,
    NULL};

static const char *const arrow[] = {
    "python3", "-c",
    PYTHON_HEAD "import pyarrow.feather, pyarrow.ipc\n"
                "start = file.read(6)\n"
                "file.seek(0)\n"
                "if start[:4] == b'FEA1':\n"
                "    batches = pyarrow.feather.read_table(file).to_batches(1000)\n"
                "elif start == b'ARROW1':\n"
                "    opened = pyarrow.ipc.open_file(file)\n"
                "    batches = (opened.get_batch(i) for i in range(opened.num_record_batches))\n"
                "else:\n"
                "    batches = pyarrow.ipc.open_stream(file)\n" PYTHON_TAIL,
    NULL};

/* Runs it with `in` and `out` as standard input and output. False if there is no such command. */
static bool spawn(struct sm_convert *convert, const char *const *words, int in, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE); /* it is to end when we do, even if we ignore that signal */
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    char *const *argv = (char *const *)(uintptr_t)words;
    bool ok = posix_spawnp(&convert->pid, words[0], &actions, &attributes, argv, environ) == 0;
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    convert->pid = ok ? convert->pid : 0;
    convert->tool = words[0];
    return ok;
}

/* The exit status of the program; 128 or more if a signal ended it. */
static int reap(struct sm_convert *convert)
{
    int status = 0;
    pid_t pid = convert->pid;
    convert->pid = 0;
    while (pid && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Starts it and returns the end of the pipe from which to read; -1 if there is no such command. */
static int start(struct sm_convert *convert, const char *const *words, int fd)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    bool ok = spawn(convert, words, fd, ends[1]);
    close(ends[1]);
    if (ok)
        return ends[0];
    close(ends[0]);
    return -1;
}

/* The same, where the program says with its first byte whether it can do the work. */
static int start_python(struct sm_convert *convert, const char *const *words, int fd,
                        struct sm_err *err)
{
    int from = start(convert, words, fd);
    char first;
    ssize_t n = -1;
    while (from >= 0 && (n = read(from, &first, 1)) < 0 && errno == EINTR)
        ;
    if (from < 0 || n > 0)
        return from;
    close(from);
    int status = reap(convert);
    if (status != NO_MODULE && status != NO_COMMAND)
        sm_err_set(err, SM_EXIT_INPUT, NULL, "python3 could not be run (status %d)", status);
    return -1;
}

int sm_convert_start(struct sm_convert *convert, enum sm_foreign_reader reader, int fd,
                     struct sm_err *err)
{
    if (lseek(fd, 0, SEEK_SET) != 0) {
        sm_err_set(err, SM_EXIT_INPUT, "give the file's name",
                   "a Parquet or Arrow file is read from its end, which a pipe does not allow");
        return -1;
    }
    int from = reader == SM_FOREIGN_PARQUET ? start(convert, duckdb, fd) : -1;
    if (from >= 0)
        return from;
    return start_python(convert, reader == SM_FOREIGN_PARQUET ? parquet : arrow, fd, err);
}

bool sm_convert_end(void *arg, struct sm_err *err)
{
    struct sm_convert *convert = arg;
    int status = convert->pid ? reap(convert) : 0;
    if (status)
        sm_err_set(err, SM_EXIT_INPUT, "see what it says",
                   "%s could not read the whole file (it ended with status %d)", convert->tool,
                   status);
    return false;
}

void sm_convert_close(struct sm_convert *convert)
{
    if (convert->pid)
        kill(convert->pid, SIGTERM);
    reap(convert);
}
