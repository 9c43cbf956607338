# What the formats of several replies in columns, lists or tables share; it stands behind common.jq.
# (Comments of this file stand on lines of their own, too.)

# Replies in columns of their own, as response_a and response_b: [{mark, name, reply}], or null.
def stems:
  {response: 0, answer: 1, completion: 2, output: 3, reply: 4, option: 5, candidate: 6, generation: 7, text: 8, summary: 9, message: 10};
def marks($m):
  if "abcdefgh" | contains($m) then ["a", "b", "c", "d", "e", "f", "g", "h"]
  elif "0123456789" | contains($m) then ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
  elif "ABCDEFGH" | contains($m) then ["A", "B", "C", "D", "E", "F", "G", "H"]
  else null end;
def stem: .[:-1] | rtrimstr("_") | rtrimstr("-") | ascii_downcase;
def columns_of($of): keys_unsorted[] | select(stem == $of and (.[-1:] | marks(.) != null));
def flat:
  . as $row
  | [keys_unsorted[] | stem | select(stems[.])] | unique | sort_by(stems[.])
  | first(.[] as $stem
    | ($row | [columns_of($stem) | select($row[.] != null and $row[.] != "")] | sort) as $names
    | select(($names | length) > 1)
    | $names[0][:-1] as $head
    | [marks($names[0][-1:])[] | select($row[$head + .] != null and $row[$head + .] != "")] as $marks
    | select(($marks | length) > 1)
    | [$marks[] | {mark: ., name: ($head + .), reply: $row[$head + .]}])
  // null;
# Their names, for `columns`: those of the first reply, and those of the second.
def flat_names($after): [(stems | keys_unsorted[]) + ("_", "") + $after[]];
def first_names: flat_names(["a", "1", "0", "A"]);
def second_names: flat_names(["b", "2", "1", "B"]);
def winners: ["winner", "preference", "preferred", "choice", "better", "best", "vote", "selected", "label", "chosen"];

# The value that column NAME has for one of flat's replies: score_a, score1, response_a_score.
def beside($item; $names):
  . as $row
  | first($names[] | (. + "_" + $item.mark, . + $item.mark, $item.name + "_" + .) | select($row[.] != null and $row[.] != "") | $row[.]) // null;
def model_names: ["model", "model_name", "generator"];

# A number, also in a cell; null of anything else.
def number: if type == "number" then . elif type == "string" then [tonumber?] | .[0] else null end;
# A number with a comma for its point, as the spreadsheets of many countries write it, may be one of thousands: it is told.
def decimal($name):
  number as $number
  | if type == "string" and . != "" and $number == null and test("^[-+0-9., ]*[0-9][-+0-9., ]*$") then
      error("the \($name) of a reply is \(tojson): write numbers with a point, as 4.5")
    else $number end;
def is_tie:
  startswith("tie")
  or IN("both", "both_good", "both_bad", "bothbad", "neither", "none", "equal", "same", "draw", "no_preference", "undecided");

# Which of the replies a number means: {at}. A 1 alone may be the first or the second.
def at_number($items; $column; $base):
  . as $k | ($items | length) as $n
  | "`\($column)` is \($k)" as $is
  | if $k != ($k | floor) or $k < 0 then error("\($is), which means none of the replies")
    elif $items[0].mark == "0" then if $k < $n then {at: $k} else error("\($is), which means none of the replies") end
    elif $base != null then
      if $k - $base >= 0 and $k - $base < $n then {at: ($k - $base)} else error("\($is), and the replies are counted from \($base)") end
    elif $k == $n then {at: ($n - 1)}
    elif $k < $n then error("\($is), which may count the replies from 0 or from 1, or say whether the first is better: say which with --label-base 0 or 1, or name the columns")
    else error("\($is), which means none of the replies") end;

