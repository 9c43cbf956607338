#include "lib/base/mem.h"
#include "lib/io/internal/source.h"

#define CHARACTER_BYTES 4 /* a stage gives nothing if it has less room */

void sm_feed_begin(struct sm_feed *feed, struct sm_source *source)
{
    *feed = (struct sm_feed){
        .source = source, .data = sm_alloc(SM_FEED_BYTES, 1), .room = SM_FEED_BYTES};
}

void sm_feed_close(struct sm_feed *feed)
{
    if (feed->source)
        feed->source->close(feed->source);
    free(feed->data);
    *feed = (struct sm_feed){0};
}

static void make_room(struct sm_feed *feed, size_t want)
{
    if (feed->at) {
        memmove(feed->data, feed->data + feed->at, feed->len - feed->at);
        feed->len -= feed->at;
        feed->at = 0;
    }
    if (want > feed->room) {
        feed->data = sm_resize(feed->data, want, 1);
        feed->room = want;
    }
}

size_t sm_feed_fill(struct sm_feed *feed, size_t want, struct sm_err *err)
{
    if (feed->at == feed->len)
        feed->at = feed->len = 0;
    if (feed->room - feed->at < want + CHARACTER_BYTES)
        make_room(feed, want + CHARACTER_BYTES);
    while (feed->len - feed->at < want && !feed->ended) {
        size_t n =
            feed->source->read(feed->source, feed->data + feed->len, feed->room - feed->len, err);
        feed->len += n;
        feed->ended = n == 0;
    }
    return feed->len - feed->at;
}

void sm_feed_put_back(struct sm_feed *feed, const char *text, size_t len)
{
    size_t left = feed->len - feed->at;
    if (feed->at < len) {
        size_t room = len + left > feed->room ? len + left : feed->room;
        char *data = sm_alloc(room, 1);
        memcpy(data + len, feed->data + feed->at, left);
        free(feed->data);
        feed->data = data;
        feed->room = room;
        feed->at = len;
        feed->len = len + left;
    }
    feed->at -= len;
    memcpy(feed->data + feed->at, text, len);
}

size_t sm_source_cut_off(const char *kind, struct sm_err *err)
{
    sm_err_set(err, SM_EXIT_INPUT, "get the whole file again",
               "the %s data does not end: the file is cut off, and its last row is left out", kind);
    return 0;
}

size_t sm_source_not_packed(const char *kind, struct sm_err *err)
{
    sm_err_set(err, SM_EXIT_INPUT, "unpack the file, and see what it holds",
               "something stands behind the end of the %s data: it is not read", kind);
    return 0;
}
