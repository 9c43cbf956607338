/* Personas, examples and pairs as the Python library saves them and as rows to train on, by the jq
 * programs of lib/exports/. */
#ifndef CMD_EXPORT_RECORDS_H
#define CMD_EXPORT_RECORDS_H

#include "cmd/export/export.h"

export_user_fn export_saved_user, export_training_rows;

#endif
