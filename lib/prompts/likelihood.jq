# The judge by likelihood: a conversation that a reply would continue, after the user's known choices.
# Entry points and their inputs are described in sm-prompts(5).

# Material has two roles: what is not the assistant's is the user's.
def role: if . == "assistant" or . == "model" then "assistant" else "user" end;
def turns:
  if type == "string" then {role: "user", content: .}
  elif type == "object" then {role: (.role | role), content}
  else .[] | {role: (.role | role), content} end;

# Many templates refuse two turns of one role after another.
def merged:
  reduce .[] as $turn ([];
    if length > 0 and .[-1].role == $turn.role
    then .[-1].content += "\n\n" + $turn.content
    else . + [$turn] end)
  | .[];

def text:
  if type == "string" then .
  elif type == "object" then .content
  else map(.content) | join("\n\n") end;

# {persona: text or null}
def system:
  if .persona then {
    role: "system",
    content: (
      "You reply to one particular user, the way this user likes replies to be.\n\n"
      + "What is known about this user:\n\(.persona)")
  } else empty end;

# {context, reply}: a known conversation, with the reply that the user chose, or the one rejected
def demo:
  [(.context | turns), {role: "assistant", content: (.reply | text)}] | merged;

# {context}
def question: [.context | turns] | merged;

# {reply} -> the text whose likelihood is asked for
def reply: .reply | text;

# {messages} -> them as text, up to where the reply begins, for endpoints whose chat template is not
# known. The reply begins a line, so that no token holds the border.
def transcript:
  (.messages | map("\(.role[:1] | ascii_upcase)\(.role[1:]):\n\(.content)\n\n") | join("")) + "Assistant:\n";

def schema: null;
def examples: [];
