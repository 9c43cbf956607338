load helper

# v USER INDEX ORDER PREFERENCE [STATUS]: a verdict on a pair of which the chosen reply is known.
v() {
	local label=First prediction=-1 correct=false
	[ "$3" = forward ] || label=Second
	[ "$4" != Tie ] || prediction=0
	[ "$4" != "$label" ] || { prediction=1 && correct=true; }
	printf '{"type":"verdict","user_id":"%s","stage":"judge","index":%s,"order":"%s","preference":"%s","prediction":%s,"label":"%s","correct":%s,"status":"%s","reasoning":"r","model":"m","uses":{"persona":true,"demos":2}}\n' \
		"$1" "$2" "$3" "$4" "$prediction" "$label" "$correct" "${5-ok}"
}

# with MEMBERS: the records on stdin with these members too.
with() {
	sed "s/}\$/,$1}/"
}

# judged: for each line USER RIGHT WRONG of stdin that many pairs, judged forward.
judged() {
	awk '{
		for (i = 0; i < $2 + $3; i++) {
			right = i < $2
			printf "{\"type\":\"verdict\",\"user_id\":\"%s\",\"stage\":\"judge\",\"index\":%d,\"order\":\"forward\",", $1, i
			printf "\"preference\":\"%s\",\"prediction\":%d,\"label\":\"First\",", right ? "First" : "Second", right ? 1 : -1
			printf "\"correct\":%s,\"status\":\"ok\",\"reasoning\":\"r\",\"model\":\"m\",\"uses\":{\"persona\":true,\"demos\":2}}\n", right ? "true" : "false"
		}
	}'
}

# verdicts USER RIGHT WRONG ...: the same for these.
verdicts() {
	printf '%s %s %s\n' "$@" | judged
}

# e USER STAGE [MEMBERS]: an error record.
e() {
	echo "{\"type\":\"error\",\"user_id\":\"$1\",\"stage\":\"$2\"${3-},\"message\":\"m\"}"
}

# Fields of the results on stdin, a line each.
results() {
	jq -c "select(.type == \"result\") | [.user_id, $1]"
}

# blames LINE MESSAGE, spoils PROGRAM MESSAGE: a wrong line, or a good verdict that a jq program spoils, and what is to be said of it.
blames() {
	wrong+=("$1")
	messages+=("$2")
}

spoils() {
	programs+=("($1)")
	spoiled+=("$2")
}

# All these lines in one input are told, each with its number and no other, and the rest is counted.
told() {
	local number=2 message
	{
		v a 0 forward First
		[ -z "${wrong-}" ] || printf '%s\n' "${wrong[@]}"
		[ -z "${programs-}" ] || v a 1 forward First | jq -c "$(IFS=,; echo "${programs[*]}")"
		v a 0 reverse First
	} >in.jsonl
	messages+=("${spoiled[@]}")
	run --separate-stderr sm-eval -q in.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <<<"$stderr")" -eq "${#messages[@]}" ] || { echo "$stderr"; return 1; }
	for message in "${messages[@]}"; do
		[[ ${stderr_lines[number - 2]} == "sm-eval: in.jsonl:$number: $message"* ]] || { echo "${stderr_lines[number - 2]}, not $message"; return 1; }
		number=$((number + 1))
	done
	[[ $output == '{"type":"result","user_id":"a","accuracy":0.5,"n":2,"pairs":1,"correct":1,'* ]]
}

@test "accuracy is the mean over both orders, a tie or a wrong verdict counts 0" {
	{ v a 0 forward First; v a 0 reverse Second; v a 1 forward First; v a 1 reverse First; v a 2 forward Tie; } >in.jsonl
	run --separate-stderr sm-eval in.jsonl
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(results '.accuracy, .n, .pairs, .correct, .ties, .failed, .unlabeled' <<<"$output")" = \
'["a",0.6,5,3,3,1,0,0]
[null,0.6,5,3,3,1,0,0]' ]
	[ "$(jq -r .type <<<"$output" | paste -sd ' ')" = "result result run" ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.user_id, .program, .options.seed]')" = '[null,"sm-eval",0]' ]
}

@test "accuracy is not rounded, and reads back as the same number" {
	{ v a 0 forward First; v a 1 forward Second; v a 2 forward Second; } | sm-eval >out.jsonl
	[ "$(head -n 1 out.jsonl | grep -o '"accuracy":[^,]*')" = '"accuracy":0.3333333333333333' ]
	python3 -c 'import json; assert json.loads(open("out.jsonl").readline())["accuracy"] == 1 / 3'
}

@test "the record for all sums verdicts, macro weighs users the same" {
	{
		for i in 0 1 2; do v a $i forward First; v a $i reverse Second; done
		v b 0 forward Second
		v b 0 reverse First
	} | sm-eval >out.jsonl
	[ "$(results '.accuracy, .n, .pairs, .users, .users_failed, .macro.accuracy' <out.jsonl | tail -n 1)" = \
		'[null,0.75,8,4,2,0,0.5]' ]
	# Two users, 1 and 0: Student's t of one degree of freedom says next to nothing.
	[ "$(results '(.macro.ci.low * 100 | round), (.macro.ci.high * 100 | round), .macro.ci.method, .macro.ci.unit, .macro.ci.level, .macro.ci.degrees' <out.jsonl | tail -n 1)" = \
		'[null,0,100,"t","user",0.95,1]' ]
	[ "$(results 'has("macro"), has("users")' <out.jsonl | head -n 1)" = '["a",false,false]' ]
}

@test "intervals are those of scipy's basic bootstrap" {
	python3 - "$BATS_TEST_DIRNAME/golden/stats.jsonl" <<'PY'
import json, sys
expected, verdicts = open("expected.jsonl", "w"), open("in.jsonl", "w")
for number, line in enumerate(open(sys.argv[1])):
    row = json.loads(line)
    if "bootstrap_basic" not in row or set(row["values"]) - {0, 1}:
        continue
    for i, value in enumerate(row["values"]):
        order, label, other = [("forward", "First", "Second"), ("reverse", "Second", "First")][i % 2]
        print(json.dumps({"type": "verdict", "user_id": str(number), "index": i // 2, "order": order,
                          "preference": label if value else other, "prediction": 1 if value else -1,
                          "label": label, "correct": value == 1, "status": "ok"}), file=verdicts)
    print(json.dumps(row), file=expected)
PY
	for seed in 0 7; do
		sm-eval --ci basic --seed $seed in.jsonl >out.jsonl
		python3 - <<'PY'
import json
expected = [json.loads(line) for line in open("expected.jsonl")]
got = [json.loads(line) for line in open("out.jsonl")]
got = [r for r in got if r["type"] == "result" and r["user_id"] is not None]
assert len(got) == len(expected) >= 3
for row, result in zip(expected, got):
    n, ci, want = len(row["values"]), result["ci"], row["bootstrap_basic"]
    assert result["n"] == n and abs(result["accuracy"] - row["mean"]) < 1e-12
    for side in "low", "high":
        off = abs(ci[side] - want[side + "_mean"])
        assert off <= max(4 * want[side + "_sd"], 1 / n) + 1e-9, (side, ci, want)
PY
	done
}

