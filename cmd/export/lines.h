/* The judge's questions as lines of batches and of evaluation tools: one for each pair and order.
 */
#ifndef CMD_EXPORT_LINES_H
#define CMD_EXPORT_LINES_H

#include "cmd/export/export.h"

export_user_fn export_questions, export_chat;
export_line_fn export_chat_line, export_batch_line, export_promptfoo_line, export_inspect_line;

#endif
