# Could a judge that knows no taste tell chosen from rejected? For each user and surface feature: on how many pairs the
# chosen reply has it, or more of it, than the other, and on how many the rejected one.
#     jq -rs -f examples/balance.jq examples/people.jsonl
# The five people of that file, and which of these features their tastes are about:
#   brief    the answer at once, in few words (length; all that is counted)
#   warm     spoken to kindly, and asked back (? at the end)
#   careful  evidence, conditions, what is not known
#   plain    prose with a concrete example, and no more when it is said (lists, bold, ? at the end)
#   dry      gentle dry humour (never !)
# Ten of the pairs that `sm-split --test 6` holds out are two people's, who chose differently.
def words: [splits("\\s+")] | length;
def features: {
	longer: length,
	words: words,
	"longer words": (length / words),
	sentences: ([scan("[.!?](?=\\s|$)")] | length),
	commas: ([scan(",")] | length),
	digits: test("[0-9]"),
	list: test("(^|\\n)([-*]|[0-9]+\\.) "),
	bold: test("\\*\\*"),
	emoji: test("[\\x{2600}-\\x{27bf}\\x{1f300}-\\x{1faff}]"),
	"!": test("!"),
	"? at the end": test("\\?\\s*$")
};
group_by(.user_id)[] | .[0].user_id as $user
| map({chosen, rejected} | map_values(.content | features)) as $pairs
| $pairs[0].chosen | keys_unsorted[] as $name
| [$user, $name] + [$pairs | map(select(.chosen[$name] > .rejected[$name])), map(select(.chosen[$name] < .rejected[$name])) | length]
| @tsv
