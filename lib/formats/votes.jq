# Two or more replies in columns of their own, like response_a and response_b, and a winner, ranks or scores
#
# The replies are `response`, `answer`, `completion`, `output`, `reply`, `option`, `candidate`, `generation`, `text`, `summary` or `message`,
# with a letter from a, or a number from 0 or 1, with or without a line before it.
# The question, `system`, `history` and who chose are as in rewardbench.
# `winner` (or `preference`, `preferred`, `choice`, `better`, `best`, `vote`, `selected`, `label`, `chosen`) says which one was chosen.
# It may be a letter, a column's name, `model_a`, `first`, `second`, `left`, `right`, a model's name, the reply's text or a number.
# Ties (`tie`, `both_bad`, `neither` and the like) and rows without a winner are left out and counted.
# A number that is the count of the replies counts from 1, as the 2 of two; any other may mean either,
# and --label-base says whether the first reply is 0 or 1.
# Without a winner, `rank_a` (1 is best) or `score_a` (more is better) and the others like it make pairs; equal ones are left out and counted.
# Of other columns in which a reply's mark stands, as `model_a`, each is `chosen_` or `rejected_` in a pair.

def columns: [prompts] + vote_columns;
def known: table_known;
def pairs: flat_pairs($options; flat; prompt_set; null);
