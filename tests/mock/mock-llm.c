/* A chat endpoint for tests, on loopback: see README.md. */
#include "decide.h"
#include "script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <jv.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FAULTS_MAX 16

struct fault {
    const char *kind, *value;
    long every, times, first, used;
};

/* The whole server; one to a process, reached from the handlers through their argument. */
struct server {
    enum decision decision;
    const char *salt, *models;
    struct script *script;
    struct fault faults[FAULTS_MAX];
    size_t fault_count;
    long latency_ms, jitter_ms;
    FILE *log;
    pthread_mutex_t lock;
    long calls, in_flight, peak, status[600];
    struct request *delayed; /* suspended, by the time they are due */
    pthread_cond_t changed;
    bool ending;
};

struct request {
    struct request *next;
    struct MHD_Connection *connection;
    char *body;
    size_t len;
    bool counted, waited;
    struct MHD_Response *response;
    unsigned status;
    double due_ms;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static struct MHD_Response *text_response(const char *text, const char *type)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(r, "Content-Type", type);
    return r;
}

static struct MHD_Response *json_response(jv value)
{
    jv text = jv_dump_string(value, 0);
    struct MHD_Response *r = text_response(jv_string_value(text), "application/json");
    jv_free(text);
    return r;
}

static jv error_body(const char *message, const char *type, const char *param, const char *code)
{
    jv error = jv_object_set(jv_object(), jv_string("message"), jv_string(message));
    error = jv_object_set(error, jv_string("type"), jv_string(type));
    error = jv_object_set(error, jv_string("param"), param ? jv_string(param) : jv_null());
    error = jv_object_set(error, jv_string("code"), code ? jv_string(code) : jv_null());
    return jv_object_set(jv_object(), jv_string("error"), error);
}

static jv number(const char *name, double value)
{
    return jv_object_set(jv_object(), jv_string(name), jv_number(value));
}

static jv usage_of(jv body, const char *content)
{
    char *text = contents_of(body, false);
    double in = (double)((strlen(text) + 3) / 4), out = (double)((strlen(content) + 3) / 4);
    free(text);
    jv usage = jv_object_merge(number("prompt_tokens", in), number("completion_tokens", out));
    usage = jv_object_merge(usage, number("total_tokens", in + out));
    return jv_object_set(usage, jv_string("prompt_tokens_details"), number("cached_tokens", 0));
}

/* A completion; `content`, `finish`, `usage` and `logprobs` are consumed, invalid ones left out. */
static jv completion(jv body, jv content, const char *finish, jv usage, jv logprobs)
{
    jv message = jv_object_set(jv_object(), jv_string("role"), jv_string("assistant"));
    jv choice = jv_object_set(jv_object(), jv_string("index"), jv_number(0));
    if (!jv_is_valid(usage)) {
        jv_free(usage);
        usage = usage_of(body, jv_string_value(content));
    }
    message = jv_object_set(message, jv_string("content"), content);
    choice = jv_object_set(choice, jv_string("message"), message);
    choice = jv_object_set(choice, jv_string("finish_reason"), jv_string(finish));
    if (jv_is_valid(logprobs))
        choice = jv_object_set(choice, jv_string("logprobs"), logprobs);
    else
        jv_free(logprobs);
    jv reply = jv_object_set(jv_object(), jv_string("id"), jv_string("chatcmpl-mock"));
    reply = jv_object_set(reply, jv_string("object"), jv_string("chat.completion"));
    reply =
        jv_object_set(reply, jv_string("model"), jv_object_get(jv_copy(body), jv_string("model")));
    reply = jv_object_set(reply, jv_string("choices"), JV_ARRAY(choice));
    return jv_object_set(reply, jv_string("usage"), usage);
}

