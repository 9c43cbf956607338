#include "tests/mock/planted.h"

#include "tests/mock/chance.h"
#include "tests/mock/die.h"
#include "tests/mock/evidence.h"
#include "tests/mock/form.h"
#include "tests/mock/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASTES_MAX 3     /* that a persona names, beside invented ones */
#define INVENTED_MAX 2   /* of those */
#define EVIDENCE_LEAST 2 /* of a taste that it names */
#define STATED_COUNTS 2  /* a taste that is stated already is as good as so many choices */
#define TRAIT_NATS 3     /* what a reply is the less likely for a trait that does not fit */
#define NAMED_WEIGHT                                                                               \
    4 /* of a rubric's first criterion; each further one has half, but at least 1 */

struct planted {
    const char *salt;
    double q, e, r, l, p, a, t; /* README.md */
    jv asked;                   /* how often each request with a temperature came, by its chance */
};

/* One request, and one of the replies to it. */
struct request {
    const struct planted *planted;
    const struct call *call;
    uint64_t chance;
    double kept; /* the share of its faculties that the length leaves to the model */
};

/* A list of tastes, the most important first. */
struct tastes {
    struct stated at[2 * TRAITS];
    size_t count;
};

struct planted *planted_open(const char *options, const char *salt)
{
    struct planted *planted = malloc(sizeof *planted);
    if (!planted)
        die("out of memory");
    *planted = (struct planted){.salt = salt, .q = 1, .e = 1, .r = 1, .asked = jv_object()};
    const struct {
        char name;
        double *value;
    } table[] = {{'q', &planted->q}, {'e', &planted->e}, {'r', &planted->r}, {'l', &planted->l},
                 {'p', &planted->p}, {'a', &planted->a}, {'t', &planted->t}};
    for (const char *at = options; *at;) {
        char *end = NULL;
        size_t i = 0, count = sizeof table / sizeof *table;
        while (i < count && (at[1] != table[i].name || at[2] != '='))
            i++;
        if (i < count)
            *table[i].value = strtod(at + 3, &end);
        if (*at != ':' || i == count || end == at + 3 || (*end && *end != ':') ||
            !(*table[i].value >= 0 && *table[i].value <= 1))
            die("wrong option of the rule planted: %s", at);
        at = end;
    }
    return planted;
}

/* Whether something happens that has this probability. */
static bool happens(const struct request *request, double p, const char *purpose, size_t number)
{
    return chance(request->chance, purpose, number) < p;
}

/* A number below `count`. */
static size_t any(const struct request *request, size_t count, const char *purpose, size_t number)
{
    return (size_t)(chance(request->chance, purpose, number) * (double)count);
}

/* --- the judge --- */

/* The pair that is asked about. A reply alone is the first, and the other has no trait. */
struct pair {
    unsigned first, differs;
};

static unsigned traits_tagged(const char *text, const char *tag)
{
    struct span reply = evidence_tagged(text, tag);
    return reply.at ? traits_of(reply.at, reply.len) : 0;
}

static struct pair pair_of(const struct call *call)
{
    unsigned first = traits_tagged(call->last, "first") | traits_tagged(call->last, "reply");
    return (struct pair){first, first ^ traits_tagged(call->last, "second")};
}

/* 1 where the first reply has the trait, -1 where the second has it, 0 where they are alike. */
static int side(const struct pair *pair, size_t trait)
{
    return pair->differs >> trait & 1 ? (pair->first >> trait & 1 ? 1 : -1) : 0;
}

/* Votes for the first reply, or against it, by trait; gives their sum. */
static double vote_stated(const struct request *request, const struct pair *pair,
                          double votes[TRAITS])
{
    struct stated tastes[2 * TRAITS];
    size_t count = evidence_stated(request->call->text, tastes);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        size_t trait = tastes[i].trait;
        if (happens(request, request->planted->q * request->kept, "follow", trait))
            votes[trait] += (tastes[i].with ? 1 : -1) * side(pair, trait) * tastes[i].weight;
    }
    for (size_t i = 0; i < TRAITS; i++)
        sum += votes[i];
    return sum;
}

static double vote_shown(const struct request *request, const struct pair *pair,
                         double votes[TRAITS])
{
    struct evidence evidence = {0};
    double sum = 0;
    if (!happens(request, request->planted->e * request->kept, "examples", 0))
        return 0;
    evidence_add(&evidence, request->call->text, request->call->last);
    for (size_t i = 0; i < TRAITS; i++)
        sum += votes[i] = evidence.net[i] * side(pair, i);
    return sum;
}

/* The trait that speaks for the verdict most, or with some chance another one in which the replies
 * differ; TRAITS where they are alike. */
static size_t reason_of(const struct request *request, const struct pair *pair,
                        const double votes[TRAITS], bool first)
{
    size_t best = TRAITS, count = 0, differing[TRAITS];
    for (size_t i = 0; i < TRAITS; i++) {
        double vote = first ? votes[i] : -votes[i];
        if (vote > 0 && (best == TRAITS || vote > fabs(votes[best])))
            best = i;
        if (side(pair, i))
            differing[count++] = i;
    }
    if (count == 0 || (best < TRAITS && happens(request, request->planted->r, "reason", 0)))
        return best;
    return differing[any(request, count, "other reason", 0)];
}

