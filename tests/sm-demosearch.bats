# sm-demosearch: what it does other than sm-bootstrap, with which it shares the search.
load helper

one() {
	jq -c --arg u "$1" 'select(.user_id == $u)' "$prefs" | sm-split -q
}

systems() {
	jq -r '.body.messages[0].content' "$BATS_TEST_TMPDIR/mock.log" | sort -u
}

@test "the persona of the stream stands in every prompt, the last one counts" {
	mock_start --decide longer
	{
		one warm
		echo '{"type":"persona","user_id":"warm","stage":"persona","persona":"Likes newts.","reasoning":""}'
		echo '{"type":"persona","user_id":"warm","stage":"persona","persona":"Likes owls.","reasoning":""}'
	} | sm-demosearch -q >out.jsonl
	[ "$(grep -c 'Likes owls' "$BATS_TEST_TMPDIR/mock.log")" -eq "$(mock_calls)" ]
	run grep -c 'Likes newts' "$BATS_TEST_TMPDIR/mock.log"
	[ "$output" -eq 0 ]
}

@test "without a persona the examples are chosen for a judge that has none" {
	mock_start --decide longer
	one warm | sm-demosearch -q >out.jsonl
	run grep 'What is known about this user' "$BATS_TEST_TMPDIR/mock.log"
	[ "$status" -eq 1 ]
	jq -es 'map(select(.type == "demos")) | length == 1 and .[0].stage == "demosearch"' out.jsonl
}

@test "no example at all is the first candidate, and says so when it wins" {
	mock_start --decide longer
	one careful | sm-demosearch -q --only >out.jsonl
	holds out.jsonl 'map(select(.type == "score"))[0] | .seed == -3 and .demos == [] and .score == 100' \
		'map(select(.type == "demos"))[0] | .seed == -3 and .won == "zero-shot" and .demos == []' \
		'map(select(.type == "trace")) | all(.[]; .phase == "validate" and .shown == [])'
}

@test "--max-bootstrapped 0 and --max-labeled 0 leave that kind of example out" {
	mock_start --decide longer
	one warm | sm-demosearch -q --only --seeds=-2..2 --stop-at 101 --max-bootstrapped 0 >out.jsonl
	[ "$(jq -r 'select(.type == "score").demos[].kind' out.jsonl | sort -u)" = labeled ]
	one warm | sm-demosearch -q --only --seeds=-2..2 --stop-at 101 --max-labeled 0 >out.jsonl
	[ "$(jq -r 'select(.type == "score").demos[].kind' out.jsonl | sort -u)" = bootstrapped ]
}

@test "a bootstrapped example carries the reasoning of its own trace, a labeled one none" {
	mock_start --decide longer
	one warm | sm-demosearch -q --only --seeds 0..0 --stop-at 101 >out.jsonl
	jq -es '. as $all | map(select(.type == "demos"))[0].demos
		| (map(.kind) | unique) == ["bootstrapped"] or (map(.kind) | index("labeled")) != null
		and all(.[]; if .kind == "labeled" then has("reasoning") | not
			else . as $d | $all | any(.[]; .type == "trace" and .phase == "teach"
				and .index == $d.index and .reasoning == $d.reasoning and .correct) end)' out.jsonl
}

@test "examples of the winner are train pairs as presented, scores are of val pairs" {
	mock_start --decide longer
	one warm >in.jsonl
	sm-demosearch -q --only --seeds 0..3 --stop-at 101 in.jsonl >out.jsonl
	jq -s 'map(select(.split == "train").index)' in.jsonl >train.json
	jq -es --slurpfile train train.json '
		map(select(.type == "demos"))[0].demos | length > 0
		and all(.[]; .index as $i | $train[0] | index($i) != null)' out.jsonl
	jq -es --slurpfile train train.json '
		map(select(.phase == "validate")) | length > 0
		and all(.[]; .index as $i | $train[0] | index($i) == null)' out.jsonl
	# the user's choice is where `flip` put it
	jq -es --slurpfile rows in.jsonl 'map(select(.type == "demos"))[0].demos | all(.[]; . as $d
		| ($rows[] | select(.index == $d.index)) as $row
		| (if $d.preference == "First" then $d.first else $d.second end) == $row.chosen
		and ($d.preference == "First") == $row.flip)' out.jsonl
}

demos() { jq -c 'select(.type == "demos") | '"$1" "$2"; }

