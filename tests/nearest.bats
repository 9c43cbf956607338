# sm-judge --examples nearest:K: which known pairs a question is shown with, and in which order.
load helper

# pairs [OBJECT]: a pair of user a for each line "INDEX SPLIT TEXT" of standard input, with further members.
pairs() {
	jq -Rc --argjson more "${1-"{}"}" 'capture("^(?<i>\\d+) (?<split>\\w+) (?<text>.*)") | .i |= tonumber | {user_id: "a", index: .i, split, flip: (.i % 2 == 0),
		context: [{role: "user", content: .text}], chosen: "good \(.i)", rejected: "bad \(.i)"} + $more'
}

# pair INDEX SPLIT TEXT [OBJECT]
pair() { pairs "${@:4}" <<<"$1 $2 $3"; }

# trace INDEX LABEL CORRECT REASONING
trace() {
	printf '{"type":"trace","user_id":"a","stage":"bootstrap","phase":"teach","seed":0,"index":%s,"preference":"%s","label":"%s","correct":%s,"reasoning":"%s","shown":[],"status":"ok"}\n' \
		"$1" "$2" "$2" "$3" "$4"
}

# Two personas, the second one first.
personas() { printf '{"type":"persona","user_id":"a","stage":"persona","persona":"Likes %s.","rank":%s}\n' 2 2 1 1; }

# Four known pairs and one that is judged.
kitchen() {
	cat "$BATS_FILE_TMPDIR/kitchen.jsonl"
}

setup_file() {
	pairs >"$BATS_FILE_TMPDIR/kitchen.jsonl" <<-END
		0 train How do I bake bread with rye flour?
		1 train What is a good name for a cat?
		2 val Should I buy a cake?
		3 train Which flour makes bread rise?
		4 test How do I bake rye bread without flour?
	END
}

judge() { sm-judge -q --only --order forward "$@"; }
verdicts() { jq -c "select(.type == \"verdict\") | $1"; }
# The examples of each verdict, as they stand in its text.
nearest() { sed -nE 's/^\{"type":"verdict",.*"uses":\{[^}]*"nearest":(\[[0-9,]*\]).*/\1/p'; }
shown() { judge "$@" | nearest; }

# The conversations that a request shows, the question last.
asked() { jq -c '[.body.messages[] | select(.role == "user").content | capture("<conversation>\n\\[user\\]: (?<x>.*?)\n</conversation>"; "m").x]' mock.log; }

@test "the most similar known pairs stand before the question, the most similar last" {
	mock_start --decide first
	kitchen >in.jsonl
	[ "$(shown --examples nearest:2 in.jsonl)" = '[3,0]' ]
	[ "$(asked)" = '["Which flour makes bread rise?","How do I bake bread with rye flour?","How do I bake rye bread without flour?"]' ]
	[ "$(judge --examples nearest:3 in.jsonl | verdicts .uses)" = '{"persona":false,"demos":3,"nearest":[2,3,0]}' ]
	[ "$(shown --examples nearest:1 in.jsonl)" = '[0]' ]
	[ "$(judge --examples learned in.jsonl | verdicts .uses)" = '{"persona":false,"demos":0}' ]
	[ "$(judge in.jsonl | verdicts .uses)" = '{"persona":false,"demos":0}' ]
	pairs <<<$'5 train Owls?\n6 train Owls?' >>in.jsonl
	[ "$(judge --examples nearest in.jsonl | verdicts .uses.nearest)" = '[6,2,3,0]' ]
}

@test "personas vote each with the examples of the question" {
	mock_start --decide first
	{ kitchen; personas; } >in.jsonl
	[ "$(judge --personas 2 --examples nearest:2 in.jsonl | verdicts '[.uses, .votes]')" = '[{"persona":true,"demos":2,"nearest":[3,0],"personas":2},{"first":2,"second":0,"tie":0}]' ]
	[ "$(asked | sort -u)" = '["Which flour makes bread rise?","How do I bake bread with rye flour?","How do I bake rye bread without flour?"]' ]
	[ "$(jq -r '.body.messages[0].content | scan("Likes .")' mock.log | sort | paste -sd ' ')" = "Likes 1 Likes 2" ]
	# From a file, line by line, and with embeddings; and the plan knows.
	grep -v '"index":4' in.jsonl >known.jsonl
	grep '"index":4' in.jsonl | sm-judge -q --line --personas 2 --examples nearest:2 -m known.jsonl --order forward >line.jsonl
	[ "$(verdicts '[.line, .uses.nearest, .uses.personas]' <line.jsonl)" = '[1,[3,0],2]' ]
	[ "$(mock_calls)" -eq 2 ]
	[ "$(SM_CACHE=$other sm-judge -q -n --personas 2 --votes 3 --examples nearest in.jsonl | jq -s '.[-1].plan.calls.most')" -eq 12 ]
	mock_start --decide first --embeddings bag
	[ "$(judge --personas 2 --examples nearest:1 --embeddings e in.jsonl | verdicts .uses)" = '{"persona":true,"demos":1,"nearest":[0],"personas":2}' ]
}

