/* The stages of a source (source.c puts them together; feed.c is what lies between them). Each
 * constructor takes over the feed below, and its close function closes that. */
#ifndef SM_IO_INTERNAL_SOURCE_H
#define SM_IO_INTERNAL_SOURCE_H

#include "lib/io/source.h"

#define SM_FEED_BYTES ((size_t)64 << 10)

/* An empty feed on top of a source, which it takes over. */
void sm_feed_begin(struct sm_feed *feed, struct sm_source *source);

struct sm_source *sm_source_gzip(const struct sm_feed *below);
struct sm_source *sm_source_zstd(const struct sm_feed *below);
struct sm_source *sm_source_utf16(const struct sm_feed *below, bool big_endian);

/* Whether a member of a gzip file, or a frame of a zstd file, begins with these bytes. */
bool sm_is_gzip(const char *bytes, size_t len);
bool sm_is_zstd(const char *bytes, size_t len);

/* What a packed file lacks whose last member does not end. Returns 0, for a read function. */
size_t sm_source_cut_off(const char *kind, struct sm_err *err);

/* Bytes stand behind a member that begin no other. Returns 0. */
size_t sm_source_not_packed(const char *kind, struct sm_err *err);

#endif
