load helper

# The tastes of tests/mock/traits.inc: how one is called, the reply that has it and the one that has not; and what is made of them.
made_up='
	def taste: {
		emoji: {name: "emoji", with: "Well 🎉", without: "Well"},
		plain: {name: "plain text without pictures", with: "Well", without: "Well 🎉"},
		bold: {name: "bold key words", with: "Well **done**", without: "Well done"},
		bullets: {name: "lists with bullets", with: "So:\n- one\n- two", without: "So: one and two"}}[.];
	def pairs($user; $count; $split): taste as $taste | range($count) | "secret-\($user)-\(.)-\($split)." as $mark
		| {type: "pair", user_id: $user, index: (. + if $split == "test" then 100 else 0 end), split: $split,
			context: [{role: "user", content: "asked \($mark)"}], chosen: "\($mark) \($taste.with)", rejected: "\($mark) \($taste.without)"};
	def person($user; $count): pairs($user; $count; "train"), pairs($user; 1; "test"),
		{type: "persona", user_id: $user, stage: "persona", persona: "This user likes \(taste.name). Indeed \($user)."};'

# pairs USER TASTE COUNT [SPLIT]: COUNT choices by the taste, each text with words of its own.
pairs() { jq -nc --arg user "$1" --arg taste "$2" --argjson count "$3" --arg split "${4-train}" "$made_up"'$taste | pairs($user; $count; $split)'; }

# person USER TASTE [COUNT]: choices by the taste, and a persona that says so.
person() { jq -nc --arg user "$1" --arg taste "$2" --argjson count "${3-4}" "$made_up"'$taste | person($user; $count)'; }

# Three kinds of people, three of each.
people() { cat "$BATS_FILE_TMPDIR/people.jsonl"; }

setup_file() {
	jq -nc "$made_up"'(1, 2, 3) as $i | "emoji", "bold", "bullets" | person("\(.)-\($i)"; 4)' >"$BATS_FILE_TMPDIR/people.jsonl"
}

# What sm-neighbors makes of these people, which is found once in this file of tests.
neighborhood() {
	local made=$BATS_FILE_TMPDIR/neighborhood.jsonl
	[ -e "$made" ] || people | sm-neighbors -q --cache neighborhood.db >"$made"
	cat "$made"
}

# made FILE TYPE ...: the records of these types, without what differs from run to run.
made() { jq -c 'select(.type == $ARGS.positional[]) | del(.ms)' "$1" --args "${@:2}"; }

@test "names those whose personas predict a user's choices, in clusters, and copies each line" {
	mock_start --decide planted
	people >in.jsonl
	sm-neighbors -q in.jsonl >out.jsonl
	grep -vE '"type":"(neighbors|prototype|run)"' out.jsonl | cmp - in.jsonl
	holds out.jsonl '[.[] | select(.type == "neighbors")] | length == 9 and all(.[]; . as $own | .stage == "neighbors" and .asked == 8 and (.pairs | sort) == [0, 1, 2, 3]
			and (.neighbors | length == 3) and .neighbors[0].score == 100 and .neighbors[0].n == 8
			and (.neighbors[:2] | all(.[]; .correct == .n and (.user_id | split("-")[0]) == ($own.user_id | split("-")[0]))) and .tokens.in > 0)' \
		'# each record stands behind the lines of its user
		[.[].user_id | strings] | [., .[1:]] | transpose | map(select(.[0] != .[1])) | length == 9' \
		'.[-4:] | map(.type) == ["prototype", "prototype", "prototype", "run"]' \
		'[.[] | select(.type == "prototype")] | map(.cluster) == [0, 1, 2] and all(.[]; .user_id == null and (.users | length) == 3 and (.users | map(split("-")[0]) | unique | length) == 1
		and (.medoid as $m | .users | any(. == $m)) and .correct == .n and .n > 0 and (.persona | startswith("This user likes")))' \
		'([.[] | select(.type == "prototype") | .cluster as $c | .users[] | {(.): $c}] | add) as $of
		| [.[] | select(.type == "neighbors")] | all(.[]; .cluster == $of[.user_id])'
	sm-neighbors -q --only in.jsonl >only.jsonl
	diff <(made out.jsonl neighbors prototype) <(made only.jsonl neighbors prototype)
	[ "$(jq -r .type only.jsonl | sort -u | tr '\n' ' ')" = "neighbors prototype run " ]
}

