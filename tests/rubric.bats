# Rubrics: sm-persona --form rubric writes them, sm-judge goes by them.
load helper

criteria='{"reasoning":"They show two.","criteria":[{"name":"Names doses","description":"Says how much.","weight":6},{"name":"Warm","description":"Sounds kind.","weight":2}]}'

# What every test finds: in.jsonl, of the users a and b; a.jsonl, of a alone; and replies of the mock: write.jsonl and fair.jsonl.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return 1
	jq -nc '"a", "b" | . as $u
		| (range(8) | {user_id: $u, index: ., split: (if . < 4 then "train" elif . < 6 then "val" else "test" end)}
			+ if . < 6 then {flip: (. % 2 == 1)} else {} end
			+ {context: [{role: "user", content: "Q \($u)\(.)?"}], chosen: "chosen \($u)\(.)", rejected: "rejected \($u)\(.)"}),
		{type: "demos", user_id: $u, stage: "bootstrap", demos: [
			{index: 1, kind: "bootstrapped", context: [{role: "user", content: "Q \($u)1?"}], first: "chosen \($u)1", second: "rejected \($u)1",
				preference: "First", reasoning: "It names the dose."}]}' >in.jsonl
	grep '"user_id":"a"' in.jsonl >a.jsonl
	echo "{\"expect\":{\"contains\":[\"You find the criteria\"]},\"reply\":{\"content\":$criteria}}" >write.jsonl
	# scores that favour the chosen reply, by doses, wherever it stands
	{ scores '[9,5]' '[2,5]' $'<first>\nchosen'; scores '[2,5]' '[9,5]' $'<first>\nrejected'; } >fair.jsonl
}

