# What the Python library saves of a user, <user>.json: the state of a DSPy program of the one
# predictor judge_persona. Input: {user_id, persona, demos: [{demo, pair or null}, …], saved: what
# else was in the file that the examples were imported from, or null}.

def turn: "[\(.role)]: \(.content)";
def shown($what):
  if type == "string" then .
  elif type == "object" then turn
  elif type == "array" then map(turn) | join("\n\n")
  else error("an example has no \($what)") end;
def choice:
  if . == "First" or . == "Second" then .
  else error("an example has the preference \(tojson), not \"First\" or \"Second\"") end;

def case: {
  conversation: (.context | shown("context")),
  first_completion: (.first | shown("first")),
  second_completion: (.second | shown("second"))
};

# sm-import makes turns of "[user]: text". A reply that its text alone does not tell has them with it.
def heads: "[\("user", "assistant", "model", "system")]: ";
def is_headed: any(startswith(heads); .);
def is_told_turn:
  type == "object" and keys == ["content", "role"] and (turn | is_headed) and (.content | any(split("\n\n")[] | is_headed; .) | not);
def is_told:
  if type == "string" then true # as good as rendered
  elif type == "array" then length > 0 and all(.[]; is_told_turn)
  else is_told_turn end;
def turns: {first, second} | with_entries(select(.value | is_told | not)) | if . == {} then {} else {turns: .} end;

def is_bootstrapped: (.kind // (if .reasoning then "bootstrapped" else "labeled" end)) == "bootstrapped";

# What an example from elsewhere brought along.
def rest: del(.kind, .context, .first, .second, .preference, .reasoning, .augmented, .index);

def bootstrapped:
  {augmented: true} + case
  + (if .reasoning then {reasoning} else {} end)
  + {preference: (.preference | choice)}
  + (if .index == null then {} else {index} end)
  + turns + rest;

# In the names of the predictor's fields, without which it is not shown, and in those that the
# library itself writes.
def labeled($pair; $user):
  case
  + (if .reasoning then {reasoning} else {} end)
  + {preference: (.preference | choice)}
  + (case | {completion_one: .first_completion, completion_two: .second_completion})
  + {
    chosen: .preference,
    index,
    conversation_id: $pair.conversation_id,
    type: $pair.source_type,
    dataset: $pair.dataset,
    user_id: $user
  }
  + turns + rest;

def field($prefix; $description): {prefix: $prefix, description: $description};
def fields: [
  field("Conversation:"; "What was said before the two completions"),
  field("First Completion:"; "The completion that is shown first"),
  field("Second Completion:"; "The completion that is shown second"),
  field("Reasoning: Let's think step by step in order to"; "What decides it for this user"),
  field("Preference:"; "First or Second")
];
def instructions:
  "Predict which of two completions of a conversation one particular user would prefer. Put yourself in the place of "
  + "this user: their taste decides, not yours, and not which completion is better in general. The order of the two is "
  + "random and tells nothing. There is always a choice.\n\nWhat is known about this user:\n\(.persona)";

def fresh: {
  "judge_persona.predict": {
    traces: [],
    train: [],
    demos: [],
    signature: {instructions: instructions, fields: fields},
    lm: null
  },
  # The program loads with any; it warns where they are not its own.
  metadata: {dependency_versions: {python: "3.11", dspy: "2.6.27", cloudpickle: "3.1"}}
};

# The words that it was saved with, as long as they speak of this persona.
def is_kept: .persona as $persona
  | try (.saved["judge_persona.predict"].signature.instructions | contains($persona)) catch false;

.user_id as $user
| [.demos[] | .pair as $pair | .demo
  | if type != "object" then error("an example is no object")
    elif is_bootstrapped then bootstrapped
    else labeled($pair; $user) end] as $demos
| if is_kept then fresh * .saved else fresh end
| .["judge_persona.predict"].demos = $demos
