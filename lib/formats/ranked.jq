# A question and a list of replies with ranks or scores, as in Nectar: a pair for each better and worse one
#
# The replies are the list `answers`, `responses`, `replies`, `completions`, `candidates`, `outputs` or `generations`.
# Its items are objects with a text (`answer`, `response`, `text`, `content`, `completion`, `output`, `reply`) and `rank` (1 is best) or `score` or `rating`,
# or texts or turns, with a list of numbers beside them.
# That list is `ranks` or `rank`, one for each reply, `scores` or `ratings`, or `order`, the places of the replies from the best on.
# `ranking` is either, as long as both mean the same: else it is told, and --columns ranks=ranking or order=ranking says which.
# Equal ranks are left out and counted.
# Other members of an item are `chosen_` and `rejected_` in a pair.

def lists: ["answers", "responses", "replies", "completions", "candidates", "outputs", "generations"];
def columns: [prompts, lists];
def known: ["ranks", "rank", "ranking", "order", "scores", "score", "ratings", "rating", "system", "system_prompt", "history", "id", "dataset", "split"] + users;

def reply_names: ["answer", "response", "text", "content", "completion", "output", "reply"];
def item:
  if type != "object" then error("a reply of the list is neither a text nor an object")
  else
    name_of(["rank", "ranking", "score", "rating", "overall_score"]) as $by
    | if $by == null then error("a reply of the list has neither rank nor score") else . end
    | (.[$by] | number // error("`\($by)` of a reply is no number")) as $value
    | {order: (if $by | startswith("rank") then $value else -$value end), what: (if $by | startswith("rank") then "ranks" else "scores" end)}
      + (if .role then {reply: {role, content}, about: without({role: true, content: true})}
         else
           (name_of(reply_names) // error("a reply of the list has no text")) as $text
           | {reply: .[$text], about: without({($text): true})} end)
  end;

# The place of each reply, of numbers beside the list.
def is_permutation($base): sort == [range($base; $base + length)];
def inverse($base): . as $order | [range(length) as $i | first(range($order | length) | select($order[.] == $i + $base))];
def of_order: if is_permutation(0) then inverse(0) elif is_permutation(1) then inverse(1) else error("`order` does not name each reply once") end;
def of_ranking:
  . as $numbers
  | if (is_permutation(0) or is_permutation(1) | not) or (of_order | map(. + ($numbers | min))) == . then .
    else error("`ranking` may be a rank for each reply or the replies from the best on: say which with --columns ranks=ranking or order=ranking") end;
def places($n):
  name_of(["ranks", "rank", "order", "scores", "score", "ratings", "rating", "ranking"]) as $by
  | (if $by == null then error("the replies have neither ranks nor scores") else .[$by] end)
  | if type != "array" or length != $n then error("`\($by)` is not a list with a number for each of the \($n) replies") else map(number) end
  | if any(.[]; . == null) then error("`\($by)` is not a list of numbers") else . end
  | if $by == "order" then {what: "ranks", order: of_order}
    elif $by == "ranking" then {what: "ranks", order: of_ranking}
    elif $by | startswith("rank") then {what: "ranks", order: .}
    else {what: "scores", order: map(-.)} end;

def pairs:
  . as $row
  | name_of(lists) as $list
  | (.[$list] | parsed) as $replies
  | if ($replies | type) != "array" then error("`\($list)` is not a list of replies")
    elif ($replies | length) < 2 then {dropped: "a question with less than two replies"}
    else
      before(prompt_set) as $before
      | (if all($replies[]; type == "object" and (.role == null or .rank != null or .score != null)) then $replies | map(item)
         else places($replies | length) as $by | [range($replies | length) | {reply: $replies[.], order: $by.order[.], what: $by.what}] end) as $items
      | ($row | kept($options; own_set + prompt_set + {($list): true, ranks: true, rank: true, ranking: true, order: true, scores: true, score: true, ratings: true, rating: true}; null)) as $kept
      | ranked_pairs($options; $items; $items[0].what; $kept; $before)
    end;
