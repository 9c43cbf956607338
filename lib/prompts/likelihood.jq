# The judge by likelihood: a conversation that a reply would continue, after the user's known choices.
# Entry points and their inputs are described in sm-prompts(5).

def turns:
  if type == "string" then {role: "user", content: without_marks}
  elif type == "object" then message
  else .[] | message end;

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
      + "What is known about this user:\n\(.persona | material)")
  } else empty end;

# {context, reply}: a known conversation, with the reply that the user chose, or the one rejected
def demo:
  [(.context | turns), {role: "assistant", content: (.reply | text | material)}] | merged;

# {context}
def question: [.context | turns] | merged;

# {reply} -> the text whose likelihood is asked for
def reply: .reply | text;

# {messages} -> them as text, up to where the reply begins, for endpoints whose chat template is not
# known. The reply begins a line, so that no token holds the border.
def is_heading: test("^\\s*(?:user|assistant|system)\\s*:\\s*$"; "i");
def transcript:
  (.messages | map("\(.role[:1] | ascii_upcase)\(.role[1:]):\n\(.content | without_lines(is_heading))\n\n") | join("")) + "Assistant:\n";

def schema: null;
def examples: [];