setup() {
	cd "$BATS_TEST_TMPDIR" && cp "$BATS_FILE_TMPDIR"/*.jsonl .
}

# scores FIRST SECOND [TEXT...]: the scores of both criteria, of pairs whose messages hold the texts.
scores() {
	local first=$1 second=$2
	shift 2
	jq -nc --argjson f "$first" --argjson s "$second" '{expect: {contains: (["You score two replies"] + $ARGS.positional)}, reply: {content: {reasoning: "r",
		scores: [{criterion: "Names doses", first: $f[0], second: $s[0]}, {criterion: "Warm", first: $f[1], second: $s[1]}]}}}' --args -- "$@"
}

# replied TEXT REPLY: the reply, a text without backslashes, to what holds the text.
replied() { printf '{"expect":{"contains":["%s"]},"reply":{"content":"%s"}}\n' "$1" "${2//\"/\\\"}"; }

# start [FILE...]: a mock that answers by these files.
start() {
	cat "$@" >script.jsonl
	mock_start --decide first --script script.jsonl
}

rubrics() { sm-persona -q --form rubric "$@"; }

# learned FILE: its users with the rubrics that `start write.jsonl fair.jsonl` leads to, which are found once in this file of tests.
learned() {
	local made=$BATS_FILE_TMPDIR/with-rubrics.$1
	if [ ! -e "$made" ]; then
		start write.jsonl fair.jsonl
		rubrics --cache first.db "$1" >"$made"
	fi
	cat "$made"
}
only() { grep "^{\"type\":\"$1\""; }
# bodies TEXT: what the mock was asked, of requests that hold the text.
bodies() { jq -c --arg t "$1" '.body | select(.messages[0].content | contains($t))' mock.log; }

@test "without --form a persona is written, byte for byte as with --form persona" {
	start write.jsonl
	sm-persona -q --only in.jsonl | grep -v '"type":"run"' >out.jsonl
	sm-persona -q --only --form persona in.jsonl | grep -v '"type":"run"' | cmp - out.jsonl
	[ "$(jq -r .type out.jsonl | sort -u)" = persona ]
	[ "$(mock_calls)" -eq 2 ]
	run -2 sm-persona --form list in.jsonl
}

@test "the criteria come from the explained choices, the weights from all choices that are not held out" {
	start write.jsonl fair.jsonl
	rubrics in.jsonl >out.jsonl
	head -n "$(wc -l <a.jsonl)" out.jsonl | cmp - a.jsonl
	[ "$(only rubric <out.jsonl | wc -l)" -eq 2 ]
	only rubric <out.jsonl | jq -es '.[0] | .user_id == "a" and .stage == "persona" and .history == [1] and .dropped == 0 and .reasoning == "They show two."
		and (.criteria | map([.name, .description])) == [["Names doses", "Says how much."], ["Warm", "Sounds kind."]]
		and (.criteria | map(.stated)) == [0.75, 0.25] and (.criteria | map(.weight | fabs) | add | . > 0.99999 and . < 1.00001)
		and .fit.n == 6 and .fit.correct == 6 and .fit.unread == 0 and .fit.scale > 0 and .fit.lambda == 1
		and (.fit.scores | map(.index)) == [0, 1, 2, 3, 4, 5] and all(.fit.scores[]; .chosen == [9, 5] and .rejected == [2, 5]) and .tokens.in > 0'
	# one call for the criteria, and one for each train and validation pair, with no test pair among them
	bodies 'You find the criteria' >find.jsonl
	[ "$(wc -l <find.jsonl)" -eq 2 ]
	bodies 'You score two replies' >score.jsonl
	jq -r '.messages[-1].content' score.jsonl >scored.txt
	[ "$(grep -o '\[user\]: Q .*' scored.txt | sort)" = "$(printf '[user]: Q %s?\n' a0 a1 a2 a3 a4 a5 b0 b1 b2 b3 b4 b5)" ]
	# in the order of the flip
	grep -A 1 -e '^<first>' scored.txt | grep -E 'chosen|rejected' | sort >first.txt
	printf '%s\n' 'chosen a1' 'chosen a3' 'chosen a5' 'chosen b1' 'chosen b3' 'chosen b5' 'rejected a0' 'rejected a2' 'rejected a4' 'rejected b0' 'rejected b2' 'rejected b4' | cmp - first.txt
	head -n 1 find.jsonl | jq -r '.messages[-1].content' >asked.txt
	grep -q 'It names the dose.' asked.txt
	grep -qx 'chosen a1' asked.txt
	# the schema of each
	[ "$(jq -r '.response_format.json_schema.schema.properties | keys_unsorted | join(" ")' find.jsonl | sort -u)" = "reasoning criteria" ]
	[ "$(jq -r '.response_format.json_schema.schema.properties.scores.items.properties | keys_unsorted | join(" ")' score.jsonl | sort -u)" = "criterion first second" ]
	# the model that scores does not learn the weights
	run -1 grep -i weight <(jq -r '.messages[].content' score.jsonl)
}

@test "the weights follow the choices, not what the model stated" {
	start write.jsonl <(scores '[5,9]' '[5,2]' $'<first>\nchosen'; scores '[5,2]' '[5,9]' $'<first>\nrejected')
	rubrics a.jsonl | only rubric >out.jsonl
	# what told no two replies apart keeps the stated weight's place, and the other one grows
	jq -e '.criteria[1].weight > .criteria[1].stated and .criteria[0].weight > 0 and .fit.correct == 6' out.jsonl
	start write.jsonl <(scores '[2,5]' '[9,5]' $'<first>\nchosen'; scores '[9,5]' '[2,5]' $'<first>\nrejected')
	rubrics --cache other.db a.jsonl | only rubric >out.jsonl
	jq -e '.criteria[0].weight < 0 and .criteria[0].stated == 0.75 and .fit.correct == 6' out.jsonl
}

@test "weights are the greatest point of the formula in the page" {
	for i in 0 1 2 3 4 5; do
		scores "[$((i * 3 % 11)),$((i * 7 % 11))]" "[$((i * 5 % 11)),$((9 - i))]" "Q a$i?"
	done >some.jsonl
	start write.jsonl some.jsonl
	rubrics a.jsonl | only rubric >out.jsonl
	jq -e '
		.fit as $fit | [.criteria[].stated] as $s | [$fit.scores[] | [.chosen, .rejected] | transpose | map(.[0] - .[1])] as $d
		| ([$d[][] | . * .] | add / length | sqrt) as $m
		| def dot($a; $b): [$a, $b] | transpose | map(.[0] * .[1]) | add;
		[$d[] | dot(.; $s)] as $x | ([$x[] | . * .] | add / length | sqrt) as $u
		# the factor of the stated weights alone, by bisection
		| (reduce range(200) as $_ ([0, 20]; ((.[0] + .[1]) / 2) as $b
			| if 1 / $b - 1 + ([$x[] | . / $u / (1 + ($b * . / $u | exp))] | add) > 0 then [$b, .[1]] else [.[0], $b] end) | .[0] / $u) as $c
		| [.criteria[].weight / $fit.scale] as $b
		# the slope is 0 in every direction
		| [range(2) as $k | ([$d[] | .[$k] / (1 + (dot(.; $b) | exp))] | add) - $m * $m * ($b[$k] - $c * $s[$k])] | all(.[]; fabs < 0.002)' out.jsonl
}

@test "weights are finite for one pair, for equal scores, and where every choice speaks against the rubric" {
	grep -v '"index":[02-5],' a.jsonl >one.jsonl
	start write.jsonl fair.jsonl
	rubrics one.jsonl | only rubric | jq -e '.fit.n == 1 and .fit.correct == 1 and .fit.scale > 0 and all(.criteria[]; .weight > 0 and .weight < 1)'
	start write.jsonl <(scores '[4,4]' '[4,4]')
	rubrics --cache equal.db a.jsonl | only rubric | jq -e '.fit.n == 6 and .fit.correct == 0 and (.fit | has("scale") | not) and all(.criteria[]; .weight == .stated)'
	start write.jsonl <(scores '[0,0]' '[10,10]' $'<first>\nchosen'; scores '[10,10]' '[0,0]' $'<first>\nrejected')
	rubrics --cache wrong.db a.jsonl | only rubric | jq -e '.fit.n == 6 and .fit.scale > 0 and all(.criteria[]; .weight | fabs <= 1)'
}

@test "criteria in unfamiliar shapes are read" {
	# a user for each reply, with one pair, since all go unscored; the mock tells them by their question
	grep -v '"index":[02-7],' a.jsonl >one.jsonl
	users=0
	while IFS='|' read -r reply want; do
		user=u$((++users))
		sed "s/\"user_id\":\"a\"/\"user_id\":\"$user\"/; s/Q a1/Q $user-1/" one.jsonl >>in-shapes.jsonl
		printf '{"expect":{"contains":["You find the criteria","Q %s-1?"]},"reply":{"content":"%s"}}\n' "$user" "${reply//\"/\\\"}" >>shapes.jsonl
		echo "$user $want" >>wanted.txt
	done <<'END'
{"criteria":[{"name":"a","weight":"3"},{"name":"b","weight":"1.0"}]}|a=0.75 b=0.25
{"criteria":[{"name":"a","weight":"75%"},{"name":"b","weight":"25 %"}]}|a=0.75 b=0.25
{"criteria":[{"name":"a","weight":"75%"},{"name":"b","weight":0.25}]}|a=0.75 b=0.25
{"criteria":[{"name":"a","weight":"3/4"},{"name":"b","weight":"1/4"}]}|a=0.75 b=0.25
{"criteria":[{"name":"a","weight":2},{"name":"A","weight":9},{"name":"b","weight":2}]}|a=0.5 b=0.5
{"criteria":[{"name":"a","weight":2},{"name":"b"},{"name":"c","weight":NaN}]}|a=0.333333 b=0.333333 c=0.333333
{"criteria":[{"name":"a","weight":1e999},{"name":"b","weight":0}]}|a=1 b=0
{"criteria":[{"name":"a","weight":0},{"name":"b","weight":0}]}|a=0.5 b=0.5
{"criteria":[{"name":"a","weight":1},{"name":"b","weight":-1}]}|a=0.5 b=-0.5
{"criteria":{"a":{"description":"x","weight":1},"b":{"weight":1}}}|a=0.5 b=0.5
{"criteria":{"a":3,"b":1}}|a=0.75 b=0.25
{"criteria":["a","b"]}|a=0.5 b=0.5
{"rubric":{"reasoning":"r","criteria":[{"criterion":"a","importance":1}]}}|a=1
[{"name":"a","weight":1},{"name":"b","weight":3}]|a=0.25 b=0.75
Here they are: ```json {"criteria":[{"name":"a","weight":1,},]} ```|a=1
{"criteria":[{"name":"a","weight":1},{"name":"b","weight":1},{"name":"c","weight":1},{"name":"d","weight":9},{"name":"e","weight":1},{"name":"f","weight":1},{"name":"g","weight":1},{"name":"h","weight":1},{"name":"i","weight":5}]}|a=0.0526316 b=0.0526316 c=0.0526316 d=0.473684 e=0.0526316 f=0.0526316 i=0.263158
{"criteria":[]}|
END
	start shapes.jsonl <(replied 'You score two replies' none)
	rubrics in-shapes.jsonl 2>/dev/null | only rubric >read.jsonl
	jq -r '"\(.user_id) " + ([.criteria[] | "\(.name)=\(.stated)"] | join(" "))' read.jsonl | diff wanted.txt -
	[ "$(grep -c 'You find the criteria' mock.log)" -eq "$users" ]
}

@test "a reply without criteria is asked again, four times in all, and then the user fails" {
	cat >bad.jsonl <<'END'
{"expect":{"contains":["You find the criteria"],"temperature":0},"reply":{"content":"Doses, and warmth."}}
{"expect":{"contains":["You find the criteria"],"temperature":0.3},"reply":{"content":{"criteria":"none"}}}
{"expect":{"contains":["You find the criteria"],"temperature":0.6},"reply":{"content":{"criteria":[{"weight":3},7,null]}}}
END
	start bad.jsonl write.jsonl fair.jsonl
	rubrics a.jsonl | only rubric | jq -e '.criteria | length == 2'
	[ "$(grep -c 'You find the criteria' mock.log)" -eq 4 ]
	start <(echo '{"reply":{"content":"no"}}')
	run -1 --separate-stderr sm-persona --form rubric --cache new.db a.jsonl
	[[ $stderr == *"user a: the model wrote no criteria that can be read (unparsed); use a larger model, or raise --max-tokens"* ]]
	[ "$(only error <<<"$output" | jq -c '[.stage, .tried]')" = '["persona",4]' ]
	[ "$(mock_calls)" -eq 4 ]
}

@test "scores in unfamiliar shapes are read, by name before place; what is not plain is asked again" {
	# a user for each reply, with one pair; the mock tells them by their question
	jq -nc --argjson c "$criteria" '{type: "rubric", user_id: "a", criteria: ($c.criteria | map(.weight /= 8))}' >rubric.jsonl
	grep '"index":6,' a.jsonl | cat - rubric.jsonl >one.jsonl
	users=0
	while IFS='|' read -r reply want; do
		user=u$((++users))
		sed "s/\"user_id\":\"a\"/\"user_id\":\"$user\"/; s/Q a6/Q $user-6/" one.jsonl >>judged.jsonl
		printf '{"expect":{"contains":["You score two replies","Q %s-6?"]},"reply":{"content":"%s"}}\n' "$user" "${reply//\"/\\\"}" >>shapes.jsonl
		calls=1
		[ "$want" != '"unparsed"' ] || calls=4
		echo "$calls Q $user-6 $want" >>wanted.txt
	done <<'END'
{"scores":[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Warm","first":3,"second":4}]}|[[8,3],[2,4]]
{"scores":[{"criterion":"Warm","first":3,"second":4},{"criterion":"Names doses","first":8,"second":2}]}|[[8,3],[2,4]]
{"scores":[{"criterion":"1. names doses","first":"8/10","second":"20%"},{"criterion":"WARM: sounds kind","first":"3 out of 10","second":"2/5"}]}|[[8,3],[2,4]]
{"scores":[{"criterion":"Dosage","first":8,"second":2},{"criterion":"Warmth","first":3,"second":4}]}|[[8,3],[2,4]]
{"scores":[[8,2],[3,4]]}|[[8,3],[2,4]]
{"scores":{"Warm":{"first":3,"second":4},"Names doses":{"first":{"score":8},"second":{"score":"2"}}}}|[[8,3],[2,4]]
{"scores":{"first":{"Warm":3,"Names doses":8},"second":{"Names doses":2,"Warm":4}}}|[[8,3],[2,4]]
{"first":[8,3],"second":[2,4]}|[[8,3],[2,4]]
{"result":{"ratings":[{"name":"Names doses","reply 1":8,"reply 2":2},{"name":"Warm","Reply_1":3,"Reply_2":4}]}}|[[8,3],[2,4]]
{"scores":[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Warm","first":3,"second":4},{"criterion":"Clear","first":1,"second":1}]}|[[8,3],[2,4]]
[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Warm","first":3,"second":4}]|[[8,3],[2,4]]
<think>{"scores":[[1,1],[1,1]]}</think>{"scores":[[8,2],[3,4]]}|[[8,3],[2,4]]
{"scores":[{"criterion":"Names doses","first":8,"second":2}]}|"unparsed"
{"scores":[{"criterion":"Warm","first":3,"second":4},{"criterion":"Clear","first":8,"second":2}]}|"unparsed"
{"scores":[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Warm","first":3,"second":11}]}|"unparsed"
{"scores":[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Warm","first":-3,"second":4}]}|"unparsed"
{"scores":[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Warm","first":NaN,"second":4}]}|"unparsed"
{"scores":[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Warm","first":1e999,"second":"many"}]}|"unparsed"
{"scores":[{"criterion":"Names doses","first":8,"second":2},{"criterion":"Names doses","first":7,"second":2},{"criterion":"Warm","first":3,"second":4}]}|"unparsed"
{"scores":[[8,2],[3,4],[1,1]]}|"unparsed"
{"preference":"First"}|"unparsed"
The first reply is better.|"unparsed"
END
	start shapes.jsonl
	sm-judge -q --order forward judged.jsonl 2>/dev/null | only verdict >verdicts.jsonl
	jq -c 'if .scores then [.scores.first, .scores.second] else .status end' verdicts.jsonl >got.txt
	# how often each was asked
	grep -o 'Q u[0-9]*-6' mock.log | sort -V | uniq -c | sed 's/^ *//' | paste -d ' ' - got.txt | diff wanted.txt -
}

