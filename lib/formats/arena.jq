# Votes of Chatbot Arena and MT-bench: conversation_a, conversation_b, winner, judge, question_id

def columns: ["winner", "conversation_a", "conversation_b"];

# MT-bench's votes on a first turn carry the second one too.
def voted($turn): if ($turn | type) == "number" and $turn >= 1 then .[: 2 * $turn] else . end;

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
        (.user_id // .user // .judge | if type == "array" then .[0] else . end | member("user_id"))
        + (.conversation_id // .question_id // .id | member("conversation_id"))
        + {dataset: (.dataset // $options.dataset // "arena")}
        + (.split // $options.split | split_member)
        + (if $a then .model_a else .model_b end | member("chosen_model"))
        + (if $a then .model_b else .model_a end | member("rejected_model"))
        + (del(.winner, .conversation_a, .conversation_b, .model_a, .model_b, .user_id, .user, .judge, .conversation_id,
            .dataset, .split) | with_entries(select(.value != null)))
        + {context: $f.context, chosen: ((if $a then $f.a else $f.b end) | reply), rejected: ((if $a then $f.b else $f.a end) | reply)}
      end
  end;
