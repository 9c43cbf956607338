# Rows of prompt, chosen and rejected, as in RewardBench: texts or turns, optional id, subset, user_id
#
# The question is `prompt`, or one of `context`, `instruction`, `question`, `input`, `query`, `conversation`, `conversations`: a text or turns.
# `instruction` and `input` are one question, with an empty line between them; two others that differ are told.
# `system` (or `system_prompt`) becomes a first turn, `history` ([question, answer] pairs or turns) goes before the question.
# A list of texts where one reply is expected is several: each chosen one is paired with each rejected one.
# A list of turns is one reply.
# Where replies repeat what was asked, as turns or as text, it is removed from them.
# `id` becomes `conversation_id`.

def columns: [prompts, "chosen", "rejected"];
def known: ["system", "system_prompt", "history", "id", "conversation_id", "dataset", "split"] + users;
# Rows of three texts, with columns that mean nothing besides, need no program: they become the same pairs.
def plain: {dataset: "rewardbench"};
def pairs: row_pairs($options; prompt_set; "rewardbench");
