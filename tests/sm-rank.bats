load helper

# An object to rank: candidates USER REPLY ..., plain words, of which the mock likes the longest.
candidates() {
	local list
	printf -v list ',"%s"' "${@:2}"
	echo "{\"user_id\":\"$1\",\"context\":[{\"role\":\"user\",\"content\":\"Which?\"}],\"candidates\":[${list:1}]}"
}

# Replies of the lengths 1 to N, in an order that SEED shuffles.
shuffled() { # USER N SEED
	local reply='' replies=() noise i
	for ((i = 0; i < $2; i++)); do reply+=x replies+=("$reply"); done
	printf -v noise "$3\n%.0s" {1..200}
	mapfile -t replies < <(shuf --random-source=/dev/stdin -e "${replies[@]}" <<<"$noise")
	candidates "$1" "${replies[@]}"
}

rankings() { jq -c 'select(.type == "ranking") | '"$1" "${2:-out.jsonl}"; }

# Without what differs between a run that pays and one that does not.
records() { grep -v '^{"type":"run"' "$1"; }

# Nor what differs between two that pay.
timeless() { records "$1" | sed 's/,"ms":[0-9.]*//'; }

@test "the best of several, behind the user's lines, which are copied byte for byte" {
	mock_start --decide longer
	{
		echo '{"x": 1,  "type":"foo","user_id":"a","candidates":"of something else"}'
		candidates a one three two | sed 's/,/ ,  /'
		echo '{"type":"note","user_id":null}'
		candidates b aaa b
	} >in.jsonl
	sm-rank -q in.jsonl >out.jsonl
	[ "$(jq -r '.type // "input"' out.jsonl | paste -sd ' ')" = "foo input ranking note input ranking run" ]
	cmp in.jsonl <(grep -vE '^\{"type":"(ranking|run)"' out.jsonl)
	[ "$(rankings '[.user_id, .stage, .index, .mode, .n, .best, .reply, .ties, .duplicates, .calls, .model]')" = \
'["a","rank",0,"best",3,1,"three",0,[],2,"mock"]
["b","rank",0,"best",2,0,"aaa",0,[],1,"mock"]' ]
	[ "$(mock_calls)" -eq 3 ]
	[ "$(rankings '[has("order", "scores", "cycles")] | any')" = "false
false" ]
	sm-rank -q --only in.jsonl | jq -r .type | paste -sd ' ' | grep -qx 'ranking ranking run'
	tail -n 1 out.jsonl | jq -e '.rankings == 2 and .comparisons == 3 and .ties == 0 and .users == 2 and .complete'
}

@test "replies may be turns, lists of turns or strings; several objects of a user are counted" {
	mock_start --decide longer
	jq -nc '{user_id: 7, index: 3, type: "candidates", context: [], candidates: ["no",
		{role: "assistant", content: "maybe", id: 1}, [{role: "assistant", content: "wait"}, {role: "assistant", content: "yes"}]]}' >in.jsonl
	candidates 7 a bb >>in.jsonl
	sm-rank -q --order in.jsonl >out.jsonl
	[ "$(rankings '[.user_id, .index, .order, .reply]')" = \
'["7",3,[2,1,0],[{"content":"wait","role":"assistant"},{"content":"yes","role":"assistant"}]]
["7",1,[1,0],"bb"]' ]
}

@test "each mode finds the order there is, with the calls that the manual says" {
	mock_start --decide longer
	for n in 2 3 5 8 13 21; do
		for seed in 1 2 3; do shuffled "$n-$seed" "$n" "$seed"; done
	done | jq -c '.context[0].content += .user_id' >in.jsonl # nobody's calls are another's
	for mode in best both order full; do
		sm-rank -q --cache "$mode.db" "--$mode" in.jsonl >out.jsonl
		jq -es --arg mode "$mode" '.[-1] as $run | [.[:-1] | range(0; length; 2) as $i | .[$i:$i + 2]] | length == 18
			and $run.calls == (map(.[1].calls) | add) and all(.[]; . as [$in, $ranking]
			| [$in.candidates | to_entries | sort_by(-(.value | length))[].key] as $right | ($right | length) as $n | ($n | log2 | ceil) as $k
			| $ranking.user_id == $in.user_id and $ranking.best == $right[0]
			and (if $mode == "best" or $mode == "both" then $ranking.mode == "best"
				else $ranking.mode == $mode and $ranking.order == $right end)
			and if $mode == "order" then $ranking.calls <= 2 * ($n * $k - pow(2; $k) + 1)
				else $ranking.calls == {best: ($n - 1), both: (2 * ($n - 1)), full: ($n * ($n - 1))}[$mode] end)' out.jsonl || { echo "$mode"; false; }
	done
}

@test "--full: points, and strengths with intervals that rise with them" {
	mock_start --decide longer
	shuffled a 6 4 >in.jsonl
	sm-rank -q --only --full in.jsonl >out.jsonl
	rankings '. as $r | [.order[] as $i | .scores[$i]] | map(.points) == [5,4,3,2,1,0]
		and (map(.score) == (map(.score) | sort | reverse)) and (map(.score) | add | fabs) < 1e-5
		and all(.[]; .low < .score and .score < .high and (.high - .score - (.score - .low) | fabs) < 1e-5)
		and $r.tied == 1 and $r.cycles == 0 and $r.cycle == null' | grep -qx true
	# two candidates: x = exp(s) of x^2 / (x^2 + 1) + x / (x + 1) = 3/2, by hand
	candidates a aa b | sm-rank -q --only --full >out.jsonl
	rankings '(.scores[0].score | exp) as $x | ($x * $x / ($x * $x + 1) + $x / ($x + 1) - 1.5 | fabs) < 1e-5' | grep -qx true
}

@test "a judge that leans to a place: all is tied, and the earlier candidate goes before" {
	mock_start --decide first
	shuffled a 5 1 >in.jsonl
	for mode in both order full; do sm-rank -q --only "--$mode" in.jsonl; done >out.jsonl
	[ "$(rankings '[.best, .order, .ties, .tied, .cycles]')" = \
'[0,null,4,null,null]
[0,[0,1,2,3,4],5,null,null]
[0,[0,1,2,3,4],10,5,0]' ] || { rankings '[.best, .order, .ties, .tied, .cycles]'; false; }
	rankings '.comparisons | all(.[]; .winner == null and .forward.preference == "First" and .reverse.preference == "First" and (has("p_first") | not))' | sort -u | grep -qx true
	rankings 'select(.scores).scores | map([.points, .score]) | unique == [[2, 0]]' | grep -qx true
	# the model sees that the place decides: nobody is likelier to be the best than anybody else
	rankings '.chance > 0.1 and .chance < 0.3' | sort -u | grep -qx true
}

@test "a verdict that cannot be read makes a tie, and says so" {
	jq -nc '{expect: {contains: ["<first>\nlonger\n"]}, reply: {content: "Hm."}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	candidates a longer b >in.jsonl
	sm-rank -q --only --both in.jsonl >out.jsonl
	rankings '.comparisons == [{first: 0, second: 1, winner: null, forward: {preference: "Tie", status: "unparsed", reasoning: null},
		reverse: {preference: "Second", status: "ok", reasoning: "As the mock decides."}}] and .ties == 1 and .best == 0' | grep -qx true
}

