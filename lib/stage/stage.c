#include "lib/stage/stage.h"

#include "lib/stage/internal/plan.h"
#include "lib/stage/internal/show.h"
#include "lib/stage/internal/user.h"

#include "lib/base/mem.h"
#include "lib/base/string_set.h"
#include "lib/json/json.h"
#include "lib/json/record_view.h"

#define WINDOW_BYTES ((size_t)32 << 20)
#define BESIDE_MS 10 /* that is waited for one client while the other one may have something */

/* `first` … `last` are users in input order. Done ones leave at the front; the last may still be
 * coming in. */
struct runner {
    struct sm_stage *stage;
    struct sm_reader *reader;
    struct sm_output *output;
    struct sm_err *err;
    struct sm_user *first, *last;
    size_t held_bytes, done_users;
    struct sm_string_set *seen; /* user ids */
    size_t questions;           /* lines read, with stage->line */
    bool ended, paused; /* paused: reading stopped while there may be more to read at once */
};

static struct sm_user *append_user(struct runner *runner, const char *id)
{
    struct sm_user *user = sm_alloc(1, sizeof *user);
    user->id = id ? sm_strdup(id) : NULL;
    user->persona = user->personas = user->rubric = jv_invalid();
    user->history = user->demos = jv_invalid();
    user->verdicts = jv_object();
    user->rankings = jv_object();
    user->traces = jv_object();
    user->stage = runner->stage;
    if (runner->last)
        runner->last->next = user;
    else
        runner->first = user;
    runner->last = user;
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

static void begin_user(struct runner *runner, struct sm_user *user)
{
    if (!user || user->state != SM_USER_READING)
        return;
    user->state = SM_USER_BUSY;
    if (!user->id || user->halted) {
        sm_user_done(user);
        if (user->id && !user->scattered && runner->stage->halted)
            runner->stage->halted(user);
        runner->stage->pending_users += user->pending;
        if (user->pending && runner->stage->plan)
            runner->stage->plan(user, &runner->stage->planned);
        return;
    }
    runner->stage->users++;
    runner->stage->expected += runner->stage->each;
    runner->stage->begin(user);
}

/* A user whose records are not contiguous is not worked on: a part of them is not enough. */
static void fail_scattered(struct runner *runner, struct sm_user *user)
{
    struct sm_err err = {0};
    sm_err_set(&err, SM_EXIT_PARTIAL, "group the input by user, for example with sm-split",
               "user %s came before: the records of a user must be contiguous", user->id);
    if (!runner->stage->halted) /* else the output is not a stream of records */
        sm_record_error(&user->out, user->id, runner->stage->name, &err, 0, NULL);
    user->halted = user->scattered = true;
    runner->stage->failed_users++;
    sm_reader_bad(runner->reader, &err);
}

static struct sm_user *user_for(struct runner *runner, const char *id)
{
    struct sm_user *last = runner->last;
    bool reading = last && last->state == SM_USER_READING;
    if (!id)
        return reading ? last : append_user(runner, NULL);
    if (reading && last->id && strcmp(last->id, id) == 0)
        return last;
    begin_user(runner, last);
    struct sm_user *user = append_user(runner, id);
    bool known;
    sm_string_set_add(runner->seen, id, &known);
    if (known)
        fail_scattered(runner, user);
    return user;
}

/* Nobody's line behind a user's last line stays behind what is appended for the user. */
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

/* Whether more of a record is needed than type and user. The others, mostly traces, are not parsed.
 */
static bool is_read(const struct sm_stage *stage, enum sm_type type)
{
    if (type == SM_VERDICT || type == SM_RANKING)
        return stage->rewards;
    if (type == SM_TRACE)
        return stage->traces;
    return type == SM_PAIR || type == SM_CANDIDATES || type == SM_PERSONA || type == SM_RUBRIC ||
           type == SM_DEMOS || type == SM_RUN;
}

static void take_line(struct runner *runner, const char *line, size_t len)
{
    const struct sm_record_view *view = &runner->reader->view;
    struct sm_record record = {.type = view->type, .value = jv_invalid()};
    struct sm_err err = {0};
    if (is_read(runner->stage, view->type) && !sm_json_parse(line, len, &record.value, &err)) {
        sm_reader_bad(runner->reader, &err);
        return;
    }
    struct sm_user *user = user_for(runner, view->user);
    if (view->user && !sm_user_take(user, &record, &err))
        sm_reader_bad(runner->reader, &err);
    else if (!runner->stage->only)
        copy_line(user, !view->user, line, len);
    if (record.type == SM_RUN)
        sm_plan_take(&runner->stage->earlier, record.value);
    user->held_bytes += len;
    runner->held_bytes += len;
    if (!user->id)
        begin_user(runner, user);
    sm_record_release(&record);
}

/* Whether the client beside the stage's own has something under way. */
static bool asks_beside(const struct sm_stage *stage)
{
    return stage->beside && sm_llm_totals(stage->beside).waiting > 0;
}

/* A line that is a question of its own. What is wrong with it is told in its place, too. */
static void take_question(struct runner *runner, enum sm_read what, const char *line, size_t len,
                          struct sm_err *err)
{
    struct sm_stage *stage = runner->stage;
    struct sm_user *user = append_user(runner, NULL);
    user->question = ++runner->questions;
    user->held_bytes = what == SM_READ_LINE ? len : 0;
    runner->held_bytes += user->held_bytes;
    user->state = SM_USER_BUSY;
    stage->users++;
    if (what == SM_READ_LINE &&
        sm_user_take_question(user, line, len, runner->reader->default_user, err)) {
        stage->begin(user);
        return;
    }
    sm_user_fail(user, err, 0);
    sm_reader_bad(runner->reader, err);
}

static bool has_room(const struct runner *runner)
{
    const struct sm_stage *stage = runner->stage;
    size_t window = stage->window_bytes ? stage->window_bytes : WINDOW_BYTES;
    bool working = runner->first && runner->first->state != SM_USER_READING;
    if (runner->ended || stage->stopped || stage->done)
        return false; /* users who are done leave first */
    if (stage->llm && working && sm_llm_backlog(stage->llm) > 0)
        return false; /* enough wait to keep every place in flight busy, or to be delivered */
    if (stage->beside && working && sm_llm_backlog(stage->beside) > 0)
        return false;
    return !working || runner->held_bytes + runner->output->pending.len < window;
}

static enum sm_read read_line(struct runner *runner)
{
    const char *line;
    size_t len;
    bool wait = runner->stage->llm == NULL;
    struct sm_err err = {0};
    enum sm_read what = runner->stage->line
                            ? sm_reader_each(runner->reader, wait, &line, &len, &err)
                            : sm_reader_record(runner->reader, wait, &line, &len);
    if (runner->stage->line && (what == SM_READ_LINE || what == SM_READ_BAD))
        take_question(runner, what, line, len, &err);
    else if (what == SM_READ_LINE)
        take_line(runner, line, len);
    sm_err_clear(&err);
    return what == SM_READ_BAD ? SM_READ_LINE : what;
}

/* Reads what is there, as long as there is room. */
static void read_lines(struct runner *runner)
{
    enum sm_read what = SM_READ_LINE;
    while (what == SM_READ_LINE && has_room(runner))
        what = read_line(runner);
    runner->paused = what == SM_READ_LINE;
    if (what == SM_READ_END) {
        begin_user(runner, runner->last);
        runner->ended = true;
    }
}

/* A user who is done but waits for an earlier one keeps only its text. */
static void shrink_done(struct runner *runner)
{
    struct sm_stage *stage = runner->stage;
    while (stage->done) {
        struct sm_user *user = stage->done;
        stage->done = user->next_done;
        runner->done_users += user->id || user->question;
        sm_user_forget(user);
        user->held_bytes += user->out.len;
        runner->held_bytes += user->out.len;
    }
}

/* Moves finished users from the front to the output. */
static void release_done(struct runner *runner)
{
    shrink_done(runner);
    while (runner->first && runner->first->state == SM_USER_DONE) {
        struct sm_user *user = runner->first;
        runner->first = user->next;
        if (!runner->first)
            runner->last = NULL;
        runner->held_bytes -= user->held_bytes;
        sm_user_number(user);
        sm_buf_add(&runner->output->pending, sm_buf_text(&user->lines), user->lines.len);
        sm_buf_add(&runner->output->pending, sm_buf_text(&user->out), user->out.len);
        sm_buf_add(&runner->output->pending, sm_buf_text(&user->trailing), user->trailing.len);
        free_user(user);
    }
}

static void show_progress(const struct runner *runner)
{
    size_t users = runner->stage->line ? runner->questions : sm_string_set_count(runner->seen);
    if (runner->stage->progress)
        sm_stage_show(runner->stage, runner->reader, runner->done_users, users, runner->ended);
}

/* Nothing new is sent; what is in flight ends in the store. */
static void stop_early(struct runner *runner, const struct sm_err *why)
{
    if (runner->stage->stopped)
        return;
    runner->stage->stopped = true;
    if (why && !runner->err->code)
        sm_err_set(runner->err, why->code, why->remedy, "%s", why->message);
    if (runner->stage->llm)
        sm_llm_stop(runner->stage->llm);
    if (runner->stage->beside)
        sm_llm_stop(runner->stage->beside);
}

static void check_signals(struct runner *runner)
{
    int signal = runner->stage->interrupted ? *runner->stage->interrupted : 0;
    if (!signal || runner->stage->stopped)
        return;
    struct sm_err now = {.code = SM_EXIT_SIGNAL + signal}; /* what is in flight may take long */
    runner->err->code = now.code;
    if (runner->stage->report)
        runner->stage->report(runner->stage->report_arg, &now);
    stop_early(runner, NULL);
}

/* With stage->line an endpoint that cannot be reached is tried anew with the next line. */
static void check_endpoint(struct runner *runner, struct sm_llm *llm)
{
    const struct sm_err *fatal = sm_llm_fatal(llm);
    if (fatal && runner->stage->line && fatal->code == SM_EXIT_INPUT)
        sm_llm_forgive(llm);
    else if (fatal)
        stop_early(runner, fatal);
}

/* A turn of a client. */
static void turn(struct runner *runner, struct sm_llm *llm, struct pollfd *fds, unsigned count,
                 int timeout_ms)
{
    struct sm_err err = {0};
    if (!sm_llm_turn(llm, fds, count, timeout_ms, &err))
        stop_early(runner, &err);
    else
        check_endpoint(runner, llm);
    sm_err_clear(&err);
}

/* Waits for the endpoint, the input and the output at once. */
static void wait_for_any(struct runner *runner)
{
    struct pollfd fds[2];
    unsigned count = 0;
    int input = sm_input_fd(runner->reader->input);
    if (has_room(runner) && input >= 0)
        fds[count++] = (struct pollfd){.fd = input, .events = POLLIN};
    if (runner->output->pending.len)
        fds[count++] = (struct pollfd){.fd = runner->output->fd, .events = POLLOUT};
    bool idle = (runner->first && runner->first->state == SM_USER_DONE) ||
                (runner->paused && has_room(runner));
    if (asks_beside(runner->stage))
        turn(runner, runner->stage->beside, NULL, 0, idle ? 0 : BESIDE_MS);
    idle |= asks_beside(runner->stage);
    turn(runner, runner->stage->llm, fds, count, idle ? 0 : 1000);
}

static bool is_busy(const struct runner *runner)
{
    if (runner->stage->stopped)
        return asks_beside(runner->stage) ||
               (runner->stage->llm && sm_llm_totals(runner->stage->llm).waiting > 0);
    return !runner->ended || runner->first;
}

bool sm_stage_run(struct sm_stage *stage, struct sm_reader *reader, struct sm_output *output,
                  struct sm_err *err)
{
    struct runner runner = {.stage = stage,
                            .reader = reader,
                            .output = output,
                            .err = err,
                            .seen = sm_string_set_open()};
    while (is_busy(&runner)) {
        read_lines(&runner);
        if (!runner.stage->stopped)
            release_done(&runner);
        if (!sm_output_drain(output, stage->llm == NULL, err))
            stop_early(&runner, NULL);
        if (stage->llm && (runner.first || !runner.ended || output->pending.len))
            wait_for_any(&runner);
        check_signals(&runner);
        show_progress(&runner);
    }
    if (!stage->stopped)
        release_done(&runner);
    while (runner.first) {
        struct sm_user *user = runner.first;
        runner.first = user->next;
        free_user(user);
    }
    sm_string_set_close(runner.seen);
    return err->code == 0;
}