@test "--ci basic may leave 0..1, and has no width when all verdicts are alike; the default does neither" {
	{
		v a 0 forward First
		for i in 1 2 3; do v a $i forward Second; done
		for i in 0 1 2 3; do v b $i forward First; done
	} >in.jsonl
	sm-eval --ci basic in.jsonl >out.jsonl
	[ "$(results '.accuracy, .ci.low, .ci.high' <out.jsonl | head -n 2)" = \
'["a",0.25,-0.25,0.5]
["b",1,1,1]' ]
	sm-eval in.jsonl | results '.ci.method, .ci.unit, (.ci.low * 1e4 | round), (.ci.high * 1e4 | round)' >out
	[ "$(<out)" = '["a","wilson","pair",456,6994]
["b","wilson","pair",5101,10000]
[null,"cr2","user",40,9986]' ]
}

@test "a user's figures depend on the seed and its verdicts, not on other users, unless they are shrunk" {
	for i in $(seq 40); do
		if ((i % 3)); then v a "$i" forward First; else v a "$i" forward Second; fi
	done >a.jsonl
	{ v b 0 forward First; cat a.jsonl; v c 0 forward Tie; } >more.jsonl
	for method in basic auto; do
		sm-eval --ci $method a.jsonl | head -n 1 | jq -c 'del(.shrunk)' >alone
		sm-eval --ci $method more.jsonl | sed -n 1p | jq -c 'del(.shrunk)' >among
		cmp alone among
		sm-eval --ci $method more.jsonl | sed '$d' >one
		sm-eval --ci $method <more.jsonl | sed '$d' >two
		cmp one two
	done
	for seed in $(seq 30); do sm-eval --ci basic --seed "$seed" a.jsonl; done | grep -o '^{"type":"result","user_id":"a",.*"ci":{[^}]*}' | sort -u >seeds
	[ "$(wc -l <seeds)" -gt 1 ]
}

@test "verdicts by status are counted, and are ties" {
	{ v a 0 forward Tie unparsed; v a 0 reverse Tie truncated; v a 1 forward Tie refused; v a 1 reverse Tie unparsed; v a 2 forward First; } |
		sm-eval >out.jsonl
	[ "$(results '.accuracy, .ties, .unparsed, .truncated, .refused' <out.jsonl | head -n 1)" = '["a",0.2,4,2,1,1]' ]
}

@test "failed verdicts and failed users are counted, never scored" {
	{
		v a 0 forward First
		e a judge ',"index":0,"order":"reverse"'
		e b persona
		e c judge
		v d 0 forward Second
	} >in.jsonl
	run --separate-stderr sm-eval in.jsonl
	[ "$status" -eq 0 ]
	[ "$(results '.accuracy, .n, .failed, .ci == null' <<<"$output")" = \
'["a",1,1,1,false]
["b",null,0,1,true]
["c",null,0,1,true]
["d",0,1,0,false]
[null,0.5,2,3,false]' ]
	[ "$(results '.users, .users_failed, .macro.accuracy' <<<"$output" | tail -n 1)" = '[null,4,3,0.5]' ]
}

@test "verdicts without a label are counted apart and not scored" {
	unlabeled() { v "$@" | jq -c '.label = null | .correct = null'; }
	{ v a 0 forward First; unlabeled a 1 forward Second; unlabeled a 1 reverse First; } >in.jsonl
	run --separate-stderr sm-eval in.jsonl
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(results '.accuracy, .n, .pairs, .unlabeled, .agreement' <<<"$output" | head -n 1)" = '["a",1,1,1,2,1]' ]
	sed 1d in.jsonl >none.jsonl
	run --separate-stderr sm-eval none.jsonl
	[ "$status" -eq 0 ]
	[[ $stderr == *"no verdict has a label, so there is no accuracy"* ]]
	[ "$(results '.accuracy, .n, .unlabeled, .ci, .macro' <<<"$output" | tail -n 1)" = '[null,null,0,2,null,{"accuracy":null,"ci":null}]' ]
	v a 1 forward Second | jq -c 'del(.label, .correct)' | sm-eval -q >out.jsonl
	head -n 1 out.jsonl | jq -e '.unlabeled == 1 and .n == 0'
}

@test "first_share leaves ties out, agreement takes pairs judged in both orders" {
	{
		v a 0 forward First; v a 0 reverse First
		v a 1 forward First; v a 1 reverse Second
		v a 2 forward Tie; v a 2 reverse Tie
		v a 3 forward First; v a 3 reverse Tie
		v a 4 forward First
		v b 0 forward Tie
	} | sm-eval >out.jsonl
	[ "$(results '.first_share, .agreement' <out.jsonl)" = \
'["a",0.8333333333333334,0.25]
["b",null,null]
[null,0.8333333333333334,0.25]' ]
}

@test "a judge that never answers is not consistent" {
	for i in 0 1 2; do v a $i forward Tie unparsed; v a $i reverse Tie unparsed; done | sm-eval >out.jsonl
	[ "$(results '.agreement, .consistency.n, .kappa, .position.p' <out.jsonl | head -n 1)" = '["a",0,3,null,null]' ]
}

@test "verdicts may come in any order of pairs, other records are left alone" {
	{
		echo '{"user_id":"a","context":[{"role":"user","content":"Q"}],"chosen":"x","rejected":"y"}'
		v a 7 reverse Second
		echo '{"type":"score","user_id":"a","stage":"bootstrap","correct":1,"n":1}'
		v a 1000000000 forward First
		echo '{"type":"run","user_id":null,"program":"sm-judge"}'
		echo '{"type":"remark","user_id":"zed"}'
		v a 7 forward First
	} | sm-eval >out.jsonl
	[ "$(results '.n, .pairs, .agreement' <out.jsonl)" = \
'["a",3,2,1]
[null,3,2,1]' ]
}

@test "pairs apart from their user's verdicts are told, not left out in silence" {
	pair() { echo "{\"type\":\"pair\",\"user_id\":\"$1\",\"index\":0,\"split\":\"test\",\"context\":[],\"chosen\":\"longer\",\"rejected\":\"no\"}"; }
	{ for u in a b c; do pair $u; done; for u in a b c; do v $u 0 forward First; done; } >apart.jsonl
	for u in a b c; do pair $u; v $u 0 forward First; done >together.jsonl
	for u in a b c; do v $u 0 forward First; pair $u; done >after.jsonl
	run --separate-stderr sm-eval -q together.jsonl
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	for name in apart:2 after:3; do
		run --separate-stderr sm-eval -q "${name%:*}.jsonl"
		[[ $stderr == "sm-eval: ${name%:*}.jsonl: ${name#*:} users with pairs or traces apart from the verdicts: length, "*"; group the lines by user, "* ]]
	done
	jq -cs 'sort_by(.user_id)[]' apart.jsonl | sm-eval | grep '"result"' | cmp - <(sm-eval together.jsonl | grep '"result"')
	# users who were never judged are no matter
	{ pair x; pair y; cat together.jsonl; pair z; } | sm-eval -q 2>err >out
	[ ! -s err ]
}

@test "a user that comes again is told, and not counted" {
	{ v a 0 forward First; v b 0 forward First; v a 1 forward Second; v a 2 forward Second; e a judge; v b 1 forward Second; v c 0 forward First; } >in.jsonl
	run --separate-stderr sm-eval in.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <<<"$stderr")" -eq 2 ]
	[[ $stderr == *"in.jsonl:3: user a came before; its verdicts from here on are not counted; group the lines by user"*"in.jsonl:6: user b came before"* ]]
	[ "$(results '.n, .failed' <<<"$output")" = \
'["a",1,0]
["b",1,0]
["c",1,0]
[null,3,0]' ]
	jq -cs 'sort_by(.user_id)[]' in.jsonl | sm-eval >sorted.jsonl
	[ "$(results '.n, .failed' <sorted.jsonl | tail -n 1)" = '[null,6,1]' ]
}

@test "of verdicts for the same pair and order the first is counted" {
	{ v a 0 forward First; v a 0 forward Second; e a judge ',"index":0,"order":"forward"'; e a judge ',"index":0,"order":"reverse"'; v a 0 reverse Second; } >in.jsonl
	run --separate-stderr sm-eval in.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <<<"$stderr")" -eq 3 ]
	[[ $stderr == *"in.jsonl:2: user a has a verdict for pair 0, order forward, already"*"in.jsonl:3: "*"in.jsonl:5: user a has a verdict for pair 0, order reverse"* ]]
	[ "$(results '.accuracy, .n, .failed' <<<"$output" | head -n 1)" = '["a",1,1,1]' ]
}

# shellcheck disable=SC2016 # the backquotes are the messages'
@test "a wrong line is told with its number, the rest is counted" {
	blames 'not JSON' 'not a JSON object'
	blames '[1]' 'not a JSON object'
	blames "$(printf '{"type":"verdict","user_id":"\xff"}')" 'invalid UTF-8'
	spoils '.user_id = null' 'a verdict with `user_id` null'
	spoils '.user_id = true' '`user_id` is neither'
	spoils 'del(.index)' '`index` is not a whole number from 0'
	spoils '.index = "1"' '`index` is not a whole number from 0'
	spoils '.index = 1.5' '`index` is not a whole number from 0'
	spoils '.index = -1' '`index` is not a whole number from 0'
	spoils 'del(.order)' '`order` is not "forward" or "reverse"'
	spoils '.order = "both"' '`order` is not "forward" or "reverse"'
	spoils '.preference = "first"' '`preference` is not "First", "Second" or "Tie"'
	spoils '.preference = 1' '`preference` is not "First"'
	spoils 'del(.prediction)' '`prediction` is not 1, -1 or 0'
	spoils '.prediction = 2' '`prediction` is not 1, -1 or 0'
	spoils '.prediction = -1' '`prediction` contradicts `order` and `preference`'
	spoils '.label = "Tie"' '`label` is not "First", "Second" or null'
	spoils '.label = 1' '`label` is not "First"'
	spoils '.label = "Second"' '`label` contradicts `order`'
	spoils '.label = null' '`correct` needs a `label`'
	spoils '.correct = "true"' '`correct` is not true or false'
	spoils '.correct = false' '`correct` contradicts `label` and `preference`'
	spoils '.status = "fine"' '`status` is not "ok", "unparsed", "truncated" or "refused"'
	spoils 'del(.status)' '`status` is not "ok"'
	blames "$(e a judge ',"index":"x","order":"forward"')" '`index` is not'
	blames "$(e a judge ',"index":1')" '`order` is not'
	told
}

# spelled HOW ...: HOW.jsonl is a stream with everything in it that sm-eval reads, spelled so.
spelled() {
	python3 - "$@" <<'PY'
import json, random, sys
draw = random.Random(1)
def verdict(user, index, order, preference):
    label = "First" if order == "forward" else "Second"
    prediction = 0 if preference == "Tie" else 1 if preference == label else -1
    return {"type": "verdict", "user_id": user, "stage": "judge", "index": index, "order": order,
            "preference": preference, "prediction": prediction, "label": label, "correct": prediction == 1,
            "status": "ok", "reasoning": "because \u201cit\u201d is\n\\ \U0001F600",
            "p_first": draw.choice({"First": [0.73218390157, 1], "Second": [0.1, 1e-7], "Tie": [0.5]}[preference]),
            "votes": {"first": 2, "second": 1, "tie": 0},
            "uses": {"deep": [[[{"x": [None, True, False, -0.5e-3]}]]]}, "tokens": {"in": 31, "out": 7, "cached": 0, "reasoning": 0}, "cost": 0.000125}
records = []
for user in "a", 7, "\u00e9 \"q\" \u65e5":
    turn = {"role": "assistant", "content": "one \"two\"\n\u65e5\u672c \U0001F600"}
    records.append({"user_id": user, "context": [{"role": "user", "content": "Q"}], "chosen": "t", "rejected": "u", "index": 9, "split": "train"})
    records.append({"type": "pair", "user_id": user, "context": [], "chosen": turn, "rejected": "x" * 13, "index": 0, "split": "test", "flip": True})
    records.append({"user_id": user, "context": [], "chosen": [turn, turn], "rejected": "\t" * 99, "index": 1})
    records.append({"type": "persona", "user_id": user, "persona": "p", "tokens": {"in": 5, "out": 1}})
    for index in 0, 1:
        for order in "forward", "reverse":
            records.append(verdict(user, index, order, draw.choice(["First", "Second", "Tie"])))
    records.append({"type": "error", "user_id": user, "stage": "judge", "index": 2, "order": "forward", "message": "m"})

def escaped(text):
    return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 65536 else json.dumps(c)[1:-1] for c in text) + '"'
def spell(value, how):
    if how == "escaped" and isinstance(value, str):
        return escaped(value)
    if isinstance(value, dict):
        members = [f"{spell(k, how)}:{spell(v, how)}" for k, v in value.items()]
        if how == "reordered":
            members.reverse()
        if how == "twice":
            members = [f"{spell(k, how)}:[{{}}]" for k in value] + members
        if how == "deep":
            members.append('"more":' + "[" * 100 + "]" * 100)
        return "{" + (" \t, " if how == "spaced" else ",").join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spell(v, how) for v in value) + "]"
    if how == "numbers" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value}" + ("." + "0" * 20 if isinstance(value, int) else "")
    return json.dumps(value, ensure_ascii=how == "ascii")
for how in sys.argv[1:]:
    with open(f"{how}.jsonl", "w", encoding="utf-8", newline="") as file:
        for record in records:
            line = spell(record, how)
            print({"spaced": "  \t" + line.replace(":", " : ") + " \r", "marked": "\ufeff" + line}.get(how, line), file=file)
PY
}

@test "how a line is spelled makes no difference to the figures" {
	sum() { sm-eval "$1" | grep '"type":"result"'; }
	spelled plain ascii escaped reordered twice spaced numbers deep marked
	sum plain.jsonl >plain.out
	jq -es 'length == 4 and .[3].n == 12 and .[3].failed == 3 and .[3].length.user.n == 6 and .[3].votes.n == 12
		and .[3].calibration.n == 12 and .[3].tokens.in == 12 * 31 + 15 and .[3].learned_from == 1
		and .[0].length.user.longer == 0.5' plain.out
	for how in ascii escaped reordered twice spaced numbers deep marked; do
		run cmp -s plain.jsonl $how.jsonl
		[ "$status" -eq 1 ]
		sum $how.jsonl >$how.out
		cmp plain.out $how.out || { echo "$how"; return 1; }
	done
}

# shellcheck disable=SC2016 # the backquotes are the messages'
@test "what is nearly JSON is told as such, wherever it stands in the line" {
	good=$(v a 1 forward First)
	bad() { blames "${good/\"reasoning\":\"r\"/\"reasoning\":$1}" "$2"; }
	bad nan 'not valid JSON: a literal nan'
	bad NaN 'not valid JSON'
	bad '[1,]' 'not valid JSON'
	bad '[1 2]' 'not valid JSON'
	bad '{"a":1,}' 'not valid JSON'
	bad '{"a"}' 'not valid JSON'
	bad '{a:1}' 'not valid JSON'
	bad "'r'" 'not valid JSON'
	bad tru 'not valid JSON'
	bad nul 'not valid JSON'
	bad - 'not valid JSON'
	bad '1e' 'not valid JSON'
	bad '"\x"' 'not valid JSON'
	bad '"\u12g4"' 'not valid JSON'
	bad '"r' 'not valid JSON'
	bad '"r"}' 'not valid JSON'
	bad $'"\xed\xa0\x80"' 'invalid UTF-8 at byte'
	bad $'"\xc0\xaf"' 'invalid UTF-8 at byte'
	blames "$good$good" 'not valid JSON'
	blames "${good:1}" 'not a JSON object'
	blames '{"type":"pair","user_id":"a","context":[{"role":"user"}],"chosen":"x","rejected":"y"}' '`context` is not a list of turns'
	blames '{"type":"pair","user_id":"a","context":[],"chosen":{"role":"assistant"},"rejected":"y"}' '`chosen` is not a turn'
	blames '{"type":"pair","user_id":"a","context":[],"chosen":"x"}' '`rejected` is missing from this pair'
	blames '{"user_id":"a","context":[],"chosen":"x","rejected":"y","split":"none"}' '`split` is not "train"'
	blames '{"user_id":"a","context":[],"chosen":"x","rejected":"y","index":-1}' '`index` is not a whole number'
	blames '{"user_id":"a","context":[],"chosen":"x","rejected":"y","flip":0}' '`flip` is not true or false'
	blames '{"type":"verdict","user_id":"a\u0000b"}' '`user_id` holds a NUL character'
	blames '{"type":1,"user_id":"a"}' '`type` is not a string'
	told
	printf '%s\n{"a":"\0"}\n' "$good" >in.jsonl
	run --separate-stderr sm-eval -q in.jsonl
	[[ $stderr == *'in.jsonl:2: NUL byte at column 7'* ]]
}

@test "tokens and costs that are no figures count as none" {
	for wrong in 1e999 -1e999 1e300 -1 '"x"'; do
		v a 0 forward First | sed "s/}$/,\"tokens\":{\"in\":$wrong,\"out\":7},\"cost\":$wrong}/" >in.jsonl
		sm-eval -q in.jsonl | results '.tokens.in, .tokens.out, .cost' >out
		[ "$(head -n 1 out)" = '["a",0,7,null]' ] || { echo "$wrong: $(<out)"; false; }
	done
}

@test "an input without verdicts is told what to do" {
	for input in '' '{"type":"persona","user_id":"a","persona":"p"}' '{"type":"run","user_id":null}'; do
		for option in -q --table; do
			run --separate-stderr sm-eval $option <<<"$input"
			[ "$status" -eq 3 ]
			[ "$stderr" = "sm-eval: no verdicts in the input; run sm-judge first" ]
			[[ $output != *result* && $output != *all* ]]
		done
	done
	run --separate-stderr sm-eval < <(e a persona; e b persona)
	[ "$status" -eq 3 ]
	[[ $stderr == *"no verdicts in the input, only failures (2)"* ]]
	[ "$(results '.n, .failed' <<<"$output" | head -n 1)" = '["a",0,1]' ]
}

@test "a file that is missing is told, the others are scored" {
	v a 0 forward First >a.jsonl
	v a 0 forward Second >b.jsonl
	run --separate-stderr sm-eval a.jsonl nowhere.jsonl b.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"nowhere.jsonl: "*"No such file"* ]]
	[ "$(jq -c 'select(.type == "result" and .user_id == null) | [.file, .accuracy]' <<<"$output" | paste -sd ' ')" = \
		'["a.jsonl",1] ["b.jsonl",0]' ]
	run sm-eval nowhere.jsonl
	[ "$status" -eq 3 ]
	[[ $output != *"no verdicts"* ]]
}