# beats A B: the judge names A, wherever it stands.
beats() {
	printf '{"expect":{"contains":["<first>\\n%s\\n","<second>\\n%s\\n"]},"reply":{"content":{"reasoning":"%s it is","preference":"%s"}}}\n' \
		"$1" "$2" "$1" First "$2" "$1" "$1" Second
}

@test "cycles are counted, and a shortest ring is named" {
	{ beats rock scissors; beats scissors paper; beats paper rock; } >script.jsonl
	mock_start --decide first --script script.jsonl
	candidates a rock nothing scissors paper | sm-rank -q --only --full >out.jsonl
	[ "$(rankings '[.cycles, .cycle, .order, .tied, .ties]')" = '[1,[0,2,3],[0,1,2,3],4,3]' ]
	[ "$(rankings '.comparisons[] | select(.first == 2 and .second == 3) | [.winner, .forward.reasoning, .reverse.reasoning]')" = \
		'[2,"scissors it is","scissors it is"]' ]
	tail -n 1 out.jsonl | jq -e '.cyclic == 1'
	# a ring of four, its diagonals tied, has no such triple
	{ beats n e; beats e s; beats s w; beats w n; } >script.jsonl
	mock_start --decide first --script script.jsonl
	candidates a n s e w | sm-rank -q --only --full >out.jsonl
	[ "$(rankings '[.cycles, .cycle]')" = '[0,[0,2,1,3]]' ]
	# no other mode can know
	for mode in best order; do candidates a n s e w | sm-rank -q --only "--$mode" >out.jsonl; rankings 'has("cycles")'; done | grep -qx false
}

