/* Runs a target without libFuzzer: all inputs given, then others made from them by chance. It has
 * no eye for coverage, but the same seed makes the same inputs everywhere. usage: TARGET [-n RUNS]
 * [-t SECONDS] [-s SEED] [-o FOLDER] INPUT ...   (files, or packs: see inputs.h) An input that
 * crashes, or takes more than 20 s, is left in FOLDER (default: .) as crash-TARGET. */
#define _XOPEN_SOURCE 700 /* realpath() */

#include "tests/fuzz/inputs.h"
#include "tests/fuzz/support.h"

#include "lib/base/mem.h"
#include "lib/base/rng.h"

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_MAX_BYTES = 8192, CHANGES_MAX = 4, LIMIT_S = 20 };

static const uint8_t *now; /* what is being run */
static size_t now_size;
static char crash_path[4096];

/* Called while the program dies: async-signal-safe. */
static void keep_input(void)
{
    int fd = now ? open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    if (fd < 0 || write(fd, now, now_size) < 0)
        return;
    close(fd);
    now = NULL;
}

static void on_signal(int number)
{
    static const char text[] = "it crashes, or takes more than 20 s\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    keep_input();
    signal(number, SIG_DFL);
    raise(number);
}

/* The sanitizers', if the program is built with one. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void run(const uint8_t *data, size_t size)
{
    now = data;
    now_size = size;
    alarm(LIMIT_S);
    LLVMFuzzerTestOneInput(data, size);
    alarm(0);
    now = NULL;
}

static size_t below(struct sm_rng *rng, size_t n)
{
    return (size_t)sm_rng_below(rng, n);
}

/* Puts `len` bytes at `at` in the place of `gone`, as far as there is room. */
static size_t put(uint8_t *text, size_t size, size_t at, size_t gone, const void *bytes, size_t len)
{
    if (gone > size - at)
        gone = size - at;
    if (size - gone + len > INPUT_MAX_BYTES)
        return size;
    memmove(text + at + len, text + at + gone, size - at - gone);
    memcpy(text + at, bytes, len);
    return size - gone + len;
}

/* One change by chance: a byte, a piece less, a piece twice, a piece of another input, a word. */
static size_t change(struct sm_rng *rng, uint8_t *text, size_t size, const struct fuzz_inputs *all)
{
    static const char *const words[] = {"\"",
                                        "\\",
                                        "\\u0000",
                                        "\\ud800",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        ",",
                                        ":",
                                        "\n",
                                        "\r\n",
                                        "\xef\xbb\xbf",
                                        "\xe2\x80\xa8",
                                        "\xff",
                                        "1e999",
                                        "-0",
                                        "9007199254740993",
                                        "null",
                                        "true",
                                        "NaN",
                                        "<",
                                        ">",
                                        "</script>",
                                        "<think>",
                                        "</think>",
                                        "data: ",
                                        "'",
                                        "%2F",
                                        "First",
                                        "=",
                                        "-",
                                        "--",
                                        " ",
                                        "\t"};
    uint8_t piece[64], byte = (uint8_t)below(rng, 256);
    size_t at = below(rng, size + 1), len = 1 + below(rng, sizeof piece);
    const struct fuzz_input *other = &all->at[below(rng, all->count)];
    const char *word = words[below(rng, sizeof words / sizeof *words)];
    switch (below(rng, 6)) {
    case 0:
        return put(text, size, at, 1, &byte, 1);
    case 1:
        return put(text, size, at, len, "", 0);
    case 2:
        len = len < size - at ? len : size - at;
        memcpy(piece, text + at, len);
        return put(text, size, below(rng, size + 1), 0, piece, len);
    case 3:
        len = len < other->size ? len : other->size;
        return put(text, size, at, below(rng, 2) * len, other->data + below(rng, other->size - len),
                   len);
    case 4:
        return put(text, size, at, below(rng, 2) * strlen(word), word, strlen(word));
    default:
        return put(text, size, at, 0, &byte, 1);
    }
}

static size_t mutate(const struct fuzz_inputs *inputs, long seconds, long runs, long seed)
{
    struct sm_rng rng;
    uint8_t text[INPUT_MAX_BYTES];
    time_t end = time(NULL) + seconds;
    size_t count = 0;
    sm_rng_seed(&rng, seed);
    while ((long)count < runs || (seconds && time(NULL) < end)) {
        const struct fuzz_input *from = &inputs->at[below(&rng, inputs->count)];
        size_t size = from->size < sizeof text ? from->size : sizeof text;
        memcpy(text, from->data, size);
        for (size_t i = 1 + below(&rng, CHANGES_MAX); i > 0; i--)
            size = change(&rng, text, size, inputs);
        uint8_t *exact = sm_alloc(size + 1, 1); /* its own memory, so that reading on is seen */
        memcpy(exact, text, size);
        exact = sm_resize(exact, size ? size : 1, 1);
        run(exact, size);
        free(exact);
        count++;
    }
    return count;
}

static long number(const char *text)
{
    return strtol(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct fuzz_inputs inputs = {0};
    const char *name = strrchr(argv[0], '/'),
               *given[256] = {['n'] = "0", ['t'] = "0", ['s'] = "1", ['o'] = "."};
    for (int c; (c = getopt(argc, argv, "n:t:s:o:")) != -1;) {
        if (c == '?')
            return 2;
        given[c] = optarg;
    }
    char *real = realpath(given['o'], NULL); /* a target may go to another folder */
    snprintf(crash_path, sizeof crash_path, "%s/crash-%s", real ? real : "/tmp",
             name ? name + 1 : argv[0]);
    free(real);
    signal(SIGABRT, on_signal);
    signal(SIGALRM, on_signal);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(keep_input);
    else
        signal(SIGSEGV, on_signal);
    for (int i = optind; i < argc; i++) {
        if (!fuzz_inputs_add(&inputs, argv[i])) {
            perror(argv[i]);
            return 3;
        }
    }
    if (!inputs.count)
        fuzz_inputs_keep(&inputs, "", 0);
    for (size_t i = 0; i < inputs.count; i++)
        run(inputs.at[i].data, inputs.at[i].size);
    size_t made = mutate(&inputs, number(given['t']), number(given['n']), number(given['s']));
    printf("%zu inputs, %zu made from them\n", inputs.count, made);
    fuzz_inputs_release(&inputs);
    return 0;
}
