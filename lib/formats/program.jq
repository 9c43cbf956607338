# What the Python library's save() wrote, a folder or USER.json: becomes persona and demos records

def columns: ["judge_persona.predict"];

# "[model]: text" is a turn; what begins in another way stays as it is.
def as_reply:
  if type != "string" then .
  elif startswith("[model]: ") then {role: "model", content: .[9:]}
  elif startswith("[assistant]: ") then {role: "assistant", content: .[13:]}
  else . end;

# Labelled examples have their own names for what a judge is shown; one may carry both.
def demo:
  {index, kind: (if .augmented == true or ((.reasoning | type) == "string") then "bootstrapped" else "labeled" end),
   context: .conversation,
   first: ((.first_completion // .completion_one) | as_reply),
   second: ((.second_completion // .completion_two) | as_reply),
   preference: (.preference // .chosen)}
  | if .context == null or .first == null or .second == null then error("has no conversation or lacks a completion")
    elif .preference | IN("First", "Second") | not then error("says neither First nor Second")
    else . end;

def rest: del(.index, .conversation, .first_completion, .second_completion, .completion_one, .completion_two, .preference, .chosen);

# The persona stands in the instructions too, fenced.
def persona_of_instructions:
  split("PERSONA: ===\n") | if length > 1 then .[1] | split("\n===") | .[0] else null end;

def without_keys: if type == "object" then with_entries(select(.key | test("key|token|secret|auth|header"; "i") | not)) else . end;

# {user, persona: text or null, saved: the file} -> records
def pairs:
  .user as $user | .saved["judge_persona.predict"] as $judge
  | (.persona // ($judge.signature.instructions // "" | persona_of_instructions)) as $persona
  | (if $persona then {type: "persona", user_id: $user, stage: "import", persona: $persona}
     else {problem: "no persona, neither in a file of its own nor in the instructions: the examples alone are imported"} end),
    ([$judge.demos | range(length) as $i | .[$i]
      | (. as $d | try demo catch error("example \($i) \(.)")) + rest]) as $demos
  | {type: "demos", user_id: $user, stage: "import", demos: $demos,
     saved: (.saved | .["judge_persona.predict"] |= (del(.demos) | if has("lm") then .lm |= without_keys else . end))};
