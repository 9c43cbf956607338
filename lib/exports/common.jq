# Comes before the other programs here: conversations and replies as chat templates take them.
# Whoever is neither the user nor the assistant is quoted in the user's place: data has no say as a
# system.
def message:
  (.role | ascii_downcase | split(" ") | join("")) as $role
  | if $role | IN("assistant", "model", "gpt", "bot") then {role: "assistant", content}
    elif $role | IN("user", "human") then {role: "user", content}
    else {role: "user", content: "[\(.role)]: \(.content)"} end;
# Chat templates take turns in turn.
def merged:
  reduce .[] as $turn ([];
    if length > 0 and .[-1].role == $turn.role and $turn.role == "user"
    then .[-1].content += "\n\n" + $turn.content
    else . + [$turn] end);
def reply:
  if type == "string" then [{role: "assistant", content: .}]
  elif type == "object" then [{role: "assistant", content}]
  else map(message) end;
