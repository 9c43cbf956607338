# LMSYS's table of human preferences (CSV): prompt, response_a, response_b, winner_model_a, winner_model_b, winner_tie
#
# The cells of `prompt` and of the responses are JSON lists, a text for each turn.
# What both conversations have in common is the context, as in arena, so that a pair is about the turns that differ.
# `id` becomes `conversation_id`, `model_a` and `model_b` become `chosen_model` and `rejected_model`.
# Ties, and conversations that miss a reply, are left out and counted.

def reads: "csv";
def columns: ["winner_model_a", "winner_model_b"];
def known: ["id", "model_a", "model_b", "winner_tie", "dataset", "split"];

def texts($name): .[$name] | parsed | if type == "array" then . else error("the cell of `\($name)` is no JSON list of texts") end;
def conversation($asked; $said):
  if ($asked | length) != ($said | length) then error("there are \($asked | length) questions and \($said | length) replies")
  else [range($asked | length) as $i | {role: "user", content: $asked[$i]}, {role: "assistant", content: $said[$i]}] end;
def pairs:
  . as $row
  | ([.winner_model_a, .winner_model_b] | map(. == "1")) as $won
  | texts("prompt") as $asked | texts("response_a") as $a | texts("response_b") as $b
  | if $won == [false, false] then {dropped: "tie"}
    elif $won == [true, true] then error("both models won")
    elif any(($asked + $a + $b)[]; type != "string") then {dropped: "conversations that miss a reply"}
    else
      fork(conversation($asked; $a); conversation($asked; $b)) as $f
      | (if $won[0] then {c: "a", r: "b"} else {c: "b", r: "a"} end) as $m
      | if ($f[$m.c] | length) == 0 then {dropped: "the same replies"}
        else
          (without({winner_model_a: true, winner_model_b: true, winner_tie: true})
           | kept($options; {prompt: true, response_a: true, response_b: true}; "lmsys") | sided($m.c; $m.r))
            + {context: $f.context, chosen: ($f[$m.c] | reply), rejected: ($f[$m.r] | reply)}
        end
    end;