/* The fault that strikes this call, or NULL. `refuse` and `context` depend on the body instead. */
static const struct fault *choose_fault(struct server *s, jv body, size_t len, long call)
{
    for (size_t i = 0; i < s->fault_count; i++) {
        struct fault *f = &s->faults[i];
        bool strikes = true;
        if (f->every)
            strikes = call % f->every == 0;
        if (f->first)
            strikes = strikes && call <= f->first;
        if (f->times)
            strikes = strikes && f->used < f->times;
        if (strncmp(f->kind, "refuse=", 7) == 0)
            strikes = strikes && jv_object_has(jv_copy(body), jv_string(f->kind + 7));
        if (strcmp(f->kind, "context") == 0)
            strikes = strikes && f->value && len > strtoul(f->value, NULL, 10);
        if (!strikes)
            continue;
        f->used++;
        return f;
    }
    return NULL;
}

static void add_retry_after(struct MHD_Response *r, const char *value)
{
    if (!value)
        return;
    if (strncmp(value, "ms=", 3) == 0) {
        MHD_add_response_header(r, "retry-after-ms", value + 3);
    } else if (strncmp(value, "date+", 5) == 0) {
        char text[64];
        time_t then = time(NULL) + strtol(value + 5, NULL, 10);
        struct tm tm;
        strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&then, &tm));
        MHD_add_response_header(r, "Retry-After", text);
    } else {
        MHD_add_response_header(r, "Retry-After", value);
    }
}

/* Promises more than it gives, then closes. */
static ssize_t cut_body(void *arg, uint64_t at, char *out, size_t max)
{
    static const char half[] = "{\"id\":\"chatcmpl-mock\",\"choices\":[{\"mess";
    (void)arg;
    if (at >= sizeof half - 1)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = sizeof half - 1 - at < max ? sizeof half - 1 - at : max;
    memcpy(out, half + at, n);
    return (ssize_t)n;
}

static ssize_t close_at_once(void *arg, uint64_t at, char *out, size_t max)
{
    (void)arg;
    (void)at;
    (void)out;
    (void)max;
    return MHD_CONTENT_READER_END_WITH_ERROR;
}

static void refuse(struct request *r, const char *param)
{
    char message[256];
    const char *hint =
        strcmp(param, "max_tokens") == 0 ? " Use 'max_completion_tokens' instead." : "";
    snprintf(message, sizeof message,
             "Unsupported parameter: '%s' is not supported with this model.%s", param, hint);
    r->status = 400;
    r->response =
        json_response(error_body(message, "invalid_request_error", param, "unsupported_parameter"));
}

static void answer_fault(struct request *r, const struct fault *f, jv body)
{
    const char *k = f->kind;
    r->status = 200;
    if (strncmp(k, "refuse=", 7) == 0) {
        refuse(r, k + 7);
    } else if (strcmp(k, "cut") == 0 || strcmp(k, "close") == 0 || strcmp(k, "stall") == 0) {
        r->response = MHD_create_response_from_callback(
            4096, 1024, strcmp(k, "cut") == 0 ? cut_body : close_at_once, NULL, NULL);
        if (strcmp(k, "stall") == 0)
            r->due_ms = now_ms() + 1e3 * (f->value ? strtod(f->value, NULL) : 30);
    } else if (strcmp(k, "html") == 0) {
        r->response = text_response("<html><body>Bad gateway</body></html>", "text/html");
    } else if (strcmp(k, "error200") == 0) {
        r->response =
            json_response(error_body("Provider returned error", "server_error", NULL, NULL));
    } else if (strcmp(k, "errorarray") == 0) {
        r->status = 429;
        r->response =
            json_response(JV_ARRAY(error_body("Resource exhausted", "rate_limit", NULL, NULL)));
    } else if (strcmp(k, "length") == 0) {
        r->response = json_response(completion(body, jv_string("{\"reasoning\": \"and so on"),
                                               "length", jv_invalid(), jv_invalid()));
    } else if (strcmp(k, "empty") == 0) {
        r->response = json_response(jv_object_set(jv_object(), jv_string("choices"), jv_array()));
    } else if (strcmp(k, "quota") == 0) {
        r->status = 429;
        r->response = json_response(error_body("You exceeded your current quota.",
                                               "insufficient_quota", NULL, "insufficient_quota"));
    } else if (strcmp(k, "badkey") == 0) {
        r->status = 401;
        r->response = json_response(error_body(f->value ? f->value : "Incorrect API key provided.",
                                               "invalid_request_error", NULL, "invalid_api_key"));
    } else if (strcmp(k, "nomodel") == 0) {
        r->status = 404;
        r->response = json_response(error_body("The model does not exist.", "invalid_request_error",
                                               NULL, "model_not_found"));
    } else if (strcmp(k, "context") == 0) {
        r->status = 400;
        r->response = json_response(error_body("This model's maximum context length is exceeded.",
                                               "invalid_request_error", "messages",
                                               "context_length_exceeded"));
    } else {
        r->status = (unsigned)strtoul(k, NULL, 10);
        r->response = json_response(error_body("mock fault", "server_error", NULL, NULL));
        add_retry_after(r->response, f->value);
    }
}

