#include "cmd/common/destination.h"

#include "cmd/common/credentials.h"
#include "cmd/common/environment.h"
#include "cmd/common/listener.h"
#include "cmd/common/proxy.h"
#include "cmd/common/small_file.h"
#include "lib/io/url.h"

/* An option, else the variable in the environment, else in .env. */
static const char *choose(const char *option, const char *variable, const struct dotenv *env,
                          enum setting_source *from)
{
    const char *value = option ? option : env_variable(variable);
    *from = option ? FROM_COMMAND_LINE : value ? FROM_ENVIRONMENT : FROM_NOWHERE;
    if (!value && (value = dotenv_value(env, variable)))
        *from = FROM_DOTENV;
    return value;
}

static enum setting_source source_of(const char *variable)
{
    return env_variable(variable) ? FROM_ENVIRONMENT : FROM_DOTENV;
}

static bool check_text(const struct destination *to, struct sm_err *err)
{
    for (const char *p = to->provider.key; p && *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return sm_err_set(err, SM_EXIT_USAGE, "give the key alone, on one line",
                              "%s holds a control character", to->key_name);
    }
    return true;
}

static bool find_key(const struct client_options *set, struct destination *to, struct sm_err *err)
{
    struct sm_provider *provider = &to->provider;
    if (set->api_key_file) {
        if (!key_file_read(set->api_key_file, &to->key_file_key, err))
            return false;
        provider->key = to->key_file_key;
        provider->needs = NULL;
        to->key_name = "the key of --api-key-file";
        to->key_from = FROM_COMMAND_LINE;
    } else if (provider->key) {
        to->key_name = provider->key_variable;
        to->key_from = source_of(provider->key_variable);
    }
    return check_text(to, err);
}

static void add_base(struct sm_string_list *bases, const char *text, size_t len)
{
    while (len && strchr(" \t\r", text[len - 1]))
        len--;
    for (; len && strchr(" \t", *text); len--)
        text++;
    if (len == 0 || *text == '#')
        return;
    bases->at = sm_grow(bases->at, bases->count, &bases->room, sizeof *bases->at);
    bases->at[bases->count++] = sm_strndup(text, len);
}

/* "URL,URL..." or "@FILE" with a URL a line. *base becomes the first of them. */
static bool split_bases(struct destination *to, const char **base, struct sm_err *err)
{
    static const struct small_file_kind kind = {SM_EXIT_USAGE, "give a file with a URL a line"};
    struct sm_buf text = {0};
    const char *at = *base, *ends = ",";
    bool ok = true;
    if (!at || (*at != '@' && !strchr(at, ',')))
        return true;
    if (*at == '@') {
        ok = small_file_read(at + 1, &kind, &text, NULL, err);
        at = sm_buf_text(&text);
        ends = "\n";
    }
    while (ok && *at) {
        size_t len = strcspn(at, ends);
        add_base(&to->bases, at, len);
        at += len + (at[len] != '\0');
    }
    sm_buf_release(&text);
    if (ok && to->bases.count == 0)
        ok = sm_err_set(err, SM_EXIT_USAGE, "name one or more, such as http://node1:8000/v1",
                        "--base-url %s: no URL", *base);
    *base = ok ? to->bases.at[0] : *base;
    return ok;
}

bool destination_find(const struct client_options *set, struct destination *to, struct sm_err *err)
{
    enum setting_source ignored;
    if (!dotenv_read(&to->env, err) || !headers_read(&set->headers, &to->headers, err))
        return false;
    to->model = choose(set->model, "SM_MODEL", &to->env, &ignored);
    to->whose = choose(set->store_as, "SM_STORE_AS", &to->env, &ignored);
    const char *base = choose(set->base_url, "SM_BASE_URL", &to->env, &to->url_from);
    if (!split_bases(to, &base, err))
        return false;
    if (!sm_provider_find(to->model ? to->model : "", base, dotenv_variable, &to->env,
                          &to->provider, err))
        return false;
    if (to->bases.count > 1 && to->provider.url)
        return sm_err_set(err, SM_EXIT_USAGE, "give one", "several base URLs, and %s has its own",
                          to->provider.prefix ? to->provider.prefix : "the provider");
    for (size_t i = 1; i < to->bases.count; i++) {
        if (!sm_provider_check_base(to->bases.at[i], err))
            return false;
    }
    if (to->provider.base_variable)
        to->url_from = source_of(to->provider.base_variable);
    to->proxy = proxy_in_force(to->provider.endpoint);
    return find_key(set, to, err);
}

/* What is secret, for a message; NULL: nothing. */
static const char *secrets_of(const struct destination *to)
{
    return to->provider.key ? to->key_name : to->headers.count ? "what --header gives" : NULL;
}