@test "no request holds texts of two users, and none what is held out" {
	mock_start --decide planted
	people >in.jsonl
	jq -nc '"emoji-1", "emoji-2" | {type: "demos", user_id: ., stage: "demosearch",
		demos: [{context: [{role: "user", content: "example-of-\(.)"}], first: "a", second: "b", preference: "First"}]}' >demos
	{ grep -h '"emoji-1"' in.jsonl demos; grep -h '"emoji-2"' in.jsonl demos; grep -v '"emoji-[12]"' in.jsonl; } >with.jsonl
	sm-neighbors -q with.jsonl >out.jsonl
	[ "$(mock_calls)" -gt 100 ]
	jq -c '.body.messages | tostring | [scan("secret-[a-z]+-[0-9]")] | unique | length' mock.log | sort | uniq -c | awk '{ print $2 }' >owners
	[ "$(cat owners)" = 1 ]
	! grep -q example-of mock.log || false
	! grep -q -- '-test\.' mock.log || false
	! grep -q 'example-of' <(jq -c 'select(.type == "prototype")' out.jsonl) || false
	# of another user there is the persona, and who it is of is not said
	jq -es 'map(.body.messages[0].content | contains("This user likes")) | all' mock.log
	# texts are shown where that is allowed
	: >mock.log
	sm-neighbors -q --share-texts --clusters 1 with.jsonl >shared.jsonl
	grep -q 'example-of-emoji-1' mock.log
}

@test "examples of others start a user only where that is allowed" {
	mock_start --decide planted
	jq -nc '{type: "prototype", user_id: null, cluster: 0, users: ["a", "b"], medoid: "a", persona: "This user likes emoji.", correct: 8, n: 8,
		demos: [{context: [{role: "user", content: "example-of-a"}], first: "a", second: "b", preference: "First"}]}' >p.jsonl
	pairs new emoji 2 >new.jsonl
	sm-neighbors -q --cold p.jsonl new.jsonl >out.jsonl
	! grep -q example-of-a mock.log out.jsonl || false
	sm-neighbors -q --cold p.jsonl --share-texts new.jsonl >out.jsonl
	grep -q example-of-a mock.log
	jq -es 'map(select(.type == "demos"))[0] | .user_id == "new" and .stage == "neighbors" and (.demos | length) == 1' out.jsonl
	pairs new emoji 1 test >test.jsonl
	cat out.jsonl test.jsonl | sm-judge -q | jq -es 'map(select(.type == "verdict")) | length == 2 and all(.[]; .uses == {persona: true, demos: 1})'
	# one's own examples stay
	{ cat new.jsonl; jq -nc '{type: "demos", user_id: "new", stage: "demosearch", demos: []}'; } | sm-neighbors -q --cold p.jsonl --share-texts | jq -es 'map(select(.type == "demos")) | length == 1'
}

@test "the records do not depend on the order of users" {
	mock_start --decide planted:q=0.7:l=0.1
	people >in.jsonl
	sm-neighbors -q in.jsonl >a.jsonl
	for user in $(jq -r .user_id in.jsonl | sort -ur); do grep "\"$user\"" in.jsonl; done >b-in.jsonl
	run -1 cmp -s in.jsonl b-in.jsonl
	sm-neighbors -q b-in.jsonl >b.jsonl
	diff <(made a.jsonl neighbors prototype | sort) <(made b.jsonl neighbors prototype | sort)
	# from a pipe and from files in parts as well
	head -n 20 in.jsonl >one && tail -n +21 in.jsonl | sm-neighbors -q one - >c.jsonl
	diff <(made a.jsonl neighbors) <(made c.jsonl neighbors)
}

@test "what cannot be among the best is not asked on, and the best are the same" {
	mock_start --decide planted:q=0.8
	people >in.jsonl
	sm-neighbors -q --no-cache --best 8 in.jsonl >all.jsonl
	holds all.jsonl '.[-1] | .calls + .shared == 9 * 8 * 8'
	for best in 1 3; do
		sm-neighbors -q --no-cache --best $best in.jsonl >some.jsonl
		jq -es --argjson best $best --slurpfile all all.jsonl '
			def found: map(select(.type == "neighbors") | [.user_id, .neighbors[:$best]]);
			(found | length > 0) and found == ($all | found) and all(.[].neighbors | arrays; length == $best)
			and (.[-1] | .calls + .shared) < ($all[-1] | .calls + .shared)' some.jsonl || { echo "$best"; false; }
	done
	sm-neighbors -q --no-cache --candidates 2 --pairs 3 --best 8 in.jsonl >some.jsonl
	holds some.jsonl '.[-1] | .calls + .shared == 9 * 2 * 3' \
		'map(select(.type == "neighbors")) | all(.[]; .asked == 2 and (.pairs | length) == 3 and (.neighbors | all(.[]; .n == 3)))'
}