@test "--ci: each method gives the interval of its name" {
	verdicts a 9 3 >in.jsonl
	for method in wilson exact percentile bca korn-graubard auto cluster; do sm-eval --ci $method in.jsonl; done >out.jsonl
	sm-eval in.jsonl >>out.jsonl
	# auto is wilson, as a pair has one verdict here, and so it is without the option
	[ "$(jq -c 'select(.user_id == "a").ci | [.method, if .method == "cluster" then empty else .low, .high | . * 1e4 | round end]' out.jsonl)" = \
'["wilson",4677,9111]
["exact",4281,9451]
["percentile",5000,10000]
["bca",4167,9167]
["korn-graubard",4123,9504]
["wilson",4677,9111]
["cluster"]
["wilson",4677,9111]' ]
}

@test "--ci cluster draws whole users: users that differ widen it, verdicts that repeat do not narrow it" {
	# the widths of a user's intervals, or those for all
	widths() {
		{ sm-eval --ci percentile in.jsonl; sm-eval --ci cluster in.jsonl; } | jq -ces --argjson user "$1" "map(select(.type == \"result\" and .user_id == \$user).ci | .high - .low) | $2"
	}
	for i in 0 1 2 3 4 5; do echo "good$i 30 0"; echo "bad$i 0 30"; done | judged >in.jsonl
	widths null '.[1] > 4 * .[0]'
	# for a user whole pairs: both orders of a pair count once
	for i in 0 1 2 3 4 5 6 7 8 9; do
		if ((i < 5)); then v u $i forward First; v u $i reverse Second; else v u $i forward Second; v u $i reverse First; fi
	done >in.jsonl
	widths '"u"' '.[1] > 1.2 * .[0]'
}

@test "--ci cluster takes many users without a wait, and a user's pairs in any order" {
	# 30,000 users of one to three pairs: those of an even sum of user and index right in both orders, the others in one
	awk 'BEGIN {
		for (user = 0; user < 30000; user++) {
			for (i = 0; i <= user % 3; i++) {
				one = sprintf("{\"type\":\"verdict\",\"status\":\"ok\",\"user_id\":\"%d\",\"index\":%d", user, i)
				print one ",\"order\":\"forward\",\"preference\":\"First\",\"prediction\":1,\"label\":\"First\",\"correct\":true}"
				if ((user + i) % 2)
					print one ",\"order\":\"reverse\",\"preference\":\"First\",\"prediction\":-1,\"label\":\"Second\",\"correct\":false}"
				else
					print one ",\"order\":\"reverse\",\"preference\":\"Second\",\"prediction\":1,\"label\":\"Second\",\"correct\":true}"
			}
		}
	}' >in.jsonl
	[[ $B == *asan* ]] || timeout 10 sm-eval --ci cluster in.jsonl >out.jsonl # one by one it takes a minute
	{ v u 0 forward First; v u 0 reverse Second; v u 1 forward Second; v u 2 forward First; v u 2 reverse First; } >one.jsonl
	sed 's/"index":0/"index":9/' one.jsonl >two.jsonl
	ci() { sm-eval --ci cluster "$1" | jq -c 'select(.user_id == "u").ci'; }
	[ "$(ci one.jsonl)" = "$(ci two.jsonl)" ]
}

@test "--ties: wrong, half right, or left out" {
	{ v a 0 forward First; v a 1 forward Tie; v a 2 forward Second; v a 3 forward First; } >in.jsonl
	[ "$(sm-eval in.jsonl | results '.accuracy, .n, .ties' | head -n 1)" = '["a",0.5,4,1]' ]
	[ "$(sm-eval --ties half in.jsonl | results '.accuracy, .n, .ties' | head -n 1)" = '["a",0.625,4,1]' ]
	[ "$(sm-eval --ties drop in.jsonl | results '(.accuracy * 3 | round), .n, .ties' | head -n 1)" = '["a",2,3,1]' ]
	sm-eval --ties half in.jsonl | jq -es 'map(select(.type == "result")) | all(.[]; .ci.method == "wilson" and .ci.low < .accuracy and .ci.high > .accuracy)'
	sm-eval --ties half --ci bca in.jsonl | jq -es 'map(select(.type == "result")) | all(.[]; .ci.low >= 0 and .ci.low < .accuracy and .ci.high > .accuracy)'
	run sm-eval --ties half --ci wilson in.jsonl
	[ "$status" -eq 2 ]
	[[ $output == *"has no half; take --ci auto, percentile"* ]]
}

@test "position and consistency have their intervals, kappa is that of the two orders" {
	# shown first: 6 of 8 decided, two pairs both times and two once; 0.75 of 4 pairs by Wilson
	for i in 0 1 2 3; do v a $i forward First; done >in.jsonl
	for i in 0 1; do v a $i reverse Second; done >>in.jsonl
	for i in 2 3; do v a $i reverse First; done >>in.jsonl
	sm-eval in.jsonl | jq -es 'map(select(.user_id == "a"))[0]
		| .position.first == 0.75 and .position.n == 8 and .position.ci.method == "wilson"
		and .position.ci.unit == "pair" and (.position.ci.low * 1e4 | round) == 3006
		and .position.both_first == 2 and .position.both_second == 0 and .position.lean == 0.5 and .position.p == 0.5
		and .consistency.agreement == 0.5 and .consistency.n == 4 and .consistency.ci.unit == "pair"
		and .kappa == 0'
}

# places FIRST SECOND RIGHT WRONG: so many pairs that give First, or Second, in both orders, or are right or wrong in both.
places() {
	jq -cn --args '["First First", "Second Second", "First Second", "Second First"] as $says | [$ARGS.positional[] | tonumber] as $n
		| [range(4) as $k | range($n[$k]) | $says[$k] / " "] | to_entries[] | .key as $i | .value | to_entries[]
		| ["First", "Second"][.key] as $chosen | (if .value == $chosen then 1 else -1 end) as $p
		| {type: "verdict", user_id: "a", stage: "judge", index: $i, order: ["forward", "reverse"][.key], preference: .value,
			prediction: $p, label: $chosen, correct: ($p == 1), status: "ok"}' "$@"
}

@test "the lean to a place and the kappa of the orders are those of scipy and scikit-learn" {
	while read -r line; do
		# shellcheck disable=SC2046 # numbers
		places $(jq -r '.both_first, .both_second, .both_right, .both_wrong' <<<"$line") | sm-eval >out.jsonl
		head -n 1 out.jsonl | jq -e --argjson want "$line" '(.position.p - $want.lean_p_exact | fabs) < 1e-9
			and (.position.lean - $want.lean | fabs) < 1e-9 and (.kappa - $want.kappa_of_orders | fabs) < 1e-9'
	done <"$BATS_TEST_DIRNAME/golden/figures/position.jsonl"
}

@test "length: how often the longer reply wins, and how often the user chose it" {
	pair() { echo "{\"type\":\"pair\",\"user_id\":\"a\",\"index\":$1,\"split\":\"test\",\"context\":[],\"chosen\":$2,\"rejected\":$3}"; }
	{
		pair 0 '"ééé"' '"zz"'
		pair 1 '{"role":"assistant","content":"a"}' '[{"role":"assistant","content":"bb"},{"role":"assistant","content":"cc"}]'
		pair 2 '"same"' '"four"'
		pair 3 '"much longer"' '"short"'
		v a 0 forward First; v a 0 reverse First; v a 1 forward Second; v a 2 forward First; v a 3 forward Tie
	} >in.jsonl
	# decided, of different length: 0 forward (longer), 0 reverse (shorter), 1 (longer)
	sm-eval in.jsonl | jq -es 'map(select(.user_id == "a"))[0].length
		| (.judge.longer * 3 | round) == 2 and .judge.n == 3 and (.user.longer * 3 | round) == 2 and .user.n == 3'
	v a 0 forward First | sm-eval | jq -es 'map(select(.user_id == "a"))[0].length == null'
}

