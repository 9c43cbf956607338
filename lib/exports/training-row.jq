# A pair as a row of preference data for training: the conversation, and after it either reply.
# Input: {system: messages before the conversation, context, chosen, rejected, user_id, index}.

def role: if . == "model" then "assistant" else . end;
def message: {role: (.role | role), content};
def reply:
  if type == "string" then [{role: "assistant", content: .}]
  elif type == "object" then [message | .role = "assistant"]
  else map(message) end;

# Chat templates take one system message, at the start.
def joined($system):
  if ($system | length) > 0 and length > 0 and $system[-1].role == "system" and .[0].role == "system" then
    $system[:-1] + [{role: "system", content: "\($system[-1].content)\n\n\(.[0].content)"}] + .[1:]
  else $system + . end;

# A template must know whose turn it is.
def checked:
  if .prompt == [] or (.prompt[-1].role | . != "user" and . != "assistant") then
    error("no conversation of user and assistant before the replies")
  else . end;

. as $row
| {
  prompt: (.context | map(message) | joined($row.system)),
  chosen: (.chosen | reply),
  rejected: (.rejected | reply),
  user_id,
  index
}
| checked
