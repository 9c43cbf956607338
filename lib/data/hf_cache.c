#include "lib/data/hf_cache.h"

#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/json/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_ROWS 100 /* the most that the server gives */
#define HEAD_MAX_BYTES ((size_t)1 << 20)
#define ROWS_MAX 1000000000

struct sm_hf_cache {
    struct sm_hf_client *client;
    char *dataset, *config, *split, *path;
    int fd;
    long have, total; /* rows; total -1: unknown */
    bool begun;       /* the file has its first line */
    bool partial;
};

static bool cannot(const char *what, const char *path, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT,
                      "name another folder with --pages, or make room; the same command goes on "
                      "where it stopped",
                      "cannot %s %s: %s", what, path, strerror(errno));
}

static bool lock_file(struct sm_hf_cache *cache, struct sm_err *err)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(cache->fd, F_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES))
        return true;
    return sm_err_set(err, SM_EXIT_INPUT, "wait for it, or name another folder with --pages",
                      "another program is getting the pages of %s", cache->path);
}

/* Counts lines and appends the first to `head`. *whole is the end of the last complete one. */
static bool count_lines(struct sm_hf_cache *cache, struct sm_buf *head, long *lines, off_t *whole,
                        struct sm_err *err)
{
    static const size_t chunk_bytes = (size_t)64 << 10;
    char *chunk = sm_alloc(chunk_bytes, 1);
    off_t at = 0;
    ssize_t n;
    *lines = 0;
    *whole = 0;
    while ((n = pread(cache->fd, chunk, chunk_bytes, at)) > 0) {
        const char *newline = memchr(chunk, '\n', (size_t)n);
        if (*lines == 0)
            sm_buf_add(head, chunk, newline ? (size_t)(newline - chunk) : (size_t)n);
        for (ssize_t i = 0; i < n; i++) {
            if (chunk[i] != '\n')
                continue;
            ++*lines;
            *whole = at + i + 1;
        }
        at += n;
    }
    free(chunk);
    return n == 0 || cannot("read", cache->path, err);
}

static bool other_file(const struct sm_hf_cache *cache, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "remove it, or name another folder with --pages",
                      "%s does not hold rows of this split from %s", cache->path,
                      sm_hf_url(cache->client));
}

/* -1 if it is missing, or not a number of rows. */
static long count_in(jv object, const char *name)
{
    int64_t count = -1;
    sm_json_integer(object, name, 0, ROWS_MAX, &count);
    return (long)count;
}

static bool read_head(struct sm_hf_cache *cache, const struct sm_buf *text, struct sm_err *err)
{
    jv line = jv_invalid();
    if (text->over || !sm_json_parse(sm_buf_text(text), text->len, &line, NULL))
        return other_file(cache, err);
    jv head = sm_json_get(line, "pages");
    const char *names[] = {"url", "dataset", "config", "split"};
    const char *want[] = {sm_hf_url(cache->client), cache->dataset, cache->config, cache->split};
    bool same = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *is = sm_json_text(head, names[i], NULL);
        same = same && is && strcmp(is, want[i]) == 0;
    }
    cache->total = count_in(head, "rows");
    cache->partial = sm_json_bool(head, "partial", false);
    cache->begun = true;
    jv_free(head);
    jv_free(line);
    return same || other_file(cache, err);
}

static bool resume(struct sm_hf_cache *cache, struct sm_err *err)
{
    struct sm_buf head = {.max = HEAD_MAX_BYTES};
    long lines;
    off_t whole;
    bool ok = count_lines(cache, &head, &lines, &whole, err);
    if (ok && (ftruncate(cache->fd, whole) != 0 || lseek(cache->fd, whole, SEEK_SET) < 0))
        ok = cannot("write", cache->path, err);
    cache->have = ok && lines > 0 ? lines - 1 : 0;
    ok = ok && (lines == 0 || read_head(cache, &head, err));
    sm_buf_release(&head);
    return ok;
}

