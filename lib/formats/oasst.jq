# OpenAssistant's message trees: a prompt and its replies, each with a rank
#
# Of the ranked replies to a message each better one (0 is best) is paired with each worse one.
# What was said before is the context; `message_tree_id` becomes `conversation_id`.
# Replies without a rank are left out and counted.
# The people who ranked are not in the file.

def columns: ["message_tree_id", "prompt"];
def known: ["tree_state", "dataset", "split"];

def walk_tree($options; $kept; $before):
  ($before + [{role: (.role | role), content: .text}]) as $context
  | (.replies // []) as $replies
  | ([$replies[] | select(.rank != null) | {order: .rank, reply: .text, about: (del(.replies, .text, .role, .parent_id) | with_entries(select(.value != null)))}]) as $ranked
  | (if ($replies | length) > 1 then $replies[] | select(.rank == null and (.role | role) == "assistant") | {dropped: "replies without a rank"} else empty end),
    (if (.role | role) == "user" and ($ranked | length) > 1 then
       ranked_pairs($options; $ranked; "ranks"; $kept; {system: [], question: {turns: $context}})
     else empty end),
    ($replies[] | walk_tree($options; $kept; $context));

def pairs:
  (kept($options; {prompt: true, message_tree_id: true}; "oasst") + {conversation_id: .message_tree_id} + (.prompt.lang | member("lang"))) as $kept
  | [.prompt | walk_tree($options; $kept; [])]
  | if length == 0 then {dropped: "trees without two ranked replies"} else .[] end;
