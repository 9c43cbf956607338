# The rows of the Python library: context, chosen, rejected, optional user_id, conversation_id, split

def columns: ["context", ["chosen", "first"], ["rejected", "second"]];
def pairs: row_pair($options);
