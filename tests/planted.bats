# The bench of made-up people: the texts that tests/tools/planted makes, and the rule of the mock LLM that reads them.
load helper

planted() { "$top/tests/tools/planted" "$@"; }

# question SYSTEM USER...: messages, those behind the first are the user's and the assistant's in turn.
question() {
	printf '%s\x1f' "$@"
	printf '\x1e'
}

# What the model says to each question of standard input, a line each. A schema's properties may be given in $properties, and
# members of the requests in $members.
answers() {
	jq -Rsc 'split("\u001e")[:-1][] | split("\u001f")[:-1] |
		{messages: [to_entries[] | {role: (if .key == 0 then "system" elif .key % 2 == 1 then "user" else "assistant" end), content: .value}]}
		+ (env.properties // "" | if . == "" then {} else {response_format: {json_schema: {schema: {type: "object", properties: fromjson}}}} end)
		+ (env.members // "{}" | fromjson)' |
		while IFS= read -r request; do
			curl -s -d "$request" "$SM_BASE_URL/chat/completions"
		done | jq -r '.choices[].message.content'
}

ask() { question "$@" | answers; }

# case CONTEXT FIRST SECOND: as the judge shows them.
case_of() { printf '<conversation>\n[user]: %s\n</conversation>\n\n<first>\n%s\n</first>\n\n<second>\n%s\n</second>\n\n' "$@"; }

# scored CONDITION: whether it holds of the figures of all users together.
scored() { sm-eval | jq -se "[.[] | select(.type == \"result\" and .user_id == null)][0] | $1" >/dev/null; }

# traits: all traits, each as an array: its name, where it is, its marks, what the taste for it and the one against it are called.
traits() { sed -n 's/^TRAIT(\(.*\))$/[\1]/p' "$top/tests/mock/traits.inc"; }

@test "the same options make the same people, and further users change no one" {
	planted --users 12 --drift 0.5 --conditional 0.5 >a.jsonl
	planted --users 12 --drift 0.5 --conditional 0.5 | cmp - a.jsonl
	planted --users 5 --drift 0.5 --conditional 0.5 | cmp - <(head -n 130 a.jsonl)
	run -1 cmp -s a.jsonl <(planted --users 12 --drift 0.5 --conditional 0.5 --seed 2)
}

@test "no two replies are the same, and no user is asked the same twice" {
	planted --users 40 --pairs 40 >a.jsonl
	holds a.jsonl 'map(.chosen.content, .rejected.content) | length == 3200 and length == (unique | length)' \
		'map([.user_id, .context]) | length == (unique | length)' \
		"map(.planted.differs | keys[]) | unique | length == $(traits | wc -l)" \
		'map(.context[0].content | split(",")[0]) | unique | length >= 24'
}

@test "over all users chosen and rejected replies have each trait as often" {
	planted --users 200 >a.jsonl
	jq -r '.planted.differs | to_entries[] | "\(.key) \(.value)"' a.jsonl | sort | uniq -c | awk '
		{ n[$2] += $1; d[$2] += $3 == "chosen" ? $1 : -$1 }
		END { for (t in n) { traits++; if (d[t]^2 > 16 * n[t]) { print t, d[t], "of", n[t]; bad = 1 } }; exit bad || !traits }'
}

@test "what a pair's truth says follows from the user's tastes" {
	# Without noise the weightier tastes that hold go to the chosen reply; what is not told apart tells nothing.
	following='[.[] | . as $p | .planted | select(.drift == null) | .differs as $d | .kind as $kind
		| [.tastes[] | select((.kinds == null or (.kinds | index([$kind]))) and $d[.trait])
			| .weight * (if .with == ($d[.trait] == "chosen") then 1 else -1 end)] | select(length > 0) | add > 0] | group_by(.) | map({(.[0] | tostring): length}) | add'
	planted --users 30 --noise 0 --conditional 0.5 | jq -s "$following" >told.json
	jq -e '.false == null and .true > 300' told.json
	planted --users 30 --noise 0.2 | jq -s "$following" | jq -e '.false / (.true + .false) | . > 0.15 and . < 0.25'
	# One who drifts goes by the strongest taste before the turn, and by its opposite from then on.
	planted --users 30 --noise 0 --tastes 1 --drift 1 | jq -se '[group_by(.user_id)[] | to_entries[] | .key as $i | .value.planted
		| (.tastes[0] | .with == true) as $with | (.differs[.tastes[0].trait] == "chosen") == ($with == ($i < .drift))] | all and length == 780'
}

@test "of archetypes users have the tastes, but for those that deviate" {
	tastes='[.[] | .planted | {archetype, tastes}] | unique | group_by(.archetype) | map(map(.tastes | map([.trait, .with])) | unique | length)'
	planted --users 30 --pairs 4 --archetypes 3 --deviation 0 | jq -se "$tastes == [1, 1, 1]"
	planted --users 30 --pairs 4 --archetypes 3 --deviation 0.5 | jq -se "$tastes | length == 3 and all(. > 1)"
	planted --users 3 --pairs 4 | jq -se 'all(.[]; .planted | has("archetype") | not)'
	planted --users 5 --archetypes 2 | cmp - <(planted --users 9 --archetypes 2 | head -n 130)
	run -2 planted --archetypes 2 --deviation 2
}