@test "the record says what the winner is worth, and whether it can be told from no example at all" {
	mock_start --decide digest
	sm-split -q "$prefs" >in.jsonl
	sm-demosearch --only in.jsonl >out.jsonl 2>err
	# 3 of 3 or 4 of 4 right: chosen for it, so it is not believed
	demos 'select(.score == 100) | .estimate | .method == "crossed" and .level == 0.95 and .accuracy > 50 and .accuracy < 75
		and .low < 45 and .high > 75 and .high < 100' out.jsonl | sort -u | grep -qx true
	demos '.seed as $s | if $s == -3 then has("default") | not else .default | .told == false and .better > 0.5 and .better < 0.95 and .n >= .correct end' out.jsonl | sort -u | grep -qx true
	demos '[.user_id, .default.correct, .default.n]' out.jsonl | sort >said
	jq -sc 'map(select(.type == "score" and .seed == -3)) as $none | map(select(.type == "demos" and .seed != -3))[].user_id as $u
		| $none[] | select(.user_id == $u) | [.user_id, .correct, .n]' out.jsonl | sort >counted
	cmp <(grep -v null said) counted
	tail -n 1 out.jsonl | jq -e '.examples == {told: 0, untold: 3, none: 0}'
	[ "$(cat err)" = "sm-demosearch: examples help 0 of 3 users (at 95%); for 3 they cannot be told from none (--fallback takes none then), and for 0 no set did better than none" ]
	# without that candidate nothing is said; bootstrap has none
	sm-demosearch --only --seeds 0..3 in.jsonl 2>&1 >out.jsonl | wc -c | grep -qx 0
	demos '[has("default"), has("estimate")]' out.jsonl | sort -u | grep -qx '\[false,true\]'
	sm-bootstrap --only in.jsonl 2>&1 >out.jsonl | wc -c | grep -qx 0
	demos '[has("default"), has("estimate")]' out.jsonl | sort -u | grep -qx '\[false,true\]'
	tail -n 1 out.jsonl | jq -e 'has("examples") | not'
	run --separate-stderr sm-bootstrap --fallback in.jsonl
	[ "$status" -eq 2 ]
}

@test "--fallback: no examples where they cannot be told from none, for a few calls more; the judge says so" {
	mock_start --decide digest
	sm-split -q --test 2 "$prefs" >in.jsonl
	sm-demosearch -q in.jsonl >plain.jsonl
	calls=$(tail -n 1 plain.jsonl | jq .calls)
	sm-demosearch --fallback in.jsonl >out.jsonl 2>err
	grep -q 'for 3 they cannot be told from none, which these get, and' err
	tail -n 1 out.jsonl | jq -e --argjson before "$calls" '.calls <= 9 and .hits + .shared >= $before and .won == {"zero-shot": 3, labels: 0, bootstrapped: 0}'
	demos '[.user_id, {seed, score, won}]' plain.jsonl >before.jsonl
	cmp <(demos '[.user_id, .fallback]' out.jsonl) before.jsonl
	holds out.jsonl 'map(select(.type == "demos") | [.seed, .won, .demos, .n, .default.told]) | unique == [[-3, "zero-shot", [], 3, false]]' \
		'# the score is that of the judge without, which was asked all rows
		map(select(.type == "demos") | [.user_id, .score]) == map(select(.type == "score" and .seed == -3) | [.user_id, .score])' \
		'all(.[] | select(.type == "demos"); .score != null)'
	uses() { grep '^{"type":"verdict"' | grep -o '"uses":{[^}]*}' | sort -u; }
	[ "$(sm-judge -q --only out.jsonl | uses)" = '"uses":{"persona":false,"demos":0,"fallback":true}' ]
	[ "$(sm-judge -q --only --no-demos out.jsonl | uses)" = '"uses":{"persona":false,"demos":0}' ]
	sm-judge -q --only plain.jsonl | uses | grep '"demos":' >with.txt
	! grep '"demos":0' with.txt || false
	# it is the default judge, to the byte
	grep '^{"type":"pair"' in.jsonl | sm-judge -q --only | tail -n 1 | grep '"calls":0,'
	# a budget that does not allow to finish it: the same without more calls
	sm-demosearch -q --no-cache --budget 31 in.jsonl >plain.jsonl
	sm-demosearch -q --no-cache --budget 31 --fallback in.jsonl >out.jsonl
	tail -n 1 out.jsonl | jq -e '.calls <= 93'
	demos '[.won, (.n <= 3)]' out.jsonl | sort -u | grep -qx '\["zero-shot",true\]'
	for way in --speculate "--verify both" "--tie-break consistent" "--certainty 1"; do
		# shellcheck disable=SC2086 # words
		sm-demosearch -q --only --fallback $way in.jsonl >out.jsonl
		demos '[has("fallback"), .won]' out.jsonl | sort -u | grep -q '\[true,"zero-shot"\]'
	done
}