@test "those with the most similar words are asked, in any script and case" {
	mock_start --decide planted
	jq -nc "$made_up"'{a: "LIKES the owls", b: "hates mice", c: "likes THE owls!", d: "喜欢简短的回答", e: "不喜欢简短"} | to_entries[]
		| .key as $user | ("emoji" | pairs($user; 2; "train")), {type: "persona", user_id: $user, persona: .value}' >in.jsonl
	sm-neighbors -q --only --candidates 1 --best 1 in.jsonl | jq -sc 'map(select(.type == "neighbors") | {(.user_id): .neighbors[0].user_id}) | add' >out.json
	jq -e '.a == "c" and .c == "a" and .d == "e" and .e == "d"' out.json
}

@test "one user alone, two, and users without a persona or without known choices" {
	mock_start --decide planted
	person solo emoji >one.jsonl
	sm-neighbors -q one.jsonl >out.jsonl
	[ "$(mock_calls)" -eq 0 ]
	holds out.jsonl 'map(select(.type == "neighbors"))[0] | .neighbors == [] and .asked == 0 and .cluster == 0' \
		'map(select(.type == "prototype")) | length == 1 and (.[0] | .users == ["solo"] and .medoid == "solo" and .n == 0)'
	{ person a emoji && person b plain; } >two.jsonl
	sm-neighbors -q two.jsonl | jq -es 'map(select(.type == "neighbors")) | map(.neighbors[0]) == [{user_id: "b", correct: 0, n: 8, score: 0}, {user_id: "a", correct: 0, n: 8, score: 0}]'
	{ person a emoji && pairs none emoji 3 && person b emoji; jq -nc '{type: "persona", user_id: "mute", persona: "This user likes emoji."}'; } >mixed.jsonl
	run --separate-stderr sm-neighbors mixed.jsonl
	[ "$status" -eq 0 ]
	[[ $stderr == *"1 users have no persona and get no neighbors"* ]]
	holds - 'map(select(.type == "neighbors")) | map(.user_id) == ["a", "b", "mute"] and .[2].neighbors == [] and (.[0].neighbors | map(.user_id) | sort) == ["b", "mute"]' \
		'map(select(.user_id == "none")) | length == 3' <<<"$output"
	run --separate-stderr sm-neighbors -q </dev/null
	[ "$status" -eq 0 ]
	[[ ${#lines[@]} -eq 1 && $output == '{"type":"run",'* ]]
}

@test "users who failed or wait pass untouched, and so do unknown records and lines of nobody" {
	mock_start --decide planted
	{
		echo '{"type":"note","user_id":null,"text":"before"}'
		person a emoji
		person failed emoji
		echo '{"type":"error","user_id":"failed","stage":"persona","message":"no"}'
		person late emoji
		echo '{"type":"pending","user_id":"late","stage":"persona","waiting":1}'
		echo '{"type":"note","user_id":null,"text":"amid"}'
		person b emoji
		echo '{"type":"strange","user_id":"b"}'
	} >in.jsonl
	run -0 sm-neighbors -q in.jsonl
	grep -vE '"type":"(neighbors|prototype|run)"' <<<"$output" | cmp - in.jsonl
	jq -es 'map(select(.type == "neighbors")) | map(.user_id) == ["a", "b"] and all(.[]; .asked == 1)' <<<"$output"
	# A user whose lines are apart is told, once.
	{ person a emoji; person b emoji; pairs a emoji 1 val; } >apart.jsonl
	run --separate-stderr sm-neighbors -q apart.jsonl
	[ "$status" -eq 1 ]
	[ "$(grep -c 'user a came before' <<<"$stderr")" -eq 1 ]
	[ "$(grep -c '^{"type":"error"' <<<"$output")" -eq 1 ]
	# And so is a line that is no record.
	{ person a emoji; echo nonsense; person b emoji; } >bad.jsonl
	run --separate-stderr sm-neighbors -q bad.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[[ $stderr == *"bad.jsonl:7:"* ]]
}

@test "a question that fails fails its user alone" {
	echo '{"expect":{"contains":["secret-bold-2"]},"fault":"context:value=1"}' >script
	mock_start --decide planted --script script
	people >in.jsonl
	run --separate-stderr sm-neighbors -q in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"user bold-2: "* ]]
	holds - 'map(select(.type == "error")) | length == 1 and (.[0] | .user_id == "bold-2" and .stage == "neighbors")' \
		'map(select(.type == "neighbors")) | length == 8' \
		'# others may have that user as a neighbor; no cluster has
		any(.[] | select(.type == "neighbors").neighbors[]; .user_id == "bold-2") and ([.[] | select(.type == "prototype").users[]] | length == 8 and all(.[]; . != "bold-2"))' \
		'.[-1] | .failed_users == 1 and .users == 9 and .complete' <<<"$output"
}

@test "nothing is paid for twice: after the end, after a stop, in a replay" {
	mock_start --decide planted
	people >in.jsonl
	run -6 sm-neighbors -q --max-calls 40 in.jsonl
	first=$(mock_calls)
	[ "$first" -eq 40 ]
	[[ $output != *'"type":"neighbors"'* ]]
	sm-neighbors -q in.jsonl >out.jsonl
	all=$(mock_calls)
	SM_CACHE=$other sm-neighbors -q in.jsonl >fresh.jsonl
	[ $(($(mock_calls) - all)) -eq "$all" ]
	sm-neighbors -q in.jsonl >again.jsonl
	sm-neighbors -q --replay in.jsonl >replay.jsonl
	[ "$(mock_calls)" -eq $((2 * all)) ]
	made out.jsonl neighbors prototype >made.jsonl
	for each in fresh again replay; do made $each.jsonl neighbors prototype | diff made.jsonl -; done
}

@test "a dry run asks nothing and bounds the calls, alone and at the end of a pipe" {
	mock_start --decide planted
	people >in.jsonl
	sm-neighbors -q -n in.jsonl >plan.jsonl
	[ "$(mock_calls)" -eq 0 ]
	sm-neighbors -q in.jsonl >out.jsonl
	calls=$(mock_calls)
	holds plan.jsonl ".[-1].plan.calls | .least <= $calls and $calls <= .most and .most == 576 and .typical <= .most" \
		'map(select(.type == "pending")) | length == 9 and all(.[]; .stage == "neighbors")'
	! grep -qE '"type":"(neighbors|prototype)"' plan.jsonl || false
	sm-neighbors -q -n in.jsonl | jq -es '.[-1].plan.calls.most == 0 and any(.[]; .type == "prototype")'
	# Of users whose personas are to come, too.
	: >mock.log
	sm-split -q --test 2 "$prefs" | sm-bootstrap -q -n | sm-persona -q -n | sm-neighbors -q -n >plan.jsonl
	[ "$(mock_calls)" -eq 0 ]
	jq -es '.[-1] | .plan.calls.most == 3 * 2 * 8 and .plan_so_far.calls.most > .plan.calls.most' plan.jsonl
}

@test "a batch asks for all of it at once, and gives what the calls give" {
	mock_start --decide planted
	people >in.jsonl
	run -5 sm-neighbors -q --batch batch.jsonl in.jsonl
	[ "$(mock_calls)" -eq 0 ]
	jq -es 'map(select(.type == "pending")) | length == 9 and all(.[]; .waiting == 64)' <<<"$output"
	! grep -qE '"type":"(neighbors|prototype)"' <<<"$output" || false
	sm-llm -q --no-cache batch.jsonl | sm-cache -q import
	sm-neighbors -q --replay in.jsonl >out.jsonl
	SM_CACHE=$other sm-neighbors -q in.jsonl >direct.jsonl
	diff <(made direct.jsonl neighbors prototype) <(made out.jsonl neighbors prototype)
}

@test "--clusters makes as many, at most one for each user" {
	mock_start --decide planted
	people >in.jsonl
	for count in 1 2 9; do
		sm-neighbors -q --clusters $count in.jsonl | jq -es --argjson k $count 'map(select(.type == "prototype")) | length == $k and (map(.users | length) | add == 9 and . == (sort | reverse))'
	done
	sm-neighbors -q --clusters 50 in.jsonl | jq -es 'map(select(.type == "prototype")) | length == 9 and all(.[]; .users == [.medoid])'
	# people who are all alike are one cluster
	jq -nc "$made_up"'range(1; 6) as $i | "emoji" | person("like-\($i)"; 4)' | sm-neighbors -q | jq -es 'map(select(.type == "prototype")) | length == 1'
}

@test "--cold: a user with one or two choices starts from the prototype that predicts them" {
	mock_start --decide planted
	neighborhood >known.jsonl
	: >mock.log
	{ pairs x bullets 1 && pairs x bullets 3 test && pairs y emoji 2; } >new.jsonl
	sm-neighbors -q --cold known.jsonl new.jsonl >out.jsonl
	grep -vE '"type":"(persona|run)"' out.jsonl | cmp - new.jsonl
	jq -es 'map(select(.type == "persona")) | map([.user_id, .stage, (.persona | split("-")[0])]) == [["x", "neighbors", "This user likes lists with bullets. Indeed bullets"], ["y", "neighbors", "This user likes emoji. Indeed emoji"]]
		and all(.[]; .from[0].correct == .from[0].n and .from[0].p > 0.5 and (.from | map(.cluster) | sort) == [0, 1, 2] and ((.from | map(.p) | add) + .none - 1 | fabs) < 1e-5)' out.jsonl
	# one choice is asked about in both orders, and the second question only where it may tell something
	[ "$(mock_calls)" -le $((3 * 2 + 3 * 4)) ]
	jq -c '.body.messages | tostring | [scan("secret-[a-z]+")] | unique' mock.log | sort -u >texts
	[ "$(tr '\n' ' ' <texts)" = '["secret-x"] ["secret-y"] ' ]
	! grep -q -- '-test\.' mock.log || false
	sm-judge -q out.jsonl | sm-eval | jq -es 'map(select(.type == "result" and .user_id == "x"))[0] | .accuracy == 1'
	# A start is made anew with further choices; the last persona counts.
	{ grep -v '"run"' out.jsonl | grep '"x"'; pairs x emoji 6 val; } | sm-neighbors -q --cold known.jsonl | jq -es 'map(select(.type == "persona")) | length == 2 and (.[1].persona | contains("emoji"))'
}

@test "--cold leaves alone who has a persona or choices enough, and says so" {
	mock_start --decide planted
	neighborhood >known.jsonl
	: >mock.log
	{ person own emoji 1; pairs many emoji 8; pairs none emoji 2 test; } >new.jsonl
	run --separate-stderr sm-neighbors --cold known.jsonl new.jsonl
	[ "$status" -eq 0 ]
	[ "$(mock_calls)" -eq 0 ]
	grep -v '"type":"run"' <<<"$output" | cmp - new.jsonl
	[[ $stderr == *"2 users have a persona of their own, or choices enough to learn one: left alone"* ]]
	[[ $stderr == *"1 users have no known choices to start from"* ]]
	jq -es '.[-1] | .left_alone == 2 and .unknown == 1 and .started == 0 and .unlike == 0' <<<"$output"
	sm-neighbors -q --own 9 --cold known.jsonl new.jsonl | jq -es 'map(select(.type == "persona" and .stage == "neighbors")) | map(.user_id) == ["many"]'
	# Nobody gets the persona of people who choose otherwise.
	pairs odd plain 7 >odd.jsonl
	jq -nc '{type: "prototype", user_id: null, cluster: 0, users: ["a", "b", "c"], persona: "This user likes emoji.", correct: 20, n: 20}' >p.jsonl
	run --separate-stderr sm-neighbors --cold p.jsonl odd.jsonl
	[ "$status" -eq 0 ]
	[[ $stderr == *"1 users are more probably like no prototype: they get none"* ]]
	! grep -q '"type":"persona"' <<<"$output" || false
}

@test "--cold: where two prototypes are as probable the larger cluster wins, then the first" {
	mock_start --decide planted
	prototype() { echo '{"type":"prototype","user_id":null,"cluster":'"$1"',"users":'"$2"',"persona":"'"$3"'","correct":8,"n":10}'; }
	pairs u emoji 1 >new.jsonl
	{ prototype 4 '["0","1"]' 'This user likes emoji. Few.'; prototype 2 '["0","1","2"]' 'This user likes emoji. Many.'; } >p.jsonl
	sm-neighbors -q --only --cold p.jsonl new.jsonl | jq -es '.[0] | .persona == "This user likes emoji. Many." and (.from | map(.cluster)) == [2, 4]'
	{ prototype 4 '["0","1"]' 'This user likes emoji. Fourth.'; prototype 2 '["0","1"]' 'This user likes emoji. Second.'; } >p.jsonl
	sm-neighbors -q --only --cold p.jsonl new.jsonl | jq -es '.[0].persona == "This user likes emoji. Second."'
}

@test "--cold: what was not asked on is never said to be more probable than what was taken" {
	mock_start --decide planted
	prototype() { jq -nc --argjson c "$1" --argjson n "$2" --argjson correct "$3" --arg p "$4" '{type: "prototype", user_id: null, cluster: $c, users: [range($n) | tostring], persona: $p, correct: $correct, n: 20}'; }
	{ prototype 0 16 10 'This user likes emoji. Many.'; prototype 1 1 20 'This user likes plain text. One.'; } >p.jsonl
	pairs u plain 2 >new.jsonl
	sm-neighbors -q --only --cold p.jsonl new.jsonl >out.jsonl
	jq -es '.[0] | .persona == "This user likes emoji. Many." and .from[1].n < .from[0].n and .from[1].p < .from[0].p and (((.from | map(.p) | add) + .none - 1 | fabs) < 1e-5)' out.jsonl
}

@test "--cold with a file that holds no prototypes, or none at all, or wrong ones" {
	mock_start --decide planted
	pairs u emoji 1 >new.jsonl
	: >empty
	people >foreign.jsonl
	for file in empty foreign.jsonl; do
		run --separate-stderr sm-neighbors --cold $file new.jsonl
		[ "$status" -eq 3 ]
		[ "$stderr" = "sm-neighbors: $file holds no prototypes; give what sm-neighbors wrote of many users" ]
	done
	run --separate-stderr sm-neighbors --cold missing new.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *missing* ]]
	for wrong in nonsense '{"type":"prototype","user_id":null,"cluster":0,"users":[]}' '{"type":"prototype","user_id":null,"cluster":0.5,"users":[],"persona":"x"}' \
		'{"type":"prototype","user_id":null,"cluster":0,"users":3,"persona":"x"}'; do
		echo "$wrong" >wrong.jsonl
		run --separate-stderr sm-neighbors --cold wrong.jsonl new.jsonl
		[ "$status" -eq 3 ]
		[[ $stderr == *"wrong.jsonl:1: "* ]]
	done
	run --separate-stderr sm-neighbors --cold new.jsonl --clusters 2 new.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == *"--clusters makes prototypes, and --cold takes them"* ]]
	[ "$(mock_calls)" -eq 0 ]
}

