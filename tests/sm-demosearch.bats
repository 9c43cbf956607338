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
	jq -es 'map(select(.type == "score"))[0] | .seed == -3 and .demos == [] and .score == 100' out.jsonl
	jq -es 'map(select(.type == "demos"))[0] | .seed == -3 and .won == "zero-shot" and .demos == []' out.jsonl
	jq -es 'map(select(.type == "trace")) | all(.[]; .phase == "validate" and .shown == [])' out.jsonl
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
