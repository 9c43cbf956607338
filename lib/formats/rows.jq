# The rows of the Python library: context, chosen, rejected, optional user_id, conversation_id, split
#
# Replies are a turn, a list of turns or a text; a list of texts is several, each chosen one paired with each rejected one.
# Two replies that nobody has chosen from are `first` and `second`, here and in tables.
# `system`, `history` and repeated questions are as in rewardbench.

def columns: ["context", ["chosen", "first"], ["rejected", "second"]];
def known: ["system", "system_prompt", "history", "id", "conversation_id", "dataset", "split", "flip", "index"] + users;
def pairs: row_pairs($options; {context: true}; null);
