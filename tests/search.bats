# The search that sm-bootstrap and sm-demosearch share: what it asks, and what its choices are.
load helper

# many SALT: 40 pairs of one user, split, for the golden judge of that salt.
many() {
	rm -f "$SM_CACHE"* # another mock may get the port of an earlier one
	mock_start --decide golden --salt "$1"
	for i in $(seq 0 39); do
		printf '{"user_id":"u","context":[{"role":"user","content":"Prompt %d"}],"chosen":"Reply ⟦g%d⟧","rejected":"Reply ⟦b%d⟧"}\n' "$i" "$i" "$i"
	done | sm-split -q >in.jsonl
}

calls() {
	jq 'select(.type == "run" and .calls).calls' "$1"
}

winner() {
	jq -c 'select(.type == "demos") | [.seed, .score, .demos]' "$1"
}

@test "less certainty asks more, and finds the same" {
	for salt in s0 s2; do
		many "$salt"
		sm-bootstrap -q --no-cache --certainty 1 in.jsonl >one.jsonl
		sm-bootstrap -q --no-cache in.jsonl >default.jsonl
		sm-bootstrap -q --no-cache --certainty 0.5 in.jsonl >half.jsonl
		sm-bootstrap -q --no-cache --speculate in.jsonl >all.jsonl
		cat one.jsonl default.jsonl half.jsonl all.jsonl | holds - '[.[] | select(.type == "run" and .calls).calls]
			| length == 4 and .[0] <= .[1] and .[1] <= .[2] and .[2] < .[3]' \
			'[.[] | select(.type == "demos") | [.seed, .score, .demos]] | length == 4 and (unique | length) == 1'
	done
}

@test "where answers take long more is asked at once; the store keeps how long they took" {
	many s0
	sm-bootstrap -q --only in.jsonl >quick.jsonl
	many s0 # with an empty store
	mock_start --decide golden --salt s0 --latency 300
	sm-bootstrap -q --only in.jsonl >slow.jsonl
	[ "$(calls slow.jsonl)" -gt "$(calls quick.jsonl)" ]
	[ "$(winner slow.jsonl)" = "$(winner quick.jsonl)" ]
	sm-bootstrap -q --only --no-cache --certainty 0.9 in.jsonl >sure.jsonl
	sm-bootstrap -q --only --replay in.jsonl >again.jsonl
	[ "$(grep -v '"type":"run"' again.jsonl)" = "$(grep -v '"type":"run"' slow.jsonl)" ]
	holds slow.jsonl '.[-1].options | has("certainty") | not'
	holds sure.jsonl '.[-1].options.certainty == 0.9'
}

@test "what an endpoint refuses costs the whole pipe one call; with --speculate each of the first ones" {
	refused() { curl -s "${SM_BASE_URL%/v1}/stats" | jq '.by_status["400"] // 0'; }
	for way in "" --speculate; do
		many s0
		mock_start --decide golden --salt s0 --latency 20 --fault refuse=temperature
		sm-bootstrap -q -j 16 $way in.jsonl | sm-demosearch -q -j 16 $way >out.jsonl
		holds out.jsonl '[.[] | select(.type == "run" and .refused).refused] == [["temperature"], ["temperature"]]' \
			'[.[] | select(.type == "run" and .calls).failed] == [0, 0]'
		if [ -z "$way" ]; then [ "$(refused)" -eq 1 ]; else [ "$(refused)" -gt 1 ]; fi
	done
}

@test "--speculate asks every row of every set" {
	many s0
	sm-bootstrap -q --speculate --only in.jsonl >out.jsonl
	# 28 train and 12 val rows, seeds -2 .. 9, the first of which is not taught
	holds out.jsonl 'map(select(.type == "trace")) | length == 12 * 12 + 11 * 28' 'map(select(.type == "score")) | all(.[]; .n == 12)'
}

@test "what is not asked could not have won" {
	many s1
	sm-bootstrap -q --no-cache --only in.jsonl >default.jsonl
	sm-bootstrap -q --no-cache --only --speculate in.jsonl >all.jsonl
	jq -s 'map(select(.type == "score")) | map({(.seed | tostring): .}) | add' all.jsonl >scores.json
	jq -es --slurpfile all scores.json '(map(select(.type == "demos"))[0].score) as $won
		| map(select(.pruned.reason == "bound")) | length > 0 and all(.[];
			.pruned.best == $won
			and .pruned.bound >= (100 * $all[0][.seed | tostring].correct / 12 | . * 100 | round / 100))' default.jsonl
}

