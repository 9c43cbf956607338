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

#define PAGE_ROWS 100 /* the server gives no more */
#define HEAD_MAX_BYTES ((size_t)1 << 20)
#define ROWS_MAX 1000000000

struct sm_hf_cache {
    struct sm_hf_client *hub;
    char *dataset, *config, *split, *path;
    int fd;
    long have, total; /* rows; total -1: not known */
    bool begun;       /* the first line is there */
    bool partial;
};

static bool cannot(const char *what, const char *path, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT,
                      "name another folder with --pages, or make room; the same command goes on "
                      "where it stopped",
                      "cannot %s %s: %s", what, path, strerror(errno));
}

static bool lock(struct sm_hf_cache *pages, struct sm_err *err)
{
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(pages->fd, F_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES))
        return true;
    return sm_err_set(err, SM_EXIT_INPUT, "wait for it, or name another folder with --pages",
                      "another program is getting the pages of %s", pages->path);
}

/* Counts lines, and appends the first one to `head`; *whole is where the last one that is complete
 * ends. */
static bool count_lines(struct sm_hf_cache *pages, struct sm_buf *head, long *lines, off_t *whole,
                        struct sm_err *err)
{
    static const size_t chunk_bytes = (size_t)64 << 10;
    char *chunk = sm_alloc(chunk_bytes, 1);
    off_t at = 0;
    ssize_t n;
    *lines = 0;
    *whole = 0;
    while ((n = pread(pages->fd, chunk, chunk_bytes, at)) > 0) {
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
    return n == 0 || cannot("read", pages->path, err);
}

static bool other_file(const struct sm_hf_cache *pages, struct sm_err *err)
{
    return sm_err_set(err, SM_EXIT_INPUT, "remove it, or name another folder with --pages",
                      "%s does not hold rows of this split from %s", pages->path,
                      sm_hf_url(pages->hub));
}

/* -1 if it is not told, or no number of rows. */
static long count_in(jv object, const char *name)
{
    int64_t count = -1;
    sm_json_integer(object, name, 0, ROWS_MAX, &count);
    return (long)count;
}

static bool read_head(struct sm_hf_cache *pages, const struct sm_buf *text, struct sm_err *err)
{
    jv line = jv_invalid();
    if (text->over || !sm_json_parse(sm_buf_text(text), text->len, &line, NULL))
        return other_file(pages, err);
    jv head = sm_json_get(line, "pages");
    const char *names[] = {"url", "dataset", "config", "split"};
    const char *want[] = {sm_hf_url(pages->hub), pages->dataset, pages->config, pages->split};
    bool same = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *is = sm_json_text(head, names[i], NULL);
        same = same && is && strcmp(is, want[i]) == 0;
    }
    pages->total = count_in(head, "rows");
    pages->partial = sm_json_bool(head, "partial", false);
    pages->begun = true;
    jv_free(head);
    jv_free(line);
    return same || other_file(pages, err);
}

static bool resume(struct sm_hf_cache *pages, struct sm_err *err)
{
    struct sm_buf head = {.max = HEAD_MAX_BYTES};
    long lines;
    off_t whole;
    bool ok = count_lines(pages, &head, &lines, &whole, err);
    if (ok && (ftruncate(pages->fd, whole) != 0 || lseek(pages->fd, whole, SEEK_SET) < 0))
        ok = cannot("write", pages->path, err);
    pages->have = ok && lines > 0 ? lines - 1 : 0;
    ok = ok && (lines == 0 || read_head(pages, &head, err));
    sm_buf_release(&head);
    return ok;
}