# taste USER: 8 train pairs, where the chosen reply of pair I has the word kI and the rejected one nI, and 4 val pairs that
# are told by who knows the train pair 1, 3, 4 or 6: to the mock words of earlier replies are likelier. A test pair is about 3.
taste() {
	jq -nc --arg u "$1" '
		range(13) | (if . < 8 then . else [1, 3, 4, 6, 3][. - 8] end) as $about
		| {type: "pair", user_id: $u, index: ., split: (if . < 8 then "train" elif . < 12 then "val" else "test" end),
			flip: (. % 2 == 0), context: [{role: "user", content: "Question \(.) of \($u)"}],
			chosen: {role: "assistant", content: "Well k\($about)"},
			rejected: {role: "assistant", content: "Well n\($about)"}}'
}

by_likelihood() {
	sm-demosearch -q --only --by likelihood --stop-at 101 --max-labeled 3 "$@"
}

# All but the run, and how long it took.
found() {
	jq -c 'select(.type != "run") | del(.ms)' "$1"
}

@test "--by likelihood: the sets are those of the search with labels alone, scored by what they know" {
	taste u >in.jsonl
	mock_start --decide longer
	sm-demosearch -q --only --speculate --stop-at 101 --max-labeled 3 --max-bootstrapped 0 in.jsonl |
		jq -c 'select(.type == "score") | [.seed, .demos]' >sets
	for way in echo chat forced; do
		mock_start --likelihood $way
		by_likelihood --speculate in.jsonl >$way.jsonl
		jq -es --arg way $way --slurpfile sets sets --slurpfile echo echo.jsonl 'map(select(.type == "score") | [.seed, .demos]) == $sets
			and map(.rewards) == ($echo | map(.rewards)) and .[-1].likelihood == $way' $way.jsonl
	done
	jq -es 'map(select(.type == "score")) as $scores | ($scores | map(.score) | max) as $most
		| ($scores | length == 13 and all(.[]; .n == 4 and .score == 25 * .correct
			and .correct == (.demos | map(select(.index == (1, 3, 4, 6))) | length)))
		and (map(select(.type == "demos"))[0] | .score == $most and .n == 4 and .won == "labels"
			and .seed == ($scores | map(select(.score == $most))[0].seed)
			and .tied == ($scores | map(select(.score == $most)) | length)
			and (.demos | length == 3 and all(.[]; .kind == "labeled" and (has("reasoning") | not))))' echo.jsonl
}

@test "--by likelihood: a trace has both rewards, and is right where the chosen reply's is the greater one" {
	taste u >in.jsonl
	mock_start --likelihood echo
	by_likelihood --speculate in.jsonl >out.jsonl
	jq -es 'map(select(.type == "trace")) | length == 13 * 4 and all(.[];
		([1, 3, 4, 6][.index - 8] as $about | .shown | any(.[]; . == $about)) as $known
		| .stage == "demosearch" and .phase == "validate" and .by == "likelihood" and .status == "ok"
		and (has("reasoning") or has("swapped") | not) and .tokens.out == if .shown == [] then 2 else 4 end
		and .label == (if .index % 2 == 0 then "First" else "Second" end) and .correct == $known
		and .preference == (if $known then .label else "Tie" end)
		and .rewards == (if .shown == [] then {chosen: -4, rejected: -4}
			elif $known then {chosen: 1, rejected: -1} else {chosen: 0, rejected: 0} end)
		and .reply_tokens == {chosen: 2, rejected: 2})' out.jsonl
	sed 's/"flip":true/"flip":X/; s/"flip":false/"flip":true/; s/X/false/' in.jsonl >flipped.jsonl
	by_likelihood --speculate flipped.jsonl >swapped.jsonl
	cmp <(jq -c '[.rewards, .correct, .score]' out.jsonl) <(jq -c '[.rewards, .correct, .score]' swapped.jsonl)
	[ "$(jq -c 'select(.type == "run") | [.calls, .shared]' swapped.jsonl)" = "[0,0]" ]
}

