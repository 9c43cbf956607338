#include "lib/stage/stage.h"

#include "lib/base/mem.h"
#include "lib/base/string_set.h"
#include "lib/json/json.h"
#include "lib/json/record_view.h"

#define WINDOW_BYTES ((size_t)32 << 20)

/* The runner's own state. `first` … `last` are users in input order: done ones at the front leave,
 * the last may still be read. */
struct run {
    struct sm_stage *stage;
    struct sm_input *input;
    struct sm_output *output;
    struct sm_err *err;
    struct sm_user *first, *last;
    size_t held_bytes, done_users;
    struct sm_string_set *seen;   /* users */
    struct sm_record_view glance; /* at the line that is read */
    bool ended;
};

void sm_user_done(struct sm_user *user)
{
    user->state = SM_USER_DONE;
    user->next_done = user->stage->done;
    user->stage->done = user;
}

void sm_user_failed(struct sm_user *user, const struct sm_err *err, unsigned tried)
{
    sm_user_done(user);
    if (user->stage->stopped)
        return;
    sm_record_error(&user->out, user->id, user->stage->name, err, tried, NULL);
    user->stage->failed_users++;
    if (user->stage->report) {
        struct sm_err copy = {0};
        sm_err_set(&copy, err->code == SM_EXIT_REPLAY ? SM_EXIT_REPLAY : SM_EXIT_PARTIAL,
                   err->remedy, "user %s: %s", user->id, err->message);
        user->stage->report(user->stage->report_arg, &copy, false);
        sm_err_clear(&copy);
    }
}

void sm_user_pending(struct sm_user *user, size_t waiting)
{
    sm_user_done(user);
    if (user->stage->stopped)
        return;
    sm_record_open(&user->out, SM_PENDING, user->id);
    sm_buf_printf(&user->out, ",\"stage\":\"%s\",\"waiting\":%zu}\n", user->stage->name, waiting);
    user->stage->pending_users++;
}

static struct sm_user *append_user(struct run *run, const char *id)
{
    struct sm_user *user = sm_alloc(1, sizeof *user);
    user->id = id ? sm_strdup(id) : NULL;
    user->persona = user->history = user->demos = jv_invalid();
    user->stage = run->stage;
    if (run->last)
        run->last->next = user;
    else
        run->first = user;
    run->last = user;
    return user;
}

static void free_user(struct sm_user *user)
{
    sm_user_forget(user);
    sm_buf_release(&user->out);
    sm_buf_release(&user->lines);
    sm_buf_release(&user->trailing);
    free(user->id);
    free(user);
}

static void begin_user(struct run *run, struct sm_user *user)
{
    if (!user || user->state != SM_USER_READING)
        return;
    user->state = SM_USER_BUSY;
    if (!user->id || user->halted) {
        sm_user_done(user);
        if (user->id && !user->refused && run->stage->halted)
            run->stage->halted(user);
        run->stage->pending_users += user->pending;
        if (user->pending && run->stage->plan)
            run->stage->plan(user, &run->stage->planned);
        return;
    }
    run->stage->users++;
    run->stage->begin(user);
}

static void report_line(struct run *run, struct sm_err *err)
{
    if (run->stage->report)
        run->stage->report(run->stage->report_arg, err, true);
    sm_err_clear(err);
}

/* A user whose records come apart cannot be worked on: what is learned would be of a part. */
static void refuse_split_user(struct run *run, struct sm_user *user)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL, "group the input by user, for example with sm-split",
               "user %s came before: the records of a user must be contiguous", user->id);
    if (!run->stage->halted) /* else the output is no stream of records */
        sm_record_error(&user->out, user->id, run->stage->name, &err, 0, NULL);
    user->halted = user->refused = true;
    run->stage->failed_users++;
    report_line(run, &err);
}

static struct sm_user *user_for(struct run *run, const char *id)
{
    struct sm_user *last = run->last;
    bool reading = last && last->state == SM_USER_READING;
    if (!id)
        return reading ? last : append_user(run, NULL);
    if (reading && last->id && strcmp(last->id, id) == 0)
        return last;
    begin_user(run, last);
    struct sm_user *user = append_user(run, id);
    bool known;
    sm_string_set_add(run->seen, id, &known);
    if (known)
        refuse_split_user(run, user);
    return user;
}