static jv take(jv object, const char *name)
{
    return jv_get_kind(object) == JV_KIND_OBJECT ? jv_object_get(jv_copy(object), jv_string(name))
                                                 : jv_invalid();
}

static double take_number(jv object, const char *name, double missing)
{
    jv value = take(object, name);
    double result = jv_get_kind(value) == JV_KIND_NUMBER ? jv_number_value(value) : missing;
    jv_free(value);
    return result;
}

/* True if the entry's reply answers by itself. */
static bool answer_scripted(struct request *r, jv entry, jv body)
{
    jv reply = take(entry, "reply"), raw = take(reply, "body"), content = take(reply, "content");
    jv finish = take(reply, "finish_reason"), headers = take(reply, "headers");
    r->status = (unsigned)take_number(reply, "status", 200);
    r->due_ms = now_ms() + take_number(reply, "latency_ms", 0);
    if (jv_get_kind(raw) == JV_KIND_STRING) {
        r->response = text_response(jv_string_value(raw), "application/json");
    } else if (jv_is_valid(raw)) {
        r->response = json_response(jv_copy(raw));
    } else if (jv_is_valid(content)) {
        jv text = jv_get_kind(content) == JV_KIND_OBJECT ? jv_dump_string(jv_copy(content), 0)
                                                         : jv_copy(content);
        r->response = json_response(completion(
            body, text, jv_get_kind(finish) == JV_KIND_STRING ? jv_string_value(finish) : "stop",
            take(reply, "usage"), take(reply, "logprobs")));
    }
    if (r->response && jv_get_kind(headers) == JV_KIND_OBJECT) {
        jv_object_foreach(headers, name, value)
        {
            MHD_add_response_header(r->response, jv_string_value(name), jv_string_value(value));
            jv_free(name);
            jv_free(value);
        }
    }
    jv_free(headers);
    jv_free(finish);
    jv_free(content);
    jv_free(raw);
    jv_free(reply);
    return r->response != NULL;
}

static enum MHD_Result add_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    jv *headers = arg;
    char lower[128];
    size_t i = 0;
    (void)kind;
    for (; name[i] && i < sizeof lower - 1; i++)
        lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    lower[i] = '\0';
    *headers = jv_object_set(*headers, jv_string(lower), jv_string(value ? value : ""));
    return MHD_YES;
}