@test "--by likelihood: pruning, --speculate and --certainty find the same, and what is not asked could not have won" {
	taste u >in.jsonl
	mock_start --likelihood echo
	by_likelihood --speculate in.jsonl >all.jsonl
	for how in 1 0.9 0.5; do
		by_likelihood --no-cache --certainty $how in.jsonl >some.jsonl
		jq -es --slurpfile all all.jsonl '
			def found: map(select(.type == "demos") | del(.tied, .estimate, .default));
			(map(select(.type == "demos"))[0].score) as $won
			| found == ($all | found) and (map(select(.pruned)) | length > 0 and all(.[]; .pruned.reason == "bound" and .pruned.bound <= $won))
			and .[-1].type == "run" and .[-1].calls < $all[-1].calls' some.jsonl || { echo "$how"; false; }
	done
	by_likelihood --stop-at 25 in.jsonl >out.jsonl
	jq -es 'map(select(.type == "demos"))[0].seed as $won
		| map(select(.type == "score" and .seed > $won)) | all(.[]; .pruned.reason == "stop")' out.jsonl
}

@test "--by likelihood: the persona speaks for one side, and alone where nothing else is known" {
	persona='{"type":"persona","user_id":"u","stage":"persona","persona":"Keeps k1 and k3 and k4 and k6 and more.","reasoning":""}'
	{ taste u; echo "$persona"; } >in.jsonl
	mock_start --likelihood chat
	by_likelihood in.jsonl >out.jsonl
	holds out.jsonl 'map(select(.type == "demos"))[0] | .seed == -3 and .won == "zero-shot" and .score == 100' \
		'map(select(.type == "trace")) | length == 4 and all(.[]; .rewards == {chosen: 0.5, rejected: 0})'
	jq -es 'map(select(.path == "/v1/chat/completions").body.messages | select(.[0].content | contains("grass") | not) | map(.role) | join(" "))
		| group_by(.) | map([.[0], length]) == [["system user assistant", 8], ["user assistant", 8]]' "$BATS_TEST_TMPDIR/mock.log"
	taste u | by_likelihood --seeds=-3..-3 >out.jsonl
	jq -es 'map(select(.type == "demos"))[0].score == 0' out.jsonl
}