@test "votes: the chance that two votes on a question agree" {
	{ v a 0 forward First | with '"votes":{"first":3,"second":1,"tie":1}'; v a 1 forward First | with '"votes":{"first":5,"second":0,"tie":0}'; } |
		sm-eval | jq -es 'map(select(.user_id == "a"))[0].votes | .n == 2 and (.agreement - (6 / 20 + 1) / 2 | fabs) < 1e-9'
}

@test "calibration: Brier, ECE and the curve of p_first" {
	{
		v a 0 forward First | with '"p_first":0.9'
		v a 0 reverse First | with '"p_first":0.8'
		v a 1 forward First | with '"p_first":0.85'
		v a 2 forward Second | with '"p_first":0.2'
	} | sm-eval >out.jsonl
	# outcomes 1 0 1 1: bins 0.2: 1; 0.8-0.9: two of 0.825 with one right; 0.9: 1
	jq -es 'map(select(.user_id == "a"))[0].calibration | .n == 4
		and (.brier - (0.01 + 0.64 + 0.0225 + 0.64) / 4 | fabs) < 1e-9
		and (.ece - (0.8 + 0.65 + 0.1) / 4 | fabs) < 1e-9
		and (.reliability - (0.64 + 2 * 0.325 * 0.325 + 0.01) / 4 | fabs) < 1e-9
		and (.resolution - (0.0625 + 2 * 0.0625 + 0.0625) / 4 | fabs) < 1e-9
		and .uncertainty == 0.1875
		and .ci.method == "cr2" and .ci.unit == "pair" and .ci.low >= 0 and .ci.low < .brier and .ci.high > .brier
		and (.bins | map([.n, .first])) == [[1, 1], [2, 0.5], [1, 1]]' out.jsonl
	v a 0 forward First | sm-eval | jq -es 'map(select(.user_id == "a"))[0].calibration == null'
	spoils '.p_first = 1.5' '`p_first` is not from 0 to 1'
	spoils '.p_first = 0.4' '`p_first` contradicts `preference`'
	spoils '.preference = "Tie" | .prediction = 0 | .correct = false | .p_first = 0.6' '`p_first` contradicts `preference`'
	told
	# a probability that is rounded to one half says nothing against a preference
	[[ $(v a 0 forward Second | with '"p_first":0.5' | sm-eval | head -n 1) == *'"n":1,'* ]]
}

@test "several files: each is compared with the first, on the same verdicts" {
	# right in a alone 10, in b alone 3
	for i in $(seq 0 12); do v "u$((i % 4))" "$i" forward First; done | jq -sc 'sort_by(.user_id)[]' >right.jsonl
	jq -c 'select(.index >= 10) |= (.preference = "Second" | .prediction = -1 | .correct = false)' right.jsonl >a.jsonl
	jq -c 'select(.index < 10) |= (.preference = "Second" | .prediction = -1 | .correct = false)' right.jsonl >b.jsonl
	sm-eval a.jsonl b.jsonl >out.jsonl
	jq -es 'map(select(.type == "comparison")) | length == 1 and (.[0] |
		.a == "a.jsonl" and .b == "b.jsonl" and .n == 13 and .pairs == 13 and .only_in_a == 0
		and (has("mcnemar") | not) and .sign == {better: 3, worse: 10, p: null} and .holm_p == .users.permutation_p
		and (.difference - (3 - 10) / 13 | fabs) < 1e-9
		and .ci.method == "cr2" and .ci.unit == "user" and .users.ci.method == "t" and .ci.low <= .difference and .ci.high >= .difference
		and .users.n == 4 and .users.better + .users.worse <= 4
		and .cohens_h < 0 and .users.permutation_p > 0 and .users.wilcoxon_p > 0)' out.jsonl
	# the figures of each file are there too, with its name
	[ "$(jq -c 'select(.type == "result" and .user_id == null) | [.file, .n]' out.jsonl | paste -sd ' ')" = '["a.jsonl",13] ["b.jsonl",13]' ]
	# a judge against itself
	jq -es 'map(select(.type == "comparison"))[0] | .difference == 0 and .users.permutation_p == 1 and .ci.unit == "pair" and .ci.low == -.ci.high and .ci.high > 0 and .ci.high < 0.25' \
		<(sm-eval a.jsonl a.jsonl)
	[ "$(sm-eval a.jsonl b.jsonl a.jsonl | jq -c 'select(.type == "comparison") | [.a, .b]' | paste -sd ' ')" = '["a.jsonl","b.jsonl"] ["a.jsonl","a.jsonl"]' ]
}

@test "users may come in another order; what has no partner is named, and not compared" {
	{ v a 0 forward First; v a 1 forward First; v b 0 forward First; } >a.jsonl
	{ v b 0 forward Second; v b 7 reverse First; v a 1 forward First; v c 0 forward First; } >b.jsonl
	run --separate-stderr sm-eval a.jsonl b.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"b.jsonl has no verdict for user a, pair 0, order forward: that one is not compared"* ]]
	[[ $stderr == *"a.jsonl has no verdict for user b, pair 7, order reverse: that one is not compared"* ]]
	[[ $stderr == *"a.jsonl has no verdict for user c, pair 0, order forward: that one is not compared"* ]]
	jq -es 'map(select(.type == "comparison"))[0] | .n == 2 and .only_in_a == 1 and .only_in_b == 2 and .difference == -0.5' <<<"$output"
	run sm-eval <(v a 0 forward First) <(v z 0 forward First)
	[ "$status" -eq 3 ]
	[[ $output == *"have no pair in common"* ]]
}

@test "of many without a partner ten are named, with -v all" {
	verdicts a 15 0 >a.jsonl
	v a 0 forward First >b.jsonl
	run --separate-stderr sm-eval --table a.jsonl b.jsonl
	[ "$status" -eq 1 ]
	[ "$(grep -c "is not compared" <<<"$stderr")" -eq 10 ]
	[[ $stderr == *"b.jsonl lacks 4 more verdicts that are not compared; "*"-v"* ]]
	run --separate-stderr sm-eval -v --table a.jsonl b.jsonl
	[ "$(grep -c "is not compared" <<<"$stderr")" -eq 14 ]
	[[ $stderr == *"pair 14, order forward"* && $stderr != *" more "* ]]
}

@test "of several files the one without verdicts is named" {
	v a 0 forward First >a.jsonl
	: >empty.jsonl
	e a judge >failed.jsonl
	run --separate-stderr sm-eval --table a.jsonl empty.jsonl failed.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"no verdicts in empty.jsonl; run sm-judge"*"no verdicts in failed.jsonl, only failures (1)"* ]]
	[ "$(sed -n 2p <<<"$output" | cut -d ' ' -f 1)" = a.jsonl ]
}

@test "many users of few kinds: drawn together, with the interval and the p value of one by one" {
	{ seq -f 'r%g 1 0' 250; seq -f 'w%g 0 1' 150; } | judged >a.jsonl
	# 250 of 400 right: the interval of the mean is 1.96 standard errors wide to each side, in steps of 1/400
	sm-eval --ci basic a.jsonl | jq -es '(0.625 * 0.375 / 400 | sqrt) as $e | map(select(.type == "result" and .user_id == null))[0] | [.ci, .macro.ci]
		| length == 2 and all(.[]; (.low - 0.625 + 1.96 * $e | fabs) < 0.004 and (.high - 0.625 - 1.96 * $e | fabs) < 0.004)'
	# b is better for 170 users and worse for 130: the permutation test is the sign test
	{ seq -f 'u%g 0 1' 170; seq -f 'u%g 1 0' 171 300; } | judged >a.jsonl
	{ seq -f 'u%g 1 0' 170; seq -f 'u%g 0 1' 171 300; } | judged >b.jsonl
	{ sm-eval a.jsonl b.jsonl; sm-eval --unit pair a.jsonl b.jsonl; } | jq -es 'map(select(.type == "comparison"))
		| (.[0].users.permutation_p - 0.0242 | fabs) < 0.001 and (.[1] | (.sign.p * 1e4 | round) == 242 and .ci.unit == "pair")'
}

@test "--table of several files: a line each, and a sentence for each comparison" {
	verdicts a 9 3 >a.jsonl
	verdicts a 3 9 >b.jsonl
	sm-eval --table a.jsonl b.jsonl >out
	[ "$(sed -n 2p out | tr -s ' ')" = "a.jsonl 12 75.0% [46.8%, 91.1%] 0 0 75.0%" ]
	grep -qx 'b.jsonl against a.jsonl: -50.0 points \[-83.2, -16.8\] by pair, sign test on the pairs of this user alone p 0.0313, h -1.05, on 12 pairs of 1 user' out
	grep -qx 'Intervals: by pair (Wilson).' out
}

@test "--markdown and --csv hold what the table does" {
	{ v 'pi|pe "q"' 0 forward First; v 'pi|pe "q"' 0 reverse First; } | sed 's/pi|pe "q"/pi|pe \\"q\\"/' >in.jsonl
	sm-eval --markdown in.jsonl >out.md
	[ "$(sed -n 1,3p out.md)" = '| user | pairs | accuracy | 95% interval | ties | failed | first |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| pi\|pe "q" | 1 | 50.0% | [5.5%, 94.5%] | 0 | 0 | 100.0% |' ]
	sm-eval --csv in.jsonl >out.csv
	python3 - <<'END'
import csv
rows = list(csv.DictReader(open("out.csv", newline="")))
assert [r["user"] for r in rows] == ['pi|pe "q"', ""], rows
assert rows[0]["accuracy"] == "0.5" and rows[0]["n"] == "2" and rows[0]["file"] == "in.jsonl" and rows[0]["agreement"] == "0", rows
END
	run sm-eval --csv --table in.jsonl
	[ "$status" -eq 2 ]
	v '<script>&`*' 0 forward First | sm-eval --markdown >out.md
	[[ $(sed -n 3p out.md) == '| \<script\>\&\`\* | 1 |'* ]]
}