@test "sm-prompt request prints byte for byte what is sent with nearest examples and several personas" {
	mock_start --decide first
	{
		kitchen
		pair 5 test "Is rye flour dark?"
		trace 0 First true "It is about rye."
		personas
	} >in.jsonl
	grep -v '"split":"test"' in.jsonl >known.jsonl
	grep '"split":"test"' in.jsonl >new.jsonl
	for args in "--examples nearest:2" "--personas 2" "--personas 2 --examples nearest" "--personas 2 --examples nearest:2 --order reverse" "--examples nearest:2 -m known.jsonl"; do
		case $args in *-m*) from=new.jsonl ;; *) from=in.jsonl ;; esac
		: >mock.log
		# shellcheck disable=SC2086 # words
		sm-judge -q --no-cache --order forward $args "$from" >out.jsonl
		# shellcheck disable=SC2086
		sm-prompt request $args "$from" >printed.jsonl
		cmp <(sed 's/^.*,"body"://; s/}$//' mock.log | sort) <(sort printed.jsonl)
	done
	[ "$(sm-prompt request --personas 2 --examples nearest in.jsonl | wc -l)" -eq 4 ]
	[ "$(sm-prompt request --examples nearest:2 -i 5 in.jsonl | jq -r '.messages[-1].content | scan("Is rye flour dark.")')" = "Is rye flour dark?" ]
	run --separate-stderr sm-prompt request --examples nearest -i 0 in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == "sm-prompt: user a: no such pair, or none to judge"* ]]
	run sm-prompt request --examples nearest:0 in.jsonl
	[ "$status" -eq 2 ]
}

@test "more than there are, one, or none: what there is is shown, and both orders show the same" {
	mock_start --decide first
	kitchen >in.jsonl
	[ "$(shown --examples nearest:1000 in.jsonl)" = '[1,2,3,0]' ]
	[ "$(grep -v '"index":[123],' in.jsonl | shown --examples nearest:4)" = '[0]' ]
	[ "$(grep '"index":4,' in.jsonl | judge --examples nearest:4 | verdicts .uses)" = '{"persona":false,"demos":0,"nearest":[]}' ]
	[ "$(sm-judge -q --only --examples nearest:2 in.jsonl | verdicts '[.order, .uses.nearest]' | paste -sd ' ')" = '["forward",[3,0]] ["reverse",[3,0]]' ]
	# nothing to judge
	run --separate-stderr sm-judge --only --examples nearest:2 <(grep -v '"index":4,' in.jsonl)
	[ "$status" = 0 ]
	[[ $stderr == *"no test pairs"* ]]
}

@test "a verified trace gives its example the reason, and the order that it was found in; other pairs are shown without" {
	mock_start --decide first
	{
		kitchen
		trace 0 First true "an older reason"
		trace 0 Second true "likes rye"
		trace 0 First false "a wrong one"
		trace 3 First true ""
	} >in.jsonl
	judge --examples nearest:2 in.jsonl >/dev/null
	jq -c '.body.messages[1:5][].content' mock.log >messages.json
	holds messages.json 'length == 4' '.[0] | test("<first>\nbad 3\n</first>") and endswith("Which reply did the user choose?")' \
		'.[1] == "Second"' '.[2] | test("<first>\nbad 0\n</first>\n\n<second>\ngood 0\n")' \
		'.[3] | fromjson == {reasoning: "likes rye", preference: "Second"}'
	run ! grep -q "an older reason\|a wrong one" mock.log
}

