# CSV with a line of column names first: context or prompt, chosen, rejected, optional user_id, split

def reads: "csv";
def columns: table_columns;
def pairs: table_pair($options);