/* Sets preference and reasoning. What is stated decides, else what was shown, else chance. */
static void say_verdict(const struct request *request, struct said *said)
{
    struct pair pair = pair_of(request->call);
    double votes[TRAITS] = {0}, sum = vote_stated(request, &pair, votes);
    if (sum == 0)
        sum = vote_shown(request, &pair, votes);
    bool first = sum != 0 ? sum > 0 : happens(request, 0.5, "guess", 0);
    first = first || happens(request, request->planted->l, "lean", 0);
    size_t reason = reason_of(request, &pair, votes, first);
    said->preference = jv_string(first ? "First" : "Second");
    said->reasoning = reason == TRAITS
                          ? jv_string("Nothing tells the two apart.")
                          : jv_string_fmt("The preferred reply has %s.",
                                          trait_phrase(reason, (side(&pair, reason) > 0) == first));
}

/* --- the persona and the rubric --- */

/* The tastes for which the evidence is strong, at most TASTES_MAX. */
static struct tastes supported(const struct evidence *evidence)
{
    struct tastes tastes = {.count = 0};
    double net[TRAITS], least = EVIDENCE_LEAST;
    memcpy(net, evidence->net, sizeof net);
    while (tastes.count < TASTES_MAX) {
        size_t best = 0;
        for (size_t i = 1; i < TRAITS; i++)
            best = fabs(net[i]) > fabs(net[best]) ? i : best;
        if (fabs(net[best]) < least)
            break;
        least = fmax(least, fabs(net[best]) / 2);
        tastes.at[tastes.count++] = (struct stated){.trait = best, .with = net[best] > 0};
        net[best] = 0;
    }
    return tastes;
}

static void insert(struct tastes *tastes, size_t at, struct stated taste)
{
    memmove(&tastes->at[at + 1], &tastes->at[at], (tastes->count - at) * sizeof taste);
    tastes->at[at] = taste;
    tastes->count++;
}

/* What the model makes of the user: by the choices in the last message, and by what is stated. */
static struct tastes infer(const struct request *request)
{
    const struct call *call = request->call;
    const struct planted *planted = request->planted;
    struct evidence evidence = {0};
    struct tastes stated, found, tastes = {.count = 0};
    evidence_add(&evidence, call->last, call->last + strlen(call->last));
    stated.count = evidence_stated(call->text, stated.at);
    for (size_t i = 0; i < stated.count; i++)
        evidence.net[stated.at[i].trait] += stated.at[i].with ? STATED_COUNTS : -STATED_COUNTS;
    found = supported(&evidence);
    for (size_t i = 0; i < found.count; i++) {
        if (happens(request, (1 - planted->p) * request->kept, "see", found.at[i].trait))
            tastes.at[tastes.count++] = found.at[i];
    }
    for (size_t i = 0; i < INVENTED_MAX; i++) {
        size_t invented = any(request, 2 * (size_t)TRAITS, "invented", i);
        if (happens(request, planted->a, "invent", i))
            insert(&tastes, any(request, tastes.count + 1, "place", i),
                   (struct stated){.trait = invented / 2, .with = invented % 2});
    }
    return tastes;
}

static jv persona_of(const struct tastes *tastes)
{
    jv persona = jv_string("");
    for (size_t i = 0; i < tastes->count; i++) {
        const char *phrase = trait_phrase(tastes->at[i].trait, tastes->at[i].with);
        jv sentence = jv_string_fmt("%sThis user likes %s.", i ? " " : "", phrase);
        persona = jv_string_concat(persona, sentence);
    }
    if (tastes->count)
        return persona;
    jv_free(persona);
    return jv_string("Nothing is known of this user's taste.");
}

static bool names(const struct stated *tastes, size_t count, const struct stated *taste)
{
    for (size_t i = 0; i < count; i++) {
        if (tastes[i].trait == taste->trait && tastes[i].with == taste->with)
            return true;
    }
    return false;
}

/* What a persona with these tastes adds to what the request states, and what it leaves out. */
static jv changed_by(const struct request *request, const struct tastes *tastes)
{
    struct tastes stated;
    jv changed = jv_string("");
    stated.count = evidence_stated(request->call->text, stated.at);
    for (size_t i = 0; i < tastes->count; i++) {
        const struct stated *taste = &tastes->at[i];
        if (!names(stated.at, stated.count, taste))
            changed = jv_string_concat(
                changed, jv_string_fmt("Added %s. ", trait_phrase(taste->trait, taste->with)));
    }
    for (size_t i = 0; i < stated.count; i++) {
        const struct stated *taste = &stated.at[i];
        if (!names(tastes->at, tastes->count, taste))
            changed = jv_string_concat(
                changed, jv_string_fmt("Left out %s. ", trait_phrase(taste->trait, taste->with)));
    }
    return changed;
}