static void write_log(struct server *s, const struct request *r, long call, const char *path,
                      jv headers, const char *fault)
{
    jv authorization = jv_object_get(jv_copy(headers), jv_string("authorization"));
    jv line = jv_object_set(jv_object(), jv_string("n"), jv_number((double)call));
    line = jv_object_set(line, jv_string("path"), jv_string(path));
    line = jv_object_set(line, jv_string("authorization"),
                         jv_is_valid(authorization) ? jv_copy(authorization) : jv_null());
    line = jv_object_set(line, jv_string("headers"), jv_copy(headers));
    line = jv_object_set(line, jv_string("bytes"), jv_number((double)r->len));
    line = jv_object_set(line, jv_string("status"), jv_number(r->status));
    line = jv_object_set(line, jv_string("fault"), fault ? jv_string(fault) : jv_null());
    jv_free(authorization);
    jv text = jv_dump_string(line, 0);
    pthread_mutex_lock(&s->lock);
    /* The body stands in the line as it came. */
    fprintf(s->log, "%.*s,\"body\":%.*s}\n", jv_string_length_bytes(jv_copy(text)) - 1,
            jv_string_value(text), (int)r->len, r->body);
    fflush(s->log);
    pthread_mutex_unlock(&s->lock);
    jv_free(text);
}

static void compose(struct server *s, struct request *r, const char *path, jv headers, long call)
{
    jv body = r->body ? jv_parse_sized(r->body, (int)r->len) : jv_invalid();
    const char *kind = NULL;
    if (jv_get_kind(body) != JV_KIND_OBJECT) {
        r->status = 400;
        r->response = json_response(error_body("body is no JSON object", "mock", NULL, NULL));
        jv_free(body);
        return;
    }
    pthread_mutex_lock(&s->lock);
    const struct fault *fault = choose_fault(s, body, r->len, call);
    pthread_mutex_unlock(&s->lock);
    jv entry = s->script && !fault ? script_take(s->script, path, headers, body) : jv_invalid();
    jv own = take(entry, "fault");
    struct fault scripted = {.kind =
                                 jv_get_kind(own) == JV_KIND_STRING ? jv_string_value(own) : ""};
    if (!fault && *scripted.kind)
        fault = &scripted;
    if (fault) {
        kind = fault->kind;
        answer_fault(r, fault, body);
    } else if (!answer_scripted(r, entry, body) && s->decision != DECIDE_NONE) {
        char *content = decide(s->decision, s->salt, body);
        r->status = 200;
        r->response =
            json_response(completion(body, jv_string(content), "stop", jv_invalid(), jv_invalid()));
        free(content);
    } else if (!r->response) {
        r->status = 500;
        r->response =
            json_response(error_body("mock: no entry of the script fits", "mock", NULL, NULL));
    }
    if (s->log)
        write_log(s, r, call, path, headers, kind);
    jv_free(own);
    jv_free(entry);
    jv_free(body);
}

