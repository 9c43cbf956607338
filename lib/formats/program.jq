# What the Python library's save() wrote, a folder or USER.json: becomes persona and demos records
#
# The user is the file's name, where `%2F` stands for a slash, `%25` for a percent sign, `%2E` at its start for a dot,
# and `%01` to `%1F` and `%7F` for control characters; of a folder --user takes that user alone, and of a file it names the user.
# The persona is that of `USER_persona.txt` beside it, else of the instructions in the file.
# A reply that begins with `[role]: ` of a user, an assistant, a model or a system is a turn, or several with empty lines between them.
# Other JSON files of a folder are skipped with a remark.

def columns: ["judge_persona.predict"];

def head: "[\(.role)]: ";
def shown: if type == "array" then map(head + .content) | join("\n\n") elif type == "object" then head + .content else . end;

# "[model]: text" is a turn, several with empty lines between them are a list; what begins in
# another way stays as it is. (Linear, where a regular expression of jq 1.6 is not.)
def headed: . as $text
  | first({role: ("user", "assistant", "model", "system")} | select(head as $head | $text | startswith($head)))
  | .content = $text[(head | length):];
def as_reply:
  if type != "string" or isempty(headed) then .
  else
    reduce split("\n\n")[] as $part ([];
      if $part | isempty(headed) then .[-1].content += "\n\n" + $part else . + [$part | headed] end)
    | if length == 1 then .[0] else . end
  end;

# sm-export adds the turns that the text alone does not tell; a text that was changed since goes before.
def reply_of($name; $text):
  (.turns | objects | .[$name] // empty | select((try shown catch null) == $text)) // ($text | as_reply);

# Labelled examples have their own names for what a judge is shown; one may carry both.
def demo:
  {index, kind: (if .augmented == true or ((.reasoning | type) == "string") then "bootstrapped" else "labeled" end),
   context: .conversation,
   first: reply_of("first"; .first_completion // .completion_one),
   second: reply_of("second"; .second_completion // .completion_two),
   preference: (.preference // .chosen)}
  | if .context == null or .first == null or .second == null then error("has no conversation or lacks a completion")
    elif .preference | IN("First", "Second") | not then error("says neither First nor Second")
    else . end;

def rest: del(.index, .conversation, .first_completion, .second_completion, .completion_one, .completion_two, .preference, .chosen, .turns);

# The persona stands in the instructions too: fenced, or at the end of those that sm-export writes.
def persona_of_instructions:
  "What is known about this user:\n" as $ours
  | (split("PERSONA: ===\n") | select(length > 1) | .[1] | split("\n===") | .[0])
    // (split($ours) | select(length > 1) | .[1:] | join($ours))
    // null;

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
