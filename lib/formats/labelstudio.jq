# Label Studio's JSON export: data, and annotations with a pairwise choice, a ranking or a choice of labels
#
# The replies of a pairwise task are two of `data` with names as in format votes, as `answer1` and `answer2`; the left one is the first.
# Those of a ranker are the items of a list of `data`, by their `id`.
# Each annotation is a pair, or several, of the user in `completed_by`.
# Cancelled annotations, and those without a preference, are left out and counted.
# The other results are kept under the name of their control, and the task's `id` becomes `conversation_id`; predictions and drafts are not kept.

def columns: ["data", "annotations"];
def known: ["id", "dataset", "split"];

def item_text: first_of(["text", "body", "content", "html", "title", "answer", "response"]) // error("an item of the ranking has no text");
def is_items: type == "array" and length > 0 and all(.[]; type == "object" and .id != null);
def items_by_id($ids): first(.[] | select(is_items) | select([.[].id] | contains($ids))) // null;

def of_ranker($options; $data; $common):
  (.value.ranker | if type == "object" then (.rank // (without({"_": true}) | if length == 1 then .[keys[0]] else null end)) else . end) as $ids
  | if ($ids | type) != "array" then {dropped: "items sorted into buckets, not ranked"}
    else
      ($data | items_by_id($ids)) as $items
      | if $items == null then {problem: "no list of `data` has all the items that are ranked"}
        else
          ($data | before(prompt_set)) as $before
          | ranked_pairs($options;
              [range($ids | length) as $i | ($items[] | select(.id == $ids[$i])) | {order: $i, reply: item_text, about: {item: .id}}];
              "ranks"; $common; $before)
        end
    end;

def of_annotation($options; $data; $kept):
  . as $annotation
  | ([.result[] | select(.type | IN("pairwise", "ranker"))] + [.result[] | select(.type == "choices" and (.value.choices | length) == 1)] | .[0]) as $preference
  | ([.result[] | select(. != $preference and .value != null) | {(.from_name // .type): (.value | if length == 1 then .[keys[0]] else . end)}] | add // {}) as $others
  | (.completed_by | if type == "object" then .id // .email else . end) as $user
  | ($kept + $others + (.id | member("annotation_id")) + (.lead_time | member("lead_time")) + (.created_at | member("created_at"))
     + ($user | member("user_id"))) as $common
  | if .was_cancelled then {dropped: "cancelled annotations"}
    elif $preference == null then {dropped: "annotations without a preference"}
    elif $preference.type == "ranker" then $preference | of_ranker($options; $data; $common)
    else
      $data + {winner: ($preference.value | if .selected then .selected else .choices[0] end)}
      | flat_choice($options; "winner"; $common)
    end;

def pairs:
  .data as $data
  | (kept($options; {data: true, annotations: true, predictions: true, drafts: true}; null)
     + ($data | without(prompt_set + own_set)
        | without(flat_columns) | with_entries(select(.value | is_items | not)))) as $kept
  | if (.annotations | length) == 0 then {dropped: "tasks without annotations"}
    else .annotations[] | of_annotation($options; $data; $kept) end;