@test "--by likelihood: --contrast and --per-token make the rewards that they make of sm-judge's" {
	taste u >in.jsonl
	sed -n 's/"split":"val"/"split":"test"/p' in.jsonl >validation.jsonl
	for way in echo chat forced; do
		mock_start --likelihood $way
		export SM_CACHE=$BATS_TEST_TMPDIR/$way.db
		for options in "" "--per-token" "--contrast nothing" "--contrast off" "--contrast off --per-token"; do
			# shellcheck disable=SC2086 # words
			by_likelihood $options --seeds=2..2 in.jsonl >out.jsonl
			# the same examples, and the validation pairs as those to judge
			{ grep '"type":"demos"' out.jsonl; cat validation.jsonl; } >as-judged.jsonl
			# shellcheck disable=SC2086 # words
			sm-judge -q --only --by likelihood $options as-judged.jsonl >judged.jsonl
			jq -es --arg options "$options" --slurpfile judged judged.jsonl '
				map(select(.type == "trace") | [.index, .rewards, .correct]) as $traces
				| ($traces | length > 0) and $traces == ($judged | map(select(.type == "verdict") | [.index, .rewards, .correct]))
				and (map(select(.type == "demos"))[0] | .by == "likelihood" and .model == "mock" and .uses == {persona: false, demos: (.demos | length)}
					and .per_token == ($options | contains("per-token"))
					and .contrast == ($options | capture("--contrast (?<c>[a-z]+)").c // "rejected"))' out.jsonl ||
				{ echo "$way $options"; false; }
		done
	done
	# without a contrast a reply takes one evaluation
	by_likelihood --no-cache --contrast off --seeds=2..2 in.jsonl | jq -es 'map(select(.type == "run"))[0] | .calls + .shared == 8'
	run by_likelihood --history 3 in.jsonl
	[ "$status" -eq 2 ]
	run sm-bootstrap --contrast off in.jsonl
	[ "$status" -eq 2 ]
}

@test "--by likelihood: sm-judge, sm-rank, sm-export and sm-prompt read what was found" {
	taste u >in.jsonl
	mock_start --likelihood echo --decide first
	sm-demosearch -q --by likelihood in.jsonl >users.jsonl
	n=$(jq 'select(.type == "demos").demos | length' users.jsonl)
	sm-judge -q --only --by likelihood users.jsonl >judged.jsonl
	jq -es --argjson n "$n" 'map(select(.type == "verdict")) | length == 1
		and all(.[]; .correct and .uses == {persona: false, demos: $n} and .rewards == {chosen: 1, rejected: -1})' judged.jsonl
	sm-judge -q --only --order forward users.jsonl | jq -es --argjson n "$n" '.[0].uses.demos == $n'
	echo '{"user_id":"u","context":[{"role":"user","content":"Hm?"}],"candidates":["a","b"]}' |
		sm-rank -q --only -m users.jsonl | jq -es --argjson n "$n" '.[0] | .type == "ranking" and .uses.demos == $n'
	sm-prompt demos users.jsonl | grep -q 'Well k3'
	sm-export -q chat users.jsonl | jq -es --argjson n "$n" '.[0].messages | map(select(.role == "assistant")) | length == $n'
}

@test "--by likelihood: one evaluation that fails is an error of its user, and of no other" {
	{ taste u; taste v; } >in.jsonl
	for lost in 'Question 9 of u' 'Well n3'; do
		jq -nc --arg lost "$lost" '{expect: {contains: ["Question 9 of u", $lost]}, reply: {status: 400, body: {error: {message: "no"}}}}' >script.jsonl
		mock_start --likelihood echo --script script.jsonl
		run --separate-stderr sm-demosearch -q --only --by likelihood --no-cache in.jsonl
		[ "$status" -eq 1 ]
		[[ $stderr == *"user u: "*"no"* ]]
		holds - 'map(select(.user_id == "u") | [.type, .stage, .tried]) == [["error", "demosearch", 1]]' \
			'map(select(.type == "demos").user_id) == ["v"]' <<<"$output"
	done
	mock_start --likelihood echo
	jq -c 'if .index == 11 then .rejected.content = "" else . end' <(taste u) >in.jsonl
	run --separate-stderr sm-demosearch -q --only --by likelihood in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"user u: pair 11: an empty reply; leave it out"* ]]
}

@test "--by likelihood: a dry run counts evaluations, a replay and a second try find the same" {
	{ taste u; taste v; } >in.jsonl
	mock_start --likelihood echo
	run --separate-stderr sm-demosearch --only --by likelihood --stop-at 101 --max-labeled 3 --dry-run in.jsonl
	[ "$status" -eq 0 ]
	# 4 pairs, 2 replies; 1 side where nothing is known, which is one set of 13, else 2
	[[ $stderr == *"would make about "*" calls (16 to $((2 * (8 + 12 * 16))))"* ]]
	[ "$(mock_calls)" -eq 0 ]
	# with a persona to come there may be 2 sides in all sets
	sm-bootstrap -q --dry-run in.jsonl | sm-persona -q --dry-run | by_likelihood --dry-run >dry.jsonl
	jq -es 'map(select(.plan))[-1].plan.calls | .least == 16 and .typical > 16 and .typical < .most and .most == '$((2 * 13 * 16))'' dry.jsonl
	by_likelihood --dry-run --speculate in.jsonl >dry.jsonl
	jq -es 'map(select(.type == "run"))[0].plan | .exact and .calls.most == 400' dry.jsonl
	by_likelihood --speculate in.jsonl >all.jsonl
	[ "$(jq 'select(.type == "run") | .calls + .shared' all.jsonl)" -eq 400 ]
	by_likelihood --dry-run --speculate in.jsonl >dry.jsonl
	cmp <(found all.jsonl) <(found dry.jsonl)
	by_likelihood --replay --speculate in.jsonl >again.jsonl
	cmp <(grep -v '"type":"run"' all.jsonl) <(grep -v '"type":"run"' again.jsonl)
	export SM_CACHE=$BATS_TEST_TMPDIR/other.db
	run by_likelihood --speculate --max-calls 150 in.jsonl
	[ "$status" -eq 6 ]
	by_likelihood --speculate in.jsonl >again.jsonl
	cmp <(found all.jsonl) <(found again.jsonl)
	[ "$(jq 'select(.type == "run").hits' again.jsonl)" -ge 150 ]
}

