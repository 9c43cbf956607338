# Annotations of AlpacaFarm and AlpacaEval: instruction, input, output_1, output_2, preference
#
# `preference` is 1 or 2, or a number between: what is less than 1.5 prefers output 1, what is more output 2.
# 1.5, 0 and none are ties, left out and counted.
# `annotator` is who chose; of columns with a 1 and a 2, as `generator_1`, each is `chosen_` or `rejected_` in a pair.

def columns: ["instruction", "output_1", "output_2", ["preference", "generator_1"]];
def known: ["input", "generator_2", "annotator", "dataset", "split"];
def pairs:
  . as $row
  | (.preference | number) as $p
  | if .preference == null or $p == 0 or $p == 1.5 then {dropped: "no preference"}
    elif $p == null or $p < 1 or $p > 2 then error("`preference` is not a number from 1 to 2")
    else
      (if $p < 1.5 then {c: "1", r: "2"} else {c: "2", r: "1"} end) as $m
      | before({instruction: true, input: true}) as $before
      | (kept($options; own_set + {instruction: true, input: true, output_1: true, output_2: true}; "alpacaeval") | sided($m.c; $m.r))
        + pair_of($before.system; $before.question; $row["output_" + $m.c]; $row["output_" + $m.r])
    end;
