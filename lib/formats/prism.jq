# PRISM's own utterances.jsonl, a row a reply, or its conversations.jsonl, a row a conversation
#
# A row of utterances has `user_id`, `conversation_id`, `interaction_id`, `turn`, `within_turn_id`, `user_prompt`, `model_response`, `if_chosen`, `score`;
# one of conversations `conversation_history`.
# The reply that was chosen is paired with each other one to the same question.
# The conversation before is made of the questions and the replies that were chosen.
# `chosen_score`, `rejected_score`, `chosen_model` and `rejected_model` are of the two replies.
# What else is known of both is kept: under its name where it is the same, else as `chosen_` and `rejected_`.

def columns: ["conversation_id", "user_id", ["conversation_history", "interaction_id"]];

def known:
  ["user_prompt", "model_response", "if_chosen", "score", "turn", "within_turn_id", "model_name", "conversation_type", "dataset", "split"];

# The rows of a conversation stand together; those of conversations.jsonl are whole.
def group: if has("conversation_history") then null else .conversation_id end;

# One question and the replies to it: {turn, prompt, replies: [{content, chosen, …}]}
def interactions:
  if type == "object" then
    .conversation_history | group_by(.turn)
    | map({turn: .[0].turn, prompt: (map(select(.role == "user"))[0].content),
           replies: (map(select(.role != "user")) | sort_by(.within_turn_id))})
  else
    map(if (.interaction_id // .turn) == null then error("a row without interaction_id and turn") else . end)
    | group_by(.turn)
    | map({turn: .[0].turn, interaction_id: .[0].interaction_id, prompt: .[0].user_prompt,
           replies: (map(.content = .model_response) | sort_by(.within_turn_id))})
  end;

def chosen: .if_chosen | IN(true, "True", "true", 1);

# What else is known of two replies.
def rest:
  without({user_id: true, conversation_id: true, conversation_type: true, turn: true, role: true, user_prompt: true, model_response: true,
           content: true, if_chosen: true, score: true, model_name: true, dataset: true, split: true});
def of_both($c; $r):
  ($c | rest) as $c | ($r | rest) as $r
  | reduce ($c + $r | keys_unsorted[]) as $name ({};
      if $c[$name] == $r[$name] then (if $c[$name] == null then . else .[$name] = $c[$name] end)
      else .["chosen_" + $name] = $c[$name] | .["rejected_" + $name] = $r[$name] end);

def of_interaction($common; $context):
  .turn as $turn
  | ([.replies[] | select(chosen)]) as $chosen
  | if ($chosen | length) == 0 then {dropped: "questions without a chosen reply"}
    elif ($chosen | length) == (.replies | length) then {dropped: "questions without another reply"}
    else
      .replies[] | select(chosen | not)
      | if .content == $chosen[0].content then {dropped: "replies that are the same as the chosen one"}
        else
          $common + of_both($chosen[0]; .) + {turn: $turn}
          + ($chosen[0].model_name | member("chosen_model")) + (.model_name | member("rejected_model"))
          + ($chosen[0].score | member("chosen_score")) + (.score | member("rejected_score"))
          + {context: $context, chosen: ($chosen[0].content | reply), rejected: (.content | reply)}
        end
    end;

def pairs:
  (if type == "array" then .[0] else . end) as $first
  | ({user_id: $first.user_id, conversation_id: $first.conversation_id, dataset: ($options.dataset // "prism")}
    + (if type == "object" then del(.conversation_history) | without({user_id: true, conversation_id: true, dataset: true, split: true}) else {} end)
    + ($options.split | split_member) + ($first.conversation_type | member("conversation_type"))) as $common
  | foreach interactions[] as $i ({context: []};
      {asked: (.context + [{role: "user", content: ($i.prompt | content)}])}
      # The conversation went on from the chosen reply.
      | .context = .asked + ([$i.replies[] | select(chosen)] | .[:1] | map(.content | reply));
      .asked as $asked | $i | of_interaction($common; $asked));
