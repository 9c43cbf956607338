# sm-judge --by likelihood: rewards of replies, told by each kind of server. What they must be is computed by tests/tools/likelihoods.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	ways=(echo chat forced)
	cd "$BATS_TEST_TMPDIR" || return 1
}

# One user with known choices, a persona, examples and three judged pairs.
stream() {
	cat <<'END'
{"user_id":"a","context":[{"role":"user","content":"Known one?"}],"chosen":"Short and sharp.","rejected":"A long and winding answer, sure.","split":"train","index":0}
{"user_id":"a","context":[{"role":"user","content":"Known two?"},{"role":"assistant","content":"Owls"},{"role":"user","content":"Is"},{"role":"user","content":"it?"}],"chosen":"Sharp and short","rejected":"A winding road","split":"val","index":1}
{"user_id":"a","context":[{"role":"user","content":"Known three?"}],"chosen":{"role":"assistant","content":"winding"},"rejected":"sharp","split":"val","index":2}
{"user_id":"a","context":[{"role":"user","content":"Which?"}],"chosen":{"role":"assistant","content":"Short owls and sharp"},"rejected":"A long winding owl","split":"test","index":4}
{"user_id":"a","context":[{"role":"user","content":"What?"},{"role":"assistant","content":"The owls"},{"role":"user","content":"And?"}],"chosen":"A long road","rejected":"Short and sweet owls","split":"test","index":5}
{"user_id":"a","context":[{"role":"user","content":"Who?"}],"first":"A long road home","second":"Short, sharp and sweet","split":"test","index":6}
{"type":"persona","user_id":"a","stage":"persona","persona":"Likes owls and sweet replies.","reasoning":""}
{"type":"demos","user_id":"a","stage":"demosearch","seed":0,"score":1,"demos":[{"index":1,"kind":"bootstrapped","context":[{"role":"user","content":"Demo question"}],"first":{"role":"assistant","content":"A demo one"},"second":"Short demo two","preference":"Second","reasoning":"because demo"},{"index":2,"kind":"labeled","context":[{"role":"user","content":"Demo again"}],"first":"sharp and home","second":"a road","preference":"First"}]}
END
}

# Two pairs of a user of whom nothing is known.
two_pairs() {
	cat <<'END'
{"user_id":"a","context":[{"role":"user","content":"Was 日本 🎉 nice?"}],"chosen":"Short owls 🎉 and sharp","rejected":"A long owl","split":"test","index":0}
{"user_id":"a","context":[{"role":"user","content":"What?"}],"chosen":"Yes it is","rejected":"No","split":"test","index":1}
END
}

judge() {
	sm-judge -q --only --by likelihood "$@"
}

# way WAY [OPTION ...]: starts a mock that tells likelihoods in this way; its answers have a store of their own.
way() {
	mock_start --likelihood "$@"
	export SM_CACHE=$BATS_TEST_TMPDIR/$1.db
}

verdicts() { jq -c "select(.type == \"verdict\") | $1"; }

# Verdicts without what differs from run to run.
same() { sed -n '/^{"type":"verdict"/{s/,"ms":[0-9.]*//;p}'; }

# The way that the store remembers.
way_known() { sm-cache list "$@" | sed -n 's/.*"name":"likelihood","value":"\(.*\)"}$/\1/p'; }

# How often it was asked for more than the way.
asked() { grep -cv '[Gg]rass' mock.log; }

# How many likelihoods the mock was asked for; the steps before them, which cost nothing, are made anew after a kill.
paid() { grep -cvE '[Gg]rass|^\{"path":"[^"]*(tokenize|apply-template)' "${1-mock.log}"; }

# judged WAY: the stream judged in this way, once for all tests: $judged.jsonl, with $judged.db for its store and $judged.log of the mock.
judged() {
	judged=$BATS_FILE_TMPDIR/judged-$1
	[ ! -e "$judged.jsonl" ] || return 0
	way "$1"
	stream | judge --cache "$judged.db" >"$judged.jsonl"
	cp mock.log "$judged.log"
}

# judged_with: the stream in in.jsonl judged with the options on each line of standard input, as tests/tools/likelihoods prints it.
judged_with() {
	local options
	while read -r options; do
		echo "\"$options\""
		# shellcheck disable=SC2086 # words
		judge $options in.jsonl
	done | jq -cr 'strings, (objects | select(.type == "verdict") | [.user_id, .index, (.rewards[] * 1e4 | round), .reply_tokens[]])'
}

@test "each way gives the rewards that the rule says, whatever is subtracted and whatever is known" {
	stream >in.jsonl
	cat >options <<'END'

--contrast nothing
--history 2
--per-token
--contrast off
--no-persona
--no-demos
--no-persona --no-demos
--no-persona --contrast nothing
--no-persona --contrast off
--history 9
--history 0
--history 2 --no-demos
--per-token --contrast off
END
	way chat
	diff <(judged_with <options) <("$top/tests/tools/likelihoods" chat in.jsonl <options)
	for way in echo forced; do
		way "$way"
		diff <(head -n 4 options | judged_with) <(head -n 4 options | "$top/tests/tools/likelihoods" "$way" in.jsonl) || { echo "$way"; false; }
	done
}

@test "a reward by hand: a token is -2, or -1 where the side's replies have it, half a point more where the persona has it" {
	way forced
	stream | judge | verdicts 'select(.index == 4)' >verdict.json
	# "Short" is in a chosen reply, " owls" in the persona, " and" in both; no rejected reply has a token of these four
	[ "$(jq .rewards.chosen verdict.json)" = 3 ]
	# "A" is in a rejected reply
	[ "$(jq .rewards.rejected verdict.json)" = -1 ]
}

