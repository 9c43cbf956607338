#include "lib/llm/internal/wait_hint.h"

#include "lib/base/mem.h"

#include <ctype.h>
#include <curl/curl.h>
#include <math.h>
#include <stdbool.h>
#include <strings.h>
#include <time.h>

#define EPOCH_S 1e9 /* a larger number is a moment, not a duration */
#define EPOCH_MS 1e12

/* The unit at `text`, in seconds; *len is its length. 0: no unit. */
static double unit_at(const char *text, size_t *len)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {
        {"ms", 1e-3},    {"millisecond", 1e-3}, {"milliseconds", 1e-3}, {"s", 1},
        {"sec", 1},      {"secs", 1},           {"second", 1},          {"seconds", 1},
        {"m", 60},       {"min", 60},           {"mins", 60},           {"minute", 60},
        {"minutes", 60}, {"h", 3600},           {"hour", 3600},         {"hours", 3600},
        {"d", 86400},    {"day", 86400},        {"days", 86400},
    };
    *len = 0;
    while (isalpha((unsigned char)text[*len]))
        (*len)++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (*len == strlen(units[i].name) && strncasecmp(text, units[i].name, *len) == 0)
            return units[i].seconds;
    }
    return 0;
}

/* Reads "1m2.5s", "3 seconds" or "26"; *end is behind it. Below 0: it is none. */
static double read_duration(const char *text, const char **end)
{
    double sum = -1;
    *end = text;
    while (isdigit((unsigned char)*text)) {
        char *behind;
        size_t len;
        double number = strtod(text, &behind);
        const char *word = behind + (*behind == ' ');
        double unit = unit_at(word, &len);
        if (unit == 0 && sum >= 0)
            break; /* another number, which is not a part of it */
        sum = fmax(sum, 0) + number * (unit > 0 ? unit : 1);
        *end = unit > 0 ? word + len : behind;
        if (unit == 0)
            break;
        text = *end + (**end == ' ');
    }
    return sum;
}

double sm_wait_of_header(const char *value, int64_t unix_ms)
{
    const char *end;
    double seconds = read_duration(value, &end);
    if (seconds < 0 || *end) {
        time_t date = curl_getdate(value, NULL);
        return date < 0 ? -1 : fmax(0, (double)date - (double)unix_ms / 1e3);
    }
    if (seconds >= EPOCH_MS)
        return fmax(0, (seconds - (double)unix_ms) / 1e3);
    return seconds >= EPOCH_S ? fmax(0, seconds - (double)unix_ms / 1e3) : seconds;
}

double sm_wait_of_text(const char *text)
{
    static const char *const phrases[] = {"try again in ", "retry in ", "retry after ",
                                          "again after ",  "wait for ", "wait ",
                                          "resets in "};
    for (const char *p = text; *p; p++) {
        for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
            size_t len = strlen(phrases[i]);
            const char *end;
            if (strncasecmp(p, phrases[i], len) != 0)
                continue;
            double seconds = read_duration(p + len, &end);
            bool date = *end && strchr("-:/", *end);
            if (seconds > 0 && !date)
                return seconds;
        }
    }
    return 0;
}
