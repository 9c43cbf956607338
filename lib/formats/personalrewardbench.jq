# PersonalRewardBench's PRISM and Chatbot Arena sets: user_id, split, context, chosen, rejected
#
# From the server (`MichaelR207/prism_personalized_0125`, `MichaelR207/chatbot_arena_personalized_0125`) or as JSON Lines of the same rows.
# A user's own `split` goes before that of the server, which divides the users.

def columns: ["user_id", "context", "chosen", "rejected"];
def known: ["conversation_id", "dataset", "split"];
def pairs: row_pairs($options; {context: true}; null);