@test "a verdict a pair: orders take turns with the index, and the preference goes with them" {
	way echo
	stream | judge >out.jsonl
	[ "$(verdicts '[.index, .order, .preference, .prediction, .label, .correct]' <out.jsonl)" = \
'[4,"forward","First",1,"First",true]
[5,"reverse","First",-1,"Second",false]
[6,"forward","Second",-1,null,null]' ]
	verdicts '[.stage, .by, .model, .status, (.rewards | keys), (.reply_tokens | keys), .uses, (.ms | type), has("reasoning"), has("p_first")]' <out.jsonl |
		sort -u | diff - <(
			echo '["judge","likelihood","mock","ok",["chosen","rejected"],["chosen","rejected"],{"persona":true,"demos":2},"number",false,false]'
			echo '["judge","likelihood","mock","ok",["first","second"],["first","second"],{"persona":true,"demos":2},"number",false,false]'
		)
	[ "$(stream | judge --history 3 --no-persona | verdicts .uses | sort -u)" = '{"persona":false,"demos":3}' ]
	[ "$(stream | judge --order forward | verdicts '[.order, .preference]' | paste -sd ' ')" = '["forward","First"] ["forward","Second"] ["forward","Second"]' ]
	[ "$(stream | judge --order reverse | verdicts '[.order, .preference]' | paste -sd ' ')" = '["reverse","Second"] ["reverse","First"] ["reverse","First"]' ]
}

@test "replies that are as likely are a tie, however their tokens are added" {
	"$top/tests/tools/noisy-tastes" 4 >in.jsonl
	way echo
	judge --per-token --history 3 in.jsonl | verdicts '(.rewards.chosen == .rewards.rejected) == (.preference == "Tie")' | sort -u | diff - <(echo true)
}

@test "replies that are as likely are a tie" {
	way chat
	two_pairs | jq -c '.rejected = .chosen' | judge | verdicts '[.preference, .prediction, .correct, .rewards.chosen == .rewards.rejected]' |
		sort -u | diff - <(echo '["Tie",0,false,true]')
}

@test "what is asked: the persona and the chosen replies on one side, the rejected ones on the other, before the same question" {
	way chat
	stream | jq -c 'select(.index != 5 and .index != 6)' >in.jsonl
	judge in.jsonl >out.jsonl
	jq -c '.body | select(.prompt_logprobs and (tostring | contains("grass") | not)) | [.messages[] | .role[:1] + ":" + .content[:14]]' mock.log | sort | diff - <(sort <<'END'
["s:You reply to o","u:Demo question","a:Short demo two","u:Demo again","a:sharp and home","u:Which?","a:Short owls and"]
["s:You reply to o","u:Demo question","a:Short demo two","u:Demo again","a:sharp and home","u:Which?","a:A long winding"]
["u:Demo question","a:A demo one","u:Demo again","a:a road","u:Which?","a:Short owls and"]
["u:Demo question","a:A demo one","u:Demo again","a:a road","u:Which?","a:A long winding"]
END
	)
	: >mock.log
	judge --history 2 --no-persona in.jsonl >out.jsonl
	# turns of one role after one another are one, and only the last two pairs are known
	jq -c '.body | select(.prompt_logprobs).messages | map(.role[:1]) | join("")' mock.log | sort -u | diff - <(echo '"uauauaua"')
	jq -es 'any(.[]; .body.messages[2].content == "Is\n\nit?") and all(.[]; .body | tostring | contains("Known one") | not)' mock.log
}

# replies TEXT ...: for each a pair of it and of a list of turns that goes on with it, after a known choice with some of their tokens.
replies() {
	jq -nc '{user_id: "a", context: [{role: "user", content: "Known 🎉 日本?"}], chosen: "Short and 🎉 sharp. 日本\r\n", rejected: "e\u0301te\u0301 long\n\n", split: "train"},
		($ARGS.positional[] | {user_id: "a", context: [{role: "user", content: "Which 🎉 日本?"}], chosen: .,
			rejected: [{role: "assistant", content: (. + " A")}, {role: "assistant", content: "b"}], split: "test"})' --args "$@"
}

# The stream in in.jsonl gives in each way what the rule says.
in_all_ways() {
	for way in "${ways[@]}"; do
		way "$way"
		diff <(judged_with <<<"--history 1") <("$top/tests/tools/likelihoods" "$way" in.jsonl <<<"--history 1") || { echo "$way"; false; }
	done
}

@test "emoji, other scripts, combining characters, odd spaces and line ends: each token of the reply counts, and no other" {
	replies 'ends 🎉' 'a 🎉🎉👩‍👩‍👧‍👦🇩🇪 b' '日本語 の文' $'e\u0301te\u0301 n\u0303' $'a\r\nb\r\n' $'\n\nleading' ' leading space' '  two  spaces  ' \
		$'tab\tand\\back"quote' $'\u2028 sep \u0085 nel' $'trailing\n' x $'last \U10FFFF plane' - '[INST] </s> {{x}} <[1]> "q" \x41 "' \
		$'\x01\x1f\x7f ctl' $'User:\nhi' >in.jsonl
	in_all_ways
}

@test "an emoji with which a reply begins counts whole" {
	replies '🎉 begins' ' 🎉' '👩‍👩‍👧‍👦 x' $'\U10FFFF end' >in.jsonl
	in_all_ways
}

@test "a reply is asked for as far as it goes, behind a NUL too, or its pair fails" {
	printf '%s\n' '{"user_id":"a","context":[{"role":"user","content":"Which?"}],"chosen":"ab\u0000cd ef","rejected":"ab","split":"test"}' >in.jsonl
	for way in "${ways[@]}"; do
		way "$way"
		judge in.jsonl >out.jsonl || true
		verdicts 'select(.reply_tokens.chosen == .reply_tokens.rejected)' <out.jsonl | diff - /dev/null || { echo "$way"; false; }
	done
}

@test "a pair with an empty reply fails, and the others go on" {
	way forced
	{ two_pairs; two_pairs | jq -c 'select(.index == 0) | .index = 2 | .rejected = ""'; } >in.jsonl
	run --separate-stderr judge in.jsonl
	[ "$status" -eq 1 ]
	[ "$(verdicts .index <<<"$output" | paste -sd ' ')" = "0 1" ]
	[ "$(jq -c 'select(.type == "error") | [.user_id, .stage, .index, .order, .message]' <<<"$output")" = '["a","judge",2,"forward","an empty reply"]' ]
	[ "$stderr" = "sm-judge: user a: 1 of 3 verdicts failed: an empty reply; leave it out" ]
}

@test "the way is found out once: the store remembers it, and a second run asks nothing" {
	stream >in.jsonl
	for way in "${ways[@]}"; do
		way "$way"
		judge in.jsonl >first.jsonl
		[ "$(way_known)" = "$way" ]
		calls=$(mock_calls)
		judge in.jsonl >second.jsonl
		judge --replay in.jsonl >replayed.jsonl
		[ "$(mock_calls)" -eq "$calls" ]
		[[ $(tail -n 1 second.jsonl) =~ '"calls":0,"hits":'[1-9] ]]
		cmp <(same <first.jsonl) <(same <second.jsonl)
		cmp <(same <first.jsonl) <(same <replayed.jsonl)
		# what is new is asked without finding out again
		: >mock.log
		two_pairs | judge >out.jsonl
		[ "$(mock_calls)" -gt 0 ]
		[ "$(mock_calls)" -eq "$(asked)" ]
	done
}

@test "--no-cache leaves nothing behind, and asks anew" {
	way echo
	two_pairs | judge --no-cache >first.jsonl
	calls=$(mock_calls)
	two_pairs | judge --no-cache >second.jsonl
	[ "$(mock_calls)" -eq $((2 * calls)) ]
	cmp <(same <first.jsonl) <(same <second.jsonl)
	[ ! -e "$SM_CACHE" ]
}

@test "the store keeps the log probabilities of each reply on each side" {
	for way in "${ways[@]}"; do
		judged "$way"
		[ "$(sqlite3 "$judged.db" "select count(*) from answer where response like '{\"logprobs\":[-%],\"usage\":{%}}'")" -eq 12 ]
	done
}

@test "the store keeps nothing of a conversation" {
	for way in "${ways[@]}"; do
		judged "$way"
		[ "$(sqlite3 "$judged.db" "select count(*) from answer where response like '%Demo question%' or response like '%owls%'")" -eq 0 ] || { echo "$way"; false; }
	done
}

@test "--replay of what was never asked: 8, and what to do" {
	way echo
	two_pairs >in.jsonl
	run --separate-stderr judge --replay in.jsonl
	[ "$status" -eq 8 ]
	[[ $stderr == *"sm-judge: the store does not know how $SM_BASE_URL tells likelihoods; ask it once"* ]]
	[ "$(mock_calls)" -eq 0 ]
	head -n 1 in.jsonl | judge >/dev/null
	run --separate-stderr judge --replay in.jsonl
	[ "$status" -eq 8 ]
	[ "$(verdicts .index <<<"$output")" = 0 ]
	[ "$(jq -c 'select(.type == "error").index' <<<"$output")" = 1 ]
}

@test "killed and run again: the same output, and little is asked twice" {
	sm-split -q --test 4 "$prefs" >in.jsonl
	for way in "${ways[@]}"; do
		way "$way"
		judge --history 4 --cache whole.db in.jsonl >whole.jsonl
		calls=$(paid)
		way "$way" --latency 20 --jitter 10
		for kill in 1 2 3; do
			before=$(mock_calls)
			sm-judge -q --only --by likelihood --history 4 -j 4 in.jsonl >cut.jsonl 2>err 3>&- &
			pid=$!
			for ((i = 0; i < 200 && $(mock_calls) < before + 10; i++)); do sleep 0.02; done
			kill -KILL "$pid" 2>/dev/null || break # it was through
			wait "$pid" || [ $? -eq 137 ]
		done
		judge --history 4 in.jsonl >out.jsonl
		cmp <(same <whole.jsonl) <(same <out.jsonl)
		# at most -j calls were in flight, and one turn was not yet written
		[ "$(paid)" -le $((calls + 3 * 8)) ] || { echo "$way: $calls calls, $(paid) made"; false; }
	done
}

@test "two at once on one store: both whole, and nothing is asked twice" {
	sm-split -q --test 4 "$prefs" >in.jsonl
	way forced --latency 5
	judge --history 4 -j 4 in.jsonl >a.jsonl 3>&- &
	judge --history 4 -j 4 in.jsonl >b.jsonl
	wait $!
	cmp <(same <a.jsonl) <(same <b.jsonl)
	[ "$(same <a.jsonl | wc -l)" -eq 12 ]
	[ "$(jq -c '.body | select(.grammar and (tostring | contains("grass") | not))' mock.log | sort | uniq -d | wc -l)" -eq 0 ]
}

@test "calls that fail are made again: the output is the faultless one" {
	stream >in.jsonl
	cat >script.jsonl <<'END'
{"expect":{"lacks":["grass","Grass"]},"fault":"429:every=5:value=ms=1"}
{"expect":{"lacks":["grass","Grass"]},"fault":"503:every=7:value=ms=1"}
{"expect":{"lacks":["grass","Grass"]},"fault":"cut:every=11"}
END
	for way in "${ways[@]}"; do
		judged "$way"
		way "$way" --script script.jsonl
		judge in.jsonl >out.jsonl
		cmp <(same <"$judged.jsonl") <(same <out.jsonl)
		grep '"fault":null' mock.log >good.log
		mv good.log mock.log
		[ "$(paid)" -eq "$(paid "$judged.log")" ]
	done
}

@test "an endpoint in passing trouble while its way is found out has that way all the same" {
	two_pairs >in.jsonl
	for fault in 503 429; do
		for way in "${ways[@]}"; do
			mock_start --likelihood "$way" --fault "$fault:first=3:value=ms=1"
			judge --cache "$fault$way.db" in.jsonl >out.jsonl || { echo "$way, $fault: $?"; false; }
			[ "$(way_known --cache "$fault$way.db")" = "$way" ]
		done
	done
}

@test "a server that tells no likelihoods, or only of what it generates: 4, and what to use instead" {
	two_pairs >in.jsonl
	for options in "--decide longer" "--likelihood silent"; do
		# shellcheck disable=SC2086 # words
		mock_start $options
		run --separate-stderr judge in.jsonl
		[ "$status" -eq 4 ]
		[ -z "$(verdicts . <<<"$output")" ]
		[[ $stderr == "sm-judge: $SM_BASE_URL does not tell how likely a given reply is: "*"; take --by verdict, or an endpoint that tells it: vLLM, "*"llama.cpp"* ]]
		[ "$(grep -c . <<<"$stderr")" -eq 1 ]
		[ "$(mock_calls)" -eq 3 ]
	done
	# that is not remembered: once it can, it is asked
	mock_start --likelihood echo --port "$(port=${SM_BASE_URL##*:}; echo "${port%/v1}")"
	judge in.jsonl | verdicts .index | diff - <(printf '%s\n' 0 1)
}

@test "a server that knows the first step of a way and ignores the last does not have that way" {
	two_pairs >in.jsonl
	while IFS='|' read -r way answer; do
		echo "{\"expect\":{\"has\":[\"$(case $way in chat) echo prompt_logprobs ;; forced) echo grammar ;; echo) echo echo ;; esac)\"]},\"reply\":$answer}" >script.jsonl
		mock_start --likelihood "$way" --script script.jsonl --decide longer
		run --separate-stderr judge in.jsonl
		[ "$status" -eq 4 ] || { echo "$way: $status $stderr"; false; }
		[[ $stderr == *" does not tell how likely a given reply is: "* ]]
		[ -z "$(way_known)" ]
		[[ $(sm-llm --check) == *"not told: sm-judge needs --by verdict"* ]]
	done <<'END'
chat|{"content":"Green"}
chat|{"body":{"choices":[{"message":{"content":"x"}}],"prompt_logprobs":null}}
chat|{"status":400,"body":{"error":{"message":"prompt_logprobs: extra fields are not permitted"}}}
forced|{"body":{"content":" green.","tokens_predicted":3}}
forced|{"status":400,"body":{"error":{"message":"failed to parse grammar"}}}
echo|{"body":{"choices":[{"text":" green."}]}}
END
}

@test "another server in the same place, which tells likelihoods in another way, is asked in that one" {
	way forced
	two_pairs >in.jsonl
	judge in.jsonl >/dev/null
	mock_start --likelihood echo --port "$(port=${SM_BASE_URL##*:}; echo "${port%/v1}")"
	stream | judge >out.jsonl
	[ "$(verdicts .index <out.jsonl | paste -sd ' ')" = "4 5 6" ]
	[ "$(way_known)" = echo ]
}

@test "a key that is refused, and a server that is not there, are told as such" {
	mock_start --likelihood echo --fault badkey
	two_pairs >in.jsonl
	SM_API_KEY=sk-wrong run --separate-stderr judge in.jsonl
	[ "$status" -eq 4 ]
	[[ $stderr == *"HTTP 401"*"check the API key"* ]]
	mock_stop
	run --separate-stderr judge --cache new.db in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-judge: cannot reach $SM_BASE_URL: "* ]]
}

@test "each request has the key and the headers, at the server's root too" {
	two_pairs >in.jsonl
	echo 'X-Gateway: gate' >headers.txt
	for way in "${ways[@]}"; do
		way "$way"
		SM_API_KEY=sk-some-key judge -H @headers.txt in.jsonl >/dev/null
		[ "$(jq -r '.authorization + " " + .headers["x-gateway"]' mock.log | sort -u)" = "Bearer sk-some-key gate" ]
	done
}

@test "--batch and options about verdicts: 2" {
	way echo
	two_pairs >in.jsonl
	while IFS='|' read -r options message; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr judge $options in.jsonl
		[ "$status" -eq 2 ]
		[[ $stderr == "sm-judge: "*"$message"* ]] || { echo "$options: $stderr"; false; }
	done <<'END'
--batch calls.jsonl|--batch is for chats: a likelihood takes steps that depend on each other, or an answer that only makes sense beside its request; leave out --batch
--votes 3|--votes and --logprobs are about verdicts that a model writes
--logprobs|--votes and --logprobs are about verdicts that a model writes
--contrast both|--contrast both: give one of rejected|nothing|off
--history -1|--history -1: give a whole number
END
	run sm-judge --by guess in.jsonl
	[ "$status" -eq 2 ]
	[ "$(mock_calls)" -eq 0 ]
}

@test "options that say how likelihoods are judged by are refused without --by likelihood" {
	two_pairs >in.jsonl
	echo '{"user_id":"u","context":[{"role":"user","content":"Hm?"}],"candidates":["a","b"]}' >candidates.jsonl
	mock_start --decide longer
	while read -r program option; do
		for by in "" "--by verdict"; do
			# shellcheck disable=SC2086 # words
			run --separate-stderr "$program" -q $by $option in.jsonl
			[ "$status" -eq 2 ] || { echo "$program $by $option: $status"; false; }
			[ "$stderr" = "$program: ${option%% *} says how likelihoods are judged by, and the judge goes by verdicts; add --by likelihood, or leave it out" ] ||
				{ echo "$program $option: $stderr"; false; }
		done
	done <<'END'
sm-judge --contrast rejected
sm-judge --history 0
sm-judge --per-token
sm-judge --calibrate
sm-rank --contrast off
sm-rank --history 4
sm-rank --per-token
sm-demosearch --contrast nothing
sm-demosearch --per-token
END
	[ "$(mock_calls)" -eq 0 ]
}

@test "--batch that is refused leaves no file, and one that is there as it is" {
	way echo
	two_pairs >in.jsonl
	judge --batch new.jsonl in.jsonl || [ $? -eq 2 ]
	[ ! -e new.jsonl ]
	sm-judge -q --batch old.jsonl in.jsonl >/dev/null || [ $? -eq 5 ]
	cp old.jsonl kept.jsonl
	judge --batch old.jsonl in.jsonl || [ $? -eq 2 ]
	cmp old.jsonl kept.jsonl
}

@test "--max-calls ends it: 6, what is answered is kept, and no verdict is made of half the answers" {
	stream >in.jsonl
	for way in "${ways[@]}"; do
		judged "$way"
		way "$way"
		SM_RUN=one$way run --separate-stderr judge --max-calls 4 in.jsonl
		[ "$status" -eq 6 ]
		[[ $stderr == "sm-judge: the cap of 4 calls is reached; raise --max-calls"* ]]
		[ "$(paid)" -eq 4 ]
		same <<<"$output" | diff - <(same <"$judged.jsonl") | grep '^<' && false
		SM_RUN=two$way judge in.jsonl >out.jsonl
		cmp <(same <"$judged.jsonl") <(same <out.jsonl)
	done
}

@test "--dry-run asks nothing, and lines pass" {
	way echo
	stream >in.jsonl
	run --separate-stderr sm-judge -n --by likelihood in.jsonl
	[ "$status" -eq 0 ]
	[ "$(mock_calls)" -eq 0 ]
	jq -c 'select(.type != "pending" and .type != "run")' <<<"$output" | cmp - <(jq -c . in.jsonl)
	judge in.jsonl >/dev/null
	: >mock.log
	run --separate-stderr sm-judge -n --by likelihood in.jsonl
	[[ $stderr == *"would make 0 calls, all is recorded"* ]]
	[ "$(verdicts .index <<<"$output" | paste -sd ' ')" = "4 5 6" ]
	[ "$(mock_calls)" -eq 0 ]
}

# planned WAY RUN PLAN ...: what was planned holds for the run.
planned() {
	jq -es '.[0].calls as $calls | length > 1 and all(.[1:][].plan; .calls.least <= $calls and $calls <= .calls.most
		and ((.exact | not) or .calls.least == $calls))' "${@:2}" || { echo "$1: made $(jq .calls "$2"), planned:"; jq -c .plan "${@:3}"; false; }
}

