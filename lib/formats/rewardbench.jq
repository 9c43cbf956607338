# Rows of prompt, chosen and rejected, as in RewardBench: texts or turns, optional id, subset, user_id

def prompts: ["prompt", "context", "instruction", "question", "input"];
def columns: [prompts, "chosen", "rejected"];

def pairs:
  . as $row
  | ($row | first_of(prompts) | turns) as $context
  # A reply may repeat the prompt, as in the rows that trainers read.
  | def own: if type == "array" then turns | fork($context; .).b | reply else reply end;
  ($row.chosen | own) as $chosen | ($row.rejected | own) as $rejected
  | del(.split, .id, .user, .[prompts[]])
  + (.split // $options.split | split_member)
  + (.dataset // $options.dataset // "rewardbench" | member("dataset"))
  + (.user_id // .user | member("user_id"))
  + (.conversation_id // .id | member("conversation_id"))
  + {context: $context, chosen: $chosen, rejected: $rejected};