@test "a persona stays, learned examples do not" {
	mock_start --decide first
	{
		kitchen
		echo '{"type":"persona","user_id":"a","stage":"persona","persona":"Likes owls."}'
		echo '{"type":"demos","user_id":"a","stage":"demosearch","seed":0,"score":1,"fallback":{"p":1},"demos":[{"index":1,"kind":"labeled","context":[{"role":"user","content":"learned demo"}],"first":"x","second":"y","preference":"First"}]}'
	} >in.jsonl
	[ "$(judge --examples nearest:1 in.jsonl | verdicts .uses)" = '{"persona":true,"demos":1,"nearest":[0]}' ]
	grep -q "Likes owls." mock.log
	run ! grep -q "learned demo" mock.log
	[ "$(judge --examples nearest:1 --no-persona in.jsonl | verdicts .uses.persona)" = false ]
}

@test "among equals the later pair counts as more similar, also where nothing is similar" {
	mock_start --decide first
	printf '%s train the same words\n' 0 1 2 3 | pairs >in.jsonl
	pair 4 test "the same words" >same.jsonl
	pair 4 test "nothing like it" >other.jsonl
	[ "$(shown --examples nearest:2 in.jsonl same.jsonl)" = '[2,3]' ]
	[ "$(shown --examples nearest:3 in.jsonl other.jsonl)" = '[1,2,3]' ]
	pair 4 test "" >empty.jsonl
	pair 4 test "?! ... *** -- \"\"" >marks.jsonl
	pair 4 test x '{"context":[]}' >none.jsonl
	for file in empty marks none; do [ "$(shown --examples nearest:3 in.jsonl $file.jsonl)" = '[1,2,3]' ]; done
}

@test "what would tell the answer is not shown: the pair itself, its conversation, its replies elsewhere" {
	mock_start --decide first
	question="How do I bake rye bread?"
	pair 9 test "$question" '{"conversation_id":"c1"}' >test.jsonl
	pair 9 test "$question" '{"conversation_id":null}' >alone.jsonl
	pair 0 train "Bread?" >other.jsonl
	# a user for each known pair, beside another one, and what is shown of the two
	users=0
	while read -r expected test index more; do
		users=$((users + 1))
		pair "$index" train "$question" "$more" >known.jsonl
		cat other.jsonl known.jsonl "$test.jsonl" | sed "s/\"user_id\":\"a\"/\"user_id\":\"u$users\"/" >>in.jsonl
		echo "u$users $expected" >>expected.txt
	done <<'END'
[0] test 9 {}
[0] test 1 {"conversation_id":"c1"}
[0] test 1 {"chosen":"good 9","rejected":"else"}
[0] test 1 {"chosen":"else","rejected":{"role":"assistant","content":"good 9"}}
[0] test 1 {"context":[{"role":"user","content":"How do I bake rye bread?"},{"role":"assistant","content":"good 9"},{"role":"user","content":"How do I bake rye bread?"}]}
[0,1] test 1 {}
[0,1] test 1 {"conversation_id":"c2"}
[0,1] test 1 {"conversation_id":null}
[0,1] test 1 {"context":[{"role":"user","content":"How do I bake rye bread?"},{"role":"assistant","content":"another reply"},{"role":"user","content":"How do I bake rye bread?"}]}
[0,1] alone 1 {"conversation_id":null}
END
	judge --examples nearest:4 in.jsonl >out.jsonl
	jq -r 'select(.type == "verdict") | "\(.user_id) \(.uses.nearest | tojson)"' out.jsonl | diff expected.txt -
}

@test "no text is taken for the syntax of a query" {
	mock_start --decide first
	pairs >known.jsonl <<'END'
0 train unlike
1 train alpha " OR NEAR(beta gamma) AND NOT col:delta ^epsilon* -zeta {x} + \ ; DROP TABLE known; --
END
	i=2
	for text in '"' '""' 'alpha"' '"alpha' "alpha'" 'alpha OR' 'NEAR(alpha' 'NEAR' 'AND' 'NOT alpha' 'known:alpha' '^alpha' 'alpha*' '-alpha' '{alpha} : beta' \
		'alpha + beta' 'alpha\u0000beta' '(((((((((' 'alpha AND (beta' 'delete-all alpha'; do
		echo "$((i++)) test $text"
	done | pairs | sed 's/\\\\u0000/\\u0000/' >test.jsonl
	judge --examples nearest:2 known.jsonl test.jsonl >out.jsonl
	[ "$(verdicts .index <out.jsonl | wc -l)" = 20 ]
	# the two that hold marks alone are like neither: the later pair stands last, as it does for those with a word in common
	[ "$(nearest <out.jsonl | sort -u)" = '[0,1]' ]
}

