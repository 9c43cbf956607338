# The table of experiment.mk: a line a judge, from the `result` over all users in each file.
def percent: if . == null then "-" else "\(. * 1000 | round / 10)%" end;
def left($width): . + " " * ($width - length);
def right($width): " " * ($width - length) + .;

[inputs | select(.type == "result" and .user_id == null)
 | .judge = (input_filename | sub("\\.result\\.jsonl$"; "") | split("/") | last)]
| ([8, (.[].judge | length)] | max) as $width
| ("judge" | left($width)) + "    users  verdicts  accuracy     95% interval  ties  failed  first",
  (.[]
   | [(.judge | left($width)),
      (.users - .users_failed | tostring | right(7)),
      (.n | tostring | right(8)),
      (.accuracy | percent | right(8)),
      ("[\(.ci.low | percent), \(.ci.high | percent)]" | right(15)),
      (.ties | tostring | right(4)),
      (.failed | tostring | right(6)),
      (.first_share | percent | right(5))]
   | join("  ")),
  if map(.n) | unique | length > 1
  then "These judges did not judge the same pairs: only comparison.jsonl and report.html compare like with like."
  else empty end
