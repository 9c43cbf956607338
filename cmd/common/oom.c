/* How a program that is out of memory ends. */
#include "cmd/common/app.h"

#include "lib/base/mem.h"

#include <unistd.h>

_Noreturn void sm_out_of_memory(void)
{
    static const char text[] = "out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(3);
}

/* libjq exports it, but installs no header that declares it. */
void jv_nomem_handler(void (*handler)(void *), void *data);

static void out_of_memory(void *data)
{
    (void)data;
    sm_out_of_memory();
}

void app_catch_libjq(void)
{
    jv_nomem_handler(out_of_memory, NULL); /* by default it aborts */
}