@test "the same text is one candidate: compared once, and never with itself" {
	mock_start --decide longer
	jq -nc '{user_id: "a", context: [], candidates: ["same", "longer one", {role: "assistant", content: "same"}, "x", "longer one"]}' >in.jsonl
	for mode in best order full; do sm-rank -q --only --no-cache "--$mode" in.jsonl; done >out.jsonl
	[ "$(rankings '[.best, .order, .duplicates, .calls]')" = \
'[1,null,[[0,2],[1,4]],2]
[1,[1,4,0,2,3],[[0,2],[1,4]],6]
[1,[1,4,0,2,3],[[0,2],[1,4]],6]' ] || { rankings '[.best, .order, .duplicates, .calls]'; false; }
	rankings 'select(.scores) | .scores[0] == .scores[2] and .scores[1] == .scores[4] and .scores[0].points == 1 and .tied == 2' | grep -qx true
	[ "$(mock_calls)" -eq 14 ]
	for mode in best both order full adaptive; do candidates a all all all | sm-rank -q --only "--$mode"; done >out.jsonl
	[ "$(rankings '[.best, .order, .duplicates, .comparisons, .calls, .model]' | sort -u)" = \
'[0,[0,1,2],[[0,1,2]],[],0,null]
[0,null,[[0,1,2]],[],0,null]' ]
	rankings '.chance == 1' | sort -u | grep -qx true
	[ "$(mock_calls)" -eq 14 ]
}

learned() {
	echo '{"type":"persona","user_id":"a","stage":"persona","persona":"Likes owls.","reasoning":""}'
	echo '{"type":"demos","user_id":"a","stage":"demosearch","seed":0,"score":1,"demos":[{"index":1,"kind":"labeled","context":[],"first":"demo one","second":"demo two","preference":"Second"}]}'
}

@test "what sm-judge has asked of a pair is not asked again, nor the other way round" {
	mock_start --decide longer
	{ learned; echo '{"user_id":"a","context":[{"role":"user","content":"Which?"}],"first":"short","second":{"role":"assistant","content":"a long one"}}'; } >pairs.jsonl
	sm-judge -q pairs.jsonl >/dev/null
	[ "$(mock_calls)" -eq 2 ]
	{ learned; candidates a short "a long one"; } >in.jsonl
	for mode in best both adaptive order full; do sm-rank -q "--$mode" in.jsonl >out.jsonl; done
	[ "$(mock_calls)" -eq 2 ]
	tail -n 1 out.jsonl | grep '"calls":0,"hits":2,'
	[ "$(rankings '[.best, .calls, .uses]')" = '[1,2,{"persona":true,"demos":1}]' ]
	candidates b short "a long one" | sm-rank -q --both >/dev/null
	jq -c '.user_id = "b"' pairs.jsonl | tail -n 1 | sm-judge -q | tail -n 1 | grep '"calls":0,"hits":2,'
}

@test "the judge is in the stream, or with -m in a file; --no-persona and --no-demos leave it out" {
	mock_start --decide longer
	learned >users.jsonl
	candidates a x yy >in.jsonl
	cat in.jsonl users.jsonl | sm-rank -q --only >stream.jsonl
	sm-rank -q --only -m users.jsonl in.jsonl >file.jsonl
	cmp <(records stream.jsonl) <(records file.jsonl)
	grep -q 'Likes owls' "$BATS_TEST_TMPDIR/mock.log"
	sm-rank -q --only -m users.jsonl --no-persona --no-demos in.jsonl >out.jsonl
	[ "$(rankings .uses)" = '{"persona":false,"demos":0}' ]
	{ cat in.jsonl; candidates stranger x yy; } >two.jsonl
	run --separate-stderr sm-rank -q -m users.jsonl two.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -r .type <<<"$output" | paste -sd ' ')" = "null ranking null error run" ]
	[[ $stderr == *"user stranger: users.jsonl holds nothing of this user; fit this user first"* ]]
}

@test "objects that cannot be ranked are named by their line, and the others are ranked" {
	mock_start --decide longer
	{
		candidates a only
		candidates a x yy
		candidates a $(seq 65)
		candidates a x yy | jq -c '(.candidates = "x"), (.candidates[1] = {content: "no role"}), del(.context), (.index = -1)'
		candidates a x yyy
	} >in.jsonl
	run --separate-stderr sm-rank -q in.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = 'sm-rank: in.jsonl:1: `candidates` holds 1: ranked are 2 to 64; add others
sm-rank: in.jsonl:3: `candidates` holds 65: ranked are 2 to 64; leave some out
sm-rank: in.jsonl:4: `candidates` is not a list of replies; see sm-records(5) for the fields of a record
sm-rank: in.jsonl:5: `candidates[1]` is not a turn {role, content}, a list of turns or a string; see sm-records(5) for the fields of a record
sm-rank: in.jsonl:6: `context` is missing; see sm-records(5) for the fields of a record, or let sm-import read another form
sm-rank: in.jsonl:7: `index` is not a whole number from 0; see sm-records(5) for the fields of a record' ]
	echo "$output" >out.jsonl
	[ "$(rankings '[.index, .best]' | paste -sd ' ')" = "[0,1] [1,1]" ]
	shuffled a 64 1 | sm-rank -q | tail -n 1 | grep '"calls":63,'
}

@test "candidates pass the other programs untouched" {
	mock_start --decide longer
	{ candidates brief x yy; cat "$prefs"; echo '{"type":"odd","user_id":"brief","candidates":[],"context":4}'; } >in.jsonl
	sm-split -q --test 2 in.jsonl | sm-judge -q >out.jsonl
	[ "$(grep -cxF "$(head -n 1 in.jsonl)" out.jsonl)" -eq 1 ]
	[ "$(grep -cxF "$(tail -n 1 in.jsonl)" out.jsonl)" -eq 1 ]
	sm-rank -q out.jsonl | grep -c '"type":"ranking"' | grep -qx 1
	sm-rank -q out.jsonl | sm-eval -q >result.jsonl
	cmp <(sm-eval -q out.jsonl | records /dev/stdin) <(records result.jsonl)
}

@test "the modes exclude each other: 2; a user without candidates gets a remark" {
	mock_start --decide longer
	run --separate-stderr sm-rank --best --full </dev/null
	[ "$status" -eq 2 ]
	[ "$stderr" = "sm-rank: --best, --order, --full and --adaptive exclude each other; give one of them" ]
	run --separate-stderr sm-rank --adaptive --both </dev/null
	[ "$status" -eq 2 ]
	[ "$stderr" = "sm-rank: --both and --adaptive exclude each other; give one of them" ]
	run --separate-stderr sm-rank --budget 4 </dev/null
	[ "$status" -eq 2 ]
	[ "$stderr" = "sm-rank: --budget is about --adaptive; add --adaptive" ]
	learned >users.jsonl
	run --separate-stderr sm-rank users.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-rank: user a has no candidates to rank; see sm-records(5)" ]
	[ "$(jq -r .type <<<"$output" | paste -sd ' ')" = "persona demos run" ]
	sm-rank -q </dev/null | jq -e '.rankings == 0 and .users == 0'
}

@test "a call given up is an error record in its place; later stages pass that user" {
	echo '{"expect":{"contains":["bad one"]},"reply":{"status":400,"body":{"error":{"message":"no such thing"}}}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	{ candidates a x yy; candidates a x "a bad one" yy zzz; candidates a x yy zzz; candidates b x yy; } >in.jsonl
	run --separate-stderr sm-rank -q --full in.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = "sm-rank: user a: 1 of 3 rankings failed: HTTP 400: no such thing" ] || [[ $stderr == "sm-rank: user a: 1 of 3 rankings failed: HTTP 400: no such thing; "* ]]
	echo "$output" >out.jsonl
	[ "$(jq -c 'select(.type == "ranking" or .type == "error") | [.type, .user_id, .stage, .index]' out.jsonl)" = \
'["ranking","a","rank",0]
["error","a","rank",1]
["ranking","a","rank",2]
["ranking","b","rank",0]' ]
	tail -n 1 out.jsonl | jq -e '.failed_users == 1 and .users == 2'
	calls=$(mock_calls)
	sm-rank -q --only out.jsonl >again.jsonl
	[ "$(rankings .user_id again.jsonl)" = '"b"' ]
	[ "$(mock_calls)" -eq "$calls" ]
}

@test "a prompt program that fails is the user's error" {
	mock_start --decide longer
	mkdir prompts
	sm-prompt --show judge | sed 's/^def question: .*/def question: error("not \\(.first)");/' >prompts/judge.jq
	candidates a x yy | sm-rank -q --prompts prompts >out.jsonl 2>err || [ $? -eq 1 ]
	[ "$(jq -c 'select(.type == "error") | [.stage, .index]' out.jsonl)" = '["rank",0]' ]
	grep -q 'not x' err
	# one that only some pairs make fail
	sm-prompt --show judge | sed 's/^def question: /def question: if .first == "x" and .second == "yy" then error("not these") else . end | /' >prompts/judge.jq
	{ candidates a zzz yy x; candidates a zzz yy; } | sm-rank -q --full --prompts prompts >out.jsonl 2>err || [ $? -eq 1 ]
	[ "$(jq -c 'select(.stage == "rank") | [.type, .index]' out.jsonl)" = '["error",0]
["ranking",1]' ]
	grep -q 'user a: 1 of 2 rankings failed: .*not these' err
}

@test "many users at once, in input order, and twice the same bytes" {
	mock_start --decide longer --latency 30 --jitter 25
	for i in $(seq 12); do shuffled "u$i" 4 "$i"; done | jq -c '.context[0].content += .user_id' >in.jsonl
	for mode in best both adaptive order full; do
		sm-rank -q "--$mode" -j 200 in.jsonl >a.jsonl
		sm-rank -q "--$mode" -j 3 in.jsonl >b.jsonl
		cmp <(records a.jsonl) <(records b.jsonl)
		[ "$(jq -r 'select(.type == "ranking").user_id' a.jsonl | paste -sd ' ')" = "u1 u2 u3 u4 u5 u6 u7 u8 u9 u10 u11 u12" ]
		tail -n 1 b.jsonl | grep '"calls":0,'
	done
}

@test "what does not depend on another comparison is asked at once, within -j" {
	peak() { curl -s "${SM_BASE_URL%/v1}/stats" | jq .peak_in_flight; }
	shuffled a 8 3 >in.jsonl
	mock_start --decide longer
	port=${SM_BASE_URL##*:} port=${port%/v1}
	sm-llm -q --check --cache checked.db >/dev/null # what it takes is known: one call need not go ahead
	for expected in "4 best 100" "8 both 100" "4 adaptive 100" "8 order 100" "56 full 100" "5 full 5" "2 best 2" "5 both 5"; do
		read -r most mode jobs <<<"$expected"
		mock_start --decide longer --latency 400 --port "$port"
		cp checked.db "$mode$jobs.db"
		sm-rank -q "--$mode" -j "$jobs" --cache "$mode$jobs.db" in.jsonl >/dev/null
		[ "$(peak)" -eq "$most" ] || { echo "$expected: $(peak)"; false; }
	done
}

@test "--votes and --logprobs: the mean over both orders decides" {
	mock_start --decide first
	jq -nc '0.9, 0.6 | {times: 1, reply: {content: {reasoning: "r", preference: "First"}, logprobs: {content: [
		{token: "{\"reasoning\":\"r\",\"preference\":\"", logprob: 0, top_logprobs: []}, {token: "First", logprob: log, top_logprobs: []}]}}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	candidates a x y | sm-rank -q -j 1 --only --both --logprobs >out.jsonl
	rankings '.comparisons[0] | .winner == 0 and .p_first == 0.65 and .forward.p_first == 0.9 and .reverse.p_first == 0.6' | grep -qx true
	printf '{"times":1,"reply":{"content":{"reasoning":"r","preference":"%s"}}}\n' First First Second First Second Second >script.jsonl
	mock_start --decide first --script script.jsonl
	# each vote singly, since a line of the script answers one request
	jq -nc --arg e "$SM_BASE_URL" '{type: "endpoint", endpoint: $e, model: "mock", name: "n", value: "refused"}' | sm-cache import -q --cache votes.db
	candidates a x y | sm-rank -q -j 1 --only --both --votes 3 --cache votes.db >out.jsonl
	rankings '.calls == 6 and (.comparisons[0] | .winner == 0 and (.p_first - 2/3 | fabs) < 1e-5
		and .forward.votes == {first: 2, second: 1, tie: 0} and .reverse.votes == {first: 1, second: 2, tie: 0})' | grep -qx true
	[ "$(mock_calls)" -eq 6 ]
	[ "$(jq .body.temperature "$BATS_TEST_TMPDIR/mock.log" | sort -u)" = 0.7 ]
}