static int64_t bound(jv plan, const char *name, const char *direction, const char *which)
{
    jv object = sm_json_get(plan, name);
    jv part = direction ? sm_json_get(object, direction) : jv_copy(object);
    double number = sm_json_number(part, which, 0);
    jv_free(part);
    jv_free(object);
    return number >= 0 && number < 1e15 ? (int64_t)number : 0;
}

/* In a dry run the stages before say what they would ask. */
static void take_plan(struct run *run, jv record)
{
    jv plan = sm_json_get(record, "plan");
    struct sm_plan part = {
        .least = {bound(plan, "calls", NULL, "least"), bound(plan, "tokens", "in", "least"),
                  bound(plan, "tokens", "out", "least")},
        .most = {bound(plan, "calls", NULL, "most"), bound(plan, "tokens", "in", "most"),
                 bound(plan, "tokens", "out", "most")},
    };
    sm_plan_sum(&run->stage->earlier, &part);
    jv_free(plan);
}

/* A line of nobody that follows a user's last line stays behind what is appended for the user. */
static void copy_line(struct sm_user *user, bool nobodys, const char *line, size_t len)
{
    struct sm_buf *to = nobodys && user->id ? &user->trailing : &user->lines;
    if (!nobodys && user->trailing.len) {
        sm_buf_add(&user->lines, user->trailing.data, user->trailing.len);
        sm_buf_clear(&user->trailing);
    }
    sm_buf_add(to, line, len);
    sm_buf_char(to, '\n');
}

/* Whether anything is wanted of a record but its type and user: the others, traces and verdicts
 * above all, are not parsed. */
static bool is_read(enum sm_type type)
{
    return type == SM_PAIR || type == SM_CANDIDATES || type == SM_PERSONA || type == SM_DEMOS ||
           type == SM_RUN;
}

static void take_line(struct run *run, const char *line, size_t len)
{
    struct sm_record_view *glance = &run->glance;
    struct sm_record record = {.value = jv_invalid()};
    struct sm_err err = {0};
    if (!sm_record_view_read(glance, line, len, run->stage->default_user, &err) ||
        (is_read(glance->type) && !sm_json_parse(line, len, &record.value, &err))) {
        report_line(run, &err);
        return;
    }
    record.type = glance->type;
    struct sm_user *user = user_for(run, glance->user);
    if (glance->user && !sm_user_take(user, &record, &err))
        report_line(run, &err);
    else if (!run->stage->only)
        copy_line(user, !glance->user, line, len);
    if (record.type == SM_RUN)
        take_plan(run, record.value);
    user->held_bytes += len;
    run->held_bytes += len;
    if (!user->id)
        begin_user(run, user);
    sm_record_release(&record);
}

static bool has_room(const struct run *run)
{
    const struct sm_stage *stage = run->stage;
    size_t window = stage->window_bytes ? stage->window_bytes : WINDOW_BYTES;
    bool working = run->first && run->first->state != SM_USER_READING;
    if (run->ended || run->stage->stopped)
        return false;
    if (stage->llm && working && sm_llm_backlog(stage->llm) > 0)
        return false; /* enough is asked to keep every place in flight busy */
    return !working || run->held_bytes + run->output->pending.len < window;
}

/* Reads what is there, as long as there is room. */
static void read_lines(struct run *run)
{
    const char *line;
    size_t len;
    struct sm_err err = {0};
    while (has_room(run)) {
        switch (sm_input_next(run->input, run->stage->llm == NULL, &line, &len, &err)) {
        case SM_READ_LINE:
            take_line(run, line, len);
            break;
        case SM_READ_BAD:
        case SM_READ_FAIL:
            report_line(run, &err);
            break;
        case SM_READ_END:
            begin_user(run, run->last);
            run->ended = true;
            break;
        case SM_READ_WAIT:
            return;
        }
    }
}

/* Of users who wait for an earlier one to be done only the text is kept. */
static void shrink_done(struct run *run)
{
    struct sm_stage *stage = run->stage;
    while (stage->done) {
        struct sm_user *user = stage->done;
        stage->done = user->next_done;
        sm_user_forget(user);
        user->held_bytes += user->out.len;
        run->held_bytes += user->out.len;
    }
}

