# Batch results of Amazon Mechanical Turk (CSV): Input.prompt, Input.response_a, Input.response_b, Answer.choice, WorkerId
#
# What stands in `Input.` and `Answer.` columns is read by the rest of their names as in format csv; `Input.a` and `Input.b` are two replies.
# `Answer.choice.label` is `choice`.
# `WorkerId` is who chose, `HITId` becomes `conversation_id`.
# Assignments that were rejected are left out and counted.

def reads: "csv";
def columns: ["WorkerId", "HITId"];
def known: ["AssignmentStatus", "AssignmentId"];

def own_name:
  if startswith("Input.") then .[6:] elif startswith("Answer.") then .[7:] | rtrimstr(".label") else . end
  | if IN("a", "b") then "response_" + . else ascii_downcase end;
def pairs:
  if .AssignmentStatus == "Rejected" then {dropped: "rejected assignments"}
  else
    .WorkerId as $user | .HITId as $hit
    | with_entries(select(.value != "" and (.key | IN("WorkerId", "HITId") | not))
        | if .key | startswith("Input.") or startswith("Answer.") then .key |= own_name else . end)
    | . + {user_id: $user, conversation_id: $hit}
    | table_pair($options)
  end;
