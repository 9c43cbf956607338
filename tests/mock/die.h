/* How the mock ends when it is told something that it cannot use. */
#ifndef MOCK_DIE_H
#define MOCK_DIE_H

/* Prints a printf(3) message with the mock's name and its manual, and exits with status 2. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