/* Whether a reply meets the criterion, as the model sees it. */
static int meets(const struct request *request, unsigned traits, struct stated taste,
                 const char *purpose)
{
    bool does = (traits >> taste.trait & 1) == taste.with;
    return does == happens(request, request->planted->q * request->kept, purpose, taste.trait);
}

/* Replies are scored by the criteria that are stated, if there are any. */
static jv criteria_of(const struct request *request, struct tastes tastes, bool scored)
{
    struct pair pair = pair_of(request->call);
    jv list = jv_array();
    if (scored)
        tastes.count = evidence_stated(request->call->text, tastes.at);
    for (size_t i = 0; i < tastes.count; i++) {
        const struct stated *taste = &tastes.at[i];
        jv name = jv_string_fmt("likes %s", trait_phrase(taste->trait, taste->with));
        double weight = scored ? taste->weight : fmax(NAMED_WEIGHT * exp2(-(double)i), 1);
        int first = meets(request, pair.first, *taste, "score first");
        int second = meets(request, pair.first ^ pair.differs, *taste, "score second");
        list =
            jv_array_append(list, JV_OBJECT(jv_string("criterion"), name, jv_string("weight"),
                                            jv_number(weight), jv_string("first"), jv_number(first),
                                            jv_string("second"), jv_number(second)));
    }
    return list;
}

/* --- answers --- */

static jv answer_one(const struct request *request, jv schema)
{
    struct said said;
    struct tastes tastes = infer(request);
    say_verdict(request, &said);
    said.persona = persona_of(&tastes);
    said.changed = changed_by(request, &tastes);
    said.criteria = criteria_of(request, tastes, form_has(schema, "scores"));
    jv content = form_fill(schema, &said);
    jv_free(said.reasoning);
    jv_free(said.preference);
    jv_free(said.persona);
    jv_free(said.changed);
    jv_free(said.criteria);
    return content;
}

/* How many replies the same request had before, of those that may differ; counts `more`. */
static double count_samples(struct planted *planted, uint64_t request, unsigned more)
{
    char key[20];
    snprintf(key, sizeof key, "%016llx", (unsigned long long)request);
    double before = number_or(planted->asked, key, 0);
    planted->asked = jv_object_set(planted->asked, jv_string(key), jv_number(before + more));
    return before;
}

jv planted_answer(struct planted *planted, const struct call *call)
{
    unsigned n = (unsigned)fmax(number_or(call->body, "n", 1), 1);
    double tokens = (double)strlen(call->text) / 4;
    struct request request = {planted, call, 0, pow(1 - planted->t, tokens / 1000)};
    struct chance_of of = {number_or(call->body, "temperature", 1),
                           number_or(call->body, "seed", 0), 0};
    jv schema = form_asked(call), contents = jv_array();
    if (of.temperature > 0)
        of.sample = count_samples(planted, chance_begin(planted->salt, call->text, of), n);
    for (unsigned i = 0; i < n; i++) {
        request.chance = chance_begin(planted->salt, call->text, of);
        of.sample += of.temperature > 0;
        contents = jv_array_append(contents, answer_one(&request, schema));
    }
    jv_free(schema);
    return contents;
}

/* --- likelihoods --- */

/* Adds the traits of replies, 1 where one has it and -1 where not, and what is stated. */
static void add_turn(const struct turn *turn, double shown[TRAITS], double stated[TRAITS])
{
    struct stated tastes[2 * TRAITS];
    size_t len = (size_t)(turn->end - turn->begin);
    unsigned has = traits_of(turn->begin, len);
    char *text = strndup(turn->begin, len);
    if (!text)
        die("out of memory");
    size_t count = turn->role == ROLE_SYSTEM ? evidence_stated(text, tastes) : 0;
    for (size_t i = 0; i < count; i++)
        stated[tastes[i].trait] += tastes[i].with ? tastes[i].weight : -tastes[i].weight;
    for (size_t i = 0; i < TRAITS && turn->role == ROLE_ASSISTANT; i++)
        shown[i] += has >> i & 1 ? 1 : -1;
    free(text);
}

double planted_unlikely(const struct planted *planted, const struct turns *turns)
{
    double shown[TRAITS] = {0}, stated[TRAITS] = {0}, replies = 0, sum = 0;
    const struct turn *last = turns->at + turns->count - 1;
    for (const struct turn *turn = turns->at; turn < last; turn++) {
        add_turn(turn, shown, stated);
        replies += turn->role == ROLE_ASSISTANT;
    }
    uint64_t begin = chance_begin(planted->salt, turns->at->begin, (struct chance_of){0});
    unsigned has = traits_of(last->begin, (size_t)(last->end - last->begin));
    for (size_t i = 0; i < TRAITS; i++) {
        double wants =
            replies && chance(begin, "examples", i) < planted->e ? shown[i] / replies : 0;
        wants += chance(begin, "follow", i) < planted->q ? stated[i] : 0;
        sum += fmax(has >> i & 1 ? -wants : wants, 0);
    }
    return TRAIT_NATS * sum + chance(begin, "noise", 0);
}
