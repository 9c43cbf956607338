/* Which file systems are a network's: "TYPE NAME" lines for numbers of f_type in hexadecimal from
 * standard input, "-" for none. */
#include "lib/store/internal/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        const char *name = sm_network_name(strtoul(line, NULL, 16));
        printf("%s %s\n", line, name ? name : "-");
    }
    return 0;
}
