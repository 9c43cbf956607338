load helper

# What a run holds in memory: a few users, however many come. The peak is the system's own count of the program.

# USERS users with 20 pairs each, 4 of them for test. Texts and answers are long, so that who keeps those of all users is
# seen with few of them.
many() { # USERS
	jq -nc --argjson n "$1" '("some more words " * 40) as $more | range($n) as $u | range(20) as $i |
		{user_id: "u\($u)", context: [{role: "user", content: "Question \($i) of \($u)?"}], chosen: "A good answer \($i) to \($u), \($more)",
		 rejected: "Bad \($i) \($u), \($more)", split: (if $i < 12 then "train" elif $i < 16 then "val" else "test" end)}'
}

# Runs a program with few.jsonl and then many.jsonl, and prints its two peaks in KiB; the last one's output is out.jsonl.
# Statuses that tell of answers that are not there pass.
peaks() {
	python3 - "$@" <<'END'
import os, resource, sys
for users in ("few.jsonl", "many.jsonl"):
    if os.path.exists("batch.jsonl"):
        os.remove("batch.jsonl")
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open("out.jsonl", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(os.open("messages", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        os.execvp(sys.argv[1], [*sys.argv[1:], users])
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1, 5, 8):
        sys.exit(f"{sys.argv[1]} ended with {status}")
    print(used.ru_maxrss)
END
}

# The same work for 60 and 300 users: under 64 MiB, and hardly more for five times as many: a tenth, or a fifth where the
# store answers, of which some is held too.
stays_flat() { # PROGRAM [OPTIONS]
	local few many
	{ read -r few; read -r many; } < <(peaks "$@" -q)
	echo "$*: $few, $many KiB"
	[ "$many" -lt 65536 ]
	[ $((many * 10)) -le $((few * ${most-11})) ]
}

long=$(printf '%03000d' 1)

# Answers a batch: what was asked is in the store then.
answer() { # CONTENT <REQUESTS
	jq -c --arg content "$1" '{id: "x", custom_id, error: null, response: {status_code: 200, body: {object: "chat.completion", model: "mock",
		choices: [{index: 0, message: {role: "assistant", $content}, finish_reason: "stop"}], usage: {prompt_tokens: 9, completion_tokens: 9}}}}' |
		sm-cache import -q
}

setup_file() {
	[[ $BIN != *asan* ]] || return 0
	cd "$BATS_FILE_TMPDIR" || return 1
	many 60 >few.jsonl
	many 300 >many.jsonl
}

setup() {
	[[ $BIN != *asan* ]] || skip "the sanitizer keeps freed memory"
	cd "$BATS_TEST_TMPDIR" || return 1
	ln -s "$BATS_FILE_TMPDIR"/{few,many}.jsonl .
	export SM_MODEL=mock SM_BASE_URL=http://127.0.0.1:1/v1
}

# Instead of the pairs, what FILTER makes of each user's.
of_users() { # FILTER
	local each
	for each in few many; do
		jq -c -n "reduce inputs as \$p ({}; .[\$p.user_id] += [\$p]) | .[] | $1" "$each.jsonl" >new.jsonl
		rm "$each.jsonl"
		mv new.jsonl "$each.jsonl"
	done
}

@test "what is judged or explained holds a few users: planned, replayed, or left to a batch" {
	local program
	for program in sm-judge sm-bootstrap sm-demosearch; do
		stays_flat "$program" --dry-run
		stays_flat "$program" --replay
	done
	stays_flat sm-judge --by likelihood --dry-run
	stays_flat sm-demosearch --by likelihood --dry-run
	stays_flat sm-judge --batch batch.jsonl
}

@test "what the store answers holds a few users" {
	sm-judge -q --order forward --batch batch.jsonl --only many.jsonl >pending.jsonl || [ $? -eq 5 ]
	answer '{"reasoning":"'"$long"'","preference":"First"}' <batch.jsonl
	local most=12
	stays_flat sm-judge --order forward
	[ "$(grep -c '"type":"verdict"' out.jsonl)" -eq 1200 ]
	stays_flat sm-judge --order forward --replay
}

@test "personas hold a few users" {
	of_users '.[0], {type: "demos", user_id: .[0].user_id, stage: "bootstrap", demos: []}'
	stays_flat sm-persona --dry-run
	stays_flat sm-persona --batch batch.jsonl
	answer '{"reasoning":"'"$long"'","persona":"Likes owls."}' <batch.jsonl
	stays_flat sm-persona
	[ "$(grep -c '"type":"persona"' out.jsonl)" -eq 300 ]
}

@test "candidates that are ranked hold a few users" {
	of_users '.[0] | {user_id, context, candidates: [.chosen, .rejected]}'
	stays_flat sm-rank --dry-run
	stays_flat sm-rank --batch batch.jsonl
	answer '{"reasoning":"'"$long"'","preference":"First"}' <batch.jsonl
	local most=12
	stays_flat sm-rank
	stays_flat sm-rank --replay
}

@test "requests hold a few answers" {
	of_users '.[:10][] | .context'
	stays_flat sm-llm --dry-run
	stays_flat sm-llm --batch batch.jsonl
	answer "${long:0:500}" <batch.jsonl
	local most=12
	stays_flat sm-llm
	stays_flat sm-llm --replay
}

@test "what is printed holds a few users" {
	stays_flat sm-prompt judge
	stays_flat sm-prompt generation
	stays_flat sm-prompt request
}