@test "scripts without spaces, and with marks, are compared by what they say" {
	mock_start --decide first
	pairs >known.jsonl <<'END'
0 train 如何在家里做红烧肉？
1 train 北京明天的天气怎么样？
2 train كيف أطبخ الأرز في البيت؟
3 train ขนมปังทำอย่างไร
4 train मैं घर पर रोटी कैसे बनाऊँ?
5 train 東京でおいしいラーメンを食べたい
6 train وماهيأفضلطريقةلتعلماللغةالعربيةبسرعة
7 train Wie ändere ich das Öl?
8 train 김치찌개를 어떻게 만들어요?
9 train one and two
END
	# a question about each of them, but the last
	pairs >test.jsonl <<'END'
10 test 我想学红烧肉
11 test 天气预报
12 test هل الأرز صحي؟
13 test ซื้อขนมปัง
14 test रोटी का इतिहास
15 test ラーメンの作り方
16 test لتعلماللغةالعربيةفيبيتيمعصديقي
17 test ANDERE OL
18 test 김치찌개가 좋아요
END
	diff <(shown --examples nearest:1 known.jsonl test.jsonl) <(printf '[%s]\n' {0..8})
}

@test "very long texts are cut, at whole characters: their beginning and their end count" {
	mock_start --decide first
	long=$(printf '日本語 %.0s' {1..3000})
	pairs <<<$'0 train alpha\n1 train omega\n2 train middle\n3 train none of these' >known.jsonl
	printf '%s\n' "10 test alpha $long $long x" "11 test x $long $long omega" "12 test x $long middle $long x" | pairs >test.jsonl
	[ "$(shown --examples nearest:1 known.jsonl test.jsonl | paste -sd ' ')" = '[0] [1] [3]' ]
}

@test "with -m the known pairs and their traces are those of the file" {
	mock_start --decide first
	{
		kitchen
		trace 0 Second true "likes rye"
		kitchen | sed 's/"user_id":"a"/"user_id":"b"/; s/bread/soup/g'
		echo
		pair 5 train "How do I bake rye bread at night?"
		echo '{"type":"error","user_id":"c","stage":"persona","message":"m"}'
	} >users.jsonl
	echo '{"user_id":"a","context":[{"role":"user","content":"How do I bake rye bread?"}],"first":"x","second":"y"}' >new.jsonl
	[ "$(shown --examples nearest:2 -m users.jsonl new.jsonl)" = '[0,5]' ]
	grep -q "likes rye" mock.log
	# a pair that the file has among the known ones is not shown for itself; its number in the input says nothing
	kitchen | jq -c 'select(.index == 0) | del(.index, .split, .flip)' >again.jsonl
	[ "$(shown --examples nearest:1 -m users.jsonl again.jsonl)" = '[5]' ]
	sed 's/"user_id":"a"/"user_id":"b"/' new.jsonl >b.jsonl
	[ "$(shown --examples nearest:9 -m users.jsonl b.jsonl | jq length)" = 4 ]
	for user in c d; do
		run -1 judge --examples nearest:2 -m users.jsonl <(sed "s/\"user_id\":\"a\"/\"user_id\":\"$user\"/" new.jsonl)
		[[ $output == *'"type":"error"'* ]]
	done
}