struct sm_hf_cache *sm_hf_cache_open(struct sm_hf_client *client, const struct sm_hf_rows *of,
                                     const char *folder, struct sm_err *err)
{
    struct sm_hf_cache *cache = sm_alloc(1, sizeof *cache);
    struct sm_buf path = {0};
    sm_buf_printf(&path, "%s/", folder);
    sm_file_escape(&path, of->dataset, ",");
    sm_buf_char(&path, ',');
    sm_file_escape(&path, of->config, ",");
    sm_buf_char(&path, ',');
    sm_file_escape(&path, of->split, ",");
    sm_buf_str(&path, ".jsonl");
    *cache = (struct sm_hf_cache){.client = client,
                                  .dataset = sm_strdup(of->dataset),
                                  .config = sm_strdup(of->config),
                                  .split = sm_strdup(of->split),
                                  .path = sm_buf_take(&path),
                                  .fd = -1,
                                  .total = -1};
    bool ok = sm_folder_make(cache->path, "name another folder with --pages", err);
    if (ok) {
        cache->fd = open(cache->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ok = cache->fd >= 0 || cannot("open", cache->path, err);
    }
    if (ok && lock_file(cache, err) && resume(cache, err))
        return cache;
    sm_hf_cache_close(cache);
    return NULL;
}

void sm_hf_cache_close(struct sm_hf_cache *cache)
{
    if (!cache)
        return;
    if (cache->fd >= 0)
        close(cache->fd);
    free(cache->dataset);
    free(cache->config);
    free(cache->split);
    free(cache->path);
    free(cache);
}

const char *sm_hf_cache_path(const struct sm_hf_cache *cache)
{
    return cache->path;
}

bool sm_hf_cache_partial(const struct sm_hf_cache *cache)
{
    return cache->partial;
}

static void add_head(struct sm_hf_cache *cache, struct sm_buf *out)
{
    if (cache->begun)
        return;
    sm_buf_str(out, "{\"pages\":{\"url\":");
    sm_json_cstring(out, sm_hf_url(cache->client));
    sm_buf_str(out, ",\"dataset\":");
    sm_json_cstring(out, cache->dataset);
    sm_buf_str(out, ",\"config\":");
    sm_json_cstring(out, cache->config);
    sm_buf_str(out, ",\"split\":");
    sm_json_cstring(out, cache->split);
    sm_buf_printf(out, ",\"rows\":%ld,\"partial\":%s}}\n", cache->total,
                  cache->partial ? "true" : "false");
    cache->begun = true;
}

/* Keeps the server's own bytes of a row, since its numbers may be longer than a parser keeps. */
static bool add_row(struct sm_hf_cache *cache, const struct sm_raw *row, long number,
                    struct sm_buf *out, struct sm_err *err)
{
    struct sm_raw index = {0};
    bool any = sm_raw_find(row->value, row->value_len, "row_idx", &index);
    if (!any || strtol(index.value, NULL, 10) != number)
        return sm_err_set(err, SM_EXIT_INPUT, "run the same command again",
                          "%s gave another row where it was asked for row %ld",
                          sm_hf_url(cache->client), number);
    size_t begin = out->len;
    sm_buf_add(out, row->value, row->value_len);
    for (size_t i = begin; i < out->len; i++) {
        if (out->data[i] == '\n' || out->data[i] == '\r')
            out->data[i] = ' '; /* it is between two tokens: strings have none */
    }
    sm_buf_char(out, '\n');
    return true;
}

static bool check_total(struct sm_hf_cache *cache, jv root, struct sm_err *err)
{
    long total = count_in(root, "num_rows_total");
    if (cache->begun && cache->total >= 0 && total >= 0 && total != cache->total)
        return sm_err_set(err, SM_EXIT_INPUT,
                          "remove that file, and run the same command again: it gets all anew",
                          "the dataset has changed: it has %ld rows, and had %ld when %s was begun",
                          total, cache->total, cache->path);
    if (!cache->begun) {
        cache->total = total;
        cache->partial = sm_json_bool(root, "partial", false);
    }
    return true;
}

/* Appends the rows of a page in `body` to the file; *count is how many. */
static bool keep_page(struct sm_hf_cache *cache, const struct sm_buf *body, long *count,
                      struct sm_err *err)
{
    jv root;
    struct sm_raw list, row;
    struct sm_buf out = {0};
    *count = 0;
    if (!sm_json_parse(sm_buf_text(body), body->len, &root, err)) {
        sm_err_prefix(err, "%s", sm_hf_url(cache->client));
        return false;
    }
    bool ok = check_total(cache, root, err);
    if (ok && (!sm_raw_find(body->data, body->len, "rows", &list) || *list.value != '['))
        ok = sm_err_set(err, SM_EXIT_INPUT, "check --hf-url", "%s gave no rows",
                        sm_hf_url(cache->client));
    if (ok) {
        const char *at = list.value, *end = list.value + list.value_len;
        add_head(cache, &out);
        for (; ok && sm_raw_next_item(&at, end, &row); ++*count)
            ok = add_row(cache, &row, cache->have + *count, &out, err);
    }
    ok = ok && (sm_file_write(cache->fd, out.data, out.len) || cannot("write", cache->path, err));
    jv_free(root);
    sm_buf_release(&out);
    return ok;
}

bool sm_hf_cache_more(void *arg, struct sm_err *err)
{
    struct sm_hf_cache *cache = arg;
    struct sm_buf path = {0}, number = {0}, body = {0};
    if (cache->total >= 0 && cache->have >= cache->total)
        return false;
    bool first = !cache->begun;
    sm_buf_str(&path, "/rows");
    sm_hf_query(&path, "dataset", cache->dataset);
    sm_hf_query(&path, "config", cache->config);
    sm_hf_query(&path, "split", cache->split);
    sm_buf_printf(&number, "%ld", cache->have);
    sm_hf_query(&path, "offset", number.data);
    sm_buf_printf(&path, "&length=%d", PAGE_ROWS);
    long count = 0;
    bool ok =
        sm_hf_get(cache->client, path.data, &body, err) && keep_page(cache, &body, &count, err);
    if (ok && count == 0 && cache->total > cache->have)
        ok = sm_err_set(err, SM_EXIT_INPUT, "run the same command later",
                        "%s gave no row from %ld on, of %ld", sm_hf_url(cache->client), cache->have,
                        cache->total);
    cache->have += ok ? count : 0;
    sm_buf_release(&path);
    sm_buf_release(&number);
    sm_buf_release(&body);
    return ok && (count > 0 || first);
}