# The reply that a column names: {at}, {tie}, by mark, name, place, model, text or number.
def picked($options; $items; $column):
  .[$column] as $value
  | (if ($value | type) == "string" then $value | ascii_downcase | trimmed | split(" ") | join("_") | split("-") | join("_") else $value end) as $word
  | (if ($word | type) == "string" then
       reduce ("model_", "response_", "answer_", "assistant_", "option_", "output_", "completion_", "reply_", "candidate_", "text_", "summary_") as $p
         ($word; ltrimstr($p))
     else $word end) as $bare
  | ($bare | number) as $number
  | [range($items | length) as $i | $items[$i] as $item
     | select(
         ($value | type) == "string" and
         (($item.name | ascii_downcase) == $word or ($item.mark | ascii_downcase) == $bare and $number == null
          or {"0": "first", "1": "second"}["\($i)"] == $bare or {"0": "left", "1": "right"}["\($i)"] == $bare
          or (("abcdefgh" / "")[$i] == $bare and ($item.mark | test("[0-9]")))
          or ($item.model | type == "string" and ascii_downcase == ($value | ascii_downcase)) or $item.reply == $value))
     | $i] as $at
  | if ($at | length) == 1 then {at: $at[0]}
    elif ($at | length) > 1 then error("`\($column)` may mean two of the replies: \($value | tojson | .[:60])")
    elif $number != null then $number | at_number($items; $column; $options.label_base | number)
    elif ($word | type) == "string" and ($word | is_tie) then {tie: $value}
    else error("`\($column)` means none of the replies and no tie: \($value | tojson | .[:60])") end;

