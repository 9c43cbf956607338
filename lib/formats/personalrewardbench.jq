# PersonalRewardBench's PRISM and Chatbot Arena sets: user_id, split, context, chosen, rejected

def columns: ["user_id", "context", "chosen", "rejected"];
def pairs: row_pair($options);
