# The table of experiment.mk: a line a judge, from the `result` over all users in each file.
def percent: if . == null then "-" else "\(. * 1000 | round / 10)%" end;
def left($width): . + " " * ($width - length);
def right($width): " " * ($width - length) + .;

"judge       users  verdicts  accuracy     95% interval  ties  failed  first",
(inputs
 | select(.type == "result" and .user_id == null)
 | [(input_filename | sub("\\.result\\.jsonl$"; "") | split("/") | last | left(8)),
    (.users | tostring | right(7)),
    (.n | tostring | right(8)),
    (.accuracy | percent | right(8)),
    ("[\(.ci.low | percent), \(.ci.high | percent)]" | right(15)),
    (.ties | tostring | right(4)),
    (.failed | tostring | right(6)),
    (.first_share | percent | right(5))]
 | join("  "))