@test "by likelihood the history is chosen the same way" {
	mock_start --likelihood chat
	kitchen >in.jsonl
	sm-judge -q --only --by likelihood --examples nearest:2 in.jsonl | verdicts '[.index, .uses]' >out
	[ "$(<out)" = '[4,{"persona":false,"demos":2,"nearest":[3,0]}]' ]
	jq -c 'select(.path | endswith("completions")) | [.body.messages[:5][].content] | select(tostring | test("rye"))' mock.log | sort -u >heads
	[ "$(wc -l <heads)" = 2 ]
	grep -q 'Which flour makes bread rise?","good 3","How do I bake bread with rye flour?","good 0","How do I bake rye' heads
	grep -q 'Which flour makes bread rise?","bad 3","How do I bake bread with rye flour?","bad 0","How do I bake rye' heads
	# the same as a history of these two, in this order
	{ pair 0 train "Which flour makes bread rise?" '{"chosen":"good 3","rejected":"bad 3"}'
		pair 1 train "How do I bake bread with rye flour?" '{"chosen":"good 0","rejected":"bad 0"}'
		kitchen | tail -n 1; } >two.jsonl
	[ "$(sm-judge -q --only --by likelihood --examples nearest:2 in.jsonl | verdicts .rewards)" = "$(sm-judge -q --only --by likelihood --history 2 two.jsonl | verdicts .rewards)" ]
	[ "$(tail -n 1 in.jsonl | sm-judge -q --only --by likelihood --examples nearest:2 | verdicts .uses)" = '{"persona":false,"demos":0,"nearest":[]}' ]
}

@test "options that contradict each other are refused before anything is asked" {
	mock_start --decide first
	kitchen >in.jsonl
	while read -r options; do
		# shellcheck disable=SC2086 # words
		run -2 sm-judge $options in.jsonl
		[[ $output == *"; "* ]]
	done <<'END'
--examples
--examples most
--examples nearest:
--examples nearest:0
--examples nearest:-1
--examples nearest:4x
--examples nearest:1001
--examples nearest:99999999999999999999
--examples nearest --no-demos
--examples nearest --by likelihood --history 3
--examples nearest --by likelihood --calibrate
--embeddings e
--embeddings-url http://127.0.0.1:1/v1
--examples nearest --embeddings-url http://127.0.0.1:1/v1
--examples learned --embeddings e
--examples nearest --embeddings e --batch b
END
	[ "$(mock_calls)" = 0 ]
	run -2 sm-rank --examples nearest in.jsonl
}

@test "a dry run counts the calls, and a batch has the same requests" {
	mock_start --decide first
	kitchen >in.jsonl
	pair 5 test "Bread?" >>in.jsonl
	sm-judge -n --only --examples nearest:2 in.jsonl 2>/dev/null | jq -c 'select(.type == "run").plan.calls' >plan
	[ "$(<plan)" = '{"least":4,"typical":4,"most":4}' ]
	run -5 sm-judge -q --only --examples nearest:2 --batch lines in.jsonl
	sm-judge -q --only --examples nearest:2 in.jsonl >/dev/null
	diff <(jq -S .body lines | sort) <(jq -S .body mock.log | sort)
	# of a user who waits for an earlier stage: no more than K of the pairs can be shown
	echo '{"type":"pending","user_id":"a","stage":"persona","waiting":1}' >>in.jsonl
	most() { sm-judge -n --only "$@" in.jsonl 2>/dev/null | jq 'select(.type == "run").plan.tokens.in.most'; }
	[ "$(most --examples nearest:1)" -lt "$(most --examples nearest:2)" ]
	[ "$(most --examples nearest:4)" = "$(most --examples nearest:900)" ]
	[ "$(most --examples nearest:4)" = "$(most)" ]
}

# --- Embeddings ---

embeddings() { jq -c 'select(.path == "/v1/embeddings") | .body' mock.log; }

@test "by embeddings: texts go together, each is kept, and none is asked for twice" {
	mock_start --decide first --embeddings bag
	kitchen >in.jsonl
	[ "$(shown --examples nearest:1 --embeddings e in.jsonl)" = '[0]' ]
	[ "$(embeddings)" = '{"model":"e","encoding_format":"float","input":["How do I bake bread with rye flour?","What is a good name for a cat?","Should I buy a cake?","Which flour makes bread rise?","How do I bake rye bread without flour?"]}' ]
	[ "$(shown --examples nearest:1 --embeddings e in.jsonl)" = '[0]' ]
	[ "$(mock_calls)" = 2 ]
	# one text more is one text asked for
	pair 5 test "Is a cat a pet?" >>in.jsonl
	[ "$(shown --examples nearest:1 --embeddings e in.jsonl | tail -n 1)" = '[1]' ]
	[ "$(embeddings | tail -n 1 | jq -c .input)" = '["Is a cat a pet?"]' ]
	judge --examples nearest:1 --embeddings e in.jsonl | jq -e 'select(.type == "run").embeddings | .model == "e" and .calls == 0 and .hits == 6'
	[ "$(shown --replay --examples nearest:1 --embeddings e in.jsonl | paste -sd ' ')" = '[0] [1]' ]
	sm-cache export >all.jsonl
	SM_CACHE=$other sm-cache import all.jsonl
	[ "$(SM_CACHE=$other shown --replay --examples nearest:1 --embeddings e in.jsonl | paste -sd ' ')" = '[0] [1]' ]
	run -8 judge --replay --examples nearest:1 --embeddings another in.jsonl
}

