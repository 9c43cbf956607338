# UltraFeedback: an instruction and scored completions; or its binarized form with score_chosen and score_rejected
#
# Of `completions` each one with a higher `overall_score` is paired with each one with a lower.
# Where one has none, that is the mean of the ratings in its `annotations`.
# Of the binarized form (`prompt`, `chosen`, `rejected` as turns) a pair whose scores are equal is left out.
# Equal scores are counted.
# Other members of a completion are `chosen_` and `rejected_` in a pair.

def columns: [["instruction", "prompt"], ["completions", "score_chosen"]];
def known: ["input", "chosen", "rejected", "score_rejected", "system", "system_prompt", "history", "prompt_id", "dataset", "split"];

def score:
  (.overall_score | number)
  // ([.annotations // {} | .[] | if type == "array" then .[] else . end | .Rating | number | select(. != null)]
      | if length > 0 then add / length else null end)
  // error("a completion has neither overall_score nor ratings");

def pairs:
  . as $row
  | if .completions == null then
      if .score_chosen != null and .score_chosen == .score_rejected then {dropped: "equal scores"}
      else
        (if .prompt_id then .conversation_id = .prompt_id | del(.prompt_id) else . end)
        | if (.score_chosen | number) < (.score_rejected | number) then error("`score_chosen` is less than `score_rejected`") else . end
        # The whole of the chosen conversation once more.
        | (if .messages == .chosen then del(.messages) else . end)
        | row_pairs($options; prompt_set; "ultrafeedback")
      end
    else
      before({instruction: true, prompt: true, input: true}) as $before
      | (kept($options; own_set + {instruction: true, prompt: true, input: true, completions: true}; "ultrafeedback")) as $kept
      | [.completions[] | {order: (-score), reply: .response, about: del(.response)}] as $items
      | ranked_pairs($options; $items; "scores"; $kept; $before)
    end;