# Columns of two replies, told apart by their marks: score_a and score_b are chosen_score and rejected_score of a pair.
# (No index of a list: libjq 1.6 leaks with it.)
def other($name; $m; $o):
  ($name | split("_")) as $parts
  | (first(range($parts | length) | select($parts[.] == $m)) // null) as $i
  | if ($parts | length) > 1 and $i != null then
      {key: ($parts | .[$i] = $o | join("_")), stem: ($parts | del(.[$i]) | join("_"))}
    elif ($name | endswith($m)) and ($name | length) > ($m | length) and ($m | test("[0-9]"))
    then {key: ($name[:-1] + $o), stem: ($name[:-1] | rtrimstr("_"))}
    else null end;
def sided($m; $o):
  . as $row
  | reduce keys_unsorted[] as $name (.;
      other($name; $m; $o) as $other
      | if $other == null then .
        elif $row | has($other.key) | not then .
        else delpaths([[$name], [$other.key]]) + {("chosen_" + $other.stem): $row[$name], ("rejected_" + $other.stem): $row[$other.key]} end);

# Of ranked replies [{order, …}], the least order best: {best, worse} for each better and each worse one, or of adjacent ranks alone.
def of_ranks($options; $items; $what):
  ($items | group_by(.order)) as $groups
  | ($groups[] | select(length > 1) | range(length * (length - 1) / 2) | {dropped: "equal \($what)"}),
    (range($groups | length) as $i | range($i + 1; $groups | length) as $k
     | select($options.pairs != "adjacent" or $k == $i + 1)
     | {best: $groups[$i][], worse: $groups[$k][]});
# The members of two objects as chosen_NAME and rejected_NAME.
def both_sides($best; $worse):
  ($best // {} | with_entries(.key |= "chosen_" + .)) + ($worse // {} | with_entries(.key |= "rejected_" + .));
def ranked_pairs($options; $items; $what; $common; $before):
  of_ranks($options; $items; $what)
  | if .dropped then .
    else $common + both_sides(.best.about; .worse.about) + pair_of($before.system; $before.question; .best.reply; .worse.reply) end;

# The texts before the replies: {system, question}.
def before($set):
  . as $row
  | {system: system_turns, question: (question($set) | .turns = ($row | history_turns) + .turns)};

# Pairs of a row whose replies are in columns of their own, with a winner, or with ranks or scores.
def flat_set($items; $set): $set + {system: true, system_prompt: true, history: true} + ([$items[] | {(.name): true}] | add);
def flat_pairs($options; $found; $set; $dataset):
  . as $row
  | (if $found then . else error("no two replies in columns like response_a and response_b") end)
  | [$found[] | . as $item | . + {model: ($row | beside($item; model_names))}] as $items
  | before($set) as $before
  | name_of(winners) as $column
  | (if $column then [] else [$items[] | . as $item | $row | beside($item; ["rank", "ranking"]) | decimal("rank")] end) as $ranks
  | (if $column then [] else [$items[] | . as $item | $row | beside($item; ["score", "rating", "overall_score"]) | decimal("score")] end) as $scores
  | if $column then
      picked($options; $items; $column) as $pick
      | if $pick.tie then {dropped: $pick.tie}
        else
          range($items | length) | select(. != $pick.at) as $k
          | ($row | without({($column): true}) | kept($options; flat_set($items; $set); $dataset) | sided($items[$pick.at].mark; $items[$k].mark))
            + pair_of($before.system; $before.question; $items[$pick.at].reply; $items[$k].reply)
          | if $pick.changed then .changed += $pick.changed else . end
        end
    elif all($ranks[]; . != null) or all($scores[]; . != null) then
      (if all($ranks[]; . != null) then {o: $ranks, what: "ranks"} else {o: ($scores | map(-.)), what: "scores"} end) as $by
      | of_ranks($options; [range($items | length) | $items[.] + {order: $by.o[.]}]; $by.what)
      | if .dropped then .
        else
          .best as $best | .worse as $worse
          | ($row | kept($options; flat_set($items; $set); $dataset)) as $kept
          | ($kept | sided($best.mark; $worse.mark)) + pair_of($before.system; $before.question; $best.reply; $worse.reply)
        end
    elif any(winners[]; . as $name | $row | has($name)) then {dropped: "no winner"}
    else error("the replies have neither a winner nor ranks or scores") end;

# The pairs that the answer in column NAME makes of a question and replies in columns of their own, with these members in common.
def flat_columns: . as $row | [flat // [] | .[] | {(.name): true}] | add // {};
def flat_choice($options; $name; $common):
  . as $row
  | (flat // error("no two replies in fields like answer1 and answer2")) as $items
  | picked($options; $items; $name) as $pick
  | before(prompt_set) as $before
  | if $pick.tie then {dropped: ($pick.tie | tostring)}
    else
      range($items | length) | select(. != $pick.at) as $k
      | $common + pair_of($before.system; $before.question; $items[$pick.at].reply; $items[$k].reply)
    end;

# Tables. Cells are texts; turns, lists of turns and lists of replies may stand in one as JSON.
def chosen_names: ["chosen", "preferred", "winner", "better"];
def rejected_names: ["rejected", "dispreferred", "loser", "worse"];
def rank_names: [("rank_", "score_", "rating_", "rank", "score", "rating") + ("a", "1", "0")];
def vote_columns: [first_names, second_names, winners + rank_names];
def table_columns:
  [prompts, chosen_names + ["first"] + (winners - chosen_names) + rank_names, rejected_names + ["second"] + second_names,
   chosen_names[:2] + ["first"] + chosen_names[2:] + first_names];
def table_known:
  winners + ["system", "system_prompt", "history", "id", "conversation_id", "dataset", "split", "flip", "index", "model_a", "model_b"] + users;
def json_cells: {history: true, chosen: true, rejected: true, first: true, second: true} + prompt_set;
def table_pair($options):
  (if any(.[]; startswith("[") or startswith("{"))
   then with_entries(if json_cells[.key] or stems[.key | stem] then .key as $key | .value |= (if $key == "history" then parsed else parsed_text end) else . end) else . end)
  | (if .index then .index = (.index | number) | if .index == null then del(.index) else . end else . end)
  | ({"true": true, "false": false}[.flip // "" | ascii_downcase]) as $flip
  | (if $flip == null then del(.flip) else .flip = $flip end)
  | name_of(chosen_names) as $chosen | name_of(rejected_names) as $rejected
  | if $chosen and $rejected then
      .chosen = (.[$chosen] | parsed_text) | .rejected = (.[$rejected] | parsed_text)
      | delpaths([($chosen, $rejected) | select(IN("chosen", "rejected") | not) | [.]])
      | row_pairs($options; prompt_set; null)
    else
      flat as $found
      | if $found then flat_pairs($options; $found; prompt_set; null)
        elif .first != null and .first != "" and .second != null and .second != "" and $chosen == null and $rejected == null then
          delpaths([["chosen"], ["rejected"]]) | row_pairs($options; prompt_set; null)
        else error("the cell of `\(if $chosen then "rejected" else "chosen" end)` is empty") end
    end;
