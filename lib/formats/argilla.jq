# Argilla's records, of version 1 or 2, nested or flat: the rankings and choices of each user
#
# Version 1 has `fields` and `responses` with `user_id`, `status` and `values`; version 2 `fields` and `responses` by question, or flat columns
# like `preference.responses`, `preference.responses.users`, `preference.responses.status`.
# A ranking names fields of the record, best first or with a `rank`; a choice (of one label) names a field, as `winner` in format votes does.
# The other fields are the question, as in rewardbench; each user who answered has pairs of their own.
# Drafts, discarded answers and answers without a preference are left out and counted.
# Other answers of a user are kept under their question's name; suggestions are not.

def columns: [["fields", "prompt", "instruction", "question", "context"], ["responses", "preference.responses", "preference", "ranking.responses", "ranking", "rank.responses", "rank", "label.responses", "label", "choice.responses", "choice", "best.responses"]];
def known: ["metadata", "external_id", "suggestions", "id", "status"];

def value: if type == "object" and has("value") then .value else . end;

# All answers of a record: {user, question, value, status}.
def nested_answers:
  .responses as $r
  | if ($r | type) == "array" then
      $r[] | . as $of | (.values // {}) | if length == 0 then {user: $of.user_id, question: null, value: null, status: $of.status} else empty end, to_entries[]
      | if has("question") then . else {user: $of.user_id, question: .key, value: (.value | value), status: $of.status} end
    elif ($r | type) == "object" then
      $r | to_entries[] | .key as $q | .value[] | {user: .user_id, question: $q, value: (. | value), status}
    else empty end;
def flat_answers:
  . as $row
  | (keys_unsorted[] | select(endswith(".responses")) | . as $column | .[:-10] as $q
     | range($row[$column] // [] | length) as $i
     | {user: $row[$column + ".users"][$i], question: $q, value: $row[$column][$i], status: ($row[$column + ".status"] // [])[$i]}),
    (keys_unsorted[] | . as $q | $row[$q] | select(type == "array" and length > 0 and all(.[]; type == "object" and has("user_id") and has("value")))
     | .[] | {user: .user_id, question: $q, value, status});
def answers: if .fields then nested_answers else flat_answers end;

# A ranking as {name: rank}, of names from the best on, or of items with a rank; null of any other answer.
def ranking:
  if type != "array" or length == 0 then null
  elif all(.[]; type == "object" and has("rank")) then map({(.value): .rank}) | add
  elif all(.[]; type == "string") then [range(length) as $i | {(.[$i]): $i}] | add
  else null end;

def is_about_preference: ascii_downcase | test("prefer|winner|best|better|choice|chosen|ranking|^rank|^label$");

def of_user($options; $fields; $kept):
  . as $mine
  | ([.[] | select(.value | ranking != null)] + [.[] | select(.value | type == "string") | select(.question | is_about_preference)] | .[0]) as $chosen
  | if .[0].status != null and (.[0].status | ascii_downcase != "submitted") then {dropped: "answers that are \(.[0].status)"}
    elif $chosen == null then {dropped: "answers without a preference"}
    else
      ($kept + ($mine | map(select(.question != $chosen.question and .question != null) | {(.question): .value}) | add // {}) + ($mine[0].user | member("user_id"))) as $common
      | ($chosen.value | ranking) as $ranks
      | if $ranks then
          ($ranks | keys_unsorted | map(select($fields[.] == null))) as $strange
          | if ($strange | length) > 0 then {problem: "the ranking names `\($strange[0])`, which is no field of the record"}
            else
              ($fields | before(prompt_set)) as $before
              | ranked_pairs($options; [$ranks | to_entries[] | {order: .value, reply: $fields[.key], about: {field: .key}}]; "ranks"; $common; $before)
            end
        else $fields + {($chosen.question): $chosen.value} | flat_choice($options; $chosen.question; $common) end
    end;

def pairs:
  . as $row
  | (.fields // $row) as $fields
  | [answers] as $answers
  | (if .fields then without({fields: true, responses: true, suggestions: true})
     else
       ([$answers[].question] | unique) as $questions
       | with_entries(select(.key as $k | any($questions[]; . as $q | $k == $q or ($k | startswith($q + "."))) | not))
       | without(prompt_set + ([$answers[].value | ranking // {} | keys_unsorted[] | {(.): true}] | add // {}) + ($row | flat_columns))
     end | if .conversation_id == null and .external_id != null then .conversation_id = .external_id | del(.external_id) else . end
     | kept($options; own_set; null)) as $kept
  | if ($answers | length) == 0 then {dropped: "records without answers"}
    else $answers | group_by(.user)[] | of_user($options; $fields; $kept) end;
