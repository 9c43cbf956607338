# WildFeedback: conversations, chosen, rejected, or contents, a list of {turn, role, content, chosen}
#
# The rows have `conversations`, `chosen` and `rejected`, turns with `from` and `value`;
# or `contents`, a list of items with `turn`, `role`, `content` and for replies `chosen` ("True" or "False").
# Each chosen reply is paired with every rejected one of its turn, and the first chosen one goes on into the conversation.
# The rows of a user, which come last first there, are turned round.

def users_here: ["user_id", "hashed_ip", "user"];
def conversations_here: ["conversation_id", "conversation_hash", "id"];
def columns: [["contents", "conversations"]];
def known: users_here + conversations_here + ["chosen", "rejected", "dataset", "split"];

# The rows of a user come last first.
def group: if has("contents") then first_of(users_here) else null end;

def is($word): .chosen | IN($word, ($word | ascii_downcase), ($word == "True"));

# A question's replies in order; items of other roles are about the conversation, not part of it.
def questions:
  [.contents[] | . + {as: (.role | role)}] as $items
  | ($items | map(select(.as | IN("user", "assistant", "system"))) | group_by(.turn)[]),
    ($items[] | select(.as | IN("user", "assistant", "system") | not) | {dropped: "items of role \(.role)"});

def of_question($common; $context):
  [.[] | select(.as == "assistant" and is("True"))] as $chosen
  | [.[] | select(.as == "assistant" and is("False"))] as $rejected
  | if ($chosen | length) > 0 and ($rejected | length) > 0 then
      $chosen[] as $c | $rejected[] as $r
      | $common + {turn: $c.turn, context: $context, chosen: ($c.content | reply), rejected: ($r.content | reply)}
    elif any(.[]; .as == "assistant") then {dropped: "questions without a chosen and a rejected reply"}
    else empty end;

def of_row:
  . as $row
  | (first_of(users_here) | member("user_id")) as $user
  | ($user + (first_of(conversations_here) | member("conversation_id"))
    + {dataset: (.dataset // $options.dataset // "wildfeedback")} + (.split // $options.split | split_member)
    + (del(.contents, .conversations, .chosen, .rejected, .dataset, .split, .[users_here[], conversations_here[]])
      | with_entries(select(.value != null)))) as $common
  | if has("contents") | not then
      $common + {context: (.conversations | turns), chosen: (.chosen | reply), rejected: (.rejected | reply)}
    else foreach questions as $q ({context: []};
      if ($q | type) == "object" then .asked = null
      else
        .asked = .context + [$q[] | select(.as != "assistant") | {role: .as, content: (.content | content)}]
        | .context = .asked + ([$q[] | select(.as == "assistant")]
            | (map(select(is("True"))) + map(select(is("False") | not)) + .)[:1] | map(.content | reply))
      end;
      .asked as $asked | if ($q | type) == "object" then $q else $q | of_question($common; $asked) end) end;

def pairs: if type == "array" then reverse[] | of_row else of_row end;
