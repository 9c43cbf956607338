# Preferences of HelpSteer2 and HelpSteer3: two responses and a strength from -3 to 3
#
# HelpSteer2 has `prompt`, `response_1`, `response_2`, `preference_strength`, HelpSteer3 `context`, `response1`, `response2`, `overall_preference`.
# A negative one prefers response 1, a positive one response 2, 0 is a tie, left out and counted.

def columns: [["prompt", "context"], ["response_1", "response1"], ["response_2", "response2"], ["preference_strength", "overall_preference"]];
def known: ["individual_preference", "domain", "language", "dataset", "split"];
def pairs:
  . as $row
  | name_of(["preference_strength", "overall_preference"]) as $column
  | (.[$column] | number) as $p
  | if $p == null or $p < -3 or $p > 3 then error("`\($column)` is not a number from -3 to 3")
    elif $p == 0 then {dropped: "tie"}
    else
      (if $p < 0 then ["1", "2"] else ["2", "1"] end) as $m
      | kept($options; {prompt: true, context: true, response_1: true, response_2: true, response1: true, response2: true}; "helpsteer")
        + pair_of([]; question({prompt: true, context: true}); $row["response_" + $m[0]] // $row["response" + $m[0]]; $row["response_" + $m[1]] // $row["response" + $m[1]])
    end;