/* Moves finished users from the front to the output. */
static void release_done(struct run *run)
{
    shrink_done(run);
    while (run->first && run->first->state == SM_USER_DONE) {
        struct sm_user *user = run->first;
        run->first = user->next;
        if (!run->first)
            run->last = NULL;
        run->held_bytes -= user->held_bytes;
        sm_buf_add(&run->output->pending, sm_buf_text(&user->lines), user->lines.len);
        sm_buf_add(&run->output->pending, sm_buf_text(&user->out), user->out.len);
        sm_buf_add(&run->output->pending, sm_buf_text(&user->trailing), user->trailing.len);
        run->done_users += user->id != NULL;
        free_user(user);
    }
}

static void show_progress(struct run *run)
{
    struct sm_stage *stage = run->stage;
    if (!stage->progress)
        return;
    struct sm_counts counts = {.users_done = (int64_t)run->done_users,
                               .users_seen = (int64_t)sm_string_set_count(run->seen),
                               .all_seen = run->ended,
                               .failed = (int64_t)stage->failed_users};
    if (stage->llm) {
        struct sm_llm_totals totals = sm_llm_totals(stage->llm);
        counts.calls = totals.calls;
        counts.hits = totals.hits + totals.shared;
        counts.waiting = totals.waiting;
        counts.tokens_in = totals.usage.in;
        counts.tokens_out = totals.usage.out;
    }
    sm_progress_update(stage->progress, &counts);
}

/* What ends the run early: nothing new is asked, what is in flight ends into the store. */
static void stop(struct run *run, const struct sm_err *why)
{
    if (run->stage->stopped)
        return;
    run->stage->stopped = true;
    if (why && !run->err->code)
        sm_err_set(run->err, why->code, why->remedy, "%s", why->message);
    if (run->stage->llm)
        sm_llm_stop(run->stage->llm);
}

static void check_signals(struct run *run)
{
    int signal = run->stage->interrupted ? *run->stage->interrupted : 0;
    if (!signal || run->stage->stopped)
        return;
    run->err->code = SM_EXIT_SIGNAL + signal;
    stop(run, NULL);
}

/* Waits for the endpoint, the input and the output at once. */
static void turn(struct run *run)
{
    struct pollfd fds[2];
    unsigned count = 0;
    if (has_room(run) && sm_input_fd(run->input) >= 0)
        fds[count++] = (struct pollfd){.fd = sm_input_fd(run->input), .events = POLLIN};
    if (run->output->pending.len)
        fds[count++] = (struct pollfd){.fd = run->output->fd, .events = POLLOUT};
    bool idle = run->first && run->first->state == SM_USER_DONE;
    struct sm_err err = {0};
    if (!sm_llm_turn(run->stage->llm, fds, count, idle ? 0 : 1000, &err))
        stop(run, &err);
    else if (sm_llm_fatal(run->stage->llm))
        stop(run, sm_llm_fatal(run->stage->llm));
    sm_err_clear(&err);
}

static bool busy(const struct run *run)
{
    if (run->stage->stopped)
        return run->stage->llm && sm_llm_totals(run->stage->llm).waiting > 0;
    return !run->ended || run->first;
}

bool sm_stage_run(struct sm_stage *stage, struct sm_input *input, struct sm_output *output,
                  struct sm_err *err)
{
    struct run run = {
        .stage = stage, .input = input, .output = output, .err = err, .seen = sm_string_set_open()};
    while (busy(&run)) {
        read_lines(&run);
        if (!run.stage->stopped)
            release_done(&run);
        if (!sm_output_drain(output, stage->llm == NULL, err))
            stop(&run, NULL);
        if (stage->llm && (run.first || !run.ended || output->pending.len))
            turn(&run);
        check_signals(&run);
        show_progress(&run);
    }
    if (!stage->stopped)
        release_done(&run);
    while (run.first) {
        struct sm_user *user = run.first;
        run.first = user->next;
        free_user(user);
    }
    sm_string_set_close(run.seen);
    sm_record_view_release(&run.glance);
    return err->code == 0;
}