@test "a dry run tells how many calls it takes: exactly, or at least and at most, whether the way is known or not" {
	stream >in.jsonl
	for way in "${ways[@]}"; do
		way "$way"
		judge -n in.jsonl | tail -n 1 >unknown.json
		two_pairs | judge >/dev/null
		judge -n in.jsonl | tail -n 1 >known.json
		judge in.jsonl | tail -n 1 >run.json
		planned "$way" run.json known.json unknown.json
	done
}

@test "a dry run of the whole pipe bounds what a user who is not fitted yet will take" {
	way echo
	sm-fit -q -n --test 2 "$prefs" | judge -n | tail -n 1 | jq -e '(.plan.calls | del(.typical)) == {least: 12, most: 24} and .plan_so_far.calls.most > 24'
}

@test "tokens and cost are those of the calls" {
	echo '{"model":"mock","in":2,"cached":1,"out":10}' >prices.jsonl
	two_pairs >in.jsonl
	for way in "${ways[@]}"; do
		way "$way"
		judge --prices prices.jsonl in.jsonl >out.jsonl
		jq -es 'map(select(.type == "verdict")) as $v | .[-1] as $run | all($v[]; .tokens.in > 0 and .tokens.out > 0
			and ((.cost * 1e6 - (.tokens | (.in - .cached) * 2 + .cached + .out * 10)) | fabs) < 1e-3)
			and ([$v[].tokens.in] | add) == $run.tokens.in and ([$v[].tokens.out] | add) == $run.tokens.out' out.jsonl
	done
	verdicts .tokens.cached <out.jsonl | jq -es 'all(.[]; . > 0)' # of forced
}

