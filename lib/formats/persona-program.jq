# The Python library's program of persona writing: becomes the lines of sm-persona --examples
#
# A file with `synthesize.predict`.

def columns: ["synthesize.predict"];

def pairs:
  .saved["synthesize.predict"].demos[]
  | if (.synthesized_persona | type) == "string" then
      {history: .past_judgements, reasoning: (.reasoning // ""), persona: .synthesized_persona}
    else {dropped: "examples without a persona"} end;