@test "the mock sees every trait of every text" {
	mock_start --decide planted
	planted --users 6 >a.jsonl
	# Scored by all tastes as criteria, each reply meets those of which the truth tells.
	rubric=$(traits | jq -r '"likes \(.[3])"')
	properties='{"scores":{"type":"array","items":{"type":"object","properties":{"criterion":{"type":"string"},"first":{"type":"number"},"second":{"type":"number"}}}}}'
	jq -c --arg rubric "$rubric" --argjson properties "$properties" '{messages: [{role: "system", content: $rubric}, {role: "user",
		content: "<first>\n\(.chosen.content)\n</first>\n\n<second>\n\(.rejected.content)\n</second>"}],
		response_format: {type: "json_schema", json_schema: {name: "scores", schema: {type: "object", properties: $properties}}}}' a.jsonl |
		sm-llm -q | jq -c '.response.body.choices[0].message.content | fromjson | [.scores[] | select(.first != .second)
			| [.criterion, if .first == 1 then "chosen" else "rejected" end]] | sort' >seen.jsonl
	jq -c --argjson names "$(traits | jq -s 'map({(.[0]): "likes \(.[3])"}) | add')" \
		'[.planted.differs | to_entries[] | [$names[.key], .value]] | sort' a.jsonl | diff - seen.jsonl
	[ "$(wc -l <seen.jsonl)" -eq 156 ]
}

@test "the judge goes by what is stated, in both orders; leaning, it always says First" {
	planted --users 8 --noise 0 --tastes 1 >a.jsonl
	# The persona of each user is the truth.
	jq -sc --slurpfile traits <(traits) 'group_by(.user_id)[] | .[],
		(.[0] | {type: "persona", user_id, stage: "persona", reasoning: "", persona: (.planted.tastes[0] as $t | $traits[] | select(.[0] == $t.trait) | "This user likes \(.[if $t.with then 3 else 4 end]).")})' a.jsonl >known.jsonl
	mock_start --decide planted
	sm-judge -q known.jsonl | scored '.accuracy == 1 and .n == 416'
	# Its reason names the taste.
	[ "$(jq -r '.body.response_format.json_schema.name' mock.log | sort -u)" = judge ]
	mock_start --decide planted:l=1
	SM_CACHE=l.db sm-judge -q known.jsonl | scored '.first_share == 1'
	# Not following what is stated it guesses.
	mock_start --decide planted:q=0
	SM_CACHE=q.db sm-judge -q known.jsonl | scored '.accuracy | . > 0.4 and . < 0.6'
	# Half of what is stated is followed: three of four are right. The length tires as much.
	mock_start --decide planted:q=0.5
	SM_CACHE=h.db sm-judge -q known.jsonl | scored '.accuracy | . > 0.67 and . < 0.83'
	mock_start --decide planted:t=1
	SM_CACHE=t.db sm-judge -q known.jsonl | scored '.accuracy | . > 0.4 and . < 0.6'
}

plain='Text.'
exclaimed='Text. 🎉'

