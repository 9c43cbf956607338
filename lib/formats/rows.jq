# The rows of the Python library: context (or prompt), chosen, rejected, optional user_id, conversation_id, split
#
# Without `context` the question is as in rewardbench; else columns with its other names are kept like any.
# Replies are a turn, a list of turns or a text; a list of texts is several, each chosen one paired with each rejected one.
# Two replies that nobody has chosen from are `first` and `second`, here and in tables.
# `system`, `history` and repeated questions are as in rewardbench.

def columns: [["context"] + (prompts - ["context"]), ["chosen", "first"], ["rejected", "second"]];
def known: ["system", "system_prompt", "history", "id", "conversation_id", "dataset", "split", "flip", "index"] + users;
# Rows of three texts, with columns that mean nothing besides, need no program: they become the same pairs.
def plain: {dataset: null};
def pairs: row_pairs($options; if .context == null then prompt_set else {context: true} end; null);
