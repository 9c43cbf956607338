# TSV with a line of column names first: prompt or context; chosen and rejected, or two replies and a winner or ranks
#
# As csv, with tabs between the cells.

def reads: "tsv";
def columns: table_columns;
def known: table_known;
# Rows of three texts, with columns that mean nothing besides, need no program: they become the same pairs.
def plain: {dataset: null};
def pairs: table_pair($options);
