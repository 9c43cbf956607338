# OpenAI's comparisons of summaries (summarize_from_feedback): info, summaries, choice, worker
#
# The question is the title and the post (or article) of `info`, with an empty line between them; its `id` becomes `conversation_id`.
# `choice` is the place of the better summary, from 0 on, and `worker` who chose.
# `policy` and `note` of a summary are `chosen_` and `rejected_` in a pair.

def columns: ["info", "summaries", "choice"];
def known: ["worker", "batch", "extra", "dataset", "split"];
def pairs:
  . as $row
  | .summaries as $both
  | (.choice | number) as $choice
  | if ($both | type) != "array" or ($both | length) != 2 then error("`summaries` is not a list of two")
    elif $choice == null then {dropped: "no choice"}
    elif $choice != 0 and $choice != 1 then error("`choice` is neither 0 nor 1")
    else
      ([.info | (.title, (.post // .article)) | select(. != null and . != "")] | join("\n\n")) as $text
      | if $text == "" then error("`info` has neither title, post nor article") else . end
      | $both[$choice] as $best | $both[1 - $choice] as $worse
      | kept($options; {info: true, summaries: true, choice: true}; "summarize")
        + (.info.id | member("conversation_id")) + (.info | del(.id, .title, .post, .article))
        + both_sides($best | del(.text); $worse | del(.text))
        + pair_of([]; {turns: ($text | turns)}; $best.text; $worse.text)
    end;
