/* Lines that are no records, or not ones of text alone, as sm-split takes them. */
#ifndef CMD_SPLIT_ROWS_H
#define CMD_SPLIT_ROWS_H

#include "lib/base/buf.h"
#include "lib/io/reader.h"

struct split_rows {
    struct sm_reader *reader; /* borrowed */
    bool text_only;
    size_t left_out;          /* parts and columns that are no text */
    size_t replaced;          /* lines with halves of surrogate pairs, which are U+FFFD now */
    bool good, led;           /* a record has been read; somebody was told of sm-import */
    struct sm_buf own, exact; /* the last line that was mended */
};

/* As sm_reader_record(): half of a surrogate pair becomes U+FFFD, whatever the parser; a turn whose
 * content is a list of text parts gets their text, and a pair with pictures or sounds is told, or
 * loses them with `text_only`. */
enum sm_read split_next(struct split_rows *rows, const char **line, size_t *len);
void split_rows_release(struct split_rows *rows);

#endif