@test "--batch: a knockout in as many rounds as it has, the same as when asked directly" {
	mock_start --decide longer
	{ shuffled a 8 1; candidates a x yy; shuffled b 8 2; } >eight.jsonl
	# a merge sort asks for one match after the other, of five as of eight
	{ shuffled a 5 1; candidates a x yy; shuffled b 5 2; } >five.jsonl
	for expected in "best 3 eight" "both 3 eight" "adaptive 4 eight" "order 6 five" "full 1 eight"; do
		read -r mode rounds in <<<"$expected"
		sm-rank -q "--$mode" --cache "direct$mode.db" "$in.jsonl" >direct.jsonl
		for ((round = 0; round <= rounds; round++)); do
			status=0
			sm-rank -q "--$mode" --cache "$mode.db" --batch calls.jsonl "$in.jsonl" >out.jsonl || status=$?
			[ "$status" -eq 5 ] || break
			[ "$round" -gt 0 ] || jq -c 'select(.type == "pending") | [.user_id, .stage, .waiting]' out.jsonl >"first.$mode"
			sm-llm -q --no-cache calls.jsonl | sm-cache import -q --cache "$mode.db"
		done
		[ "$status" -eq 0 ]
		[ "$round" -le "$rounds" ]
		[ "$mode" = order ] || [ "$round" -eq "$rounds" ]
		cmp <(timeless direct.jsonl) <(timeless out.jsonl)
	done
	[ "$(cat first.best)" = '["a","rank",5]
["b","rank",4]' ]
	[ "$(cat first.both)" = '["a","rank",10]
["b","rank",8]' ]
	[ "$(head -n 1 first.full)" = '["a","rank",58]' ]
	# what is there is written, although the user waits
	{ candidates a x yyy; shuffled a 8 4; } >more.jsonl
	head -n 1 more.jsonl | sm-rank -q >/dev/null
	sm-rank -q --batch calls.jsonl more.jsonl >out.jsonl || [ $? -eq 5 ]
	[ "$(jq -c 'select(.stage == "rank") | [.type, .index]' out.jsonl)" = '["ranking",0]
["pending",null]' ]
}

# The least and the most calls of a dry run, from the text of its run record.
plan() { sm-rank -q -n --"$1" "${@:2}" | sed -nE '$s/.*"plan":\{"calls":\{"least":([0-9]+),"typical":[0-9]+,"most":([0-9]+)\}.*/\1 \2/p'; }

@test "--dry-run: bounds that hold, exact where the store has the answers" {
	mock_start --decide longer
	shuffled a 8 1 >in.jsonl
	[ "$(plan best in.jsonl)" = "7 7" ]
	[ "$(plan both in.jsonl)" = "14 14" ]
	[ "$(plan adaptive in.jsonl)" = "14 14" ]
	[ "$(plan adaptive --budget 9 --votes 2 in.jsonl)" = "18 18" ]
	[ "$(plan order in.jsonl)" = "24 34" ]
	[ "$(plan full in.jsonl)" = "56 56" ]
	[ "$(plan full --votes 5 in.jsonl)" = "280 280" ]
	[ "$(mock_calls)" -eq 0 ]
	sm-rank -q -n --order in.jsonl >plan.jsonl
	sm-rank -q --order in.jsonl >out.jsonl
	jq -es '(.[0].plan.calls) as $p | (.[1].calls) as $n | $p.least <= $n and $n <= $p.most and
		.[0].plan.tokens.in.least <= .[1].tokens.in and .[1].tokens.in <= .[0].plan.tokens.in.most' <(tail -n 1 plan.jsonl) <(tail -n 1 out.jsonl)
	[ "$(plan order in.jsonl)" = "0 0" ]
	sm-rank -q -n --order in.jsonl | records /dev/stdin | cmp - <(records out.jsonl)
	# a merge sort in its middle: --best has paid for what they share
	sm-rank -q --best --cache part.db in.jsonl >/dev/null
	read -r least most <<<"$(plan order --cache part.db in.jsonl)"
	paid=$(sm-rank -q --order --cache part.db in.jsonl | tail -n 1 | jq .calls)
	[ "$least" -le "$paid" ]
	[ "$paid" -le "$most" ]
	[ "$most" -lt 34 ]
}

# planned, fitted: what sm-fit plans and what it makes of the example's users, of whom careful is the last; once for all tests.
planned() { fit_once planned --dry-run; }
fitted() { fit_once fitted; }
fit_once() { # NAME [OPTION]
	local made=$BATS_FILE_TMPDIR/$1.jsonl
	[ -e "$made" ] || sm-fit -q --test 2 "${@:2}" "$prefs" >"$made" 2>/dev/null
	cat "$made"
}

@test "a dry run of the whole pipe bounds the rankings of users who are still to be fitted" {
	mock_start --decide longer
	shuffled careful 8 1 >in.jsonl
	planned | cat - in.jsonl >fit.jsonl
	[ "$(plan best fit.jsonl)" = "7 7" ]
	[ "$(plan adaptive fit.jsonl)" = "14 14" ]
	[ "$(plan order fit.jsonl)" = "24 34" ]
	sm-rank -q -n fit.jsonl | tail -n 1 >plan.json
	fitted | cat - in.jsonl | sm-rank -q | tail -n 1 >run.json
	jq -es '.[0].plan.tokens.in.least <= .[1].tokens.in and .[1].tokens.in <= .[0].plan.tokens.in.most and .[1].calls == 7
		and .[0].plan_so_far.calls.most > .[0].plan.calls.most' plan.json run.json
}

@test "--replay misses are 8, a cap is 6, and both go on later" {
	mock_start --decide longer
	shuffled a 8 1 >in.jsonl
	run --separate-stderr sm-rank -q --replay in.jsonl
	[ "$status" -eq 8 ]
	run --separate-stderr sm-rank -q -j 2 --max-calls 5 in.jsonl
	[ "$status" -eq 6 ]
	! grep -q '"ranking"' <<<"$output" || false
	SM_RUN=next sm-rank -q in.jsonl | tail -n 1 | grep '"calls":2,"hits":5,'
	sm-rank -q --replay in.jsonl | tail -n 1 | jq -e '.calls == 0 and .hits == 7 and .complete'
}

@test "an interrupt leaves the rest for later, and nothing paid for is lost" {
	mock_start --decide longer --latency 200
	for i in 1 2 3; do shuffled "u$i" 16 "$i" | jq -c '.context[0].content += .user_id'; done >in.jsonl
	sm-rank -q --full -j 4 in.jsonl >out.jsonl 3>&- &
	pid=$!
	until [ "$(mock_calls)" -ge 4 ]; do sleep 0.02; done
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 130 ]
	paid=$(mock_calls)
	[ "$paid" -lt 40 ]
	mock_start --decide longer --port "$(port=${SM_BASE_URL##*:}; echo "${port%/v1}")"
	sm-rank -q --full in.jsonl | tail -n 1 | jq -e ".calls == 720 - $paid and .hits == $paid"
}

@test "a refused key ends the run: 4" {
	mock_start --decide longer --fault badkey
	for i in 1 2 3; do shuffled "u$i" 8 "$i"; done >in.jsonl
	run --separate-stderr sm-rank -q --full in.jsonl
	[ "$status" -eq 4 ]
	! grep -qE '"(ranking|error)"' <<<"$output" || false
}

@test "one order a match is left to chance: both come, the same again, and others by --seed" {
	mock_start --decide longer
	for i in $(seq 12); do shuffled "u$i" 8 "$i"; done >in.jsonl
	orders() { rankings '[.comparisons[] | if has("forward") then "f" else "" end + if has("reverse") then "r" else "" end] | add' "$1"; }
	sm-rank -q --only in.jsonl >a.jsonl
	orders a.jsonl >a.orders
	holds a.jsonl '[.[].comparisons | arrays[] | [has("forward"), has("reverse")]] | group_by(.) | map([.[0], length > 25]) == [[[false, true], true], [[true, false], true]]'
	[ "$(sort -u a.orders | wc -l)" -gt 8 ] # not all users alike
	sm-rank -q --only --no-cache in.jsonl >b.jsonl
	cmp <(timeless a.jsonl) <(timeless b.jsonl)
	sm-rank -q --only --seed 1 in.jsonl >c.jsonl
	[ "$(<a.orders)" != "$(orders c.jsonl)" ]
	cmp <(rankings '[.user_id, .best]' a.jsonl) <(rankings '[.user_id, .best]' c.jsonl)
	# what an object is asked does not depend on what stands before it
	tail -n 1 in.jsonl | sm-rank -q --only | head -n 1 | cmp - <(records a.jsonl | tail -n 1)
}

@test "--adaptive: no question twice, --budget of them, the likeliest first, and the best is found" {
	mock_start --decide longer
	for i in 1 2 3 4 5 6; do shuffled "u$i" 8 "$i"; done | jq -c '.context[0].content += .user_id' >in.jsonl
	sm-rank -q --only --adaptive in.jsonl >out.jsonl
	rankings '[.mode == "adaptive", .calls == 14, .reply == "xxxxxxxx", .order[0] == .best, (.order | length) == 8,
		([.scores[].chance] | add - 1 | fabs) < 0.05, .chance == .scores[.best].chance, .chance > 0.3,
		(. as $r | [.order[] | $r.scores[.].score] | . == (sort | reverse)),
		([.comparisons[] | [has("forward"), has("reverse")][] | select(.)] | length) == 14,
		([.comparisons[] | [.first, .second]] | length == (unique | length))] | all' | sort -u | grep -qx true
	tail -n 1 out.jsonl | jq -e '.calls == 84 and .hits == 0 and .rankings == 6'
	# with all that can be asked nothing is left to choose: the verdicts are those of --full
	head -n 2 in.jsonl >two.jsonl
	sm-rank -q --only --adaptive --budget 1000 two.jsonl >all.jsonl
	sm-rank -q --only --full two.jsonl >full.jsonl
	tail -n 1 full.jsonl | grep '"calls":0,'
	cmp <(rankings '[.order, .calls, (.comparisons | sort_by(.first, .second))]' all.jsonl) <(rankings '[.order, .calls, (.comparisons | sort_by(.first, .second))]' full.jsonl)
	for n in 1 2 5 9; do
		sm-rank -q --only --adaptive --budget "$n" --cache "$n.db" two.jsonl | tail -n 1 | grep "\"calls\":$((2 * n)),"
	done
	candidates a x yy | sm-rank -q --only --adaptive >out.jsonl
	[ "$(rankings '[.best, .order, .calls, .ties]')" = '[1,[1,0],2,0]' ]
}

@test "--adaptive: a cap is 6, and it goes on where it stopped; what fails is an error" {
	mock_start --decide longer
	for i in 1 2 3; do shuffled "u$i" 9 "$i"; done | jq -c '.context[0].content += .user_id' >in.jsonl
	sm-rank -q --only --adaptive --cache whole.db in.jsonl >whole.jsonl
	for part in 5 9 20; do
		status=0
		SM_RUN=run$part sm-rank -q --adaptive --max-calls "$part" -j 3 in.jsonl >/dev/null || status=$?
		[ "$status" -eq 6 ]
	done
	SM_RUN=last sm-rank -q --only --adaptive in.jsonl >out.jsonl
	tail -n 1 out.jsonl | jq -e '.calls + .hits == 48 and .hits >= 34'
	cmp <(timeless whole.jsonl) <(timeless out.jsonl)
	jq -nc '{expect: {contains: ["<first>\nxx\n"]}, reply: {status: 400, body: {error: {message: "no such thing"}}}}' >script.jsonl
	mock_start --decide longer --script script.jsonl
	run --separate-stderr sm-rank -q --only --adaptive --budget 100 --no-cache in.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -r .type <<<"$output" | sort | uniq -c | xargs)" = "3 error 1 run" ]
}

