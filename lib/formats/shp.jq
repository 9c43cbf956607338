# Stanford Human Preferences (SHP): history, human_ref_A, human_ref_B, labels
#
# `history` is the question, `labels` 1 prefers A and 0 prefers B.
# `post_id` becomes `conversation_id`.
# Of columns with an A and a B, as `score_A`, each is `chosen_` or `rejected_` in a pair.

def columns: ["history", "human_ref_A", "human_ref_B", "labels"];
def known: ["post_id", "domain", "dataset", "split"];
def pairs:
  . as $row
  | (.labels | number) as $one
  | if $one != 0 and $one != 1 then error("`labels` is neither 1 nor 0")
    else
      (if $one == 1 then {c: "A", r: "B"} else {c: "B", r: "A"} end) as $m
      | (if .post_id and .conversation_id == null then .conversation_id = .post_id | del(.post_id) else . end)
      | (kept($options; {history: true, human_ref_A: true, human_ref_B: true, labels: true}; "shp") | sided($m.c; $m.r))
        + pair_of([]; {turns: ($row.history | turns)}; $row["human_ref_" + $m.c]; $row["human_ref_" + $m.r])
    end;
