/* The text of the progress line. */
#ifndef SM_IO_INTERNAL_PROGRESS_LINE_H
#define SM_IO_INTERNAL_PROGRESS_LINE_H

#include "lib/base/buf.h"
#include "lib/io/internal/board.h"

/* What all programs of the pipe have published. */
struct sm_pipe {
    struct sm_board_slot slots[SM_BOARD_SLOTS]; /* those that run, in any order */
    size_t count;
    struct sm_counts ended; /* the sum of those that have ended */
};

/* How fast work is done of late, in calls as they were expected. All-zero at the beginning. */
struct sm_pace {
    double from_s, from_work, mid_s, mid_work;
    double percent; /* the most that was shown: estimates change, the line does not go back */
};

/* Appends the line as of `elapsed_s` since the beginning, at most `width` columns; 0: no limit.
 * What matters most comes first; what does not fit is left out as a whole. Sorts the slots. */
void sm_progress_line(struct sm_pipe *pipe, struct sm_pace *pace, double elapsed_s, size_t width,
                      bool color, struct sm_buf *out);

#endif
