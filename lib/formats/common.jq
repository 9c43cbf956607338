# What the formats share, and a program of --map can use: see sm-import(1), "Own formats".
# (Comments of this file stand on lines of their own: it is put before a program on its first line.)

# The role that we know a speaker by.
def role:
  if type != "string" then error("a turn has no role")
  else ascii_downcase as $r
  | if $r | IN("assistant", "model", "gpt", "bot", "chatbot", "ai", "chatgpt") then "assistant"
    elif $r | IN("user", "human", "prompter") then "user"
    else $r end end;

# The text of a turn: a string, or parts of which some are text.
def content:
  if type == "string" then .
  elif type == "array" then [.[] | if type == "string" then . else .text? // empty end] | join("")
  else error("a turn has no text") end;

# A turn of any dialect: {role, content}, {from, value}, {speaker, text}.
def turn:
  if type != "object" then error("a turn is not an object with role and content: \(tojson | .[:60])")
  else
    {role: (.role // .from // .speaker | role), content: ((.content // .value // .text) | content)}
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

# Text that may hold JSON, as cells of tables do.
def parsed:
  if type == "string" and (startswith("[") or startswith("{")) then
    . as $text | (fromjson? // $text) | if type == "array" or type == "object" then . else $text end
  else . end;

# {split} of a name of a split; a name that means none of ours is kept as source_split.
def split_member:
  if type != "string" or . == "" then {}
  else . as $name | ascii_downcase
  | if IN("train", "training") then {split: "train"}
    elif IN("val", "valid", "validation", "dev") then {split: "val"}
    elif IN("test", "testing") then {split: "test"}
    else {source_split: $name} end end;

# The value of the first of these columns that there is.
def first_of($names): . as $row | first($names[] | $row[.] | select(. != null and . != "")) // null;

# {NAME: .}, or nothing of null.
def member($name): if . == null then {} else {($name): .} end;

# The longest common beginning of two lists of turns, and what is left of both.
def fork($a; $b):
  (first(range([$a, $b] | map(length) | min) | select($a[.].role != $b[.].role or $a[.].content != $b[.].content))
    // ([$a, $b] | map(length) | min)) as $n
  | {context: $a[:$n], a: $a[$n:], b: $b[$n:]};

# The replies of such a row: chosen and rejected, or first and second where nobody has chosen.
def row_replies:
  if .chosen == null and .rejected == null and .first != null and .second != null
  then {first: (.first | reply), second: (.second | reply)}
  else {chosen: (.chosen | reply), rejected: (.rejected | reply)} end;

# The pair of a row that has context, chosen and rejected under these names.
def row_pair($options):
  (.context | turns) as $context | row_replies as $replies
  | del(.split) + (.split // $options.split | split_member) + (.dataset // $options.dataset | member("dataset"))
  + {context: $context} + $replies;

# Tables: the names that a column may have, and the pair of a row. Cells are texts; a list of turns
# may stand in one as JSON.
def table_names($of): {
    context: ["context", "prompt", "conversation", "question", "instruction", "input"],
    chosen: ["chosen", "preferred", "winner", "better"],
    rejected: ["rejected", "dispreferred", "loser", "worse"],
    user_id: ["user_id", "user", "annotator", "rater"]
  }[$of];
def table_columns: [table_names("context"), table_names("chosen") + ["first"], table_names("rejected") + ["second"]];
def table_reply($of): first_of(table_names($of)) // error("the cell of `\($of)` is empty") | parsed | reply;
def table_pair($options):
  (first_of(table_names("context")) // "" | parsed | turns) as $context
  | (if first_of(table_names("chosen") + table_names("rejected")) == null and first_of(["first"]) and first_of(["second"])
     then {first: (.first | parsed | reply), second: (.second | parsed | reply)}
     else {chosen: table_reply("chosen"), rejected: table_reply("rejected")} end) as $replies
  | (first_of(table_names("user_id")) | member("user_id")) as $user
  | (.flip // "" | ascii_downcase) as $flip
  | del(.flip, .split, .[table_names("context", "chosen", "rejected", "user_id")[]]) + $user
  + ((.split | select(. != "")) // $options.split | split_member)
  + ((.dataset | select(. != "")) // $options.dataset | member("dataset"))
  + ({"true": {flip: true}, "false": {flip: false}}[$flip] // {})
  + ((.index // "" | tonumber? | {index: .}) // {})
  + {context: $context} + $replies;