@test "gates: --fail-under and --fail-if-worse end with 7, after the figures" {
	verdicts a 6 4 >in.jsonl
	sm-eval --fail-under 0.6 in.jsonl >out.jsonl
	[ "$(tail -n 1 out.jsonl | jq -c '.options["fail-under"]')" = 0.6 ]
	[ "$(sm-eval --fail-under 0 in.jsonl | tail -n 1 | jq -c '.options["fail-under"]')" = 0 ]
	[ "$(sm-eval in.jsonl | tail -n 1 | jq -c '.options')" = '{"ci":"auto","ties":"0","seed":0,"unit":"user","user":"user"}' ]
	run --separate-stderr sm-eval --fail-under 0.61 in.jsonl
	[ "$status" -eq 7 ]
	[[ $stderr == *"accuracy 0.6000 is under 0.61; its 95% interval by pair is 0.3127 to 0.8318"* ]]
	[ "$(results .n <<<"$output" | tail -n 1)" = '[null,10]' ]
	run --separate-stderr sm-eval --fail-under 0.5 <(v a 0 forward First | jq -c '.label = null | .correct = null')
	[ "$status" -eq 7 ]
	[[ $stderr == *"no accuracy to hold against --fail-under"* ]]
	for i in 0 1 2 3 4 5; do echo "u$i" 9 1; done | judged >good.jsonl
	for i in 0 1 2 3 4 5; do echo "u$i" 3 7; done | judged >bad.jsonl
	run --separate-stderr sm-eval --fail-if-worse good.jsonl bad.jsonl
	[ "$status" -eq 7 ]
	[[ $stderr == *"bad.jsonl is worse than good.jsonl beyond chance: -60.0 points ["*"] by pair"* ]]
	sm-eval --fail-if-worse bad.jsonl good.jsonl >out.jsonl
	cp good.jsonl same.jsonl
	sm-eval --fail-if-worse good.jsonl - <same.jsonl >out.jsonl
	# a little worse for one user in six is within chance
	verdicts u0 9 1 u1 9 1 u2 9 1 u3 9 1 u4 9 1 u5 8 2 >near.jsonl
	sm-eval --fail-if-worse good.jsonl near.jsonl >out.jsonl
}

@test "learned_from: how many pairs a user's judge learned from" {
	all() { sm-eval -q | jq -c 'select(.type == "result" and .user_id == null) | [.learned_from]'; }
	nothing() { sed 's/"uses":{[^}]*}/"uses":{"persona":false,"demos":0}/'; }
	mock_start --decide longer
	sm-split -q --test 2 "$prefs" | sm-fit -q | sm-judge -q >taught.jsonl
	[ "$(all <taught.jsonl)" = '[10]' ]
	# the same input, of which nothing was learned
	[ "$(sm-split -q --test 2 "$prefs" | sm-judge -q | all)" = '[0]' ]
	[ "$(v a 0 forward First | nothing | all)" = '[0]' ]
	# not known without the pairs, and a mean over the users of whom it is known
	[ "$(v a 0 forward First | all)" = '[null]' ]
	[ "$({ learn a 3; v a 0 forward First; learn b 8; v b 0 forward First; v c 0 forward First; learn d 5; v d 0 forward First | nothing; } | all)" = '[3.6666666666666665]' ]
	[ "$({ learn a 3; e a persona; } | all)" = '[null]' ]
}

# learn USER COUNT: pairs to learn from, one for validation.
learn() {
	awk -v user="$1" -v count="$2" 'BEGIN {
		for (i = 0; i < count; i++) {
			printf "{\"type\":\"pair\",\"user_id\":\"%s\",\"index\":%d,\"split\":\"%s\",", user, 100 + i, i ? "train" : "val"
			print "\"context\":[],\"chosen\":\"x\",\"rejected\":\"y\"}"
		}
	}'
}

@test "a learning curve: rows by pairs learned from, each with its difference" {
	for n in 20 5 10; do
		for u in a b c; do learn $u $n; verdicts $u $((5 + n / 4)) $((7 - n / 4)); done >$n.jsonl
	done
	sm-eval --table 20.jsonl 5.jsonl 10.jsonl >out
	head -n 4 out | diff - <(
		cat <<'END'
verdicts of  learned from  pairs  accuracy    95% interval            difference  ties  failed  first
5.jsonl                 5     36     50.0%  [34.5%, 65.5%]  -33.3 [-49.5, -17.2]     0       0  50.0%
10.jsonl               10     36     58.3%  [42.2%, 72.9%]  -25.0 [-39.9, -10.1]     0       0  58.3%
20.jsonl               20     36     83.3%  [68.1%, 92.1%]                     -     0       0  83.3%
END
	)
	[ "$(grep -o '^[0-9]*.jsonl against 20.jsonl' out)" = $'5.jsonl against 20.jsonl\n10.jsonl against 20.jsonl' ]
	# for other tools
	sm-eval 5.jsonl 10.jsonl 20.jsonl >out.jsonl
	[ "$(jq -c 'select(.type == "result" and .user_id == null) | [.learned_from, .accuracy * 12, .ci.low < .accuracy]' out.jsonl | paste -sd ' ')" = '[5,6,true] [10,7,true] [20,10,true]' ]
	[ "$(jq -c 'select(.type == "comparison") | [.learned_from_a, .learned_from_b, .difference > 0]' out.jsonl | paste -sd ' ')" = '[5,10,true] [5,20,true]' ]
	[ "$(sm-eval --csv 20.jsonl 5.jsonl | tr -d '\r' | grep ',"",' | cut -d , -f 1,12)" = $'"20.jsonl",20\n"5.jsonl",5' ]
	sm-eval --markdown 20.jsonl 5.jsonl | grep -q '^| 5.jsonl | 5 | 36 | 50.0% | .* | -33.3 '
	# none, where one of them is not known or all are the same
	for other in <(cat 5.jsonl) <(grep verdict 20.jsonl); do
		sm-eval --table 5.jsonl "$other" >out
		[[ $(head -n 1 out) == "verdicts of"*" pairs  accuracy"* && $(head -n 1 out) != *learned* ]]
	done
}

@test "--table: a line per user and one for all, as percent" {
	{ v short 0 forward First; v short 0 reverse First; v short 1 forward Tie; v short 1 reverse Second; v "a longer name" 0 forward Second; e gone persona; } |
		sm-eval --table >out
	head -n 5 out | diff - <(
		cat <<'END'
user           pairs  accuracy   95% interval  ties  failed  first
a longer name      1      0.0%  [0.0%, 79.3%]     0       0   0.0%
gone               0         -              -     0       1      -
short              2     50.0%  [9.5%, 90.5%]     1       0  66.7%
all                3     40.0%  [0.6%, 98.7%]     1       1  50.0%
END
	)
}

@test "--table says which ties are no verdicts, and what they count" {
	{ v a 0 forward Tie truncated; v a 1 forward Tie refused; v a 2 forward Tie truncated; v a 3 forward Tie; v a 4 forward First; } >in.jsonl
	said="3 replies without a verdict (2 truncated, 1 refused) among the ties, which"
	sm-eval --table in.jsonl | grep -qx "$said count as wrong."
	sm-eval --table --ties half in.jsonl | grep -qx "$said count half."
	sm-eval --markdown --ties drop in.jsonl | grep -qx "$said are left out."
	sm-eval --table <(v a 0 forward Tie unparsed) in.jsonl 2>/dev/null | grep -qx "in.jsonl: $said count as wrong."
	sm-eval --table <(v a 0 forward Tie unparsed) in.jsonl 2>/dev/null | grep -q ": 1 reply without a verdict (1 unparsed) among"
	v a 3 forward Tie | sm-eval --table >out
	[[ $(cat out) != *"without a verdict"* ]]
}

@test "--table is aligned by what is seen, not by bytes" {
	{ v 日本語 0 forward First; v $'cafe\u0301' 0 forward First; v é 0 forward First; v $'\360\237\230\200' 0 forward First; v 'a\u001b[2J\n' 0 forward First; } |
		sm-eval --table >out
	python3 - <<'PY'
import unicodedata
def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)
lines = open("out", encoding="utf-8").read().split("\n")[:7]
assert len({width(line) for line in lines}) == 1, lines
assert len({len(line) for line in lines}) > 1
assert lines[4].startswith("日本語      1 "), lines[4]
assert lines[1].startswith("a\ufffd[2J\ufffd ") and "\x1b" not in lines[1], lines[1]
PY
}

@test "--table on a narrow terminal shortens long names, and nothing else" {
	{ v aaaaaaaaaabbbbbbbbbbcccccccccc 0 forward First; v 日本語日本語日本語日本語 0 forward First; v ok 0 forward First; } >in.jsonl
	cat >terminal.py <<'PY'
import fcntl, os, pty, struct, subprocess, sys, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
subprocess.run(["sm-eval", "--table", "in.jsonl"], stdout=slave, check=True)
os.close(slave)
text = b""
try:
    while part := os.read(master, 65536):
        text += part
except OSError:
    pass
sys.stdout.write(text.decode().replace("\r", ""))
PY
	export NO_COLOR=1
	python3 terminal.py 66 >out
	python3 - <<'PY'
lines = open("out", encoding="utf-8").read().split("\n")
assert lines[1].startswith("aaaaaaaaa…  ") and len(lines[1]) == 66, lines[1]
assert lines[3].startswith("日本語日…  ") and len(lines[3]) == 62, lines[3]
assert lines[2].startswith("ok         "), lines[2]
PY
	python3 terminal.py 200 >wide
	sm-eval --table in.jsonl >plain
	cmp wide plain
	grep -q aaaaaaaaaabbbbbbbbbbcccccccccc plain
}

@test "--table: where a line does not fit, a block for each user; COLUMNS tells the width" {
	{ v aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee 0 forward First; v 日本語日本語日本語日本語日本語 0 forward First; v $'\360\237\230\200' 0 forward Tie; } >in.jsonl
	COLUMNS=28 sm-eval --table in.jsonl | head -n 21 >out
	[ "$(sed -n '1,8p;15,18p' out)" = 'aaaaaaaaaabbbbbbbbbbccccccc…
  pairs         1
  accuracy      100.0%
  95% interval  [20.7%, 100.0%]
  ties          0
  failed        0
  first         100.0%
日本語日本語日本語日本語日…
😀
  pairs         1
  accuracy      0.0%
  95% interval  [0.0%, 79.3%]' ]
	COLUMNS=40 sm-eval --table in.jsonl >narrow
	python3 - <<'PY'
import unicodedata
lines = open("narrow", encoding="utf-8").read().split("\n")[:28]
assert max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines) <= 40, lines
assert lines[21] == "all", lines
PY
	sm-eval --table in.jsonl >plain
	for columns in 200 0 x ''; do COLUMNS=$columns sm-eval --table in.jsonl | cmp - plain; done
	[ "$(COLUMNS=66 sm-eval --table in.jsonl | sed -n 2p | cut -d " " -f 1)" = aaaaaaaaa… ]
}

@test "--table warns of few verdicts, and not of many" {
	more="hold out more pairs, or more users, before you compare judges."
	{ v a 0 forward First; v a 0 reverse First; } | sm-eval --table >out
	[ "$(tail -n 1 out)" = "With 2 verdicts the interval is wide: $more" ]
	v a 0 forward First | sm-eval --table >out
	[ "$(tail -n 1 out)" = "With 1 verdict the interval is wide: $more" ]
	v a 0 forward First | sm-eval --ci basic --table >out
	[ "$(tail -n 1 out)" = "With 1 verdict and none wrong the interval cannot show how much is chance: $more" ]
	{ v a 0 forward Tie; v a 0 reverse First; } | sm-eval --ci basic --table >out
	[ "$(tail -n 1 out)" = "With 2 verdicts and none correct the interval cannot show how much is chance: $more" ]
	for i in $(seq 50); do v a "$i" forward First; done >in.jsonl
	sm-eval --table in.jsonl >out
	[ "$(tail -n 1 out)" = "Intervals: by pair (Wilson)." ]
	sed 1d in.jsonl | sm-eval --table >out
	[[ $(tail -n 1 out) == "With 49 verdicts "* ]]
}