# broken WAY FILTER ...: judges a pair for each filter, where the answers are what jq makes of the right ones, and one more as it is.
broken() {
	local way=$1 filters=("${@:2}") line program
	for ((line = 0; line < $#; line++)); do
		printf '{"user_id":"a","context":[{"role":"user","content":"pair%dé 🎉 nice?"}],' $line
		printf '"chosen":"Short owls 🎉 and sharp","rejected":"A long winding 🎉 owl","split":"test","index":%d}\n' $line
	done >in.jsonl
	mock_start --likelihood "$way"
	judge --contrast off --no-cache in.jsonl >right.jsonl
	grep -E '"(echo|prompt_logprobs|grammar)":' mock.log | grep pair >asked.jsonl
	jq -r --arg server "${SM_BASE_URL%/v1}" '"next", "url = \($server)\(.path)", "data = \(.body | tojson | tojson)"' asked.jsonl | curl -s -K - >answers.jsonl
	program=$(for line in "${!filters[@]}"; do echo "if \$i == $line then ${filters[line]} else"; done; echo .; printf ' end%.0s' "${filters[@]}")
	jq -nc --slurpfile asked asked.jsonl --slurpfile answers answers.jsonl "def broken(\$i): $program;"'
		range($asked | length) as $k | $asked[$k].body as $body | ($body | tostring | capture("pair(?<i>[0-9]+)").i | tonumber) as $i
		| {expect: ($body | {prompt, messages, grammar} | with_entries(select(.value))),
			reply: {headers: {"retry-after-ms": "1"}, body: ($answers[$k] | broken($i))}}' >script.jsonl
	mock_start --likelihood "$way" --script script.jsonl
	judge --contrast off --no-cache in.jsonl >out.jsonl 2>err || [ $? -eq 1 ]
}

# never_scored WAY: where answers are as a line of standard input breaks them, the pair is an error; the one more is a verdict.
never_scored() {
	mapfile -t filters
	broken "$1" "${filters[@]}"
	[ "$(same <right.jsonl | wc -l)" -eq $((${#filters[@]} + 1)) ]
	cmp <(same <right.jsonl | tail -n 1) <(same <out.jsonl) || { printf '%s\n' "$1" "${filters[@]}"; false; }
	[ "$(grep -c '"type":"error"' out.jsonl)" -eq "${#filters[@]}" ]
}

@test "echo: offsets or log probabilities that do not fit are an error, never a score" {
	never_scored echo <<'END'
.choices[0].logprobs.text_offset[0] = 1
.choices[0].logprobs.text_offset |= map(. + 1)
.choices[0].logprobs.text_offset[9] = 0
.choices[0].logprobs.text_offset |= .[1:]
.choices[0].logprobs.text_offset |= map(tostring)
.choices[0].logprobs.text_offset[-1] = 1.5e300
.choices[0].logprobs.token_logprobs |= .[:-1]
.choices[0].logprobs.token_logprobs[-2] = null
.choices[0].logprobs.token_logprobs[-2] = 0.5
.choices[0].logprobs.token_logprobs[-2] = "-1"
.choices[0].text |= .[20:]
.choices[0].text |= .[:-12]
del(.choices[0].logprobs)
.choices[0].logprobs = {content: [{token: " The", logprob: -1}]}
.choices = []
{error: {message: "no"}}
END
}

@test "chat: log probabilities that do not fit are an error, never a score" {
	never_scored chat <<'END'
.prompt_logprobs[-1] = null
.prompt_logprobs[-1] += {"1": {logprob: -9}}
.prompt_logprobs[-1] = {}
.prompt_logprobs[-1][].logprob = 0.5
.prompt_logprobs[-1][].logprob = null
.prompt_logprobs[-1][].logprob = "-1"
.prompt_logprobs = []
.prompt_logprobs |= .[:4]
del(.prompt_logprobs)
END
}

@test "forced: tokens that are not the reply's are an error, never a score" {
	never_scored forced <<'END'
.completion_probabilities |= .[:-2]
.completion_probabilities |= .[1:]
.completion_probabilities |= .[:1] + .[2:]
.completion_probabilities[1].bytes[0] = 3
.completion_probabilities[1].bytes = null
.completion_probabilities[1].logprob = 0.5
.completion_probabilities[1].logprob = null
.completion_probabilities[1].logprob = "-1"
del(.completion_probabilities)
END
}

@test "echo: fewer entries than the reply has tokens are an error, never a score" {
	never_scored echo <<'END'
.choices[0].logprobs |= map_values(.[:-2])
.choices[0].logprobs |= map_values(.[:-3] + .[-2:])
END
}

@test "echo: offsets that count half an emoji as a character are an error, never a score" {
	never_scored echo <<<'.choices[0].logprobs.text_offset |= .[:5] + (.[5:] | map(. + 1))'
}

@test "echo: offsets that count a mark before the text, which the text lacks, are an error, never a score" {
	never_scored echo <<'END'
.choices[0].logprobs |= (.text_offset |= [0] + map(. + 3) | .token_logprobs |= [null] + . | .tokens |= ["<s>"] + .)
END
}

@test "chat: fewer or more entries than the reply has tokens are an error, never a score" {
	never_scored chat <<'END'
.prompt_logprobs |= .[:-1]
.prompt_logprobs |= .[1:]
.prompt_logprobs |= . + [{"1": {logprob: -1, rank: 1, decoded_token: "<|im_end|>"}}, {"2": {logprob: -1, rank: 1, decoded_token: "\n"}}]
END
}

@test "chat: an empty thought that the template puts before a reply is not the reply's" {
	broken chat '.prompt_logprobs |= .[:-6] + [{"1": {logprob: -5, decoded_token: "<think>"}}, {"2": {logprob: -5, decoded_token: "</think>"}}] + .[-6:]
		| .usage.prompt_tokens += 2'
	diff <(verdicts '[.index, .rewards, .reply_tokens]' <right.jsonl) <(verdicts '[.index, .rewards, .reply_tokens]' <out.jsonl)
}

@test "a log probability that stands for none, the lowest of its type, is an error, never a score" {
	for line in 'echo .choices[0].logprobs.token_logprobs[-2]' 'chat .prompt_logprobs[-1][].logprob' 'forced .completion_probabilities[1].logprob'; do
		never_scored "${line%% *}" <<<"${line#* } = -3.4028234663852886e+38"
	done
}

@test "an answer that does not fit is told as such, and not as a chat's" {
	broken echo 'del(.choices[0].logprobs)'
	grep -q '1 of 2 verdicts failed: ' err
	run grep 'chat completion' err
	[ "$status" -eq 1 ]
}

@test "--prompts replaces the conversations, and a program that gives no text is named" {
	mkdir prompts
	sm-prompt --show likelihood | sed 's/What is known about this user:/OWN WORDS:/' >prompts/likelihood.jq
	way chat
	stream | judge --prompts prompts >out.jsonl
	grep -q 'OWN WORDS' mock.log
	[ "$(tail -n 1 out.jsonl | jq -r .prompts.likelihood)" != "$(sm-prompt --list | jq -r .likelihood)" ]
	sm-prompt --show likelihood | sed 's/^def reply:.*/def reply: 7;/' >prompts/likelihood.jq
	two_pairs >in.jsonl
	run --separate-stderr judge --prompts prompts in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"2 of 2 verdicts failed: the prompt program likelihood gives no text for \`reply\`; see sm-prompts(5)"* ]]
	echo 'def reply: {' >prompts/likelihood.jq
	run judge --prompts prompts in.jsonl
	[ "$status" -eq 3 ]
	[[ $output == *"prompts/likelihood.jq: "* ]]
}

@test "-m FILE takes what was learned from a file, where a user may be missing" {
	way echo
	stream | judge >whole.jsonl
	stream | jq -c 'select(.type)' >users.jsonl
	{ stream | jq -c 'select(.type | not)'; two_pairs | jq -c '.user_id = "b"'; } >in.jsonl
	run --separate-stderr judge -m users.jsonl in.jsonl
	[ "$status" -eq 1 ]
	cmp <(same <<<"$output") <(same <whole.jsonl)
	[ "$(jq -c 'select(.type == "error") | [.user_id, .stage]' <<<"$output")" = '["b","judge"]' ]
	[[ $stderr == *"user b: users.jsonl holds nothing of this user"* ]]
}

@test "sm-eval and sm-report read its verdicts: each pair counts once" {
	sm-split -q --test 4 "$prefs" >in.jsonl
	way forced
	sm-judge -q --by likelihood --history 8 in.jsonl >out.jsonl
	sm-eval out.jsonl | jq -es --slurpfile o out.jsonl '($o | map(select(.type == "verdict"))) as $v | map(select(.user_id == null))[0]
		| .n == 12 and .pairs == 12 and .correct == ($v | map(select(.correct)) | length) and .ties == ($v | map(select(.prediction == 0)) | length)
		and .failed == 0 and .unparsed == 0'
	sm-eval --table out.jsonl | grep -E '^all +12 +[0-9.]+%'
	sm-report out.jsonl >page.html
	grep -q '</html>' page.html
}

@test "sm-eval compares it with verdicts in both orders, pair by pair" {
	sm-split -q --test 4 "$prefs" >in.jsonl
	way forced --decide longer
	sm-judge -q --by likelihood --history 8 in.jsonl >likelihood.jsonl
	sm-judge -q in.jsonl >verdict.jsonl
	run --separate-stderr sm-eval --table verdict.jsonl likelihood.jsonl
	[ "$status" -eq 0 ]
	[[ $output == *"likelihood.jsonl against verdict.jsonl: "*"on 12 pairs of 3 users"* ]]
	[[ $stderr != *"not compared"* ]]
}

@test "sm-cache export and import carry likelihoods to another store" {
	two_pairs >in.jsonl
	for way in "${ways[@]}"; do
		way "$way"
		judge in.jsonl >out.jsonl
		sm-cache export >answers.jsonl
		run --separate-stderr sm-cache import --cache "other$way.db" answers.jsonl
		[ "$status" -eq 0 ]
		mock_stop
		cmp <(judge --replay --cache "other$way.db" in.jsonl | same) <(same <out.jsonl)
	done
	jq -c 'select(.type == "answer") | .response.logprobs[0] = "x"' answers.jsonl >bad.jsonl
	run --separate-stderr sm-cache import --cache bad.db bad.jsonl
	[ "$status" -eq 1 ]
}

@test "what is asked after the chosen replies goes together, and what after the rejected ones: a server reads either once" {
	stream >in.jsonl
	for way in "${ways[@]}"; do
		way "$way"
		judge -j 1 --history 3 in.jsonl >out.jsonl
		# the texts of which likelihoods are told, by what the first known conversation ended with
		jq -r 'select(.path | endswith("/completions") or endswith("/completion")) | .body | tostring
			| if contains("winding answer") then "rejected" elif contains("Short and sharp.") then "chosen" else empty end' mock.log >sides
		[ "$(uniq -c sides | awk '{print $1, $2}' | sort | paste -sd ' ')" = "6 chosen 6 rejected" ] ||
			{ echo "$way: $(paste -sd ' ' sides)"; false; }
	done
}

# near FILE FILE: as many numbers, the same up to rounding.
near() { jq -ne --slurpfile a "$1" --slurpfile b "$2" '$a != [] and ($a | length) == ($b | length)
	and all([$a, $b] | transpose[]; .[0] == .[1] or (.[0] / .[1] - 1 | fabs) < 5e-4)' || { paste "$1" "$2"; false; }; }

@test "a search by likelihood tells the scale of its rewards, and the verdicts then have p_first: no call more" {
	"$top/tests/tools/noisy-tastes" 2 >in.jsonl
	way echo
	for options in "" --per-token "--contrast nothing" "--contrast off"; do
		# shellcheck disable=SC2086 # words
		sm-demosearch -q --by likelihood --seeds=-2..0 $options in.jsonl >users.jsonl
		grep '"type":"demos"' users.jsonl | grep -o '"scale":[^,}]*' | cut -d : -f 2 >>scales
		# the winner's validation pairs, user by user
		jq -sc '[.[] | select(.type == "demos")] as $won | [.[] | select(.type == "trace")] as $traces
			| $won[] | . as $w | [$traces[] | select(.user_id == $w.user_id and .seed == $w.seed) | .rewards.chosen - .rewards.rejected]' users.jsonl >>differences
		# shellcheck disable=SC2086 # words
		judge $options users.jsonl >out.jsonl
		# shellcheck disable=SC2086 # words
		judge $options --order forward users.jsonl >forward.jsonl
		# shellcheck disable=SC2086 # words
		judge $options --order reverse users.jsonl >reverse.jsonl
		jq -es --slurpfile users users.jsonl --slurpfile f forward.jsonl --slurpfile r reverse.jsonl '
			($users | map(select(.type == "demos") | {key: .user_id, value: .scale}) | from_entries) as $scale
			| (map(select(.type == "verdict")) | length == 16 and all(.[]; .scale == $scale[.user_id]
				and (((if .order == "forward" then 1 else -1 end) * (.rewards.chosen - .rewards.rejected) / .scale | 1 / (1 + (-. | exp))) - .p_first | fabs) < 1e-6
				and .preference == (if .p_first > 0.5 then "First" elif .p_first < 0.5 then "Second" else "Tie" end)))
			and ([$f, $r | map(select(.type == "verdict").p_first)] | transpose | length == 16 and all(.[]; (add - 1 | fabs) < 1e-9))
			and $f[-1].calls == 0' out.jsonl || { echo "$options"; false; }
	done
	[ "$(wc -l <scales)" -eq 8 ]
	near scales <("$top/tests/tools/scale" <differences)
}

# What the verdicts on standard input have.
fitted() {
	awk '/"type":"verdict"/ {n++; p += /"p_first":/; s += /"scale":/} END {printf "%d verdicts, %d p_first, %d scales\n", n, p, s}'
}

@test "p_first is left out where the scale is of other rewards, or of none" {
	"$top/tests/tools/noisy-tastes" 1 >in.jsonl
	way echo
	sm-demosearch -q --by likelihood --seeds=-2..0 in.jsonl >users.jsonl
	[ "$(judge users.jsonl | fitted)" = "8 verdicts, 8 p_first, 8 scales" ]
	for options in --per-token "--contrast off" "--history 4" --no-demos "-M other"; do
		# shellcheck disable=SC2086 # words
		[ "$(judge $options users.jsonl | fitted)" = "8 verdicts, 0 p_first, 0 scales" ] || { echo "$options"; false; }
	done
	# a persona that came after the search is used by the judge alone
	{ cat users.jsonl; echo '{"type":"persona","user_id":"u0","stage":"persona","persona":"Likes p1.","reasoning":""}'; } >later.jsonl
	[ "$(judge later.jsonl | fitted)" = "8 verdicts, 0 p_first, 0 scales" ]
	[ "$(judge --no-persona later.jsonl | fitted)" = "8 verdicts, 8 p_first, 8 scales" ]
	# what is no scale is none: users who have one each
	for scale in 0 -1 '"1"' null 1e999; do
		sed "/\"type\":\"run\"/d; s/\"scale\":[0-9.]*/\"scale\":$scale/; s/\"u0\"/\"u$((i++))\"/" users.jsonl
	done | judge >out.jsonl
	[ "$(fitted <out.jsonl)" = "40 verdicts, 0 p_first, 0 scales" ]
	# all equal: there is nothing to fit
	jq -c 'if .split == "val" then .rejected = .chosen else . end' in.jsonl | sm-demosearch -q --by likelihood --seeds=-2..-2 >users.jsonl
	jq -es 'map(select(.type == "demos"))[0] | .by == "likelihood" and (has("scale") | not)' users.jsonl
	# a search by verdict tells no scale
	way echo --decide first
	sm-demosearch -q --seeds=-2..-2 in.jsonl | jq -es 'map(select(.type == "demos"))[0] | (has("by") or has("scale")) | not'
}

@test "pairs that are all right, all wrong or alone give a scale above 0 and below infinity" {
	way echo
	"$top/tests/tools/noisy-tastes" 1 | jq -sc 'map(
			{of: "u0"} + .,
			{of: "wrong"} + if .split == "val" then . + {chosen: .rejected, rejected: .chosen} else . end,
			{of: "alone"} + select(.split != "val" or .index == 4),
			{of: "long"} + if .split == "val" then .chosen = ([range(300) | "p\(. % 12)"] | join(" ")) else . end)
		| map(.user_id = .of | del(.of)) | group_by(.user_id)[][]' >in.jsonl
	sm-demosearch -q --by likelihood --seeds=-2..-2 in.jsonl >users.jsonl
	jq -c 'select(.type == "demos").scale' users.jsonl >scales
	jq -sc 'map(select(.type == "trace")) | group_by(.user_id)[] | map(.rewards.chosen - .rewards.rejected)' users.jsonl >differences
	[ "$(wc -l <scales)" -eq 4 ]
	near scales <("$top/tests/tools/scale" <differences)
	judge users.jsonl | verdicts '.p_first >= 0 and .p_first <= 1' | uniq -c | tr -s ' ' | diff - <(echo ' 32 true')
}

@test "--calibrate fits the scale to the known choices, each judged with the others as the history" {
	stream >in.jsonl
	cat >options.txt <<'END'
--calibrate
--calibrate --history 3
--calibrate --history 2 --no-persona
--calibrate --per-token --history 3
--calibrate --contrast off
END
	for way in "${ways[@]}"; do
		way "$way"
		"$top/tests/tools/likelihoods" "$way" in.jsonl <options.txt | grep '^\[' >>differences
		while read -r options; do
			# shellcheck disable=SC2086 # words
			judge $options in.jsonl >out.jsonl
			same <out.jsonl | sed 's/.*"scale":\([^,}]*\).*/\1/; s/^{.*/null/' | uniq >>scales
			# shellcheck disable=SC2086 # words
			diff <(judge ${options#--calibrate} in.jsonl | same) <(same <out.jsonl | sed 's/,"scale":[^,}]*//; s/,"p_first":[^,}]*//')
		done <options.txt
	done
	[ "$(wc -l <scales)" -eq 15 ]
	near scales <("$top/tests/tools/scale" <differences) || { cat differences; false; }
}

@test "what calibrating takes: four evaluations for each choice, shown by a dry run, kept, and made again by nobody" {
	stream >in.jsonl
	way echo
	judge --calibrate --history 3 -n in.jsonl | tail -n 1 >plan.json
	[ "$(mock_calls)" -eq 0 ]
	judge --calibrate --history 3 in.jsonl >out.jsonl
	tail -n 1 out.jsonl >run.json
	planned echo run.json plan.json
	# three judged pairs and three choices, of two replies on two sides each
	[ "$(jq '.calls + .shared' run.json)" -eq 24 ]
	judge --calibrate --history 3 --replay in.jsonl | same | cmp - <(same <out.jsonl)
	# nobody whose pairs are judged: nothing is asked
	jq -c 'select(.split != "test")' in.jsonl | judge --calibrate --history 3 | tail -n 1 | jq -e '.calls + .hits == 0'
	# of one choice nothing is known without it
	judge --calibrate --history 1 in.jsonl | verdicts 'has("p_first")' | sort -u | diff - <(echo false)
	# bounds for users who are not fitted yet
	sm-fit -q -n --test 2 "$prefs" | judge -n --calibrate | tail -n 1 | jq -e '(.plan.calls | del(.typical)) == {least: 12, most: 144}'
}

@test "--calibrate: a choice that can't be judged is passed over, a call that fails ends its user" {
	{ stream; two_pairs | jq -c '.user_id = "b"'; } >in.jsonl
	way echo
	jq -c 'if .user_id == "a" and .index == 0 then .rejected = "" else . end' in.jsonl | judge --calibrate --history 3 | verdicts 'has("p_first")' |
		paste -sd ' ' | diff - <(echo true true true false false)
	echo '{"expect":{"contains":["Known three?","Known one?"],"lacks":["Which?","What?","Who?"]},"reply":{"status":400,"body":{"error":{"message":"no"}}}}' >script.jsonl
	way echo --script script.jsonl
	run --separate-stderr judge --cache new.db --calibrate --history 3 in.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -c 'select(.type == "error" or .type == "verdict") | [.type, .user_id, .stage, .index]' <<<"$output" | paste -sd ' ')" = \
		'["error","a","judge",null] ["verdict","b","judge",0] ["verdict","b","judge",1]' ]
	[[ $stderr == *"user a: "*"no"* ]]
}

@test "with the fitted scale p_first says how often the judge is right, and with a scale of 1 it is far too sure" {
	# the same users every time, so chance has no part in it: 16 of them show what they all do
	"$top/tests/tools/noisy-tastes" 16 >in.jsonl
	way chat
	sm-demosearch -q --by likelihood --seeds=-2..-2 in.jsonl >users.jsonl
	judge users.jsonl >searched.jsonl
	judge --calibrate --history 8 in.jsonl >held.jsonl
	for judged in searched held; do
		jq -c 'if .p_first then .p_first = ((if .order == "forward" then 1 else -1 end) * (.rewards.chosen - .rewards.rejected) | 1 / (1 + (-. | exp))) else . end' "$judged.jsonl" >unfitted.jsonl
		{ sm-eval "$judged.jsonl"; sm-eval unfitted.jsonl; } | jq -es 'map(select(.user_id == null and .type == "result").calibration)
			| .[0].n == 128 and .[1].n == 128 and .[0].brier < .[1].brier - 0.02 and .[0].ece < .[1].ece / 2 and .[0].brier < 0.25' || { echo "$judged"; false; }
	done
}

@test "tokens of likelihoods that an endpoint does not tell count as the most that they can be" {
	local way
	echo '{"model":"mock","in":2,"out":10}' >prices.jsonl
	for way in echo chat forced; do
		broken "$way" 'del(.usage, .tokens_evaluated)'
		judge --contrast off --no-cache --prices prices.jsonl in.jsonl >priced.jsonl
		jq -es --slurpfile priced priced.jsonl '(map(select(.type == "verdict").tokens.untold) == [2, null])
			and ($priced[-1] | .tokens.untold == 2 and .cost > 0)
			and ($priced | map(select(.type == "verdict").cost) | .[0] == null and .[1] > 0)' out.jsonl
	done
}
