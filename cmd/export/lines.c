#include "cmd/export/lines.h"

#include "cmd/export/select.h"

#include "lib/base/string_set.h"
#include "lib/json/json.h"
#include "lib/store/batch.h"

static const char *order_of(const struct export_question *q)
{
    return q->reverse ? "reverse" : "forward";
}

/* Where the question shows the chosen reply. */
static const char *label_of(const struct export_question *q)
{
    return sm_choice_name(q->reverse ? SM_SECOND : SM_FIRST);
}

/* USER/INDEX/ORDER is unique: a slash can only be part of the user. */
static void write_id(struct sm_buf *out, const struct export_question *q)
{
    sm_buf_printf(out, "%s/%zu/%s", q->user, q->pair->index, order_of(q));
}

static void write_place(struct sm_buf *out, const struct export_question *q)
{
    sm_buf_str(out, "\"user_id\":");
    sm_json_cstring(out, q->user);
    sm_buf_printf(out, ",\"index\":%zu,\"order\":\"%s\"", q->pair->index, order_of(q));
}

void export_chat_line(const struct exporter *e, const struct export_question *q, struct sm_buf *out)
{
    (void)e;
    sm_buf_char(out, '{');
    write_place(out, q);
    sm_buf_str(out, ",\"label\":");
    sm_json_cstring(out, q->pair->labeled ? label_of(q) : NULL);
    sm_buf_printf(out, ",\"messages\":%s}\n", q->messages->data);
}

void export_batch_line(const struct exporter *e, const struct export_question *q,
                       struct sm_buf *out)
{
    struct sm_buf id = {0}, body = {0};
    write_id(&id, q);
    sm_judge_request(&e->asker, q->messages, &body);
    sm_batch_line(out, id.data, body.data, body.len);
    sm_buf_release(&id);
    sm_buf_release(&body);
}

/* Copies JSON text and escapes the braces inside its strings. promptfoo expands templates, more
 * than once: a reply with {{env.SECRET}} in it must stay as it is. */
static void hide_braces(const struct sm_buf *json, struct sm_buf *out)
{
    bool inside = false;
    for (size_t i = 0; i < json->len; i++) {
        char c = json->data[i];
        if (c == '"')
            inside = !inside;
        if (inside && (c == '{' || c == '}'))
            sm_buf_printf(out, "\\u%04x", (unsigned)c);
        else
            sm_buf_char(out, c);
        if (inside && c == '\\')
            sm_buf_char(out, json->data[++i]);
    }
}

void export_promptfoo_line(const struct exporter *e, const struct export_question *q,
                           struct sm_buf *out)
{
    struct sm_buf messages = {0};
    (void)e;
    hide_braces(q->messages, &messages);
    sm_buf_printf(out, "{\"description\":\"pair %zu, %s\",\"vars\":{\"messages\":", q->pair->index,
                  order_of(q));
    sm_json_string(out, messages.data, messages.len);
    sm_buf_printf(out,
                  "},\"assert\":[{\"type\":\"contains-json\",\"value\":{\"type\":\"object\","
                  "\"required\":[\"preference\"],\"properties\":{\"preference\":{\"const\":\"%s\"}}"
                  "}}],\"metadata\":{",
                  label_of(q));
    write_place(out, q);
    sm_buf_str(out, "}}\n");
    sm_buf_release(&messages);
}

void export_inspect_line(const struct exporter *e, const struct export_question *q,
                         struct sm_buf *out)
{
    struct sm_buf id = {0};
    (void)e;
    write_id(&id, q);
    sm_buf_str(out, "{\"id\":");
    sm_json_cstring(out, id.data);
    sm_buf_printf(out, ",\"input\":%s,\"target\":\"%s\",\"metadata\":{", q->messages->data,
                  label_of(q));
    write_place(out, q);
    sm_buf_str(out, "}}\n");
    sm_buf_release(&id);
}

static bool write_pair(struct exporter *e, const char *user, const struct sm_pair *pair,
                       const struct sm_buf *head, struct sm_buf *out, struct sm_err *err)
{
    bool ok = true;
    for (int reverse = 0; ok && reverse < 2; reverse++) {
        struct sm_buf messages = {0};
        struct export_question q = {user, pair, reverse, &messages};
        if (e->set.order[0] == (reverse ? 'f' : 'r'))
            continue;
        ok = sm_judge_messages(e->client.prompts, head, pair, !reverse, &messages, err);
        if (ok)
            e->target->line(e, &q, out);
        sm_buf_release(&messages);
    }
    return ok;
}

/* Two lines with the same id would be refused, or their answers confused. */
static bool check_index(struct sm_string_set *seen, const struct sm_pair *pair, struct sm_err *err)
{
    char index[24];
    bool known;
    snprintf(index, sizeof index, "%zu", pair->index);
    sm_string_set_add(seen, index, &known);
    return !known || sm_err_set(err, SM_EXIT_PARTIAL, "number the pairs anew, by sm-split",
                                "two pairs have the index %s", index);
}

bool export_questions(struct exporter *e, const struct sm_user *user,
                      const struct export_learned *learned, struct sm_buf *out, struct sm_err *err)
{
    struct sm_buf head = {0};
    struct sm_string_set *seen = sm_string_set_open();
    size_t shown, taken = 0, unlabeled = 0;
    bool ok =
        sm_judge_head(e->client.prompts, learned->persona, learned->demos, &head, &shown, err);
    for (size_t i = 0; ok && i < user->pair_count; i++) {
        const struct sm_pair *pair = &user->pairs[i];
        if (!export_takes(e, pair, &unlabeled))
            continue;
        taken++;
        ok = check_index(seen, pair, err) && write_pair(e, user->id, pair, &head, out, err);
    }
    sm_string_set_close(seen);
    sm_buf_release(&head);
    if (ok)
        export_note_left_out(e, user, taken, unlabeled);
    return ok;
}

/* The question has placeholders for its conversation and replies. */
static bool add_template(struct exporter *e, struct sm_buf *messages, struct sm_err *err)
{
    jv open = jv_object();
    open = jv_object_set(open, jv_string("context"), jv_string("{{conversation}}"));
    open = jv_object_set(open, jv_string("first"), jv_string("{{first}}"));
    open = jv_object_set(open, jv_string("second"), jv_string("{{second}}"));
    return sm_prompts_messages(e->client.prompts, "judge", "question", open, messages, err);
}

bool export_chat(struct exporter *e, const struct sm_user *user,
                 const struct export_learned *learned, struct sm_buf *out, struct sm_err *err)
{
    struct sm_buf messages = {0};
    size_t shown;
    if (e->set.pairs)
        return export_questions(e, user, learned, out, err);
    bool ok = sm_judge_head(e->client.prompts, learned->persona, learned->demos, &messages, &shown,
                            err) &&
              add_template(e, &messages, err);
    if (ok) {
        sm_buf_str(out, "{\"user_id\":");
        sm_json_cstring(out, user->id);
        sm_buf_printf(out, ",\"messages\":%s]}\n", messages.data);
    }
    sm_buf_release(&messages);
    return ok;
}