@test "it scores what sm-judge writes" {
	mock_start --decide first
	sm-split -q --test 2 "$BATS_TEST_DIRNAME/../examples/prefs.jsonl" | sm-judge -q >verdicts.jsonl
	run --separate-stderr sm-eval verdicts.jsonl
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(results '.accuracy, .first_share, .agreement, .pairs == 2 * .users, .n == 2 * .pairs' <<<"$output" | tail -n 1)" = \
		'[null,0.5,1,0,true,true]' ]
}

@test "an output that cannot be written is status 3" {
	v a 0 forward First >in.jsonl
	for option in -q --table; do
		run --separate-stderr bash -c "sm-eval $option in.jsonl >/dev/full"
		[ "$status" -eq 3 ]
		[[ $stderr == "sm-eval: "*"No space left on device"* ]]
	done
}

# shellcheck disable=SC2016 # the inner shell expands it
@test "a reader that leaves ends it quietly" {
	seq -f 'u%.0f 1 0' 0 19999 | judged >in.jsonl
	run --separate-stderr bash -c 'sm-eval in.jsonl | head -n 1 | jq -r .user_id; exit "${PIPESTATUS[0]}"'
	[ "$status" -eq 141 ]
	[ "$output" = u0 ]
	[ -z "$stderr" ]
}

@test "the page gives formula and source of every figure" {
	page=$BATS_TEST_DIRNAME/../man/sm-eval.1
	formulas=$(sed -n '/^.Sh FORMULAS/,/^.El/p' "$page")
	for name in cr2 t wilson korn-graubard basic percentile bca exact cluster deff kappa lean votes brier murphy ece cohens_h cohens_d permutation_p wilcoxon_p sign holm_p shrunk helped sequential; do
		entry=$(sed -n "/^.It Sy $name$/,/^.It\|^.El/p" <<<"$formulas" | sed '1d;$d')
		[[ $entry == *$'\n'* ]] || { echo "$name"; return 1; }
		[[ $entry =~ 1[89][0-9][0-9]|20[0-9][0-9]|"The same book." ]] || { echo "$name"; return 1; }
	done
	# no method is missing there
	for name in $(sm-eval --help | grep -o '|basic|[a-z|-]*' | tr '|' ' '); do
		grep -qx ".It Sy $name" <<<"$formulas"
	done
}

@test "--help, --version, and what the command line may not hold" {
	run --separate-stderr sm-eval --help
	[ "$status" -eq 0 ]
	[[ $output == "Usage: sm-eval "*"--table"*"--seed N"* ]]
	run --separate-stderr sm-eval --version
	[ "$status" -eq 0 ]
	[[ $output == "sm-eval (synthesizeme) "[0-9]* ]]
	for option in --unknown --seed=x --seed=-1 --seed=1.5 --seed; do
		run --separate-stderr sm-eval "$option"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $stderr == "sm-eval: "* ]]
	done
}

@test "debiased: the verdicts of both orders together are scored on their own" {
	mock_start --decide first
	sm-split -q --test 2 "$prefs" | sm-judge -q >first.jsonl
	sm-eval first.jsonl | jq -es 'map(select(.type == "result")) | all(.[]; .accuracy == 0.5 and .debiased.accuracy == 0)
		and (.[-1].debiased | .n == 6 and .ties == 6 and .correct == 0 and .ci.method == "wilson" and .ci.unit == "pair" and .ci.low == 0 and .ci.high > 0.3)'
	mock_start --decide longer
	sm-split -q --test 2 "$prefs" | sm-judge -q --no-cache >longer.jsonl
	sm-eval longer.jsonl >result.jsonl
	jq -es 'map(select(.type == "result")) | all(.[]; .accuracy == .debiased.accuracy)' result.jsonl
	jq -es --slurpfile v longer.jsonl 'map(select(.type == "result"))[-1].debiased as $d
		| ($v | map(select(.debiased).debiased)) as $p | $d.n == ($p | length) and $d.correct == ($p | map(select(.correct)) | length)' result.jsonl
	sm-split -q --test 2 "$prefs" | sm-judge -q --order forward | sm-eval | head -n 1 | jq -e '.debiased == null'
}

@test "a debiased verdict that contradicts itself is not counted" {
	mock_start --decide longer
	sm-split -q --test 2 "$prefs" | sm-judge -q --only | grep debiased | head -n 1 >one.jsonl
	run --separate-stderr sm-eval <(jq -c '.debiased.correct |= not' one.jsonl)
	[[ $stderr == *'`debiased.correct` contradicts its prediction'* ]]
	run --separate-stderr sm-eval <(jq -c '.debiased.prediction = 2' one.jsonl)
	[[ $stderr == *'`debiased.prediction` is not 1, -1 or 0'* ]]
}

@test "LaTeX: a tabular of booktabs, in which names may hold anything" {
	{ v 'a_b & 50% of $x {#1} \\\\ ~^ <|>`' 0 forward First; v '[x]--y' 0 forward Second; v '*' 0 forward First; } >in.jsonl
	sm-eval --latex in.jsonl >out.tex
	[ "$(head -n 2 out.tex)" = '\begin{tabular}{lrrrrrr}
\toprule' ]
	[ "$(sed -n '3p' out.tex)" = 'user & pairs & accuracy & 95\% interval & ties & failed & first '"\\\\" ]
	[ "$(sed -n '4p' out.tex)" = '\midrule' ]
	[[ $(sed -n 7p out.tex) == 'a\_b \& 50\% of \$x \{\#1\} \textbackslash{}\textbackslash{} \textasciitilde{}\textasciicircum{} \textless{}\textbar{}\textgreater{}\textasciigrave{} & 1 & 100.0\% & '* ]]
	[[ $(sed -n 6p out.tex) == '{}[x]-{}-y & 1 & 0.0\% & '*" \\\\" ]]
	[[ $(sed -n 5p out.tex) == '{}* & 1 & 100.0\% & '* ]]
	[ "$(sed -n '9,10p' out.tex)" = '\bottomrule
\end{tabular}' ]
	# what is said below a table is no part of it
	[ "$(sed '1,10d' out.tex | grep -cv '^% ')" -eq 0 ]
	for other in --table --markdown --csv; do
		run --separate-stderr sm-eval --latex $other in.jsonl
		[ "$status" -eq 2 ]
		[ "$stderr" = "sm-eval: --table, --markdown, --latex and --csv exclude each other" ]
	done
}

@test "LaTeX: minus signs of figures, and a dash where there is none" {
	{ for i in 0 1 2 3; do v a $i forward First; done; } >a.jsonl
	{ for i in 0 1 2 3; do v a $i forward Second; done; } >b.jsonl
	for file in a b; do jq -nc --argjson n "$([ $file = a ] && echo 2 || echo 3)" 'range($n) | {type: "pair", user_id: "a", index: (10 + .), split: "train", context: [{role: "user", content: "q"}], chosen: "x", rejected: "y"}' | cat - $file.jsonl >$file-1.jsonl; done
	sm-eval --latex a-1.jsonl b-1.jsonl >out.tex
	grep -qF '$-$100.0 [' out.tex
	grep -q '^a-1.jsonl & 2 & 4 & 100.0\\% & .* & -- & ' out.tex
}

@test "labels name the judges in records, tables, CSV and messages" {
	{ v a 0 forward First; v a 1 forward First; } >a.jsonl
	{ v a 0 forward First; v a 1 forward Second; } >b.jsonl
	labels=(--label 'default=a.jsonl' --label 'learned=with "it"=b.jsonl')
	cp b.jsonl 'with "it"=b.jsonl'
	files=(a.jsonl 'with "it"=b.jsonl')
	sm-eval "${labels[@]}" "${files[@]}" >out.jsonl
	[ "$(jq -r 'select(.type == "result" and .user_id == null).file' out.jsonl | paste -sd ,)" = default,learned ]
	[ "$(jq -r 'select(.type == "comparison") | .a, .b' out.jsonl | paste -sd ,)" = default,learned ]
	[ "$(sm-eval --csv "${labels[@]}" "${files[@]}" | cut -d , -f 1 | sort -u | tr -d '\r' | paste -sd ,)" = '"default","learned",file' ]
	[[ $(sm-eval --table "${labels[@]}" "${files[@]}") == *"learned against default: "* ]]
	[ "$(sm-eval --table --label 'one=-' - b.jsonl <a.jsonl | grep -c '^one ')" -eq 1 ]
	while read -r label says; do
		run --separate-stderr sm-eval "${labels[@]}" --label "$label" "${files[@]}"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $stderr == "sm-eval: --label $label: $says"* ]]
	done <<-'END'
		x=c.jsonl there is no such input; give the file itself, too
		x not NAME=FILE
		=a.jsonl not NAME=FILE
		x= not NAME=FILE
		default=b.jsonl that name has been used
		x=a.jsonl that file has been used
	END
}

@test "files of which two learned from as many pairs are no learning curve" {
	for n in 0 4 4; do
		pairs=$((pairs + 1))
		{ jq -nc --argjson n $n 'range($n) | {type: "pair", user_id: "a", index: (10 + .), split: "train", context: [{role: "user", content: "q"}], chosen: "x", rejected: "y"}'
			v a 0 forward First | jq -c --argjson n $n '.uses = {persona: ($n > 0), demos: 0}'; } >$pairs.jsonl
	done
	sm-eval --table 3.jsonl 1.jsonl | grep -q 'learned from'
	sm-eval --table 3.jsonl 2.jsonl 1.jsonl >table
	run ! grep -q 'learned from' table
	[ "$(sed -n '2,4s/ .*//p' table | paste -sd ,)" = 3.jsonl,2.jsonl,1.jsonl ]
}

@test "what debiased, p_first and the two orders say is reported where they contradict each other" {
	first=$(v a 1 forward First)
	both() { v a 1 reverse "$1" | with "\"debiased\":$2"; }
	wrongly() {
		run --separate-stderr sm-eval -q <(echo "$first"; both "$1" "$2")
		[ "$status" -eq 1 ]
		[[ $stderr == *":2: "*"$3"* ]] || { echo "$stderr"; return 1; }
		[ "$(results '.n, .debiased' <<<"$output" | head -n 1)" = '["a",1,null]' ]
	}
	# both right, one right, p_chosen that is not their mean
	wrongly Second '{"p_chosen":1,"prediction":-1,"correct":false}' 'debiased.prediction` contradicts `p_chosen'
	wrongly Second '{"prediction":-1,"correct":false}' 'debiased` contradicts the verdicts of the two orders'
	wrongly First '{"p_chosen":0.7,"prediction":1,"correct":true}' 'debiased` contradicts the verdicts of the two orders'
	wrongly Second '{"p_chosen":0.9,"prediction":1,"correct":true}' 'debiased` contradicts the verdicts of the two orders'
	# what follows from them is counted, with probabilities rounded to six digits too
	{ echo "$first"; both First '{"p_chosen":0.5,"prediction":0,"correct":false}'; } | sm-eval | head -n 1 >out.jsonl
	{ with '"p_first":0.500001' <<<"$first"; both First '{"p_chosen":0.5,"prediction":1,"correct":true}' | with '"p_first":0.500001'; } |
		sm-eval | head -n 1 >>out.jsonl
	# without the other order there is nothing to compare with
	both Second '{"p_chosen":0.5,"prediction":0,"correct":false}' | sm-eval | head -n 1 >>out.jsonl
	holds out.jsonl 'length == 3' '.[0].debiased | .n == 1 and .ties == 1' '.[1].debiased | .n == 1 and .correct == 1' '.[2].debiased.n == 1'
}


