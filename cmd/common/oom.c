/* How a program that is out of memory ends. */
#include "lib/base/mem.h"

#include <unistd.h>

_Noreturn void sm_out_of_memory(void)
{
    static const char text[] = "out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    (void)ignored;
    _exit(3);
}