@test "the judge learns from examples what is not stated, and its reasons name it" {
	mock_start --decide planted
	shown=$(case_of q "$plain" "$exclaimed")
	asked=$(case_of q2 "$exclaimed" "$plain")
	both=$(case_of q "$exclaimed" 'Really **bold**')
	{
		question 'Judge.' "$shown" Second "$asked"
		question 'Judge.' "$shown" First "$asked"
		question 'Judge.' "$shown" '{"reasoning": "r", "preference": "First"}' "$asked"
		# The majority counts, and what is stated counts more.
		question 'Judge.' "$shown" First "$shown" Second "$shown" Second "$asked"
		question 'likes plain text without pictures' "$shown" Second "$asked"
		# A weight beside what is stated counts as such; else the first counts more than all others.
		question 'likes emoji and likes bold key words' "$both"
		question 'likes emoji (weight 1), likes bold key words (weight 3)' "$both"
	} | answers >answers.jsonl
	[ "$(head -n 1 answers.jsonl)" = '{"reasoning":"The preferred reply has emoji.","preference":"First"}' ]
	[ "$(jq -r .preference answers.jsonl | paste -sd ' ')" = 'First Second Second First Second First Second' ]
	mock_start --decide planted:r=0
	for word in a b c d e f; do question "likes emoji $word" "$both"; done | answers | jq -r .reasoning | sort -u >reasons.txt
	[ "$(cat reasons.txt)" = "The preferred reply has emoji.
The preferred reply has plain type." ]
}

# choice CHOSEN REJECTED [REASON]: as the persona's prompt shows them.
choice() { printf '<conversation>\n[user]: q\n</conversation>\n<chosen>\n%s\n</chosen>\n<rejected>\n%s\n</rejected>\nLikely because: %s\n\n' "$1" "$2" "${3-}"; }

@test "a persona names what the choices show, without what it misses and with what it invents" {
	export properties='{"reasoning":{"type":"string"},"persona":{"type":"string"}}'
	history=$(choice "$exclaimed" "$plain" && choice "$exclaimed" "$plain" && choice "$plain" '**Text.**')
	mock_start --decide planted
	{
		question 'Describe.' "$history"
		# A reason that names a trait is one choice more; in what stood there before it is two.
		question 'Describe.' "$(choice "$plain" '**Text.**' 'It has plain type.')"
		question 'Describe.' "Until now: likes bold key words. $history"
		question 'Describe.' "Until now: likes plain type. $history"
		question 'Describe.' 'No choice.'
	} | answers | jq -r .persona | diff - <(
		echo 'This user likes emoji.'
		echo 'This user likes plain type.'
		echo 'This user likes emoji.'
		echo 'This user likes plain type. This user likes emoji.'
		echo "Nothing is known of this user's taste."
	)
	persona() { ask "$@" | jq -r .persona; }
	mock_start --decide planted:p=1
	[ "$(persona 'Describe.' "$history")" = "Nothing is known of this user's taste." ]
	mock_start --decide planted:p=1:a=1
	[ "$(persona 'Describe.' "$history" | grep -o 'This user likes' | wc -l)" -eq 2 ]
}

@test "samples differ where there is a temperature, one by one or all at once, and not without" {
	export properties='{"persona":{"type":"string"}}'
	history=$(choice "$exclaimed" "$plain" && choice "$exclaimed" "$plain")
	mock_start --decide planted:p=0.5:a=0.5
	members='{"temperature":0,"n":8}' ask 'Describe.' "$history" >cold.txt
	[ "$(wc -l <cold.txt)" -eq 8 ]
	[ "$(sort -u cold.txt | wc -l)" -eq 1 ]
	members='{"temperature":1,"n":8}' ask 'Describe.' "$history" >hot.txt
	[ "$(sort -u hot.txt | wc -l)" -gt 2 ]
	mock_start --decide planted:p=0.5:a=0.5
	for _ in 1 2 3 4 5 6 7 8; do question 'Describe.' "$history"; done | members='{"temperature":1}' answers | diff - hot.txt
	mock_start --decide planted:p=0.5:a=0.5 --salt other
	members='{"temperature":1,"n":8}' ask 'Describe.' "$history" >other.txt
	run -1 cmp -s hot.txt other.txt
}

@test "a rubric has criteria with weights" {
	export properties='{"criteria":{"type":"array","items":{"type":"object","properties":{"text":{"type":"string"},"weight":{"type":"integer"}}}}}'
	mock_start --decide planted
	[ "$(ask 'Criteria.' "$(choice '🎉 **x**' x && choice '🎉 **x**' x && choice '🎉' x)")" = \
		'{"criteria":[{"text":"likes emoji","weight":4},{"text":"likes bold key words","weight":2}]}' ]
	properties='{"criteria":{"type":"array","items":{"type":"string"}}}'
	[ "$(ask 'Criteria.' "$(choice '🎉' x && choice '🎉' x)")" = '{"criteria":["likes emoji"]}' ]
	# Without a schema the words of the prompt tell the form.
	unset properties
	[ "$(ask 'Answer with {"criteria": [...]}' "$(choice '🎉' x && choice '🎉' x)" | jq -c '.criteria | map(.criterion)')" = '["likes emoji"]' ]
	[ "$(ask 'Answer with {"persona": ...}' "$(choice '🎉' x && choice '🎉' x)" | jq -r .persona)" = 'This user likes emoji.' ]
}

@test "the likelihoods of the rule follow the traits of the replies before" {
	planted --users 8 --pairs 10 --noise 0 --tastes 1 | sm-split -q --test 4 >a.jsonl
	likely() { SM_CACHE=$BATS_TEST_TMPDIR/$1.db sm-judge -q --by likelihood --history 6 a.jsonl; }
	mock_start --decide planted --likelihood forced
	likely forced | scored '.n == 32 and .accuracy > 0.75'
	# What is not read in the examples tells nothing.
	mock_start --decide planted:e=0 --likelihood forced
	likely none | scored '.accuracy < 0.65'
}

@test "learning helps where tastes hold, and not where choices follow none" {
	mock_start --decide planted
	planted --users 8 --noise 0 --tastes 1 | sm-fit -q --test 6 | sm-judge -q | scored '.ci.low > 0.6'
	planted --users 12 --noise 0.5 | sm-fit -q --test 6 | sm-judge -q | scored '.ci.low < 0.5 and .ci.high > 0.5'
}

@test "options that the rule does not have are named" {
	for wrong in planted:q planted:q=2 planted:q=-1 planted:x=1 planted:q=0.5x planted: "planted:q=1," plantedq; do
		run "$B/mock-llm" --decide "$wrong"
		[ "$status" -eq 2 ]
		[[ $output == *"rule planted"* || $output == *"unknown rule"* ]]
	done
	run -1 "$top/tests/bench/learning" "$B" "$BIN" 2 'by magic'
	[[ $output == *"no such way: by magic; there are: plain, "* ]]
	run -1 planted --pairs 9999 --users 1
	[[ $output == *"--pairs: at most"* ]]
	run -2 planted --noise 2
}