@test "the intervals over users, the design effect and the standard error are the vectors'" {
	while read -r line; do
		# each user's right and wrong verdicts
		jq -r '[.user_correct, .user_verdicts] | transpose | map(map(round)) | to_entries[] | "u\(.key) \(.value[0]) \(.value[1] - .value[0])"' <<<"$line" | judged >in.jsonl
		{ sm-eval in.jsonl; sm-eval --ci korn-graubard in.jsonl; } | jq -es --argjson want "$line" 'def near($x): . - $x | fabs < 1e-9;
			map(select(.type == "result" and .user_id == null)) | (.[0]
			| (.accuracy | near($want.accuracy)) and .ci.method == "cr2" and (.ci.low | near($want.cr2_low)) and (.ci.high | near($want.cr2_high))
			and (.ci.se | near($want.se_cr2)) and (.ci.degrees | near($want.df_bell_mccaffrey))
			and (.clustering | (.se | near($want.se_cr0_miller2024)) and (.se_cr1 | near($want.se_cr1)) and (.deff | near($want.deff)))
			and (.macro.accuracy | near($want.macro)) and (.macro.ci.low | near($want.macro_t_low)) and (.macro.ci.high | near($want.macro_t_high)))
			and (.[1].ci | .method == "korn-graubard" and (.low | near($want.korn_graubard_low)) and (.high | near($want.korn_graubard_high)))'
	done <"$BATS_TEST_DIRNAME/golden/figures/cluster-accuracy.jsonl"
}

@test "no interval leaves 0 to 100%, and none is without width" {
	sound() { sm-eval "$@" | grep '"type":"result"' >>results.jsonl; } # looked at below, all at once
	for users in "2 0" "0 2" "1 1" "1 0" "0 1" "50 0"; do # all right, all wrong, users alike
		for u in 1 2 3; do echo "u$u $users"; done | judged >alike.jsonl
		sound alike.jsonl
		head -n 1 alike.jsonl >one.jsonl
		sound one.jsonl
		{ cat alike.jsonl; verdicts more 1 0 less 0 1; } >other.jsonl
		sound other.jsonl
	done
	sm-eval --table alike.jsonl | grep -qx 'Intervals: by pair (Wilson), as the users do not differ.'
	# thirds and sevenths round, and are alike all the same
	for u in 1 2 3 4 5 6 7; do echo "u$u" "$u" $((2 * u)); done | judged >thirds.jsonl
	sound thirds.jsonl
	sm-eval thirds.jsonl | jq -es 'map(select(.user_id == null))[0] | .ci.unit == "pair" and .macro.ci.unit == "pair" and .clustering.se == 0 and .clustering.deff == 0'
	sm-eval --table thirds.jsonl | grep -qx 'Mean of the 7 users: 33.3% \[24.2%, 43.9%\].'
	# one user that outweighs the others
	verdicts much 300 0 u1 1 1 >in.jsonl
	sound in.jsonl
	for options in "--ties half" "--ties drop"; do
		# shellcheck disable=SC2086
		sound $options <(v a 0 forward Tie; v a 1 forward First; v b 0 forward Tie; v b 1 forward First)
	done
	jq -es 'length == 89 and all(.[]; . as $r | [.ci, .macro.ci?, .debiased.ci?, .position.ci, .consistency.ci, .calibration.ci?]
		| map(select(. != null)) | length > 0 and all(.[]; .low >= 0 and .high <= 1 and .low < .high) or ($r | debug | false))' results.jsonl
	v a 0 forward Tie | sm-eval --ties drop | head -n 1 | jq -e '.accuracy == null and .ci == null'
}

@test "an interval by user is the same however often each pair was asked, one that counts verdicts is not" {
	for i in 0 1 2 3 4 5 6 7; do echo "u$i" $((2 + i % 3)) $((3 - i % 3)); done | judged >once.jsonl
	jq -c '., (.order = "reverse" | .label = "Second" | .preference = (if .correct then "Second" else "First" end))' once.jsonl >twice.jsonl
	ci() { sm-eval "$@" | jq -c 'select(.user_id == null and .type == "result" or .user_id == "u1").ci | [.low, .high | . * 1e9 | round]'; }
	[ "$(ci once.jsonl)" = "$(ci twice.jsonl)" ]
	[ "$(ci --ci wilson once.jsonl)" != "$(ci --ci wilson twice.jsonl)" ]
}

@test "a comparison: by user, by pair if told so, with Holm's p for several files" {
	for i in $(seq 8); do echo "u$i" 5 5; done | judged >a.jsonl
	for i in $(seq 8); do echo "u$i" $((5 + i % 3)) $((5 - i % 3)); done | judged >b.jsonl
	for i in $(seq 8); do echo "u$i" $((4 + i % 3)) $((6 - i % 3)); done | judged >c.jsonl
	comparisons() { sm-eval "$@" | jq -c 'select(.type == "comparison")'; }
	comparisons a.jsonl b.jsonl c.jsonl >both
	# b: 1 2 0 1 2 0 1 2 of 10 more; c one less each
	jq -es '(.[0] | (.difference - 9 / 80 | fabs) < 1e-9 and .users.permutation_p == 0.03125 and .users.wilcoxon_p == 0.03125 and .holm_p == 0.0625 and .sign.p == null)
		and (.[1] | (.difference - 1 / 80 | fabs) < 1e-9 and .holm_p == 1 and .users.permutation_p == 1)' both
	[ "$(comparisons a.jsonl b.jsonl | jq -c '[.holm_p, .ci.unit]')" = '[0.03125,"user"]' ]
	comparisons --unit pair a.jsonl b.jsonl | jq -e '.ci.unit == "pair" and .sign == {better: 9, worse: 0, p: 0.00390625} and .holm_p == .sign.p'
	sm-eval --table a.jsonl b.jsonl c.jsonl | grep -q '^b.jsonl against a.jsonl: +11.2 points \[.*\] by user, permutation over users p 0.0312 (0.0625 by Holm for 2 comparisons), h .*, on 80 pairs of 8 users$'
	sm-eval --table --unit pair a.jsonl b.jsonl | grep -q 'by pair, sign test on the pairs of these users alone p 0.00391, h'
}

@test "--fail-if-worse refuses fewer than six users, unless pairs are the unit" {
	for n in 1 5; do
		for i in $(seq $n); do echo "u$i" 9 1; done | judged >good.jsonl
		for i in $(seq $n); do echo "u$i" $((i % 2)) $((10 - i % 2)); done | judged >bad.jsonl
		run --separate-stderr sm-eval --fail-if-worse good.jsonl bad.jsonl
		[ "$status" -eq 2 ]
		[[ $stderr == "sm-eval: --fail-if-worse needs 6 users that both files have, not $n: "*"--unit pair"* ]]
		[ "$(results .n <<<"$output" | tail -n 1)" = "[null,$((10 * n))]" ]
		run --separate-stderr sm-eval --unit pair --fail-if-worse good.jsonl bad.jsonl
		[ "$status" -eq 7 ]
		sm-eval --unit pair --fail-if-worse bad.jsonl good.jsonl >out
	done
	# each file that is worse is named
	for i in $(seq 6); do echo "u$i" 9 1; done | judged >good.jsonl
	for i in $(seq 6); do echo "u$i" $((i % 2)) $((10 - i % 2)); done | judged >bad.jsonl
	run --separate-stderr sm-eval --fail-if-worse good.jsonl bad.jsonl good.jsonl
	[ "$status" -eq 7 ]
	[ "$(grep -c "beyond chance" <<<"$stderr")" -eq 1 ]
	[[ $stderr == *"bad.jsonl is worse than good.jsonl beyond chance: "*" by user"* ]]
}

@test "--ties drop says which pairs it leaves out, and what all would say" {
	{ v a 0 forward First; v a 1 forward Tie; v a 2 forward First; v a 3 forward Tie; v a 4 forward Second; } >a.jsonl
	{ v a 0 forward First; v a 1 forward First; v a 2 forward Tie; v a 3 forward Tie; v a 4 forward First; } >b.jsonl
	sm-eval --ties drop a.jsonl b.jsonl | jq -es 'map(select(.type == "comparison"))[0] | .pairs == 2 and .difference == 0.5
		and (.left_out | .tie_in_a == 1 and .tie_in_b == 1 and .tie_in_both == 1 and .accuracy_a == 1 and .accuracy_b == 1
			and (.ties_half.difference - 0.2 | fabs) < 1e-9 and .ties_half.ci.unit == "pair")'
	sm-eval --table --ties drop a.jsonl b.jsonl >out
	grep -q '^  --ties drop left out 1 pair for a tie of the first alone, 1 pair for a tie of the second alone, 1 pair for a tie of both; there the second is right in 100.0%; and where it ties, the first in 100.0%. With ties as half right: +20.0 points \[' out
	sm-eval a.jsonl b.jsonl | jq -es 'map(select(.type == "comparison"))[0] | has("left_out") | not'
	sm-eval --table --ties drop a.jsonl a.jsonl | grep -q 'left out 0 pairs for a tie of the first alone, 0 pairs for a tie of the second alone, 2 pairs for a tie of both. With'
}

@test "accuracies of users are shrunk towards the others', as in the vectors, with credible intervals" {
	while read -r line; do
		jq -r '[.correct, .pairs] | transpose | to_entries[] | "u\(.key) \(.value[0]) \(.value[1] - .value[0])"' <<<"$line" | judged >in.jsonl # right, wrong
		sm-eval in.jsonl | jq -es --argjson want "$line" 'def near($x): . - $x | fabs < 1e-6; map(select(.type == "result" and .user_id != null) | .shrunk)
			| [., $want.grid_posterior_mean, $want.grid_low, $want.grid_high, $want.grid_p_above_half] | transpose
			| length > 0 and all(.[]; . as [$s, $mean, $low, $high, $p] | ($s.mean | near($mean)) and ($s.low | near($low)) and ($s.high | near($high)) and ($s.above_half | near($p)))'
	done <"$BATS_TEST_DIRNAME/golden/figures/shrinkage.jsonl"
	# a pair is one trial, however often it was asked; users without a scored pair have none
	{ cat in.jsonl; jq -c '.order = "reverse" | .label = "Second" | .preference = (if .correct then "Second" else "First" end)' in.jsonl; } | jq -sc 'sort_by(.user_id)[]' >twice.jsonl
	[ "$(sm-eval in.jsonl | grep -o '"shrunk":{[^}]*}' | wc -l)" -eq 4 ]
	[ "$(sm-eval in.jsonl | grep -o '"shrunk":{[^}]*}')" = "$(sm-eval twice.jsonl | grep -o '"shrunk":{[^}]*}')" ]
	{ v a 0 forward First; e b judge; } | sm-eval | jq -es '.[0].shrunk.mean > 0.5 and .[1].user_id == "b" and (.[1] | has("shrunk")) and .[1].shrunk == null and (.[2] | has("shrunk") | not)'
	# records keep their order, and nothing is left behind
	mkdir temporary
	[ "$(TMPDIR=$PWD/temporary sm-eval twice.jsonl | jq -r .user_id | paste -sd ,)" = u0,u1,u2,u3,null,null ]
	[ -z "$(ls temporary)" ]
	run --separate-stderr env TMPDIR="$PWD/nowhere" sm-eval in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"sm-eval: "*nowhere* ]]
}

