#include "lib/json/two_replies.h"

#include <string.h>
#include <strings.h>

static const char *const stems[] = {"option",  "response",  "answer",     "reply", "output",
                                    "message", "candidate", "completion", "text",  "generation"};

/* The length of the stem that a name begins with, behind which `mark` is what is left; 0: none. */
static size_t split_name(const char *name, size_t len, char *mark)
{
    for (size_t i = 0; i < sizeof stems / sizeof *stems; i++) {
        size_t stem = strlen(stems[i]);
        if (len <= stem || strncasecmp(name, stems[i], stem) != 0)
            continue;
        if (len == stem + 2 && strchr("_- .", name[stem]))
            stem++;
        *mark = name[stem];
        return len == stem + 1 ? stem : 0;
    }
    return 0;
}

bool sm_two_replies_add(struct sm_two_replies *two, const char *name, size_t len)
{
    char mark = '\0';
    size_t stem = split_name(name, len, &mark);
    const char *other = two->first ? two->first : two->second;
    bool alike = !other || (two->stem == stem && strncasecmp(other, name, stem) == 0);
    if (stem == 0 || !alike || !mark)
        return two->first && two->second;
    if (strchr("1aA", mark)) {
        two->first = name;
        two->first_len = len;
        two->stem = stem;
    } else if (strchr("2bB", mark)) {
        two->second = name;
        two->second_len = len;
        two->stem = stem;
    }
    return two->first && two->second;
}
