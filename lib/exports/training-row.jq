# A pair as a row of preference data for training: the conversation, and after it either reply.
# Input: {system: messages before the conversation, context, chosen, rejected, user_id, index,
# rewards: {chosen, rejected} of a verdict, or null}.

# A template must know whose turn it is.
def checked:
  if (.prompt | map(select(.role != "system"))) == [] then
    error("no conversation of user and assistant before the replies")
  else . end;

# A verdict may be older than the choice, and have rewards of `first` and `second`. The difference is
# rounded: its last bits are none of the rewards'.
def valued:
  if type == "object" and (.chosen | type) == "number" and (.rejected | type) == "number" then
    {rewards: {chosen, rejected}, margin: ((.chosen - .rejected) * 1e6 | round / 1e6)}
  else {} end;

. as $row
| {
  prompt: ($row.system + (.context | map(message) | merged)),
  chosen: (.chosen | reply),
  rejected: (.rejected | reply),
  user_id,
  index
}
| checked
| . + ($row.rewards | valued)
