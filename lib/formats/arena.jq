# Votes of Chatbot Arena (LMArena) and MT-bench: conversation_a, conversation_b, winner, judge, question_id
#
# `winner` is `model_a`, `model_b` or a tie, which is left out and counted by kind.
# The voter is `user_id`, `user` or `judge`, the conversation `conversation_id`, `question_id`, `evaluation_session_id` or `id`.
# What both conversations have in common is the context, the rest of each the reply; a vote on turn 1 is about the first turn alone.
# `model_a` and `model_b` become `chosen_model` and `rejected_model`.

def columns: ["winner", "conversation_a", "conversation_b"];
def known: ["model_a", "model_b", "question_id", "evaluation_session_id", "id", "turn", "judge", "user", "user_id", "dataset", "split", "full_conversation"];

# MT-bench's votes on a first turn carry the second one too.
def voted($turn): if ($turn | type) == "number" and $turn >= 1 then .[: 2 * $turn] else . end;

# Of the names for a conversation only the one that is taken goes.
def conversation: name_of(["conversation_id", "question_id", "evaluation_session_id", "id"]);

def pairs:
  if (.winner | type) != "string" then error("`winner` is not a text")
  elif .winner | startswith("tie") or IN("both_bad", "bothbad") then {dropped: .winner}
  elif .winner | IN("model_a", "model_b") | not then error("`winner` is neither model_a, model_b nor a tie: \(.winner | .[:40])")
  else
    . as $row | (.winner == "model_a") as $a
    | fork(.conversation_a | parsed | turns | voted($row.turn); .conversation_b | parsed | turns | voted($row.turn)) as $f
    | if ($f.a | length) == 0 or ($f.b | length) == 0 then {dropped: "the same replies"}
      elif $f | any(.a, .b; .[0].role == "user") then error("the conversations differ in what the user says")
      else
        conversation as $conversation
        | (.judge | if type == "array" then .[0] else . end) as $judge
        | (if $conversation then .conversation_id = .[$conversation] | delpaths([$conversation | select(. != "conversation_id") | [.]]) else . end)
        | (if $judge then .judge = $judge else . end)
        | (kept($options; {winner: true, conversation_a: true, conversation_b: true, model_a: true, model_b: true}; "arena")
           | with_entries(select(.value != null)))
          + (if $a then .model_a else .model_b end | member("chosen_model"))
          + (if $a then .model_b else .model_a end | member("rejected_model"))
          + {context: $f.context, chosen: ((if $a then $f.a else $f.b end) | reply), rejected: ((if $a then $f.b else $f.a end) | reply)}
      end
  end;