@test "--adaptive goes by probabilities where there are any, and a tie is half of both" {
	mock_start --decide first
	shuffled a 6 2 | sm-rank -q --only --adaptive --votes 3 >out.jsonl
	rankings '.calls == 30 and all(.comparisons[]; has("p_first")) and ([.scores[].chance] | max) < 0.5' | grep -qx true
	echo '{"expect":{"contains":["Which?"]},"reply":{"content":"Hm."}}' >script.jsonl
	mock_start --decide first --script script.jsonl
	shuffled a 6 2 | sm-rank -q --only --adaptive --no-cache >out.jsonl
	rankings '.order == [0,1,2,3,4,5] and .best == 0 and .ties == (.comparisons | length)' | grep -qx true
}

@test "texts of any kind come through" {
	mock_start --decide longer
	jq -nc '{user_id: "<script>alert(1)</script>", context: [], candidates: ["<script>", "", "\u0001\"\\ ⟦x⟧ \ud83d\ude00", ("y" * 100000)]}' >in.jsonl
	sm-rank -q --full in.jsonl >out.jsonl
	[ "$(rankings '[.user_id, .best, (.reply | length), .order[-1]]')" = '["<script>alert(1)</script>",3,100000,1]' ]
}

# A user who has chosen "so yes please" and rejected "so no never": of the mock's tokens " yes" and " please" have 1 more on
# one side, " no" and " never" on the other. " owls" has 0.5 more after the persona.
chooser() {
	cat <<-END
		{"type":"persona","user_id":"$1","stage":"persona","persona":"Likes owls","reasoning":""}
		{"type":"demos","user_id":"$1","stage":"demosearch","seed":0,"score":1,"demos":[{"index":1,"kind":"labeled","context":[{"role":"user","content":"Well?"}],"first":"so yes please","second":{"role":"assistant","content":"so no never"},"preference":"First"}]}
	END
}

