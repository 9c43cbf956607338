# CSV with a line of column names first: prompt or context; chosen and rejected, or two replies and a winner or ranks
#
# As RFC 4180 has it, with commas, semicolons or tabs, whichever comes first in the header, or what a line `sep=;` before it says.
# Cells with delimiters, quotes or newlines stand in quotes, a quote inside of them twice.
# The question may be called `prompt`, `context`, `conversation`, `question`, `instruction`, `input` or `query`.
# The replies are `chosen` (or `preferred`, `winner`, `better`) and `rejected` (or `dispreferred`, `loser`, `worse`), or those of format votes.
# A winner that has no loser beside it says which of two replies won; it is never a reply itself.
# `instruction` with `input`, `system`, `history`, repeated questions and who chose are as in rewardbench.
# For other names there is --columns.
# A cell may hold a turn, or a list of turns or of replies, as JSON.

def reads: "csv";
def columns: table_columns;
def known: table_known;
# Rows of three texts, with columns that mean nothing besides, need no program: they become the same pairs.
def plain: {dataset: null};
def pairs: table_pair($options);