@test "--by-user: in the table a column of what is shrunk, which the record has too" {
	{ verdicts a 9 3 b 4 8; e c judge; } >in.jsonl
	sm-eval --table --by-user in.jsonl >out
	[ "$(sed -n 1p out | tr -s ' ')" = "user pairs accuracy 95% interval shrunk ties failed first" ]
	want=$(sm-eval in.jsonl | head -n 1 | jq -r '.shrunk | [.mean, .low, .high | . * 100]' | jq -r 'map(tostring) | join(" ")')
	# shellcheck disable=SC2086 # three numbers
	[[ "$(sed -n 2p out | tr -s ' ')" == "a 12 75.0% [46.8%, 91.1%] $(printf '%.1f%% [%.1f%%, %.1f%%]' $want) 0 0 "* ]]
	[[ "$(sed -n 4p out | tr -s ' ')" == "c 0 - - - 0 1 -" ]]
	[[ "$(sed -n 5p out | tr -s ' ')" == "all 24 54.2% "*"] - 0 1 "* ]]
	grep -q '^Shrunk: ' out
	sm-eval --table in.jsonl | run ! grep -qi shrunk
	sm-eval --latex --by-user in.jsonl | grep -q 'begin{tabular}{lrrrrrrr}'
}

@test "who was helped: sign tests of each user's pairs with Benjamini and Hochberg's adjustment" {
	for i in 0 1 2 3; do echo "u$i" 2 8; done | judged >a.jsonl
	verdicts u0 10 0 u1 10 0 u2 3 7 u3 1 9 >b.jsonl
	sm-eval a.jsonl b.jsonl >out.jsonl
	[ "$(jq -c 'select(.type == "comparison") | .helped' out.jsonl)" = '{"better":2,"worse":0,"level":0.05,"pairs":10,"takes":9,"takes_as_only_one":10}' ]
	sm-eval --table a.jsonl b.jsonl >out
	grep -qx '  Better for 3 of 4 users and worse for 1; beyond chance, by sign tests with 5% false discoveries, for 2 and 0.' out
	grep -qx "  Of a user's 10 pairs, 9 must go one way to show that of one user tested alone, and 10 to show it of a single one among 4." out
	# each user: 8 to 0, 8 to 0, 1 to 0, 0 to 1
	sm-eval --by-user a.jsonl b.jsonl | jq -c 'select(.type == "comparison") | [.user_id, .better, .worse, .p, .adjusted_p | if type == "number" then . * 1e6 | round else . end]' >each
	[ "$(head -n 4 each | paste -sd ' ')" = '["u0",8000000,0,7813,15625] ["u1",8000000,0,7813,15625] ["u2",1000000,0,1000000,1000000] ["u3",0,1000000,1000000,1000000]' ]
	[ "$(wc -l <each)" -eq 5 ]
	sm-eval --table --by-user a.jsonl b.jsonl >out
	[ "$(grep '^u1 ' out | tr -s ' ')" = "u1 10 8 0 +80.0 0.00781 0.0156" ]
	# too few pairs
	for i in 0 1 2; do echo "u$i" 0 4; done | judged >a.jsonl
	for i in 0 1 2; do echo "u$i" 4 0; done | judged >b.jsonl
	sm-eval --table a.jsonl b.jsonl >out
	grep -qx "  Better for 3 of 3 users and worse for 0; beyond chance, by sign tests with 5% false discoveries, for 0 and 0." out
	grep -qx "  Of a user's 4 pairs, not even all going one way would show that." out
}

@test "where nothing differs, few are found to be helped: 5% of runs at most" {
	python3 - <<'PY'
import json, random
for name in "ab":
    draw = random.Random(name)
    with open(f"{name}.jsonl", "w") as file:
        for user in range(400):
            for index in range(10):
                right = draw.random() < 0.6
                print(json.dumps({"type": "verdict", "user_id": f"u{user}", "index": index, "order": "forward",
                    "preference": "First" if right else "Second", "prediction": 1 if right else -1, "label": "First",
                    "correct": right, "status": "ok"}), file=file)
PY
	sm-eval a.jsonl b.jsonl | jq -es 'map(select(.type == "comparison"))[0] | .users.better > 100 and .helped.better == 0 and .helped.worse == 0'
}

@test "--sequential: a p value that holds after every user" {
	i=0
	for right in 1 1 0 2 1 1 2 1; do echo "u$((i++))" $right $((4 - right)); done | judged >b.jsonl
	for i in 0 1 2 3 4 5 6 7; do echo "u$i" 0 4; done | judged >a.jsonl
	for n in 1 3 8; do
		sm-eval --sequential <(head -n $((4 * n)) a.jsonl) <(head -n $((4 * n)) b.jsonl) |
			jq -es --argjson n $n --slurpfile want "$BATS_TEST_DIRNAME/golden/figures/always-valid.jsonl" 'def near($x): . - $x | fabs < 1e-9;
				map(select(.type == "comparison"))[0].sequential | .users == $n and (.e | near($want[0].e[$n - 1])) and (.p | near($want[0].anytime_p[$n - 1]))'
	done
	sm-eval --sequential --table a.jsonl b.jsonl | grep -qx '  Looked at after each user (8 so far): p 0.644.'
	sm-eval a.jsonl b.jsonl | jq -es 'all(.[]; has("sequential") | not)'
	# it goes down and never up
	for i in $(seq 60); do echo "u$i" 0 1; done | judged >a.jsonl
	for i in $(seq 60); do echo "u$i" $((i <= 30)) $((i > 30)); done | judged >b.jsonl
	sm-eval --sequential a.jsonl b.jsonl | jq -es 'map(select(.type == "comparison"))[0].sequential.p < 1e-4'
	run --separate-stderr sm-eval --sequential a.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == "sm-eval: --sequential compares judges, and there is one input; "* ]]
	sm-eval --sequential --fail-if-worse a.jsonl b.jsonl >out.jsonl
}

@test "what such users show, and how many a difference takes, as sm-plan says" {
	for i in $(seq 8); do echo "u$i" $((2 + i % 2)) 1; done | judged >a.jsonl
	for i in $(seq 8); do echo "u$i" $((1 + i % 3)) $((2 + i % 2 - i % 3)); done | judged >b.jsonl
	sm-eval a.jsonl b.jsonl | jq -s 'map(select(.type == "comparison"))[0].users.ci.se * (8 | sqrt)' >sd
	sm-plan --sd-users "$(<sd)" --sd-pair 0 --users 8 --pairs 1 --effect 0.05 | jq -s '[.[].least_difference // empty | . * 100][0], ([.[].users_needed // empty][0])' | paste -sd ' ' >plan
	read -r least needed <plan
	sm-eval --table a.jsonl b.jsonl | grep -qx "  8 such users show a difference of $(printf %.1f "$least") points with power 0.8, and 5 points take $needed (see sm-plan)."
	sm-eval --table a.jsonl | grep -q '^With 28 verdicts the interval is wide: hold out more pairs, or more users, before you compare judges. 8 such users tell an accuracy from one half at a distance of .* points with power 0.8, and 10 points take .* (see sm-plan).$'
	# more than there can be
	verdicts u1 4 0 u2 0 4 u3 2 2 >apart.jsonl
	sm-eval --table apart.jsonl | grep -q '3 such users tell an accuracy from one half at a distance of 50 points with less than power 0.8, and 10 points take 199 (see sm-plan).$'
	# nothing to plan with
	for i in 1 2; do echo "u$i" $((i % 2)) 1; done | judged >few.jsonl
	sm-eval --table few.jsonl | run ! grep -q sm-plan
}

@test "--sequential: a loop that judges user by user stops where the difference is plain, and as sm-eval(1) says" {
	for i in $(seq 40); do echo "u$i" 0 2; done | judged >all-a.jsonl
	for i in $(seq 40); do echo "u$i" 2 0; done | judged >all-b.jsonl
	for i in $(seq 40); do
		grep "\"u$i\"" all-a.jsonl >>a.jsonl
		grep "\"u$i\"" all-b.jsonl >>b.jsonl
		sm-eval --sequential a.jsonl b.jsonl | sed -n 's/.*"sequential":{[^}]*"p":\([^,}]*\).*/\1/p' >p
		awk '{exit !($1 >= 0.05)}' p || break
	done
	[ "$i" -eq 10 ]
	[ "$(awk '{printf "%.0f", $1 * 100}' p)" -eq 3 ]
}

@test "figures do not depend on the order in which the users come" {
	jq -nc '[range(1; 61) | {type: "verdict", user_id: "u\(. * 37 % 20)", stage: "judge", index: ., order: "forward", preference: "First", prediction: (if . % 3 == 0 then -1 else 1 end),
			label: (if . % 3 == 0 then "Second" else "First" end), correct: (. % 3 > 0), status: "ok", p_first: (1 / (1 + .)), cost: (1 / .), tokens: {in: ., out: 1}}]
		| sort_by(.user_id)[]' >sorted.jsonl
	jq -cs 'group_by(.user_id | .[1:] | tonumber * 7 % 20) | reverse[][]' sorted.jsonl >turned.jsonl
	run cmp -s sorted.jsonl turned.jsonl
	[ "$status" -eq 1 ]
	for how in "" --table "--table --by-user" --csv "--ci basic" "--ci bca" "--ci cluster"; do
		# shellcheck disable=SC2086 # a list of options
		sm-eval $how <sorted.jsonl | grep -v '"type":"run"' >a
		# shellcheck disable=SC2086 # a list of options
		sm-eval $how <turned.jsonl | grep -v '"type":"run"' >b
		cmp a b || { echo "$how"; false; }
	done
	sm-eval turned.jsonl <(jq -c '.prediction *= -1' turned.jsonl) --label a=turned.jsonl | jq -c 'select(.type == "comparison") | del(.file_a, .file_b, .a, .b)' >a
	sm-eval sorted.jsonl <(jq -c '.prediction *= -1' turned.jsonl) --label a=sorted.jsonl | jq -c 'select(.type == "comparison") | del(.file_a, .file_b, .a, .b)' >b
	cmp a b
}