@test "--by likelihood: a reward for each candidate, and all in order, by 2n evaluations in each way" {
	{ chooser a; candidates a "a no" "a yes" "a road" "a yes" "a yes please" "the road" "a owls" "no no never"; } >in.jsonl
	for way in echo chat forced; do
		mock_start --likelihood "$way"
		sm-rank -q --only --by likelihood --cache "$way.db" in.jsonl >out.jsonl
		holds out.jsonl 'length == 2 and .[0].type == "ranking"' \
			'.[0] | [.stage, .by, .index, .mode, .n, .best, .reply, .order, .duplicates]
				== ["rank","likelihood",0,"order",8,4,"a yes please",[4,1,3,6,2,5,0,7],[[1,3]]]' \
			'.[0] | [.rewards, .reply_tokens, .calls, .model, .uses]
				== [[-1,1,0,1,2,0,0.5,-2],[2,2,2,2,3,2,2,3],14,"mock",{"persona":true,"demos":1}]' \
			'.[0] | [has("ties", "tied", "scores", "cycles", "cycle", "comparisons")] | any | not' \
			".[1] | .rankings == 1 and .rewards == 7 and .likelihood == \"$way\" and .complete" \
			'.[1] | [has("comparisons", "ties", "cyclic")] | any | not'
		[ "$way" != echo ] || tail -n 1 out.jsonl | grep '"calls":14,'
		# what is paid for is not paid for again
		sm-rank -q --only --by likelihood --cache "$way.db" --replay in.jsonl >again.jsonl
		cmp <(records out.jsonl) <(records again.jsonl)
		tail -n 1 again.jsonl | grep '"calls":0,'
	done
}