@test "--by likelihood: --budget counts evaluations and is never exceeded" {
	taste u >in.jsonl
	mock_start --likelihood echo
	for budget in 8 16 24 40 100; do
		for way in "" --speculate; do
			by_likelihood --no-cache --budget "$budget" $way in.jsonl >out.jsonl
			holds out.jsonl "map(select(.type == \"run\"))[0] | .calls + .shared <= $budget" \
				'map(select(.type == "demos"))[0] as $won | map(select(.type == "score"))
					| any(.[]; .seed == $won.seed and .n == 4 and .score == $won.score) and any(.[]; .pruned.reason == "budget")'
		done
	done
	run --separate-stderr by_likelihood --budget 7 in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"a budget of 7 calls: the smallest set of examples may take 8; give a larger --budget"* ]]
	run --separate-stderr by_likelihood --budget 15 --seeds 0..3 in.jsonl
	[[ $stderr == *"a budget of 15 calls: the smallest set of examples may take 16; give a larger --budget"* ]]
}

@test "--by likelihood: of equals the first set wins, or the one with the shortest histories" {
	taste u | jq -c 'if .split == "train" and (.index | IN(6, 7)) then .context[0].content += " in other words" else . end' >in.jsonl
	mock_start --likelihood echo
	by_likelihood --speculate --seeds=-2..5 in.jsonl >all.jsonl
	for rule in first consistent shortest; do
		by_likelihood --tie-break $rule --seeds=-2..5 in.jsonl >out.jsonl
		jq -es --arg rule $rule --slurpfile all all.jsonl '
			def length_of: map(select(.index | IN(6, 7))) | length;
			($all | map(select(.type == "score")) | map(.score) | max) as $most
			| ($all | map(select(.score == $most and .type == "score"))) as $tied
			| map(select(.type == "demos"))[0].seed
				== (if $rule == "shortest" then $tied | min_by(.demos | length_of) else $tied[0] end).seed
			and ($tied | map(.demos | length_of) | unique | length) > 1' out.jsonl
	done
}

@test "--by likelihood: what has no meaning there is an error of the command line, an endpoint that cannot tell ends it" {
	taste u >in.jsonl
	mock_start --likelihood silent
	run --separate-stderr by_likelihood --verify both in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"there is no other order of the replies to verify; leave out --verify both"* ]]
	run --separate-stderr by_likelihood --batch b.jsonl in.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"leave out --batch"* ]]
	run by_likelihood --logprobs in.jsonl
	[ "$status" -eq 2 ]
	run sm-bootstrap --by likelihood in.jsonl
	[ "$status" -eq 2 ]
	[ "$(mock_calls)" -eq 0 ]
	run --separate-stderr by_likelihood in.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"--by verdict"* ]]
}

@test "--by likelihood: --fallback keeps examples that are told from none, and gives the others none" {
	{ taste few | jq -c 'select(.index < 10 or .index == 12)'; taste many | jq -c 'select(.split != "val")'
		jq -nc 'range(24) | {type: "pair", user_id: "many", index: (100 + .), split: "val", flip: (. % 2 == 0), context: [{role: "user", content: "More \(.)"}],
			chosen: {role: "assistant", content: "Well k\(. % 8)"}, rejected: {role: "assistant", content: "Well n\(. % 8)"}}'
	} >in.jsonl
	mock_start --likelihood echo
	sm-demosearch --by likelihood --stop-at 101 --max-labeled 8 --fallback in.jsonl >out.jsonl 2>err
	grep -q 'examples help 1 of 2 users (at 95%); for 1 they cannot be told from none, which these get, and for 0 ' err
	[ "$(jq -c 'select(.type == "demos") | [.user_id, .won, .default.told, has("fallback"), (.demos | length), .uses]' out.jsonl)" = \
'["few","zero-shot",false,true,0,{"persona":false,"demos":0}]
["many","labels",true,false,8,{"persona":false,"demos":8}]' ]
	[ "$(sm-judge -q --only --by likelihood out.jsonl | jq -c 'select(.type == "verdict" and .order == "forward") | [.user_id, .uses]')" = \
'["few",{"persona":false,"demos":0,"fallback":true}]
["many",{"persona":false,"demos":8}]' ]
	[ "$(sm-judge -q --only --by likelihood --history 2 out.jsonl | jq -c 'select(.type == "verdict").uses' | sort -u)" = '{"persona":false,"demos":2}' ]
}
