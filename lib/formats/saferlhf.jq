# PKU-SafeRLHF: prompt, response_0, response_1, better_response_id
#
# `better_response_id` is 0 or 1; `chosen_is_safer` tells what `safer_response_id` says of the chosen one.
# Of columns with a 0 and a 1, as `is_response_0_safe`, each is `chosen_` or `rejected_` in a pair.

def columns: ["prompt", "response_0", "response_1", "better_response_id"];
def known: ["safer_response_id", "dataset", "split"] + users;
def pairs:
  . as $row
  | (.better_response_id | number) as $id
  | if $id != 0 and $id != 1 then error("`better_response_id` is neither 0 nor 1")
    else
      "\($id)" as $c | "\(1 - $id)" as $r
      # Which one the other labels mean.
      | (if .safer_response_id | IN(0, 1) then .chosen_is_safer = (.safer_response_id == $id) else . end)
      | (kept($options; {prompt: true, response_0: true, response_1: true, better_response_id: true, safer_response_id: true}; "saferlhf") | sided($c; $r))
        + pair_of([]; question({prompt: true}); $row["response_" + $c]; $row["response_" + $r])
    end;