@test "--by likelihood: the order is that of the candidates where rewards are equal, and all may be the same" {
	mock_start --likelihood echo
	{ chooser a; candidates a x y z; candidates a "a yes" "a yes"; } | sm-rank -q --only --by likelihood >out.jsonl
	[ "$(rankings '[.index, .best, .order, .duplicates, .rewards, .calls]')" = \
'[0,0,[0,1,2],[],[0,0,0],6]
[1,0,[0,1],[[0,1]],[1,1],2]' ]
	tail -n 1 out.jsonl | jq -e '.rankings == 2 and .rewards == 4 and .calls == 8'
}

@test "--by likelihood: what is known, what is subtracted, and means, as in sm-judge" {
	mock_start --likelihood echo
	{ chooser a; candidates a "a yes owls" "a no"; } >in.jsonl
	candidates a "a yes owls" "a no" >bare.jsonl
	chooser a >learned.jsonl
	{
		printf '{"user_id":"a","context":[{"role":"user","content":"Well?"}],"split":"%s","chosen":"%s","rejected":"%s"}\n' \
			train "so no" "so yes" val "so never" "so owls" test "so yes" "so no"
		cat in.jsonl
	} >pairs.jsonl
	while read -r expected words; do
		# shellcheck disable=SC2086 # words
		sm-rank -q --only --by likelihood $words
		echo "$expected" >>expected
	done >out.jsonl <<-'END'
		[[1.5,-1],4,true,1] in.jsonl
		[[1,-1],4,false,1] --no-persona in.jsonl
		[[1.5,0],4,true,1] --contrast nothing in.jsonl
		[[0.5,0],4,true,0] --no-demos in.jsonl
		[[-4.5,-4],2,true,1] --contrast off in.jsonl
		[[-6,-4],2,false,0] --no-persona --no-demos in.jsonl
		[[0.5,-0.5],4,true,1] --per-token in.jsonl
		[[-6,-4],2,false,0] bare.jsonl
		[[1.5,-1],4,true,1] -m learned.jsonl bare.jsonl
		[[0.5,0],4,true,0] --history 0 pairs.jsonl
		[[-0.5,0],4,true,1] --history 1 pairs.jsonl
		[[-1.5,1],4,true,2] --history 9 pairs.jsonl
	END
	rankings '[.rewards, .calls, .uses.persona, .uses.demos]' | diff expected -
	# the same rewards as the judge gives the two replies
	candidates a "a yes owls" "a no" | jq -c '{user_id, context, first: .candidates[0], second: .candidates[1]}' >two.jsonl
	sm-judge -q --only --by likelihood -m learned.jsonl two.jsonl >verdicts.jsonl
	head -n 1 verdicts.jsonl | jq -e '.rewards == {first: 1.5, second: -1}'
	tail -n 1 verdicts.jsonl | grep '"calls":0,"hits":4,'
}

@test "--by likelihood: what is about verdicts is refused: 2; an endpoint that cannot is 4" {
	mock_start --decide longer
	for mode in best both adaptive order full; do
		run --separate-stderr sm-rank --by likelihood "--$mode" </dev/null
		[ "$status" -eq 2 ]
		[ "$stderr" = "sm-rank: --best, --order, --full, --adaptive and --both choose comparisons, and --by likelihood makes none; leave it out: all candidates are put in order" ]
	done
	run --separate-stderr sm-rank --by likelihood --seed 3 </dev/null
	[ "$status" -eq 2 ]
	for words in "--votes 2" --logprobs; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-rank --by likelihood $words </dev/null
		[ "$status" -eq 2 ]
		[ "$stderr" = "sm-rank: --votes and --logprobs are about verdicts that a model writes; leave them out" ]
	done
	run --separate-stderr sm-rank --by likelihood --batch calls.jsonl </dev/null
	[ "$status" -eq 2 ]
	[[ $stderr == "sm-rank: --batch is for chats: "* ]]
	candidates a x yy >in.jsonl
	run --separate-stderr sm-rank --by likelihood in.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"does not tell how likely a given reply is"*"take --by verdict, or"* ]]
	# the modes are those of verdicts all the same
	sm-rank -q --only --by verdict --order in.jsonl >out.jsonl
	[ "$(rankings '[.order, has("by", "rewards")]')" = '[[1,0],false,false]' ]
}