struct sm_hf_cache *sm_hf_cache_open(struct sm_hf_client *hub, const struct sm_hf_rows *of,
                                     const char *folder, struct sm_err *err)
{
    struct sm_hf_cache *pages = sm_alloc(1, sizeof *pages);
    struct sm_buf path = {0};
    sm_buf_printf(&path, "%s/", folder);
    sm_file_escape(&path, of->dataset, ",");
    sm_buf_char(&path, ',');
    sm_file_escape(&path, of->config, ",");
    sm_buf_char(&path, ',');
    sm_file_escape(&path, of->split, ",");
    sm_buf_str(&path, ".jsonl");
    *pages = (struct sm_hf_cache){.hub = hub,
                                  .dataset = sm_strdup(of->dataset),
                                  .config = sm_strdup(of->config),
                                  .split = sm_strdup(of->split),
                                  .path = sm_buf_take(&path),
                                  .fd = -1,
                                  .total = -1};
    bool ok = sm_folder_make(pages->path, "name another folder with --pages", err);
    if (ok) {
        pages->fd = open(pages->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        ok = pages->fd >= 0 || cannot("open", pages->path, err);
    }
    if (ok && lock(pages, err) && resume(pages, err))
        return pages;
    sm_hf_cache_close(pages);
    return NULL;
}

void sm_hf_cache_close(struct sm_hf_cache *pages)
{
    if (!pages)
        return;
    if (pages->fd >= 0)
        close(pages->fd);
    free(pages->dataset);
    free(pages->config);
    free(pages->split);
    free(pages->path);
    free(pages);
}

const char *sm_hf_cache_path(const struct sm_hf_cache *pages)
{
    return pages->path;
}

bool sm_hf_cache_partial(const struct sm_hf_cache *pages)
{
    return pages->partial;
}

static void add_head(struct sm_hf_cache *pages, struct sm_buf *out)
{
    if (pages->begun)
        return;
    sm_buf_str(out, "{\"pages\":{\"url\":");
    sm_json_cstring(out, sm_hf_url(pages->hub));
    sm_buf_str(out, ",\"dataset\":");
    sm_json_cstring(out, pages->dataset);
    sm_buf_str(out, ",\"config\":");
    sm_json_cstring(out, pages->config);
    sm_buf_str(out, ",\"split\":");
    sm_json_cstring(out, pages->split);
    sm_buf_printf(out, ",\"rows\":%ld,\"partial\":%s}}\n", pages->total,
                  pages->partial ? "true" : "false");
    pages->begun = true;
}

/* A row in the server's own bytes, since numbers may be longer than a parser keeps. */
static bool add_row(struct sm_hf_cache *pages, const struct sm_raw *row, long number,
                    struct sm_buf *out, struct sm_err *err)
{
    struct sm_raw index = {0};
    bool any = sm_raw_find(row->value, row->value_len, "row_idx", &index);
    if (!any || strtol(index.value, NULL, 10) != number)
        return sm_err_set(err, SM_EXIT_INPUT, "run the same command again",
                          "%s gave another row where it was asked for row %ld",
                          sm_hf_url(pages->hub), number);
    size_t begin = out->len;
    sm_buf_add(out, row->value, row->value_len);
    for (size_t i = begin; i < out->len; i++) {
        if (out->data[i] == '\n' || out->data[i] == '\r')
            out->data[i] = ' '; /* between two tokens: strings have none */
    }
    sm_buf_char(out, '\n');
    return true;
}

static bool check_total(struct sm_hf_cache *pages, jv root, struct sm_err *err)
{
    long total = count_in(root, "num_rows_total");
    if (pages->begun && pages->total >= 0 && total >= 0 && total != pages->total)
        return sm_err_set(err, SM_EXIT_INPUT,
                          "remove that file, and run the same command again: it gets all anew",
                          "the dataset has changed: it has %ld rows, and had %ld when %s was begun",
                          total, pages->total, pages->path);
    if (!pages->begun) {
        pages->total = total;
        pages->partial = sm_json_bool(root, "partial", false);
    }
    return true;
}

/* Appends the rows of a page in `body`; *count says how many. */
static bool keep_page(struct sm_hf_cache *pages, const struct sm_buf *body, long *count,
                      struct sm_err *err)
{
    jv root;
    struct sm_raw list, row;
    struct sm_buf out = {0};
    *count = 0;
    if (!sm_json_parse(sm_buf_text(body), body->len, &root, err)) {
        sm_err_prefix(err, "%s", sm_hf_url(pages->hub));
        return false;
    }
    bool ok = check_total(pages, root, err);
    if (ok && (!sm_raw_find(body->data, body->len, "rows", &list) || *list.value != '['))
        ok = sm_err_set(err, SM_EXIT_INPUT, "check --hf-url", "%s gave no rows",
                        sm_hf_url(pages->hub));
    if (ok) {
        const char *at = list.value, *end = list.value + list.value_len;
        add_head(pages, &out);
        for (; ok && sm_raw_next_item(&at, end, &row); ++*count)
            ok = add_row(pages, &row, pages->have + *count, &out, err);
    }
    ok = ok && (sm_file_write(pages->fd, out.data, out.len) || cannot("write", pages->path, err));
    jv_free(root);
    sm_buf_release(&out);
    return ok;
}

bool sm_hf_cache_more(void *arg, struct sm_err *err)
{
    struct sm_hf_cache *pages = arg;
    struct sm_buf path = {0}, number = {0}, body = {0};
    if (pages->total >= 0 && pages->have >= pages->total)
        return false;
    bool first = !pages->begun;
    sm_buf_str(&path, "/rows");
    sm_hf_query(&path, "dataset", pages->dataset);
    sm_hf_query(&path, "config", pages->config);
    sm_hf_query(&path, "split", pages->split);
    sm_buf_printf(&number, "%ld", pages->have);
    sm_hf_query(&path, "offset", number.data);
    sm_buf_printf(&path, "&length=%d", PAGE_ROWS);
    long count = 0;
    bool ok = sm_hf_get(pages->hub, path.data, &body, err) && keep_page(pages, &body, &count, err);
    if (ok && count == 0 && pages->total > pages->have)
        ok = sm_err_set(err, SM_EXIT_INPUT, "run the same command later",
                        "%s gave no row from %ld on, of %ld", sm_hf_url(pages->hub), pages->have,
                        pages->total);
    pages->have += ok ? count : 0;
    sm_buf_release(&path);
    sm_buf_release(&number);
    sm_buf_release(&body);
    return ok && (count > 0 || first);
}