static bool is_default(const struct destination *to)
{
    return to->url_from == FROM_NOWHERE && !to->provider.prefix;
}

/* A secret goes where its own source, or the user at this very moment, wants it to go. */
static bool check_pair(const struct destination *to, struct sm_err *err)
{
    bool headers = to->headers.count > 0, of_env = to->provider.key && to->key_from == FROM_DOTENV;
    const char *secret = headers && of_env ? "what --header gives" : secrets_of(to);
    const char *endpoint = to->provider.endpoint;
    if (is_default(to))
        return sm_err_set(
            err, SM_EXIT_USAGE,
            "name the endpoint that it is for with --base-url or SM_BASE_URL, if need be "
            "that one",
            "%s would go to %s, and nobody has named an endpoint", secret, endpoint);
    if (to->url_from == FROM_DOTENV && (headers || !of_env))
        return sm_err_set(
            err, SM_EXIT_USAGE,
            "if that is where it shall go, give --base-url or SM_BASE_URL in the "
            "environment; else write the endpoint's own key into .env, and unset this "
            "one",
            "%s would go to %s, which .env names", secret, endpoint);
    return true;
}

/* Nobody on the way may read it, nor another user of this machine take it. */
static bool check_way(const struct destination *to, const struct sm_url *url, struct sm_err *err)
{
    const char *secret = secrets_of(to), *endpoint = to->provider.endpoint;
    uid_t owner;
    if (!sm_url_is_private(url))
        return sm_err_set(
            err, SM_EXIT_USAGE,
            "give an https:// URL, or --insecure-http if you trust everybody on the way",
            "%s would go to %s unencrypted", secret, endpoint);
    if (url->tls)
        return true;
    if (to->proxy)
        return sm_err_set(err, SM_EXIT_USAGE, "name the host in no_proxy",
                          "%s, for %s, would go unencrypted to the proxy of %s", secret, endpoint,
                          to->proxy);
    if (listener_is_foreign(url, &owner))
        return sm_err_set(err, SM_EXIT_USAGE,
                          "is the port taken by another program? If you trust that one, give "
                          "--insecure-http",
                          "%s would go to %s, where a program of user %lu listens", secret,
                          endpoint, (unsigned long)owner);
    return true;
}

static void tell(const struct destination *to, const struct sm_url *url, bool checked,
                 struct app *app)
{
    uid_t owner;
    if (is_default(to))
        app_note_once(app, "asks %s, since no endpoint is named", to->provider.endpoint);
    else if (to->url_from == FROM_DOTENV)
        app_note_once(app, "asks %s, which .env names", to->provider.endpoint);
    if (!checked && !url->tls && url->loopback && !to->proxy && listener_is_foreign(url, &owner))
        app_warn(app,
                 "a program of user %lu, neither yours nor root's, listens at %s and gets the "
                 "conversations",
                 (unsigned long)owner, to->provider.endpoint);
}

/* The same for one of the endpoints. */
static bool check_one(struct destination *to, const struct client_options *set, bool sent,
                      struct app *app, struct sm_err *err)
{
    struct sm_url url;
    bool ok = sm_url_read(to->provider.endpoint, &url);
    if (ok && secrets_of(to))
        ok = check_pair(to, err) && (set->insecure_http || check_way(to, &url, err));
    if (ok && sent)
        tell(to, &url, secrets_of(to) || set->insecure_http, app);
    sm_url_release(&url);
    return ok;
}

bool destination_check(struct destination *to, const struct client_options *set, bool sent,
                       struct app *app, struct sm_err *err)
{
    struct sm_err why = {0};
    bool ok = check_one(to, set, sent, app, &why);
    for (size_t i = 1; ok && i < to->bases.count; i++) {
        struct destination other = *to;
        other.provider.endpoint = (char *)to->bases.at[i];
        other.proxy = proxy_in_force(other.provider.endpoint);
        ok = check_one(&other, set, sent, app, &why);
        free(other.proxy);
    }
    if (!ok && !sent) {
        to->provider.key = NULL;
        headers_release(&to->headers);
        ok = true;
    }
    if (!ok)
        sm_err_set(err, why.code, why.remedy, "%s", why.message);
    sm_err_clear(&why);
    return ok;
}

void destination_release(struct destination *to)
{
    dotenv_release(&to->env);
    headers_release(&to->headers);
    sm_provider_release(&to->provider);
    free(to->key_file_key);
    free(to->proxy);
    for (size_t i = 0; i < to->bases.count; i++)
        free((char *)to->bases.at[i]);
    free(to->bases.at);
    *to = (struct destination){0};
}
