#include "lib/data/hf_cache.h"

#include "lib/base/file.h"
#include "lib/base/folder.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"

#include <fcntl.h>
#include <unistd.h>

static bool read_kept(const char *path, struct sm_buf *body)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && sm_file_read(fd, body);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* For the next time. If that fails, the server is asked again. */
static void keep_answer(const char *path, const struct sm_buf *body)
{
    struct sm_buf part = {0};
    sm_buf_printf(&part, "%s.%lld", path, (long long)getpid());
    int fd = sm_folder_make(path, NULL, NULL)
                 ? open(part.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
                 : -1;
    if (fd >= 0) {
        bool ok = sm_file_write(fd, body->data, body->len);
        if (close(fd) != 0 || !ok || rename(part.data, path) != 0)
            unlink(part.data);
    }
    sm_buf_release(&part);
}

static jv splits_in(const struct sm_buf *body)
{
    jv root = jv_invalid();
    if (!sm_json_parse(sm_buf_text(body), body->len, &root, NULL))
        return jv_invalid();
    jv list = sm_json_get(root, "splits");
    jv_free(root);
    bool ok = jv_get_kind(list) == JV_KIND_ARRAY;
    int n = ok ? jv_array_length(jv_copy(list)) : 0;
    for (int i = 0; i < n; i++) {
        jv item = jv_array_get(jv_copy(list), i);
        ok = ok && sm_json_text(item, "config", NULL) && sm_json_text(item, "split", NULL);
        jv_free(item);
    }
    if (ok && n > 0)
        return list;
    jv_free(list);
    return jv_invalid();
}

jv sm_hf_splits(struct sm_hf_client *client, const char *dataset, const char *folder,
                struct sm_err *err)
{
    struct sm_buf path = {0}, body = {0}, query = {0};
    sm_buf_printf(&path, "%s/", folder);
    sm_file_escape(&path, dataset, ",");
    sm_buf_str(&path, ".splits.json");
    jv splits = jv_invalid();
    if (read_kept(path.data, &body))
        splits = splits_in(&body);
    if (!jv_is_valid(splits)) {
        jv_free(splits);
        sm_buf_str(&query, "/splits");
        sm_hf_query(&query, "dataset", dataset);
        bool ok = sm_hf_get(client, query.data, &body, err);
        splits = ok ? splits_in(&body) : jv_invalid();
        if (jv_is_valid(splits))
            keep_answer(path.data, &body);
        else if (ok)
            sm_err_set(err, SM_EXIT_INPUT, "check --hf-url, or give --config and --split",
                       "%s gave no splits of %s", sm_hf_url(client), dataset);
    }
    sm_buf_release(&path);
    sm_buf_release(&body);
    sm_buf_release(&query);
    return splits;
}
