# PRISM's own utterances.jsonl, a row a reply, or its conversations.jsonl, a row a conversation

def columns: ["conversation_id", "user_id", ["conversation_history", "interaction_id"]];

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

def of_interaction($common; $context):
  .turn as $turn
  | ([.replies[] | select(chosen)]) as $chosen
  | if ($chosen | length) == 0 then {dropped: "questions without a chosen reply"}
    elif ($chosen | length) == (.replies | length) then {dropped: "questions without another reply"}
    else
      .replies[] | select(chosen | not)
      | if .content == $chosen[0].content then {dropped: "replies that are the same as the chosen one"}
        else
          $common + {turn: $turn}
          + ($chosen[0].model_name | member("chosen_model")) + (.model_name | member("rejected_model"))
          + ($chosen[0].score | member("chosen_score")) + (.score | member("rejected_score"))
          + {context: $context, chosen: ($chosen[0].content | reply), rejected: (.content | reply)}
        end
    end;

def pairs:
  (if type == "array" then .[0] else . end) as $first
  | ({user_id: $first.user_id, conversation_id: $first.conversation_id, dataset: ($options.dataset // "prism")}
    + ($options.split | split_member) + ($first.conversation_type | member("conversation_type"))) as $common
  | foreach interactions[] as $i ({context: []};
      {asked: (.context + [{role: "user", content: ($i.prompt | content)}])}
      # The conversation went on from the chosen reply.
      | .context = .asked + ([$i.replies[] | select(chosen)] | .[:1] | map(.content | reply));
      .asked as $asked | $i | of_interaction($common; $asked));