@test "sm-judge goes by the rubric alone, in both orders, and the verdict says how" {
	learned in.jsonl >users.jsonl
	start fair.jsonl
	sm-judge -q users.jsonl >out.jsonl
	holds out.jsonl 'map(select(.type == "verdict")) | length == 8 and all(.[]; .correct and .status == "ok" and .reasoning == "r"
			and .uses == {persona: false, demos: 0, rubric: true} and (.debiased.correct // true))
			and .[0].order == "forward" and .[0].scores == {first: [9, 5], second: [2, 5]} and .[1].scores == {first: [2, 5], second: [9, 5]}' \
		'# p_first is what the page says
		(map(select(.type == "rubric"))[0]) as $r | map(select(.type == "verdict"))[0]
			| ((7 * $r.criteria[0].weight / $r.fit.scale) as $x | 1 / (1 + (-$x | exp)) - .p_first | fabs) < 1e-4'
	# the criteria are in the prompt, and no weight
	bodies 'You score two replies' | tail -n 1 | jq -r '.messages[0].content' >system.txt
	grep -qx '1. Names doses: Says how much.' system.txt
	grep -qx '2. Warm: Sounds kind.' system.txt
	sm-eval out.jsonl | jq -es '.[-2] | .accuracy == 1 and .learned_from == 6'
	# the same from a file
	grep -v '"demos"' in.jsonl | sm-judge -q -m users.jsonl | only verdict | jq -c 'del(.ms, .tokens)' | cmp - <(only verdict <out.jsonl | jq -c 'del(.ms, .tokens)')
}

@test "a rubric decides in place of persona and examples, unless --no-rubric is given" {
	start write.jsonl fair.jsonl
	sm-persona -q in.jsonl | rubrics >users.jsonl
	sm-judge -q --no-persona users.jsonl | only verdict | jq -es 'all(.[]; .uses.rubric and .correct)'
	sm-judge -q --no-rubric users.jsonl | only verdict | jq -es 'all(.[]; .uses == {persona: true, demos: 0} and .preference == "First" and (has("scores") | not))'
	# the last one counts, and one without criteria decides nothing
	{ grep '"user_id":"a"' users.jsonl; echo '{"type":"rubric","user_id":"a","criteria":[]}'; } >none.jsonl
	sm-judge -q none.jsonl | only verdict | jq -es 'all(.[]; .uses == {persona: true, demos: 0})'
	{ cat none.jsonl; echo '{"type":"rubric","user_id":"a","criteria":[{"name":"Names doses","weight":-1},{"name":"Warm","weight":0}]}'; } >hand.jsonl
	sm-judge -q hand.jsonl | only verdict | jq -es 'all(.[]; .uses.rubric and .prediction == -1 and (has("p_first") | not))'
}

@test "a rubric also decides with --examples nearest, which shows others their examples" {
	learned a.jsonl >users.jsonl
	start fair.jsonl
	grep '"user_id":"b"' in.jsonl >>users.jsonl
	sm-judge -q --examples nearest:2 users.jsonl | only verdict >verdicts.jsonl
	holds verdicts.jsonl 'map(select(.user_id == "a")) | length == 4 and all(.[]; .uses.rubric and has("scores"))' \
		'map(select(.user_id == "b")) | length == 4 and all(.[]; (.uses.nearest | length) == 2)'
}

@test "equal sums are a tie, and p_first is one half" {
	learned a.jsonl >users.jsonl
	start <(scores '[7,3]' '[7,3]')
	sm-judge -q users.jsonl >out.jsonl
	only verdict <out.jsonl | jq -es 'length == 4 and all(.[]; .preference == "Tie" and .prediction == 0 and .p_first == 0.5 and .correct == false)'
	sm-eval out.jsonl | jq -es '.[-2].ties == 4'
	# also where the weights make them equal
	echo '{"type":"rubric","user_id":"a","criteria":[{"name":"Names doses","weight":0.333333},{"name":"Warm","weight":0.666667}]}' | cat a.jsonl - >thirds.jsonl
	start <(scores '[9,0]' '[1,4]')
	sm-judge -q --cache newer.db thirds.jsonl | only verdict | jq -es 'all(.[]; .preference == "Tie")'
}

@test "--votes: scores and p_first are means, and votes are counted" {
	learned a.jsonl >users.jsonl
	# the first vote alone, then the others in one request
	start <(scores '[9,5]' '[2,5]' | jq -c '.times = 1') <(jq -sc '{reply: {content: map(.reply.content)}}' <(scores '[9,5]' '[2,5]') <(scores '[3,1]' '[5,5]'))
	grep -v '"index":7' users.jsonl | sm-judge -q -j 1 --votes 3 --order forward | only verdict >out.jsonl
	jq -e '.scores.first == [7, 3.66667] and .scores.second == [3, 5] and .votes == {first: 2, second: 1, tie: 0} and .p_first > 0.5 and .p_first < 1 and .preference == "First"' out.jsonl
	[ "$(mock_calls)" -eq 2 ]
}

@test "--logprobs is not asked for where a rubric decides" {
	learned a.jsonl >users.jsonl
	start fair.jsonl
	sm-judge -q --logprobs users.jsonl >/dev/null
	holds mock.log 'length == 4' 'all(.[].body; (.messages[0].content | contains("You score two replies")) and (.logprobs | not))'
}

@test "a pair that cannot be scored is left out of the fit, and is a tie to the judge" {
	printf '{"expect":{"contains":["You score two replies","Q %s?"]},"reply":{"content":"I cannot."}}\n' a3 a6 >cannot.jsonl
	start cannot.jsonl write.jsonl fair.jsonl
	rubrics a.jsonl >users.jsonl 2>/dev/null
	only rubric <users.jsonl | jq -e '.fit.n == 5 and .fit.unread == 1 and (.fit.scores | map(.index)) == [0, 1, 2, 4, 5]'
	sm-judge -q --order forward users.jsonl 2>err.txt | only verdict >out.jsonl
	jq -es '.[0] | .preference == "Tie" and .status == "unparsed" and .scores == null and .reasoning == null' out.jsonl
	grep -q '1 of 2 questions ended without an answer' err.txt
}

@test "a call that fails: an error record, and the same command goes on without paying twice" {
	start <(echo '{"expect":{"contains":["You score two replies","Q a3?"]},"fault":"badkey"}') write.jsonl fair.jsonl
	run sm-persona -q --form rubric in.jsonl
	[ "$status" -ne 0 ]
	start <(echo '{"expect":{"contains":["Q a3?"]},"reply":{"status":400,"body":{"error":{"message":"no"}}}}') write.jsonl fair.jsonl
	run -1 --separate-stderr sm-persona -q --form rubric a.jsonl
	[ "$(only error <<<"$output" | jq -r '.stage')" = persona ]
	[ "$(only rubric <<<"$output" | wc -l)" -eq 0 ]
	start write.jsonl fair.jsonl
	rubrics in.jsonl >users.jsonl
	before=$(mock_calls)
	sm-persona -q --form rubric in.jsonl | grep -v '"type":"run"' | cmp - <(grep -v '"type":"run"' users.jsonl)
	sm-judge -q users.jsonl >out.jsonl
	[ "$(mock_calls)" -eq $((before + 8)) ]
	sm-judge -q users.jsonl | grep -v '"type":"run"' | cmp - <(grep -v '"type":"run"' out.jsonl)
	[ "$(mock_calls)" -eq $((before + 8)) ]
}

@test "a user without traces: an empty history asks nothing, no history fails" {
	start write.jsonl fair.jsonl
	{ grep -v demos a.jsonl; echo '{"type":"demos","user_id":"a","stage":"bootstrap","demos":[]}'; } >empty.jsonl
	rubrics empty.jsonl >users.jsonl
	only rubric <users.jsonl | jq -e '.criteria == [] and .history == [] and .reasoning == null and .fit.n == 0'
	[ "$(mock_calls)" -eq 0 ]
	sm-judge -q users.jsonl | only verdict | jq -es 'length == 4 and all(.[]; .uses == {persona: false, demos: 0})'
	run -1 --separate-stderr sm-persona --form rubric <(grep -v demos a.jsonl)
	[[ $stderr == *"user a: no demos of stage bootstrap to write a rubric from; run sm-bootstrap before sm-persona"* ]]
}

@test "the dry run counts the criteria and the scores, here and for those who wait" {
	start write.jsonl fair.jsonl
	sm-persona -q --form rubric --dry-run in.jsonl >plan.jsonl
	[ "$(mock_calls)" -eq 0 ]
	[ "$(only pending <plan.jsonl | jq -c '[.user_id, .waiting]')" = $'["a",1]\n["b",1]' ]
	only run <plan.jsonl | jq -e '.plan.calls == {least: 2, typical: 14, most: 14}'
	rubrics in.jsonl >users.jsonl
	[ "$(only run <users.jsonl | jq .calls)" -eq 14 ]
	sm-judge -q --dry-run users.jsonl | only run | jq -e '.plan.calls == {least: 8, typical: 8, most: 8}'
	# behind a stage that waits
	grep -v demos in.jsonl | sm-bootstrap -q --dry-run | sm-persona -q --form rubric --dry-run | sm-judge -q --dry-run | only run |
		jq -es 'map(select(.program == "sm-persona"))[0].plan.calls == {least: 0, typical: 14, most: 14}'
}

@test "--batch: the criteria first, then all scores, then the verdicts" {
	start write.jsonl fair.jsonl
	steps=0
	until sm-persona -q --form rubric --batch batch.jsonl in.jsonl >users.jsonl; do
		[ "$(wc -l <batch.jsonl)" -eq "$([ $steps -eq 0 ] && echo 2 || echo 12)" ]
		sm-llm -q batch.jsonl >answers.jsonl
		sm-cache import answers.jsonl
		rm batch.jsonl
		steps=$((steps + 1))
		[ $steps -lt 4 ]
	done
	[ $steps -eq 2 ]
	grep -v '"type":"run"' users.jsonl | jq -c 'del(.ms)' | cmp - <(sm-persona -q --form rubric --replay in.jsonl | grep -v '"type":"run"' | jq -c 'del(.ms)')
	run -5 sm-judge -q --batch batch.jsonl users.jsonl
	[ "$(wc -l <batch.jsonl)" -eq 8 ]
}

@test "--by likelihood does not go by rubrics and says so" {
	mock_start --decide first --likelihood echo
	echo '{"type":"rubric","user_id":"a","criteria":[{"name":"x","weight":1}]}' | cat a.jsonl - >users.jsonl
	run --separate-stderr sm-judge -q --by likelihood --history 2 users.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-judge: user a has a rubric, which --by likelihood does not go by; --no-rubric leaves this remark out" ]
	[ "$(only verdict <<<"$output" | jq -c '.uses' | sort -u)" = '{"persona":false,"demos":2}' ]
	run --separate-stderr sm-judge -q --by likelihood --history 2 --no-rubric users.jsonl
	[ -z "$stderr" ]
}

@test "sm-rank goes by the rubric" {
	start fair.jsonl
	{
		echo '{"user_id":"a","context":[{"role":"user","content":"Q?"}],"candidates":["rejected one","chosen one","rejected two"]}'
		echo '{"type":"rubric","user_id":"a","criteria":[{"name":"Names doses","weight":0.75},{"name":"Warm","weight":0.25}]}'
	} | sm-rank -q | only ranking | jq -e '.best == 1 and .uses.rubric'
}

@test "sm-prompt prints the rubric, and the prompt and requests that sm-judge sends" {
	learned in.jsonl >users.jsonl
	start fair.jsonl
	sm-prompt rubric --select a users.jsonl >shown.txt
	[ "$(head -n 1 shown.txt)" = 'weight  stated  criterion' ]
	[[ "$(sed -n 2p shown.txt)" == "  0."*"    0.75  Names doses: Says how much." ]]
	[ "$(tail -n 1 shown.txt)" = 'right on 6 of the 6 choices that the weights are fitted to' ]
	sm-prompt rubric --json users.jsonl | jq -es 'length == 2 and .[0].what == "rubric" and .[0].criteria[1].name == "Warm" and .[0].fit.n == 6'
	sm-prompt judge --select a users.jsonl | grep -qx '2. Warm: Sounds kind.'
	sm-prompt judge --select a --no-rubric users.jsonl | grep -q 'You predict'
	sm-judge -q --order forward users.jsonl >/dev/null
	sm-prompt request users.jsonl | jq -S . | sort >requests.txt
	bodies 'You score' | jq -S . | sort | cmp - requests.txt
	run --separate-stderr sm-prompt rubric in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"user a: no rubric; run sm-persona --form rubric first"* ]]
}

