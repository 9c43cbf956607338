# WebGPT comparisons: question, answer_0, answer_1, score_0, score_1
#
# The answer with the higher score was chosen; equal scores are left out and counted.
# `question` is a text, or an object with `full_text`, whose `id` becomes `conversation_id`.
# `quotes_0` and the other columns with a 0 or a 1 are `chosen_` or `rejected_` in a pair.

def columns: ["question", "answer_0", "answer_1", "score_0", "score_1"];
def known: ["dataset", "split"] + users;
def pairs:
  . as $row
  | (.score_0 | number) as $s0 | (.score_1 | number) as $s1
  | if $s0 == null or $s1 == null then error("a score is no number")
    elif $s0 == $s1 then {dropped: "equal scores"}
    else
      (if $s0 > $s1 then {c: "0", r: "1"} else {c: "1", r: "0"} end) as $m
      | (.question | if type == "object" then . else {full_text: .} end) as $question
      | (kept($options; {question: true, answer_0: true, answer_1: true}; "webgpt") | sided($m.c; $m.r))
        + ($question.id | member("conversation_id")) + ($question.dataset | member("question_dataset"))
        + pair_of([]; {turns: ($question.full_text | turns)}; $row["answer_" + $m.c]; $row["answer_" + $m.r])
    end;
