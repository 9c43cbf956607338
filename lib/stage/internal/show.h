/* What a stage tells of its progress. */
#ifndef SM_STAGE_INTERNAL_SHOW_H
#define SM_STAGE_INTERNAL_SHOW_H

#include "lib/stage/stage.h"

/* Updates stage->progress: `done` of the `seen` users that were read; `ended`: that is all. */
void sm_stage_show(const struct sm_stage *stage, const struct sm_reader *reader, size_t done,
                   size_t seen, bool ended);

#endif
