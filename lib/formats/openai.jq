# OpenAI's rows for preference fine-tuning: input with messages, preferred_output, non_preferred_output
#
# Other members of `input` (`tools`, `parallel_tool_calls`) are kept.

def columns: ["input", "preferred_output", "non_preferred_output"];
def known: ["id", "conversation_id", "dataset", "split"] + users;
def pairs:
  . as $row
  | (.input | if type == "object" then . else {messages: .} end) as $input
  | if $input.messages == null then error("`input` has no messages") else . end
  | kept($options; {input: true, preferred_output: true, non_preferred_output: true}; null)
    + ($input | del(.messages))
    + pair_of([]; {turns: ($input.messages | turns)}; $row.preferred_output; $row.non_preferred_output);