@test "embeddings are put in place by their index; those of a wrong shape are an error, and never a vector" {
	kitchen >in.jsonl
	mock_start --decide first --embeddings bag
	shown --examples nearest:4 --embeddings e in.jsonl >right
	[ -s right ]
	while read -r shape words; do
		mock_start --decide first --embeddings "$shape"
		rm -f c.db
		SM_CACHE=c.db run --separate-stderr judge --examples nearest:4 --embeddings e in.jsonl
		if [ "$words" = right ]; then
			[ "$status" = 0 ]
			[ "$(nearest <<<"$output")" = "$(<right)" ]
		else
			[ "$status" = 1 ]
			[[ $stderr == *"user a: embeddings: "*"$words"* ]]
			[ "$(grep '^{"type":"error"' <<<"$output" | grep -c '"stage":"judge"')" = 1 ]
			[ "$(grep -c '^{"type":"error"' <<<"$output")" = 1 ]
			[[ $output != *'{"type":"verdict"'* ]]
			[ "$(sqlite3 c.db 'SELECT count(*) FROM answer')" = 0 ]
		fi
	done <<'END'
swapped right
single right
ragged right
twice right
noindex right
short one embedding for each text
base64 base64
nan no JSON
null finite numbers
huge finite numbers
empty finite numbers
END
}

@test "a text that the endpoint cannot take is an error of its user, and the others with it get theirs" {
	echo '{"expect":{"has":["input"],"over_bytes":400},"reply":{"status":400,"body":{"error":{"message":"maximum context length is exceeded"}}}}' >script
	mock_start --decide first --embeddings bag --script script
	kitchen >in.jsonl
	sed 's/"user_id":"a"/"user_id":"b"/' in.jsonl >other.jsonl
	cat other.jsonl >>in.jsonl
	jq -c --arg text "$(printf 'long %.0s' {1..99})" 'if .user_id == "b" and .index == 1 then .context[0].content = $text else . end' in.jsonl >two.jsonl
	run --separate-stderr -1 judge --examples nearest:1 --embeddings e two.jsonl
	[[ $stderr == *"user b: embeddings: "*"context length"* ]]
	[ "$(verdicts '[.user_id, .uses.nearest]' <<<"$output")" = '["a",[0]]' ]
}

@test "vectors of two lengths are an error; no embeddings at all too" {
	mock_start --decide first --embeddings bag
	kitchen >in.jsonl
	echo '{"expect":{"input":["Is a cat a pet?"]},"reply":{"body":{"data":[{"index":0,"embedding":[1,2,3]}]}}}' >script
	judge --examples nearest:1 --embeddings e in.jsonl >/dev/null
	mock_start --decide first --embeddings bag --script script
	pair 5 test "Is a cat a pet?" >>in.jsonl
	run --separate-stderr -1 judge --examples nearest:1 --embeddings e in.jsonl
	[[ $stderr == *"embeddings of 64 and of 3 numbers"* ]]
	mock_start --decide first
	run --separate-stderr -1 judge --examples nearest:1 --embeddings f in.jsonl
	[[ $stderr == *"user a: embeddings: HTTP 404"* ]]
	[ "$(jq -r .path mock.log | sort -u)" = /v1/embeddings ]
}

