/* Personas, examples and pairs as the Python library saves them, and as rows and rewards to train
 * on, by the jq programs of lib/exports/. */
#ifndef CMD_EXPORT_RECORDS_H
#define CMD_EXPORT_RECORDS_H

#include "cmd/export/export.h"

export_user_fn export_saved_user, export_training_rows, export_reward_lines;

#endif