/* Lets the connection sleep until the answer is due. */
static void delay(struct server *s, struct request *r)
{
    r->waited = true;
    MHD_suspend_connection(r->connection);
    pthread_mutex_lock(&s->lock);
    struct request **at = &s->delayed;
    while (*at && (*at)->due_ms <= r->due_ms)
        at = &(*at)->next;
    r->next = *at;
    *at = r;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void *wake_delayed(void *arg)
{
    struct server *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        double now = now_ms();
        while (s->delayed && s->delayed->due_ms <= now) {
            struct request *r = s->delayed;
            s->delayed = r->next;
            MHD_resume_connection(r->connection);
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        double wait = s->delayed ? s->delayed->due_ms - now : 1000;
        long ns = until.tv_nsec + (long)(wait > 1000 ? 1e9 : wait * 1e6);
        until.tv_sec += ns / 1000000000;
        until.tv_nsec = ns % 1000000000;
        pthread_cond_timedwait(&s->changed, &s->lock, &until);
    }
    while (s->delayed) {
        MHD_resume_connection(s->delayed->connection);
        s->delayed = s->delayed->next;
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static enum MHD_Result send_stats(struct server *s, struct MHD_Connection *connection)
{
    pthread_mutex_lock(&s->lock);
    jv stats = jv_object_merge(number("calls", (double)s->calls),
                               number("peak_in_flight", (double)s->peak));
    jv status = jv_object();
    for (int i = 0; i < 600; i++) {
        char name[12];
        snprintf(name, sizeof name, "%d", i);
        if (s->status[i])
            status = jv_object_set(status, jv_string(name), jv_number((double)s->status[i]));
    }
    pthread_mutex_unlock(&s->lock);
    struct MHD_Response *r = json_response(jv_object_set(stats, jv_string("by_status"), status));
    enum MHD_Result result = MHD_queue_response(connection, 200, r);
    MHD_destroy_response(r);
    return result;
}

static enum MHD_Result send_models(struct server *s, struct MHD_Connection *connection)
{
    jv list = jv_array();
    const char *at = s->models;
    while (*at) {
        size_t len = strcspn(at, ",");
        jv model = jv_object_set(jv_object(), jv_string("id"), jv_string_sized(at, (int)len));
        list = jv_array_append(list, jv_object_set(model, jv_string("object"), jv_string("model")));
        at += len + (at[len] == ',');
    }
    jv value = jv_object_set(jv_object(), jv_string("object"), jv_string("list"));
    struct MHD_Response *r = json_response(jv_object_set(value, jv_string("data"), list));
    enum MHD_Result result = MHD_queue_response(connection, 200, r);
    MHD_destroy_response(r);
    return result;
}

static void count(struct server *s, struct request *r, long *call)
{
    r->counted = true;
    pthread_mutex_lock(&s->lock);
    *call = ++s->calls;
    if (++s->in_flight > s->peak)
        s->peak = s->in_flight;
    pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result finish(struct server *s, struct request *r)
{
    pthread_mutex_lock(&s->lock);
    s->status[r->status < 600 ? r->status : 0]++;
    pthread_mutex_unlock(&s->lock);
    enum MHD_Result result = MHD_queue_response(r->connection, r->status, r->response);
    MHD_destroy_response(r->response);
    r->response = NULL;
    return result;
}

static bool is_chat(const char *path)
{
    static const char tail[] = "/chat/completions";
    size_t len = strlen(path);
    return len >= sizeof tail - 1 && strcmp(path + len - (sizeof tail - 1), tail) == 0;
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **context)
{
    struct server *s = arg;
    struct request *r = *context;
    (void)version;
    if (!r) {
        r = calloc(1, sizeof *r);
        if (!r)
            return MHD_NO;
        r->connection = connection;
        *context = r;
        return MHD_YES;
    }
    if (*size) {
        char *longer = realloc(r->body, r->len + *size + 1);
        if (!longer)
            return MHD_NO;
        r->body = longer;
        memcpy(r->body + r->len, data, *size);
        r->len += *size;
        *size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "GET") == 0)
        return strcmp(path, "/stats") == 0 ? send_stats(s, connection) : send_models(s, connection);
    if (!r->counted) {
        long call = 0;
        jv headers = jv_object();
        MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, &headers);
        count(s, r, &call);
        r->due_ms = now_ms();
        if (is_chat(path)) {
            compose(s, r, path, headers, call);
        } else {
            r->status = 404;
            r->response = json_response(error_body("no such path", "mock", NULL, NULL));
        }
        jv_free(headers);
        double spread =
            s->jitter_ms ? (double)((call * 7919) % (2 * s->jitter_ms + 1)) - (double)s->jitter_ms
                         : 0;
        r->due_ms += (double)s->latency_ms + spread;
    }
    if (!r->waited && r->due_ms > now_ms() + 0.5) {
        delay(s, r);
        return MHD_YES;
    }
    return finish(s, r);
}

static void forget(void *arg, struct MHD_Connection *connection, void **context,
                   enum MHD_RequestTerminationCode code)
{
    struct server *s = arg;
    struct request *r = *context;
    (void)connection;
    (void)code;
    if (!r)
        return;
    if (r->counted) {
        pthread_mutex_lock(&s->lock);
        s->in_flight--;
        pthread_mutex_unlock(&s->lock);
    }
    if (r->response)
        MHD_destroy_response(r->response);
    free(r->body);
    free(r);
    *context = NULL;
}

static void usage(const char *problem)
{
    fprintf(stderr, "mock-llm: %s; see tests/mock/README.md\n", problem);
    exit(2);
}

/* KIND[:every=N][:times=K][:first=K][:value=V] */
static void add_fault(struct server *s, char *text)
{
    if (s->fault_count == FAULTS_MAX)
        usage("too many faults");
    struct fault *f = &s->faults[s->fault_count++];
    f->kind = text;
    for (char *p = strchr(text, ':'); p; p = strchr(p, ':')) {
        *p++ = '\0';
        if (strncmp(p, "every=", 6) == 0)
            f->every = strtol(p + 6, NULL, 10);
        else if (strncmp(p, "times=", 6) == 0)
            f->times = strtol(p + 6, NULL, 10);
        else if (strncmp(p, "first=", 6) == 0)
            f->first = strtol(p + 6, NULL, 10);
        else if (strncmp(p, "value=", 6) == 0)
            f->value = p + 6;
        else
            usage("unknown option of a fault");
    }
}

static void tell_port(unsigned port, const char *path)
{
    printf("%u\n", port);
    fflush(stdout);
    if (!path)
        return;
    char temporary[4096];
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *file = fopen(temporary, "w");
    if (!file || fprintf(file, "%u\n", port) < 0 || fclose(file) != 0 ||
        rename(temporary, path) != 0)
        usage("cannot write the port file");
}

struct settings {
    long port, lifetime;
    const char *port_file;
};

static void parse(int argc, char **argv, struct server *s, struct settings *set)
{
    static const struct option longs[] = {
        {"port", 1, NULL, 'p'},    {"port-file", 1, NULL, 'P'}, {"log", 1, NULL, 'l'},
        {"latency", 1, NULL, 'y'}, {"jitter", 1, NULL, 'j'},    {"lifetime", 1, NULL, 'L'},
        {"models", 1, NULL, 'm'},  {"decide", 1, NULL, 'd'},    {"salt", 1, NULL, 's'},
        {"script", 1, NULL, 'S'},  {"fault", 1, NULL, 'f'},     {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 'p':
            set->port = strtol(optarg, NULL, 10);
            break;
        case 'P':
            set->port_file = optarg;
            break;
        case 'l':
            s->log = fopen(optarg, "a");
            break;
        case 'y':
            s->latency_ms = strtol(optarg, NULL, 10);
            break;
        case 'j':
            s->jitter_ms = strtol(optarg, NULL, 10);
            break;
        case 'L':
            set->lifetime = strtol(optarg, NULL, 10);
            break;
        case 'm':
            s->models = optarg;
            break;
        case 'd':
            s->decision = decision_named(optarg);
            if (s->decision == DECIDE_NONE)
                usage("unknown decision");
            break;
        case 's':
            s->salt = optarg;
            break;
        case 'S':
            s->script = script_open(optarg);
            break;
        case 'f':
            add_fault(s, optarg);
            break;
        default:
            usage("unknown option");
        }
    }
}

int main(int argc, char **argv)
{
    static struct server server = {.salt = "", .models = "mock"};
    struct settings set = {.lifetime = 600};
    parse(argc, argv, &server, &set);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&server.changed, &clock);
    pthread_mutex_init(&server.lock, NULL);
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)set.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, &server,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, forget, &server,
        MHD_OPTION_CONNECTION_LIMIT, 4096U, MHD_OPTION_END);
    if (!daemon)
        usage("cannot listen");
    pthread_t waker;
    pthread_create(&waker, NULL, wake_delayed, &server);
    tell_port(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port, set.port_file);
    struct timespec life = {.tv_sec = set.lifetime};
    sigtimedwait(&ends, NULL, &life);
    pthread_mutex_lock(&server.lock);
    server.ending = true;
    pthread_cond_signal(&server.changed);
    pthread_mutex_unlock(&server.lock);
    pthread_join(waker, NULL);
    MHD_stop_daemon(daemon);
    return 0;
}