@test "an endpoint of its own gets the embeddings, and of the chat's secrets none" {
	mock_start --decide first
	kitchen >in.jsonl
	"$B/mock-llm" --embeddings bag --log second.log --lifetime 60 >second.port 3>&- &
	second=$!
	until [ -s second.port ]; do sleep 0.02; done
	url=http://127.0.0.1:$(<second.port)/v1
	echo 'X-Secret: one' >headers
	echo 'chat-key' >key
	[ "$(shown --header @headers --api-key-file key --examples nearest:1 --embeddings e --embeddings-url "$url" in.jsonl)" = '[0]' ]
	[ "$(jq -c '[.path, .authorization, .headers["x-secret"]]' mock.log second.log | paste -sd ' ')" = \
		'["/v1/chat/completions","Bearer chat-key","one"] ["/v1/embeddings",null,null]' ]
	# one endpoint: the same for both
	kill "$second"
	mock_start --decide first --embeddings bag
	shown --no-cache --header @headers --api-key-file key --examples nearest:1 --embeddings e in.jsonl
	[ "$(jq -c '[.authorization, .headers["x-secret"]]' mock.log | sort -u)" = '["Bearer chat-key","one"]' ]
	# another provider's: not without being named
	run -2 env -u SM_BASE_URL OPENAI_API_KEY=k sm-judge --model together/m --header @headers --api-key-file key --examples nearest --embeddings openai/e in.jsonl
	[[ $output == *"--header and --api-key-file are for"* ]]
}

@test "a dry run counts embeddings and judgements; trouble is tried again" {
	mock_start --decide first --embeddings bag --fault 503:first=2
	kitchen >in.jsonl
	sm-judge -n --only --examples nearest:2 --embeddings e in.jsonl 2>/dev/null >plan.jsonl
	[ "$(jq -c 'select(.type == "run").plan.calls' plan.jsonl)" = '{"least":7,"typical":7,"most":7}' ]
	jq -se 'map(select(.type == "pending").waiting) == [5]' plan.jsonl
	# So it does in a pipe, where the examples' reasons are planned as well.
	{ grep -v '"index":4' in.jsonl; printf '%s test How do I bake bread %s?\n' 4 4 5 5 6 6 | pairs; } >more.jsonl
	for judge in --order=both '--by likelihood' '-m in.jsonl'; do
		# shellcheck disable=SC2086 # several options
		plan() { sm-bootstrap -q -n "$1" | sm-judge -q -n $judge --only --examples nearest:2 "${@:2}" | jq -c 'select(.type == "run").plan | [.calls.most, .tokens.in.most]'; }
		jq -en --argjson with "$(plan more.jsonl --embeddings e)" --argjson words "$(plan more.jsonl)" '$with[0] == $words[0] + 7 and $with[1] > $words[1]'
	done
	[ "$(mock_calls)" = 0 ]
	[ "$(shown --examples nearest:1 --embeddings e in.jsonl)" = '[0]' ]
	holds mock.log 'map(select(.status == 503)) | length == 2' 'map(select(.status == 200).body.input | arrays[]) | length == 5'
	sm-judge -n --only --order forward --examples nearest:1 --embeddings e in.jsonl 2>/dev/null | jq -e 'select(.type == "run").plan.calls.most == 0'
}

@test "by likelihood embeddings choose the history too" {
	mock_start --likelihood chat --embeddings bag
	kitchen >in.jsonl
	[ "$(sm-judge -q --only --by likelihood --examples nearest:1 --embeddings e in.jsonl | verdicts .uses)" = '{"persona":false,"demos":1,"nearest":[0]}' ]
	[ "$(embeddings | wc -l)" = 1 ]
}

@test "an SQLite without FTS5 is told before anything is asked, and embeddings go without it" {
	need_preload
	mock_start --decide first --embeddings bag
	kitchen >in.jsonl
	# SQLite as it is built without it
	cat >without.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
int sqlite3_exec(void *db, const char *sql, void *call, void *arg, char **message)
{
	int (*real)(void *, const char *, void *, void *, char **) = dlsym(RTLD_NEXT, "sqlite3_exec");
	return strstr(sql, "fts5") ? real(db, "CREATE VIRTUAL TABLE x USING fts6(y)", call, arg, message) : real(db, sql, call, arg, message);
}
END
	gcc -shared -fPIC -o without.so without.c -ldl
	LD_PRELOAD=./without.so run -3 sm-judge -q --only --examples nearest in.jsonl
	[[ $output == *"no FTS5: no such module: fts"*"; "* ]]
	[ "$(mock_calls)" = 0 ]
	[ "$(LD_PRELOAD=./without.so shown --examples nearest:1 --embeddings e in.jsonl)" = '[0]' ]
	[ "$(LD_PRELOAD=./without.so judge in.jsonl | verdicts .index)" = 4 ]
}