@test "--budget is never exceeded, the winner is finished, what was not tried is said" {
	many s2
	for budget in 12 20 45 60 100; do
		for way in "" --speculate; do
			sm-bootstrap -q --no-cache --only --stop-at 101 --budget "$budget" $way in.jsonl >out.jsonl
			holds out.jsonl ".[-1].calls <= $budget" '(map(select(.type == "demos"))[0]) as $won | map(select(.type == "score"))
				| any(.[]; .seed == $won.seed and .n == 12 and .score == $won.score)
				and any(.[]; .pruned.reason == "budget" and .pruned.bound >= $won.score)'
		done
	done
	run --separate-stderr sm-bootstrap -q --only --budget 11 in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"a budget of 11 calls: the smallest set of examples may take 12; give a larger --budget"* ]]
}

@test "every small --budget ends with a winner or with what the smallest set would take" {
	many s0
	head -n 7 in.jsonl >few.jsonl
	tail -n 2 in.jsonl >>few.jsonl
	for how in "" --speculate "--verify both --tie-break consistent" "--speculate --verify both --tie-break shortest"; do
		for budget in 1 2 3 4 5 6 7 8 9 10 13 17 22 30; do
			status=0
			# shellcheck disable=SC2086 # words
			sm-bootstrap -q --only --stop-at 101 --budget "$budget" $how few.jsonl >out.jsonl 2>err || status=$?
			tail -n 1 out.jsonl >>runs
			if [ "$status" -eq 0 ]; then
				[ "$(grep -c '"type":"demos"' out.jsonl)" -eq 1 ]
			else
				[ "$status" -eq 1 ]
				grep -q "a budget of $budget calls: the smallest set of examples may take " err
				[[ $(grep '"type":"error"' out.jsonl) == *'"remedy":"give a larger --budget"'* ]]
			fi
		done
	done
	holds runs 'length == 56' 'map(.options.budget) | unique | length == 14' 'map(select(.calls + .hits > .options.budget) | .options) == []'
}

@test "a budget that is large enough changes nothing, the smallest finds no better score" {
	many s2
	sm-bootstrap -q --only --stop-at 101 in.jsonl >best.jsonl
	sm-bootstrap -q --only --stop-at 101 --budget 2000 in.jsonl >out.jsonl
	[ "$(winner best.jsonl)" = "$(winner out.jsonl)" ]
	sm-bootstrap -q --only --stop-at 101 --budget 12 in.jsonl >small.jsonl
	cat small.jsonl best.jsonl | holds - '[.[] | select(.type == "demos").score | floor] | length == 2 and .[0] <= .[1]'
}

@test "--verify both: a judge that always takes the first reply teaches nothing" {
	mock_start --decide first
	sm-split -q "$prefs" >in.jsonl
	sm-bootstrap -q --only --stop-at 101 in.jsonl >one.jsonl
	sm-bootstrap -q --only --stop-at 101 --verify both in.jsonl >both.jsonl
	jq -es 'map(select(.type == "trace")) | any(.[]; .correct)' one.jsonl
	holds both.jsonl 'map(select(.type == "trace")) | length > 0 and all(.[]; .correct | not)' \
		'map(select(.type == "demos")) | all(.[]; .score == 0 and .won == "labels")'
}

@test "--verify both: what counts is right in both orders, and the second is asked where the first is right" {
	mock_start --decide digest
	sm-split -q "$prefs" >in.jsonl
	sm-bootstrap -q --only --stop-at 101 --verify both in.jsonl >out.jsonl
	holds out.jsonl 'map(select(.type == "trace")) | length > 0
		and any(.[]; .correct) and any(.[]; has("swapped") and (.correct | not))
		and all(.[]; (.preference == .label) == has("swapped"))
		and all(.[]; .correct == (.preference == .label and has("swapped") and .swapped != .label and .swapped != "Tie"))' \
		'map(select(.type == "trace")) as $t | map(select(.type == "run" and .calls))[0].calls
		+ map(select(.type == "run" and .calls))[0].hits + map(select(.type == "run" and .calls))[0].shared
		== ($t | map(if has("swapped") then 2 else 1 end) | add)'
}

@test "--verify both shows the other order to the model, the examples as they were" {
	mock_start --decide longer
	sm-split -q "$prefs" >in.jsonl
	sm-demosearch -q --only --seeds=-3..-3 --verify both --speculate in.jsonl >out.jsonl
	# each validation row was asked twice, and never in the same order
	jq -es --argjson rows "$(jq -s 'map(select(.split == "val")) | length' in.jsonl)" \
		'map(.body.messages[-1].content) | length == 2 * $rows and length == (unique | length)' mock.log
	jq -es 'map(.body.messages[-1].content | [(. / "<first>" | .[1] / "</first>" | .[0]),
			(. / "<second>" | .[1] / "</second>" | .[0])]) as $shown
		| all($shown[]; . as $s | $shown | index([$s | reverse]))' mock.log
}

