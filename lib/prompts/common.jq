# What the prompt programs share, and one's own can use: see sm-prompts(5).
# (Comments of this file stand on lines of their own: it is put before the programs on their first line.)

# Texts of people and models are material. What they hold of the marks that frame it in a prompt, or
# in a model's own template, is made harmless by one character that is put before or for another, so
# that it can still be read. (No pattern runs over a whole text.)
def is_mark: .[:24] | test("^\\s*/?\\s*(?:conversation|first|second|chosen|rejected|start_of_turn|end_of_turn)(?:[\\s/>]|$)|^\\|"; "i");
# (Join of long lists takes the square of their length; add does not.)
def glue($by): .[:1] + (.[1:] | map($by + .)) | add // "";
def without_marks:
  if contains("<") then
    split("<") | .[:1] + (.[1:] | map(if is_mark then "&lt;" + . else "<" + . end)) | add
  else . end;
def without_lines(begin):
  def each($by; f): split($by) | map(f) | glue($by);
  each("\n"; each("\r"; if .[:40] | begin then "\\" + . else . end));
def material:
  without_marks | if contains("]") then without_lines(test("^\\s*\\[\\s*(?:user|human|assistant|model|bot|system|developer|tool|function)\\s*\\]\\s*:"; "i")) else . end;

# Who speaks: "user" or "assistant", or null for a role that has no say in a prompt.
def speaker:
  (.role | ascii_downcase | split(" ") | join("")) as $role
  | if $role | IN("assistant", "model", "gpt", "bot") then "assistant"
    elif $role | IN("user", "human") then "user"
    else null end;

# The name of a role within a text.
def role_name: [.role[:30] | explode[] | select((. >= 48 and . <= 57) or (. >= 65 and . <= 90) or (. >= 97 and . <= 122) or . == 95 or . == 45)] | implode;

# A conversation, or a reply, as text.
def turn: "[\(role_name)]: \(.content | material)";
def conversation: if type == "string" then without_marks else map(turn) | glue("\n\n") end;
def reply_text:
  if type == "string" then material
  elif type == "object" then .content | material
  elif length == 1 then .[0].content | material
  else conversation end;

# A turn as a message. Whoever is neither the user nor the assistant is quoted in the user's place.
def message:
  speaker as $speaker
  | if $speaker then {role: $speaker, content: (.content | material)}
    else {role: "user", content: turn} end;

# A pair as it is shown to a judge: {context, first, second}.
def case:
  "<conversation>\n\(.context | conversation)\n</conversation>\n\n"
  + "<first>\n\(.first | reply_text)\n</first>\n\n"
  + "<second>\n\(.second | reply_text)\n</second>";

# Choices that a user made, to tell of the user's taste: a list of {context, first, second, preference,
# reasoning}, in the order in which the judge saw the replies, since the reasons may speak of it.
def tagged($tag): "<\($tag)>\n\(reply_text)\n</\($tag)>\n";
def judgement:
  .preference as $choice
  | "<conversation>\n\(.context | conversation)\n</conversation>\n"
  + (.first | tagged(if $choice == "First" then "chosen" else "rejected" end))
  + (.second | tagged(if $choice == "First" then "rejected" else "chosen" end))
  + (if .reasoning then "Likely because: \(.reasoning | material)\n" else "" end);
def judgements: [range(length) as $i | "Choice \($i + 1)\n\(.[$i] | judgement)"] | join("\n");
