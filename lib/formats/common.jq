# What the formats share, and a program of --map can use: see sm-import(1), "Own formats".
# (Comments of this file stand on lines of their own: it is put before a program on its first line.)

# The role that we know a speaker by.
def role:
  if type != "string" then error("a turn has no role")
  else
    ascii_downcase as $r
    | {model: "assistant", gpt: "assistant", bot: "assistant", chatbot: "assistant", ai: "assistant", chatgpt: "assistant",
       human: "user", prompter: "user", developer: "system", function: "tool", ipython: "tool", observation: "tool"}[$r] // $r
  end;

# The content of a turn: a text, or the list of its parts where one of them is something else.
def is_text_part:
  type == "string"
  or (type == "object" and (.text | type) == "string" and (.type // "text" | IN("text", "input_text", "output_text")));
def content:
  if type == "string" then .
  elif type == "array" then
    if all(.[]; is_text_part) then map(if type == "string" then . else .text end) | join("") else . end
  else error("a turn has no text") end;

# A turn of any dialect: {role, content}, {from, value}, {speaker, text}. One that calls tools may have no text.
def turn:
  if type != "object" then error("a turn is not an object with role and content: \(tojson | .[:60])")
  elif length == 2 and .role != null and (.content | type) == "string" then {role: (.role | role), content}
  else
    {role: (.role // .from // .speaker | role),
     content: ((.content // .value // .text // (if .tool_calls or .function_call then "" else null end)) | content)}
    + del(.role, .from, .speaker, .content, .value, .text)
  end;

# A list of turns; a string is one turn of the user.
def turns:
  if type == "string" then [{role: "user", content: .}]
  elif type == "array" then
    [range(length) as $i | .[$i]
      | if type == "string" then {role: (if $i % 2 == 0 then "user" else "assistant" end), content: .} else turn end]
  elif type == "object" then [turn]
  else error("a conversation is neither a list of turns nor a text") end;

# A reply as a turn, or a list of several.
def reply:
  if type == "string" then {role: "assistant", content: .}
  elif type == "array" then
    (if length == 0 then error("an empty reply") elif length == 1 then .[0] | reply else turns end)
  elif type == "object" then ({role: "assistant"} + .) | turn
  else error("a reply is neither a turn, nor a list of turns, nor a text") end;

# A list of texts, or of lists, where one reply is expected, is several replies: each of them.
def several:
  if type != "array" or length == 0 then .
  elif all(.[]; type == "string" or type == "array") then .[]
  elif all(.[]; type == "object") then .
  else error("a list of replies is neither one of texts nor one of turns") end;

# Text that may hold JSON, as cells of tables do. (What libjq 1.6 tries must end in a list: else later errors are lost.)
def parsed:
  if type == "string" and (startswith("[") or startswith("{")) then
    . as $text | ([fromjson?] | .[0]) // $text | if type == "array" or type == "object" then . else $text end
  else . end;

# The same where a reply or a conversation is expected: other JSON is the text itself, as of a person who asked for JSON.
def is_turn: type == "object" and (.role // .from // .speaker | type == "string");
def parsed_text:
  . as $text | parsed
  | if is_turn or (type == "array" and length > 0 and (all(.[]; is_turn) or all(.[]; type == "string"))) then . else $text end;

# Text without white space around it.
def trimmed:
  until(startswith(" ") or startswith("\n") | not; .[1:]) | until(endswith(" ") or endswith("\n") | not; .[:-1]);

# {split} of a name of a split; a name that means none of ours is kept as source_split.
def split_member:
  if type != "string" or . == "" then {}
  else . as $name | ascii_downcase
  | if IN("train", "training") then {split: "train"}
    elif IN("val", "valid", "validation", "dev") then {split: "val"}
    elif IN("test", "testing") then {split: "test"}
    else {source_split: $name} end end;

# The name of the first of these columns that there is, and its value.
def name_of($names): . as $row | first($names[] | select($row[.] != null and $row[.] != "")) // null;
def first_of($names): name_of($names) as $name | if $name then .[$name] else null end;

# {NAME: .}, or nothing of null.
def member($name): if . == null then {} else {($name): .} end;

# A row without the columns of a set {NAME: true}.
def without($set): delpaths([keys_unsorted[] | select($set[.]) | [.]]);

# The longest common beginning of two lists of turns, and what is left of both.
def fork($a; $b):
  ([$a, $b | length] | min) as $least
  | (first(range($least) | select($a[.].role != $b[.].role or $a[.].content != $b[.].content)) // $least) as $n
  | {context: $a[:$n], a: $a[$n:], b: $b[$n:]};

# The columns that may hold a question, and those that say who chose, the best name first.
def prompts: ["prompt", "context", "instruction", "question", "input", "query", "conversation", "conversations"];
def prompt_set:
  {prompt: true, context: true, instruction: true, question: true, input: true, query: true, conversation: true, conversations: true};
def users:
  ["user_id", "user", "annotator_id", "annotator", "rater_id", "rater", "worker_id", "worker", "labeler_id", "labeler",
   "participant_id", "participant", "judge"];
# What of a row is about all of its pairs, by any of its names.
def about:
  {user_id: "user", user: "user", annotator_id: "user", annotator: "user", rater_id: "user", rater: "user", worker_id: "user",
   worker: "user", labeler_id: "user", labeler: "user", participant_id: "user", participant: "user", judge: "user",
   split: "origin", dataset: "origin"};
def user_column: . as $row | first(users[] | select($row[.] | (type == "string" and . != "") or type == "number")) // null;

# "\n\nHuman: … \n\nAssistant: …" as turns; null of any other text. An answer that is yet to come is none.
def is_transcript: startswith("\n\nHuman:") or startswith("Human:");
def transcript:
  if is_transcript and contains("\n\nAssistant:") then
    [ltrimstr("\n\n") | ltrimstr("Human:") | split("\n\nHuman:")[] | split("\n\nAssistant:")
      | {role: "user", content: (.[0] | trimmed)}, (.[1:][] | {role: "assistant", content: trimmed})]
    | if .[-1] == {role: "assistant", content: ""} then .[:-1] else . end
  else null end;
def divided_transcript: "transcripts of Human and Assistant were divided into turns";

# The question of a row as {turns, changed}. instruction and input are one question. Two that differ are told.
def question_of($row; $there):
  if ($there | length) == 0 then {turns: []}
  elif all($there[1:][]; $row[.] == $row[$there[0]]) then
    $row[$there[0]]
    | (if type == "string" then transcript else null end) as $t
    | if $t then {turns: $t, changed: [divided_transcript]} else {turns: turns} end
  elif ($there - ["instruction", "input"]) == [] and all($row.instruction, $row.input; type == "string") then
    {turns: [{role: "user", content: ($row.instruction + "\n\n" + $row.input)}]}
  else
    error("`\($there[0])` and `\($there[1])` may both be the question: call the one that is not by another name with --columns")
  end;
def question($set): question_of(.; [keys_unsorted[] as $name | select($set[$name]) | select(.[$name] != null and .[$name] != "") | $name]);

# The turn of a column system, and those of a column history: [question, answer] pairs or turns.
def system_turns:
  (.system // .system_prompt // "")
  | if . == "" then [] elif type == "string" then [{role: "system", content: .}] else error("`system` is not a text") end;
def history_turns:
  (.history // "")
  | if . == "" then []
    elif type != "array" then error("`history` is not a list of turns or of questions and answers")
    elif all(.[]; type == "array") then
      [.[] | if length == 2 and all(.[]; type == "string") then . else error("`history` has an item that is not [question, answer]") end
        | {role: "user", content: .[0]}, {role: "assistant", content: .[1]}]
    else turns end;

# Where a row's conversation stands, of the common beginning of its replies and its own question.
def said: map({role, content});
def trimmed_turns: map({role, content: (.content | if type == "string" then trimmed else . end)});
def starts($a; $b): ($a[: ($b | length)] | said) == ($b | said);
def ends($a; $b): ($a | length) >= ($b | length) and ($a[($a | length) - ($b | length) :] | said) == ($b | said);
def placed($q; $common):
  if ($common | length) == 0 then $q
  elif $common[0].role | IN("user", "system") | not then $q + $common
  elif starts($common; $q) or ends($common; $q) then $common
  elif ends($q; $common) then $q
  elif ends($common | trimmed_turns; $q | trimmed_turns) or starts($common | trimmed_turns; $q | trimmed_turns) then $common
  else error("the replies begin with another question than the row's") end;

# Replies that repeat what was asked, as turns: {context, chosen, rejected}.
def as_turns: if type == "array" then turns else [reply] end;
def parted($system; $q; $a; $b):
  fork($a; $b)
  # Something must be left of both.
  | ([.a, .b | length] | min == 0) as $whole
  | (if $whole and (.context | length) > 0 then .a = .context[-1:] + .a | .b = .context[-1:] + .b | .context |= .[:-1] else . end)
  | if .a[0].role == "user" or .b[0].role == "user" then error("the conversations differ in what the user says") else . end
  | placed($q; .context) as $context
  | {context: (if ($system | length) == 0 or ($context | starts(.; $system)) then $context else $system + $context end),
     chosen: (.a | reply), rejected: (.b | reply)};

# What is left of a text behind the question that it repeats.
def behind($q): .[($q | length) :];
def is_repeated($q; $a; $b):
  $q != "" and ($a | startswith($q)) and ($b | startswith($q))
  and (([$a, $b] | map(behind($q))) as $left
    | all($left[]; trimmed != "")
    and (($q | endswith("\n")) or all($left[]; startswith("\n")) or (($q | length) >= 16 and all($left[]; startswith(" ") or startswith("\n")))));
def unmarked: trimmed | ltrimstr("Assistant:") | trimmed;

# One pair of a question and two replies, which may repeat it: {context, chosen, rejected, changed}.
def texts_of($system; $q; $a; $b):
  ($q[-1].content // "") as $text
  | (if ($a | is_transcript) and ($b | is_transcript) then [$a, $b | transcript | values] else [] end) as $t
  | if ($t | length) == 2 then
      parted($system; $q; $t[0]; $t[1]) + {changed: [divided_transcript]}
    elif ($text | type) == "string" and is_repeated($text; $a; $b) then
      {context: ($system + $q), chosen: ($a | behind($text) | unmarked | reply), rejected: ($b | behind($text) | unmarked | reply),
       changed: ["the question was cut from the beginning of replies"]}
    else {context: ($system + $q), chosen: {role: "assistant", content: $a}, rejected: {role: "assistant", content: $b}} end;
def pair_of($system; $question; $a; $b):
  (if ($a | type) == "string" and ($b | type) == "string" then texts_of($system; $question.turns; $a; $b)
   elif ($a | type) == "object" and ($b | type) == "object" then {context: ($system + $question.turns), chosen: ($a | reply), rejected: ($b | reply)}
   else parted($system; $question.turns; $a | as_turns; $b | as_turns) end)
  | (if $question.changed then .changed += $question.changed | .changed |= unique else . end)
  | if (.context | length) == 0 then error("neither a question nor a beginning that both replies share") else . end;

# What a row's pairs have in common: who, where from, and the columns that are not in the set.
def origin($options; $dataset):
  ((.split | select(. != "")) // $options.split | split_member)
  + ((.dataset | select(. != "")) // $options.dataset // $dataset | member("dataset"));
def about_all($options; $dataset):
  . as $row
  | user_column as $user
  | delpaths([("split", $user, if .user_id == "" then "user_id" else null end) | select(. != null) | [.]])
  + (if $user then {user_id: $row[$user]} else {} end)
  + origin($options; $dataset);
def own_set: {system: true, system_prompt: true, history: true, chosen: true, rejected: true};
def kept($options; $set; $dataset):
  (if .id == null or .conversation_id then without($set) else delpaths([["id"]]) + {conversation_id: .id} | without($set) end)
  | if any(keys_unsorted[]; about[.]) or ($options | length) > 0 then about_all($options; $dataset)
    elif $dataset then . + {dataset: $dataset}
    else . end;

# Pairs of a row of question, chosen and rejected; or first and second, where nobody has chosen.
def row_pairs($options; $set; $dataset):
  . as $row
  | question($set)
  | (if $row.history == null then . else .turns = ($row | history_turns) + .turns end) as $question
  | (if $row.system or $row.system_prompt then $row | system_turns else [] end) as $system
  | ($row | kept($options; own_set + $set; $dataset)) as $kept
  | if $row.chosen == null and $row.rejected == null and $row.first != null and $row.second != null then
      $kept + (pair_of($system; $question; $row.first; $row.second) | .first = .chosen | .second = .rejected | del(.chosen, .rejected))
    else
      ($row.chosen | several) as $c | ($row.rejected | several) as $r
      | $kept + pair_of($system; $question; $c; $r)
    end;