@test "--by likelihood: an empty candidate, and an evaluation that is given up, are errors in their place" {
	echo '{"expect":{"contains":["a bad one"]},"reply":{"status":400,"body":{"error":{"message":"no such thing"}}}}' >script.jsonl
	mock_start --likelihood echo --script script.jsonl
	{ chooser a; candidates a x "" y; candidates a "a yes" z; candidates a x "a bad one" "a yes"; candidates a q "a yes"; chooser b; candidates b "a no" r; } >in.jsonl
	run --separate-stderr sm-rank -q --only --by likelihood in.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = "sm-rank: user a: 2 of 4 rankings failed: candidate 1: an empty reply; leave it out" ]
	echo "$output" >out.jsonl
	[ "$(jq -c 'select(.stage == "rank") | [.type, .user_id, .index, .best, .message]' out.jsonl)" = \
'["error","a",0,null,"candidate 1: an empty reply"]
["ranking","a",1,0,null]
["error","a",2,null,"HTTP 400: no such thing"]
["ranking","a",3,1,null]
["ranking","b",0,1,null]' ]
	# nothing was asked about the object with the empty one
	! jq -e 'select(.body.prompt | strings | endswith("\ny"))' "$BATS_TEST_TMPDIR/mock.log" || false
	tail -n 1 out.jsonl | jq -e '.failed_users == 1 and .users == 2 and .rankings == 3'
}

@test "--by likelihood: a prompt program that fails is the object's error" {
	mock_start --likelihood echo
	mkdir prompts
	sm-prompt --show likelihood | sed 's/^def reply: /def reply: if .reply == "yy" then error("not \\(.reply)") else . end | /' >prompts/likelihood.jq
	{ candidates a x yy; candidates a x y; } | sm-rank -q --only --by likelihood --prompts prompts >out.jsonl 2>err || [ $? -eq 1 ]
	[ "$(jq -c 'select(.stage == "rank") | [.type, .index]' out.jsonl)" = '["error",0]
["ranking",1]' ]
	grep -q 'user a: 1 of 2 rankings failed: candidate 1: .*not yy' err
	sm-prompt --show likelihood | sed 's/^def question: /def question: error("no question") | /' >prompts/likelihood.jq
	candidates a x y | sm-rank -q --only --by likelihood --prompts prompts >out.jsonl 2>err || [ $? -eq 1 ]
	[ "$(jq -c 'select(.stage == "rank") | [.type, .index]' out.jsonl)" = '["error",0]' ]
	grep -q 'no question' err
}

@test "--by likelihood: a dry run counts what is asked; a cap is 6, --replay misses are 8, and both go on later" {
	mock_start --likelihood echo
	{ chooser a; candidates a x "a yes" z "a yes"; candidates a p q; candidates b x y; } >in.jsonl
	[ "$(plan by likelihood in.jsonl)" = '12 12' ]
	[ "$(plan by likelihood --contrast off in.jsonl)" = '7 7' ]
	[ "$(mock_calls)" -eq 0 ]
	sm-rank -q -n --only --by likelihood in.jsonl | jq -c 'select(.type == "pending") | [.user_id, .waiting]' | paste -sd ' ' | grep -qx '\["a",5\] \["b",2\]'
	run --separate-stderr sm-rank -q --by likelihood --replay in.jsonl
	[ "$status" -eq 8 ]
	run --separate-stderr sm-rank -q --by likelihood -j 1 --max-calls 5 in.jsonl
	[ "$status" -eq 6 ]
	! grep -q '"rankings":[1-9]' <<<"$output" || false
	[ "$(plan by likelihood in.jsonl)" = '7 7' ]
	SM_RUN=next sm-rank -q --by likelihood in.jsonl >out.jsonl
	tail -n 1 out.jsonl | jq -e '.calls == 7 and .hits == 5 and .rankings == 3 and .complete'
	[ "$(plan by likelihood in.jsonl)" = '0 0' ]
	sm-rank -q --by likelihood --replay in.jsonl | records /dev/stdin | cmp - <(records out.jsonl)
}

@test "--by likelihood: a dry run of the whole pipe bounds the rewards of users who are still to be fitted" {
	mock_start --decide longer --likelihood echo
	candidates careful "How are you" "Fine, and how are you?" x >in.jsonl
	planned | cat - in.jsonl >fit.jsonl
	[ "$(plan by likelihood fit.jsonl)" = '3 6' ]
	[ "$(plan by likelihood --history 4 fit.jsonl)" = '6 6' ]
	[ "$(plan by likelihood --contrast off fit.jsonl)" = '3 3' ]
	[ "$(plan by likelihood --no-persona --no-demos fit.jsonl)" = '3 3' ]
	[ "$(plan by likelihood --no-persona --history 0 fit.jsonl)" = '3 3' ]
	sm-rank -q -n --by likelihood fit.jsonl | tail -n 1 >plan.json
	fitted | cat - in.jsonl | sm-rank -q --by likelihood | tail -n 1 >run.json
	jq -es '.[0].plan.tokens.in.least <= .[1].tokens.in and .[1].tokens.in <= .[0].plan.tokens.in.most and .[1].calls == 6' plan.json run.json
}

@test "--by likelihood: many users at once, within -j, in input order, and twice the same bytes" {
	mock_start --likelihood echo --latency 30 --jitter 25
	for i in $(seq 8); do
		chooser "u$i"
		for object in 1 2 3; do candidates "u$i" "a yes" "a $i" "$object no" "a yes please"; done
	done | jq -c 'if .candidates then .context[0].content += .user_id else . end' >in.jsonl
	sm-rank -q --by likelihood -j 200 in.jsonl >a.jsonl
	sm-rank -q --by likelihood -j 3 in.jsonl >b.jsonl
	cmp <(records a.jsonl) <(records b.jsonl)
	[ "$(rankings .user_id a.jsonl | uniq -c | awk '{print $1 $2}' | paste -sd ' ')" = '3"u1" 3"u2" 3"u3" 3"u4" 3"u5" 3"u6" 3"u7" 3"u8"' ]
	tail -n 1 b.jsonl | grep '"calls":0,'
	sm-rank -q --by likelihood -j 3 --no-cache in.jsonl >c.jsonl
	cmp <(timeless a.jsonl) <(timeless c.jsonl)
}
