# What was learned of each user, for people: sm-fit ... | jq -rs -f examples/learned.jq
# What a terminal would obey is not printed.
def printable:
  explode | map(if . >= 32 and . < 127 then . elif (. < 32 and . != 10 and . != 9) or (. >= 127 and . < 160) or IN(1564, 8206, 8207, range(8232; 8239), range(8294; 8298), 65279, range(917504; 917632)) then 65533 else . end)
  | implode;
def brief($n): gsub("\\s+"; " ") | if length > $n then .[:$n] + "..." else . end;
def text: if type == "string" then . elif type == "array" then .[-1].content else .content end;
def chosen: if .preference == "First" then .first else .second end;
def example: "  pair \(.index): chose \"\(chosen | text | brief(60))\"\n    "
  + if .reasoning then "because: \(.reasoning | brief(150))" else "(no reason: the label alone)" end;

(. as $all
| [.[] | select(.type == "demos" and .stage == "demosearch")][]
| . as $won
| [$all[] | select(.user_id == $won.user_id)] as $mine
| ([$mine[] | select(.type == "demos" and .stage == "bootstrap")] | last) as $history
| ([$mine[] | select(.type == "persona")] | last) as $persona
| [$mine[] | select(.type == "score" and .stage == "demosearch" and (.pruned | not))] as $scores
| ([$mine[] | select(.type == "trace" and .phase == "teach" and .correct)] | last) as $taught
| "\n\($won.user_id)",
  "  persona: \($persona.persona)",
  "  written from these choices:",
  ($history.demos[] | example),
  "  of \($scores | length) sets of worked examples that were tried with this persona:",
  ($scores[] | "    seed \(.seed): \(.demos | length) examples, \(.correct) of \(.n) validation pairs right"),
  ($taught // empty | "    (an example as the model explained it: pair \(.index), because: \(.reasoning | brief(150)))"),
  "  won: seed \($won.seed), \(if $won.demos == [] then "no example, the persona alone" else "\($won.demos | length) examples" end)"
    + (if $won.tied > 1 then "; \($won.tied) sets did as well, the first is taken" else "" end),
  ($won.demos[] | example)) | printable