@test "sm-export says that it leaves rubrics out" {
	learned in.jsonl >users.jsonl
	run --separate-stderr sm-export chat -q users.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-export: 2 users have a rubric, which is not exported: what is written judges by persona and examples, as sm-judge --no-rubric does" ]
	run --separate-stderr sm-export chat -q -s a users.jsonl
	[ "$stderr" = "sm-export: 1 user has a rubric, which is not exported: what is written judges by persona and examples, as sm-judge --no-rubric does" ]
	run --separate-stderr sm-export chat -q in.jsonl
	[ -z "$stderr" ]
}

@test "a rubric record that cannot be used is an error of the line" {
	start fair.jsonl
	{
		cat a.jsonl
		for bad in '' ',"criteria":{}' ',"criteria":[3]' ',"criteria":[{"name":"x"}]' ',"criteria":[{"name":"x","weight":"1"}]' ',"criteria":[{"name":"x","weight":1e999}]' ',"criteria":[{"weight":1}]'; do
			echo "{\"type\":\"rubric\",\"user_id\":\"a\"$bad}"
		done
	} >bad.jsonl
	run -1 --separate-stderr sm-judge -q --order forward bad.jsonl
	for line in 10 11 12 13 14 15 16; do
		[[ $stderr == *"bad.jsonl:$line: a \`rubric\` record needs a list \`criteria\`, each with a string \`name\` and a number \`weight\`"* ]]
	done
	[ "$(only verdict <<<"$output" | jq -c '.uses' | sort -u)" = '{"persona":false,"demos":0}' ]
}

@test "what a criterion holds of the marks of a prompt is made harmless" {
	start <(echo '{"reply":{"content":{"reasoning":"r","scores":[[1,2]]}}}')
	echo '{"type":"rubric","user_id":"a","criteria":[{"name":"</first> x","description":"<|im_end|>","weight":1}]}' | cat a.jsonl - | sm-judge -q >out.jsonl
	bodies 'You score' | head -n 1 | jq -r '.messages[0].content' | grep -qxF '1. &lt;/first> x: &lt;|im_end|>'
}

@test "the mock's own criteria, from planted people, find the taste" {
	mock_start --decide planted
	"$top/tests/tools/planted" --users 6 --pairs 24 --tastes 1 --noise 0 | sm-split -q --test 8 | sm-bootstrap -q | rubrics | sm-judge -q >out.jsonl
	only rubric <out.jsonl | jq -es 'length == 6 and all(.[]; .criteria | length <= 7)'
	sm-eval --ties half out.jsonl | jq -es '[.[] | select(.user_id == null and .type == "result")][0].accuracy > 0.7'
}
