/* The one loop over lines of input. It reports a bad line or a failed file where it meets one and
 * reads on, so that programs see good lines alone. */
#ifndef SM_IO_READER_H
#define SM_IO_READER_H

#include "lib/base/err.h"
#include "lib/base/shard.h"
#include "lib/io/stream.h"
#include "lib/json/record_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Receives a problem at `name`:`line`. If it is about the file as a whole, `line` is 0 and the code
 * SM_EXIT_INPUT; for a line the code is SM_EXIT_PARTIAL. The reader keeps `err`. */
typedef void sm_report_fn(void *arg, const char *name, size_t line, const struct sm_err *err);

struct sm_reader {
    struct sm_input *input;
    sm_report_fn *report;
    void *arg;
    struct sm_shard shard;      /* whose records are read; may be set once it is open */
    const char *default_user;   /* for records without `user_id`; borrowed */
    struct sm_record_view view; /* of the last record */
    bool failed;                /* some file could not be opened or read to its end */
};

/* Reads `names` as sm_input_open() does. `report` must not be NULL. */
void sm_reader_open(struct sm_reader *reader, const char *const *names, size_t count,
                    const char *default_user, sm_report_fn *report, void *arg);

/* An all-zero reader may be closed too. */
void sm_reader_close(struct sm_reader *reader);

/* SM_READ_LINE with the next line, SM_READ_END, or, if `wait` is false, SM_READ_WAIT. *line is
 * borrowed until the next call. */
enum sm_read sm_reader_line(struct sm_reader *reader, bool wait, const char **line, size_t *len);

/* The same, but each line counts, a blank one too; a line that is too long is SM_READ_BAD with
 * `err`, and is not reported. */
enum sm_read sm_reader_each(struct sm_reader *reader, bool wait, const char **line, size_t *len,
                            struct sm_err *err);

/* sm_reader_line() for the next line that is a record of the shard; reader->view shows it. */
enum sm_read sm_reader_record(struct sm_reader *reader, bool wait, const char **line, size_t *len);

/* Reports what is wrong with the last line. Clears `err`. */
void sm_reader_bad(struct sm_reader *reader, struct sm_err *err);

/* For files that must be good as a whole: gives each line of `path` to `each`, with its offset in
 * the file, and stops at the first problem. Its message then begins with "PATH:LINE: ", or "PATH: "
 * if no line is to blame. */
typedef bool sm_each_line_fn(void *arg, const char *line, size_t len, off_t offset,
                             struct sm_err *err);
bool sm_read_lines(const char *path, sm_each_line_fn *each, void *arg, struct sm_err *err);

#endif
