/* The ways in which real endpoints fail: each kind of fault as a line of a conversation. `value`
 * may be NULL. */
#ifndef MOCK_FAULT_H
#define MOCK_FAULT_H

#include <jv.h>

/* Which calls can be struck; dies of an unknown kind. */
jv fault_expect(const char *kind, const char *value);

/* What such a call is answered. */
jv fault_reply(const char *kind, const char *value);

#endif
