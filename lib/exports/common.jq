# Comes before the other programs here: conversations and replies as chat templates take them.
def role: if . == "model" then "assistant" else . end;
def message: {role: (.role | role), content};
def reply:
  if type == "string" then [{role: "assistant", content: .}]
  elif type == "object" then [message | .role = "assistant"]
  else map(message) end;

