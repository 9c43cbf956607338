# MultiPref: text, completion_a, completion_b, and annotations of several people
#
# Each annotation in `normal_worker_annotations` and `expert_worker_annotations` is a pair of its `evaluator`, by `overall_pref`.
# Ties are left out and counted.
# `prompt_id` becomes `conversation_id`; what else an annotation says is kept, and in `worker` which list it was in.

def columns: ["text", "completion_a", "completion_b", ["normal_worker_annotations", "expert_worker_annotations"]];
def known: ["prompt_id", "comparison_id", "model_a", "model_b", "source", "category", "dataset", "split"];

def annotations:
  ((.normal_worker_annotations // [])[] | . + {worker: "normal"}), ((.expert_worker_annotations // [])[] | . + {worker: "expert"});

# The marks of the chosen and the rejected one; null of a tie.
def marks_of_pref:
  (.overall_pref // "" | ascii_downcase)
  | if startswith("a-is-") then ["a", "b"] elif startswith("b-is-") then ["b", "a"] else . end;

def pairs:
  . as $row
  | (if .prompt_id and .conversation_id == null then .conversation_id = .prompt_id | del(.prompt_id) else . end)
  | kept($options; {text: true, completion_a: true, completion_b: true, normal_worker_annotations: true, expert_worker_annotations: true}; "multipref") as $kept
  | if isempty($row | annotations) then {dropped: "rows without annotations"}
    else
      $row | annotations | . as $annotation | marks_of_pref
      | if . == "tie" then {dropped: "tie"}
        elif type == "string" then {problem: "`overall_pref` is neither A-is-…, B-is-… nor Tie: \(.[:40])"}
        else
          . as [$c, $r]
          | ($kept | sided($c; $r)) + ($annotation | del(.evaluator, .annotator)) + ($annotation | first_of(["evaluator", "annotator"]) | member("user_id"))
            + pair_of([]; {turns: ($row.text | turns)}; $row["completion_" + $c]; $row["completion_" + $r])
        end
    end;