@test "the other programs pass the new records, and nothing changes for them" {
	mock_start --decide planted
	people >in.jsonl
	neighborhood >out.jsonl
	sm-judge -q out.jsonl >judged.jsonl
	sm-judge -q in.jsonl | jq -c 'select(.type == "verdict") | del(.ms)' | diff - <(jq -c 'select(.type == "verdict") | del(.ms)' judged.jsonl)
	grep -E '"type":"(neighbors|prototype)"' out.jsonl | diff - <(grep -E '"type":"(neighbors|prototype)"' judged.jsonl)
	sm-eval judged.jsonl | jq -es 'map(select(.type == "result" and .user_id == null))[0].accuracy == 1'
	sm-split -q --ratio 1 out.jsonl | grep -E '"type":"(neighbors|prototype)"' | sort | diff - <(grep -E '"type":"(neighbors|prototype)"' out.jsonl | sort)
	sm-report -q judged.jsonl >report.html
	sm-prompt persona -q -s emoji-1 out.jsonl | grep -q 'likes emoji'
}

# catches PID: whether it is the program by now, and has a handler for SIGTERM.
catches() { [ "$(cat "/proc/$1/comm")" = sm-neighbors ] && (((0x$(awk '/^SigCgt/ { print $2 }' "/proc/$1/status") & 0x4000) != 0)); }

@test "a signal ends it while it waits for input" {
	local pid status=0
	mock_start --decide planted
	mkfifo endless
	exec 7<>endless
	person a emoji >&7
	sm-neighbors -q <endless >out.jsonl 3>&- 7>&- &
	pid=$!
	until catches $pid; do sleep 0.05; done
	kill -TERM $pid
	timeout 20 tail --pid=$pid -f /dev/null
	exec 7>&-
	wait $pid || status=$?
	[ "$status" -eq 143 ]
	jq -es 'length == 1 and (.[0] | .type == "run" and (.complete | not))' out.jsonl
}
