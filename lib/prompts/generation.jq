# The generation prompt: a chat to put before any conversation so that replies suit the user.
# Entry points and their inputs are described in sm-prompts(5).

# The chosen reply, as the assistant's.
def chosen:
  if .preference == "Second" then .second else .first end
  | if type == "string" then {role: "assistant", content: material}
    elif type == "object" then {role: "assistant", content: (.content | material)}
    else .[] | message end;

# {persona: text or null}
def system: {
  role: "system",
  content: (
    "You reply to one particular user, the way this user likes replies to be.\n\n"
    + (if .persona then "What is known about this user:\n\(.persona | material)\n\n" else "" end)
    + "The exchanges before the conversation, if there are any, are separate examples: each ends with the reply that "
    + "this user preferred to another one. Take tone, length, form and values from them, not their facts. "
    + "Never mention this description or the examples. Being right and helpful comes before style.")
};

# {context, first, second, preference, reasoning or null, kind}
def demo:
  (.context | if type == "array" then .[] | message else {role: "user", content: without_marks} end), chosen;

def question: empty;
def reply: empty;
def schema: null;
def examples: [];
