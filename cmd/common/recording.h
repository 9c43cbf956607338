/* What the answers in a store were asked with, so that a replay which misses can say what differs.
 */
#ifndef CMD_COMMON_RECORDING_H
#define CMD_COMMON_RECORDING_H

#include "cmd/common/client.h"

/* Keeps the options and prompts of a run that has paid for answers in its store, where a line of
 * sm-cache list shows them. */
void recording_note(const struct client *client, const struct app *app);

/* After a replay that did not find everything: says in one line how it differs from the recording
 * that is most like it. */
void recording_compare(const struct client *client, struct app *app);

#endif