@test "--tie-break shortest takes the shortest prompt of those with the greatest score" {
	many s1
	sm-bootstrap -q --only --stop-at 101 in.jsonl >first.jsonl
	sm-bootstrap -q --only --stop-at 101 --tie-break shortest in.jsonl >short.jsonl
	cat first.jsonl short.jsonl | holds - 'map(select(.type == "demos").score) | length == 2 and .[0] == .[1]'
	# all that share it are finished, and none of them has fewer tokens in a validation prompt
	jq -es '(map(select(.type == "demos"))[0]) as $won
		| (map(select(.type == "score" and .score == $won.score).seed)) as $tied
		| ($tied | length) == $won.tied and $won.tied > 1
		and (map(select(.phase == "validate")) | map(select(.seed as $s | $tied | index($s))) | group_by(.seed)
			| map({seed: .[0].seed, in: (map(.tokens.in) | add)}) | min_by(.in).seed) == $won.seed' short.jsonl
}

@test "--tie-break consistent takes the one whose answers depend least on the order" {
	mock_start --decide digest --salt c
	sm-split -q "$prefs" >in.jsonl
	sm-bootstrap -q --only --stop-at 101 --tie-break consistent in.jsonl >out.jsonl
	jq -es 'group_by(.user_id) | map(select(.[0].user_id) | (map(select(.type == "demos"))[0]) as $won
		| map(select(.type == "score" and .score == $won.score)) as $tied
		| ($tied | length) == $won.tied
		and ($won.tied == 1 or (all($tied[]; has("consistent"))
			and ($tied | max_by(.consistent).consistent) == ($tied | map(select(.seed == $won.seed))[0].consistent))))
		| all' out.jsonl
	# a tie that the order alone would have decided otherwise is among them
	sm-bootstrap -q --only --stop-at 101 in.jsonl >first.jsonl
	[ "$(winner out.jsonl)" != "$(winner first.jsonl)" ]
}

@test "the winner's score has its interval, and the run says which kind of set won how often" {
	mock_start --decide longer
	sm-split -q "$prefs" | sm-demosearch -q --only >out.jsonl
	# of 4 right of 4: Wilson's interval begins at 4 / (4 + 1.96^2)
	holds out.jsonl 'map(select(.type == "demos" and .score == 100 and .n == 4))[0].ci
		| .method == "wilson" and .level == 0.95 and .low == 51.01 and .high == 100' \
		'(map(select(.type == "demos").won) | group_by(.) | map({(.[0]): length}) | add) as $won
		| map(select(.type == "run" and .program == "sm-demosearch"))[0].won
		== {"zero-shot": ($won["zero-shot"] // 0), labels: ($won.labels // 0), bootstrapped: ($won.bootstrapped // 0)}'
}

@test "a dry run counts what --verify both may ask, and no more than the budget" {
	mock_start --decide longer
	sm-split -q "$prefs" >in.jsonl
	sm-bootstrap --dry-run -q in.jsonl | tail -n 1 | jq .plan.calls.most >once
	sm-bootstrap --dry-run -q --verify both in.jsonl | tail -n 1 | jq .plan.calls.most >twice
	[ "$(<twice)" -gt $(($(<once) * 3 / 2)) ]
	[ "$(sm-bootstrap --dry-run -q --budget 30 in.jsonl | tail -n 1 | jq .plan.calls.most)" -le 90 ]
	[ "$(mock_calls)" -eq 0 ]
}

@test "what a dry run expects is about what a judge takes that is right three times in four" {
	jq -nc 'range(20) as $u | range(12) as $i | (if ($i * 7 + $u * 5) % 4 == 0 then -1 else 1 end) as $more
		| {user_id: "u\($u)", context: [{role: "user", content: "Question \($u * 12 + $i)?"}],
		chosen: ("a" * (9 + $more)), rejected: ("b" * 9)}' | sm-split -q >people.jsonl
	mock_start --decide longer
	sm-demosearch -q --dry-run people.jsonl | tail -n 1 | jq .plan.calls.typical >typical
	sm-demosearch -q --certainty 0.5 people.jsonl | tail -n 1 | jq .calls >calls
	sm-demosearch -q --dry-run --cache other.db people.jsonl | tail -n 1 | jq .plan.calls.typical | cmp typical
	awk 'NR == FNR {t = $1; next} {r = t / $1; print t, $1; exit !(r > 0.33 && r < 3)}' typical calls
}
