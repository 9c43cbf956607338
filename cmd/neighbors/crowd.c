#include "cmd/neighbors/neighbors.h"

#include "lib/json/json.h"

#include <errno.h>
#include <unistd.h>

static bool keep_text(FILE *file, struct text *text, const char *data, size_t len,
                      struct sm_err *err)
{
    *text = (struct text){.at = ftello(file), .len = len};
    if (fwrite(data, 1, len, file) == len)
        return true;
    return sm_err_set(err, SM_EXIT_INPUT, "make room there, or set TMPDIR to another folder",
                      "cannot write a temporary file: %s", strerror(errno));
}

bool crowd_add(struct crowd *crowd, const struct sm_user *user, bool with_demos, struct sm_err *err)
{
    crowd->at = sm_grow(crowd->at, crowd->count, &crowd->room, sizeof *crowd->at);
    struct person *person = &crowd->at[crowd->count++];
    const char *persona = sm_json_text(user->persona, "persona", NULL);
    struct sm_buf demos = {0};
    *person = (struct person){.id = sm_strdup(user->id)};
    words_read(&person->words, persona);
    jv list = with_demos ? sm_json_get(user->demos, "demos") : jv_invalid();
    if (jv_is_valid(list))
        sm_json_value(&demos, list);
    jv_free(list);
    bool ok = keep_text(crowd->texts, &person->persona, persona, strlen(persona), err) &&
              keep_text(crowd->texts, &person->demos, sm_buf_text(&demos), demos.len, err);
    sm_buf_release(&demos);
    return ok;
}

char *crowd_text(const struct crowd *crowd, const struct text *text, struct sm_err *err)
{
    if (!text->len)
        return NULL;
    char *data = sm_alloc(text->len + 1, 1);
    ssize_t n = pread(fileno(crowd->texts), data, text->len, text->at);
    if (n == (ssize_t)text->len)
        return data;
    free(data);
    sm_err_set(err, SM_EXIT_INPUT, "run the same command again", "a temporary file is lost: %s",
               n < 0 ? strerror(errno) : "it is shorter than it was");
    return NULL;
}

static int by_id(const void *a, const void *b)
{
    const struct person *x = a, *y = b;
    return strcmp(x->id, y->id);
}

struct person *crowd_find(const struct crowd *crowd, const char *user)
{
    struct person key = {.id = (char *)user};
    return crowd->count ? bsearch(&key, crowd->at, crowd->count, sizeof key, by_id) : NULL;
}

struct near {
    double likeness;
    uint64_t digest;
    size_t person;
};

/* The most alike first; of those that are as alike chance decides, so that no user is asked for the
 * id alone. */
static int by_likeness(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    if (x->likeness != y->likeness)
        return x->likeness > y->likeness ? -1 : 1;
    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    return (x->person > y->person) - (x->person < y->person);
}

static void choose_others(struct crowd *crowd, struct person *person,
                          const struct words_index *index, struct near *near, size_t most)
{
    double *likeness = sm_alloc(crowd->count, sizeof *likeness);
    uint64_t seed = words_digest(WORDS_DIGEST, person->id);
    size_t count = 0;
    words_like(index, &person->words, likeness);
    for (size_t i = 0; i < crowd->count; i++) {
        if (&crowd->at[i] != person)
            near[count++] = (struct near){likeness[i], words_digest(seed, crowd->at[i].id), i};
    }
    if (count)
        qsort(near, count, sizeof *near, by_likeness);
    person->other_count = count < most ? count : most;
    person->others = sm_alloc(person->other_count, sizeof *person->others);
    for (size_t i = 0; i < person->other_count; i++)
        person->others[i].person = near[i].person;
    free(likeness);
}

void crowd_choose_others(struct crowd *crowd, size_t most)
{
    struct words_index index;
    struct words *words = sm_alloc(crowd->count, sizeof *words);
    struct near *near = sm_alloc(crowd->count, sizeof *near);
    if (crowd->count)
        qsort(crowd->at, crowd->count, sizeof *crowd->at, by_id);
    for (size_t i = 0; i < crowd->count; i++)
        words[i] = crowd->at[i].words; /* the same in memory */
    words_weigh(words, crowd->count, &index);
    for (size_t i = 0; i < crowd->count; i++)
        choose_others(crowd, &crowd->at[i], &index, near, most);
    words_index_release(&index);
    free(near);
    free(words);
}

void crowd_release(struct crowd *crowd)
{
    for (size_t i = 0; i < crowd->count; i++) {
        free(crowd->at[i].id);
        free(crowd->at[i].others);
        free(crowd->at[i].choices);
        words_release(&crowd->at[i].words);
        sm_buf_release(&crowd->at[i].record);
    }
    free(crowd->at);
    free(crowd->clusters);
    if (crowd->texts)
        fclose(crowd->texts);
    *crowd = (struct crowd){0};
}
