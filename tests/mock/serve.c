#include "tests/mock/serve.h"

#include "tests/mock/answer.h"
#include "tests/mock/die.h"
#include "tests/mock/json.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECTIONS_MAX 4096U
#define NEAR_MS 0.5 /* waits are whole milliseconds: what is due this soon is due now */
#define IDLE_MS 60000

struct request {
    struct MHD_Connection *connection;
    char *bytes; /* the body */
    size_t len;
    long number; /* of the call; 0 for a request that is none */
    bool answered;
    struct reply reply; /* once answered */
    double due_ms;
    struct request *next; /* in the line of those that wait */
};

struct server {
    struct MHD_Daemon *daemon;
    const struct options *options;
    struct answers answers;
    struct request *waiting; /* suspended, the first due first */
    long calls, in_flight, peak_in_flight;
    jv by_status; /* how many calls by status, an object */
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static jv stats(const struct server *server)
{
    return JV_OBJECT(jv_string("calls"), jv_number((double)server->calls),
                     jv_string("peak_in_flight"), jv_number((double)server->peak_in_flight),
                     jv_string("by_status"), jv_copy(server->by_status));
}

static jv models(const struct server *server)
{
    jv names = jv_string_split(jv_string(server->options->models), jv_string(","));
    jv list = jv_array();
    jv_array_foreach(names, i, name)
    {
        list = jv_array_append(
            list, JV_OBJECT(jv_string("id"), name, jv_string("object"), jv_string("model")));
    }
    jv_free(names);
    return JV_OBJECT(jv_string("object"), jv_string("list"), jv_string("data"), list);
}

static enum MHD_Result add_header(void *arg, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    jv *headers = arg;
    char lower[128];
    size_t i = 0;
    (void)kind;
    for (; name[i] && i < sizeof lower - 1; i++)
        lower[i] = (char)tolower((unsigned char)name[i]);
    *headers =
        jv_object_set(*headers, jv_string_sized(lower, (int)i), jv_string(value ? value : ""));
    return MHD_YES;
}

static void count_reply(struct server *server, unsigned status)
{
    char name[12];
    snprintf(name, sizeof name, "%u", status);
    jv count = jv_number(number_or(server->by_status, name, 0) + 1);
    server->by_status = jv_object_set(server->by_status, jv_string(name), count);
}

static void answer_call(struct server *server, struct request *request, const char *path)
{
    const struct options *options = server->options;
    double begun_ms = now_ms();
    if (++server->in_flight > server->peak_in_flight)
        server->peak_in_flight = server->in_flight;
    request->number = ++server->calls;
    struct call call = {.number = request->number,
                        .path = path,
                        .headers = jv_object(),
                        .bytes = request->bytes,
                        .len = request->len};
    if (options->log)
        MHD_get_connection_values(request->connection, MHD_HEADER_KIND, add_header, &call.headers);
    request->reply = answer(&server->answers, &call);
    jv_free(call.headers);
    count_reply(server, request->reply.status);
    /* the same in every run */
    long jitter_ms = request->number * 7919 % (2 * options->jitter_ms + 1) - options->jitter_ms;
    request->due_ms =
        begun_ms + request->reply.latency_ms + (double)(options->latency_ms + jitter_ms);
}

/* Suspends the connection until the reply is due. */
static void wait_until_due(struct server *server, struct request *request)
{
    struct request **at = &server->waiting;
    while (*at && (*at)->due_ms <= request->due_ms)
        at = &(*at)->next;
    request->next = *at;
    *at = request;
    MHD_suspend_connection(request->connection);
}

static void wake(struct server *server, double until_ms)
{
    while (server->waiting && server->waiting->due_ms <= until_ms) {
        struct request *request = server->waiting;
        server->waiting = request->next;
        MHD_resume_connection(request->connection);
    }
}

/* Gives the whole body and then an error, since more was promised. */
static ssize_t read_cut(void *arg, uint64_t at, char *out, size_t max)
{
    const jv *body = arg;
    size_t left = (size_t)jv_string_length_bytes(jv_copy(*body)) - at;
    if (left == 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = left < max ? left : max;
    memcpy(out, jv_string_value(*body) + at, n);
    return (ssize_t)n;
}

/* The body stays with the request, which outlives the response. */
static enum MHD_Result send_reply(struct request *request)
{
    struct reply *reply = &request->reply;
    size_t len = (size_t)jv_string_length_bytes(jv_copy(reply->body));
    struct MHD_Response *response =
        reply->cut
            ? MHD_create_response_from_callback(len + 1024, 1024, read_cut, &reply->body, NULL)
            : MHD_create_response_from_buffer(len, (void *)jv_string_value(reply->body),
                                              MHD_RESPMEM_PERSISTENT);
    jv_object_foreach(reply->headers, name, value)
    {
        MHD_add_response_header(response, jv_string_value(name), jv_string_value(value));
        jv_free(name);
        jv_free(value);
    }
    if (!MHD_get_response_header(response, "Content-Type"))
        MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(request->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result begin(struct MHD_Connection *connection, void **context)
{
    struct request *request = calloc(1, sizeof *request);
    if (!request)
        return MHD_NO;
    request->connection = connection;
    *context = request;
    return MHD_YES;
}

static enum MHD_Result append(struct request *request, const char *data, size_t *size)
{
    char *longer = realloc(request->bytes, request->len + *size);
    if (!longer)
        return MHD_NO;
    memcpy(longer + request->len, data, *size);
    request->bytes = longer;
    request->len += *size;
    *size = 0;
    return MHD_YES;
}

/* Called when a request begins, with each piece of its body, when it is complete, and again when
 * one that waited is woken. */
static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **context)
{
    struct server *server = arg;
    struct request *request = *context;
    (void)version;
    if (!request)
        return begin(connection, context);
    if (*size)
        return append(request, data, size);
    if (!request->answered) {
        if (strcmp(method, "GET") == 0)
            request->reply =
                reply_json(200, strcmp(path, "/stats") == 0 ? stats(server) : models(server));
        else
            answer_call(server, request, path);
        request->answered = true;
        if (request->due_ms > now_ms() + NEAR_MS) {
            wait_until_due(server, request);
            return MHD_YES;
        }
    }
    return send_reply(request);
}

static void forget(void *arg, struct MHD_Connection *connection, void **context,
                   enum MHD_RequestTerminationCode code)
{
    struct server *server = arg;
    struct request *request = *context;
    (void)connection;
    (void)code;
    if (!request)
        return;
    if (request->number)
        server->in_flight--;
    if (request->answered)
        reply_free(&request->reply);
    free(request->bytes);
    free(request);
}

struct server *server_open(const struct options *options)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        die("out of memory");
    *server = (struct server){
        .options = options, .answers = answers_open(options), .by_status = jv_object()};
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)options->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, server,
                         MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, forget,
                         server, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_END);
    if (!server->daemon)
        die("port %ld: cannot listen", options->port);
    return server;
}

unsigned server_port(const struct server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* Milliseconds until there is something to do. */
static double time_left_ms(const struct server *server)
{
    double left_ms = server->waiting ? server->waiting->due_ms - now_ms() : IDLE_MS;
    MHD_UNSIGNED_LONG_LONG most_ms;
    if (MHD_get_timeout(server->daemon, &most_ms) == MHD_YES && (double)most_ms < left_ms)
        left_ms = (double)most_ms;
    return left_ms > 0 ? left_ms : 0;
}

/* MHD_run_wait() must not do the waiting: when it has taken 128 events, it waits for more before it
 * looks at them. */
void server_run(struct server *server)
{
    int fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    for (;;) {
        struct pollfd events = {.fd = fd, .events = POLLIN};
        poll(&events, 1, (int)(time_left_ms(server) + NEAR_MS));
        wake(server, now_ms() + NEAR_MS);
        MHD_run_wait(server->daemon, 0);
    }
}
