# Rows of chosen and rejected alone, which both begin with the question: hh-rlhf's transcripts, TRL's implicit prompt
#
# Both are lists of turns, or texts `\n\nHuman: … \n\nAssistant: …`.
# What they have in common is the context, the rest of each the reply.
# Texts that are no transcripts do not say where the question ends, and are told.

def columns: ["chosen", "rejected"];
def known: ["system", "system_prompt", "history", "id", "dataset", "split"] + prompts + users;
# Rows of three texts, with columns that mean nothing besides, need no program: they become the same pairs.
def plain: {dataset: null};
def pairs: row_pairs($options; prompt_set; null);
