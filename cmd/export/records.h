/* Personas, examples and pairs in the forms of the Python library and of training, by the programs
 * of lib/exports/. */
#ifndef CMD_EXPORT_RECORDS_H
#define CMD_EXPORT_RECORDS_H

#include "cmd/export/export.h"

export_user_fn export_saved_user, export_training_rows;

#endif
