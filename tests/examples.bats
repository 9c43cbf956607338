# The README and examples/: every command in them runs.
load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp -r "$top/examples" .
}

# The recorded answers as a store. What is not in it must not be asked of a model that happens to run.
use_recording() {
	export http_proxy=http://127.0.0.1:9
	unset no_proxy NO_PROXY
	sm-cache import -q examples/answers.jsonl
	export SM_BASE_URL=http://localhost:7410/v1 SM_MODEL=qwen2.5-coder-1.5b-instruct-q4_k_m
}

# A project to run make in: the sources, the programs under test.
make_project() {
	ln -s "$top"/{Makefile,cmd,lib,man} .
	ln -s "$BIN" bin
}

@test "the commands of README.md print what it says, from the recorded answers" {
	use_recording
	"$top/tests/tools/run-examples" "$top/README.md"
	# its plot is the one that these commands draw: the same words, the same number of marks
	for plot in comparison.svg examples/comparison.svg; do
		grep -oE '<text>[^<]*|xlink:href=.#gpPt[0-9]+' "$plot" | sort >"$(dirname "$plot")/plot.txt"
	done
	grep -q '<text>learned − default' plot.txt
	cmp plot.txt examples/plot.txt
}

@test "the tutorial of synthesizeme(7) can be followed, from the recorded answers" {
	use_recording
	"$top/tests/tools/run-examples" "$B/man/synthesizeme.7" TUTORIAL
}

@test "the one-liners of reading-traces.md do too" {
	use_recording
	"$top/tests/tools/run-examples" examples/reading-traces.md
}

@test "every method of the Python library stands in the table of examples/from-python.md" {
	for method in fit predict_pairwise evaluate get_persona get_demos get_generation_prompt \
		get_llm_judge_prompt save load DefaultJudge; do
		grep -qE "^\|.*\`[^|]*$method.*\|.*sm-" "$top/examples/from-python.md" || { echo "$method"; false; }
	done
}

@test "the demo replays the recording when no model is configured, and says so first" {
	make_project
	run --separate-stderr examples/demo
	[ "$status" -eq 0 ]
	[[ $stderr == "sm-demosearch: examples help "[0-5]" of 5 users "* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	[[ ${lines[0]} == "Replaying real answers of qwen2.5-coder-1.5b"*"no model is configured"*"near chance"* ]]
	for user in brief warm careful plain dry; do
		sed -n "/^$user\$/,/^\$/p" <<<"$output" >"$user.txt"
		grep -q '^  persona: [A-Z]' "$user.txt"
		grep -q '^  pair [0-9]*: chose "' "$user.txt"
		grep -q 'examples, [0-9] of 3 validation pairs right' "$user.txt"
		grep -q '^  won: seed' "$user.txt"
	done
	# the judge by likelihood is right in at least 85%, and better than the default one beyond chance
	[ "$(grep -cE '^build/demo/(default|learned|likelihood)\.jsonl ' <<<"$output")" -ge 3 ]
	holds build/demo/figures.jsonl 'map(select(.type == "result" and .user_id == null)) | map({(.file | split("/")[-1] | split(".")[0]): .accuracy}) | add
		| .likelihood >= 0.85 and .default < 0.6' \
		'map(select(.type == "comparison" and .user_id == null and (.b | test("likelihood"))))[0].ci.low > 0.2'
	grep -q '<h1>Five sample people</h1>' build/demo/report.html
	# a second time it is the same
	[ "$(examples/demo)" = "$output" ]
}

# How many chats the mock was asked for: whether it tells likelihoods is asked again each time.
chats() {
	grep -c '"path":"/v1/chat/completions"' "$BATS_TEST_TMPDIR/mock.log"
}

@test "the demo asks the model that is configured, in the environment or in .env" {
	make_project
	mock_start --decide longer
	run --separate-stderr examples/demo
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == "Asking the model that is configured"* ]]
	[[ $output == *"Likes longer replies."* ]]
	calls=$(chats)
	[ "$calls" -gt 0 ]
	printf 'SM_BASE_URL=%s\nSM_MODEL=mock\n' "$SM_BASE_URL" >.env
	unset SM_BASE_URL SM_MODEL
	run --separate-stderr examples/demo
	[ "$status" -eq 0 ]
	[[ $output == *"Likes longer replies."* ]]
	[ "$(chats)" -eq "$calls" ] # all was in the store
}

@test "the experiment compares four judges, and goes on where it stopped" {
	mock_start --decide longer
	make -s -f examples/experiment.mk OUT=out >table.txt
	[ "$(cut -d ' ' -f 1 table.txt | paste -sd ' ')" = "judge default demos persona both" ]
	cmp table.txt out/table.txt
	grep -q '<h1>Four judges</h1>' out/report.html
	[ "$(grep -c '"type":"comparison"' out/comparison.jsonl)" -eq 3 ]
	for judge in default demos persona both; do
		jq -ce 'select(.type == "verdict").uses | del(.demos)' "out/$judge.verdicts.jsonl" | sort -u >"$judge.uses"
	done
	[ "$(cat default.uses demos.uses)" = '{"persona":false}
{"persona":false}' ]
	[ "$(cat persona.uses both.uses)" = '{"persona":true}
{"persona":true}' ]
	calls=$(mock_calls)
	# nothing to do
	run make -s -f examples/experiment.mk OUT=out
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	# a step that is lost is made again, from the store
	rm out/both.jsonl out/table.txt
	make -s -f examples/experiment.mk OUT=out >again.txt
	cmp table.txt again.txt
	[ "$(mock_calls)" -eq "$calls" ]
}

@test "the experiment runs from a clone where nothing is installed, and tells judges of other pairs apart" {
	make_project
	mock_start --decide longer
	{ cat examples/prefs.jsonl; head -n 3 examples/prefs.jsonl | sed 's/"brief"/"few"/'; } >data.jsonl
	PATH=/usr/bin:/bin run --separate-stderr make -s -f examples/experiment.mk OUT=out DATA=data.jsonl
	[ "$status" -eq 0 ]
	[ "$(awk 'NR > 1 {print $1, $2}' out/table.txt | head -n 4)" = "default 4
demos 3
persona 3
both 3" ]
	[ "$(tail -n 1 out/table.txt)" = "These judges did not judge the same pairs: only comparison.jsonl and report.html compare like with like." ]
	PATH=/usr/bin:/bin make -s -f examples/experiment.mk OUT=share DATA=data.jsonl SPLIT='--test 0.2'
	[ "$(wc -l <share/table.txt)" -eq 5 ]
}

@test "the experiment compares the ways that learn more, where WAYS names them" {
	mock_start --decide planted:p=0.3:a=0.2
	"$top/tests/tools/planted" --users 8 --pairs 12 --noise 0.1 >data.jsonl
	ways='candidates voted revised rubric nearest cold'
	make -s -f "$top/examples/experiment.mk" OUT=out DATA=data.jsonl WAYS="$ways" >table.txt
	[ "$(cut -d ' ' -f 1 table.txt | paste -sd ' ')" = "judge default demos persona both $ways" ]
	# All over the same pairs, with the columns below each other.
	[ "$(awk 'NR > 1 {print $2, $3}' table.txt | sort -u)" = "8 64" ]
	[ "$(awk '{print length}' table.txt | sort -u | wc -l)" -eq 1 ]
	[ "$(grep -c '"type":"comparison"' out/comparison.jsonl)" -eq 9 ]
	grep -q '<h1>10 judges</h1>' out/report.html
	# Each judges in its way, and has a page.
	used() { jq -ce 'select(.type == "verdict").uses | del(.demos) | .nearest |= (. and true)' "out/$1.verdicts.jsonl" | sort -u | paste -sd ' '; }
	[ "$(used voted)" = '{"persona":true,"personas":3,"nearest":false}' ]
	[[ $(used rubric) == *'{"persona":false,"rubric":true,"nearest":false}'* ]]
	[ "$(used nearest)" = '{"persona":true,"nearest":true}' ]
	[[ $(used cold) == *'{"persona":true,"nearest":false}'* ]]
	jq -es '[.[] | select(.type == "persona")] | length > 0 and all(.stage == "neighbors" and .history == null)' out/cold.jsonl
	jq -es '[.[] | select(.type == "persona" and .rank)] | group_by(.user_id) | length == 8 and all(length == 4)' out/candidates.jsonl
	grep -q '"type":"revision"' out/revised.jsonl
	for way in $ways; do grep -q '</html>' "out/$way.html"; done
	# Nobody starts from oneself.
	jq -rs '[.[] | select(.type == "prototype").users[]] | .[]' out/known-2.jsonl | sort >others
	jq -r 'select(.type == "persona").user_id' out/cold-1.jsonl | sort >started
	[ -s started ]
	[ "$(comm -12 others started)" = "" ]
	run make -s -f "$top/examples/experiment.mk" OUT=out DATA=data.jsonl WAYS="$ways"
	[ -z "$output" ]
	run make -s -f "$top/examples/experiment.mk" OUT=out DATA=data.jsonl WAYS=nonesuch
	[ "$status" -eq 2 ]
	[[ $output == *nonesuch* ]]
}

@test "the experiment stops at a step that fails, and keeps what was finished" {
	export SM_BASE_URL=http://127.0.0.1:9/v1 SM_MODEL=mock
	run make -s -f examples/experiment.mk OUT=out MODEL=--replay
	[ "$status" -ne 0 ]
	[ -e out/default.jsonl ]
	[ ! -e out/demos.jsonl ]
	[ ! -e out/table.txt ]
}

@test "local-llm says how to start it" {
	export XDG_DATA_HOME=$PWD
	run examples/local-llm
	[ "$status" -eq 2 ]
	[[ $output == "usage: local-llm start | stop | status" ]]
	run examples/local-llm stop
	[ "$status" -eq 0 ]
}

@test "local-llm ends its own server alone, whatever number a dead one left behind" {
	export XDG_DATA_HOME=$PWD PORT=9
	mkdir synthesizeme
	sleep 60 3>&- &
	other=$!
	echo "$other model" | tee synthesizeme/local-llm-9.pid >synthesizeme/local-llm.pid
	run examples/local-llm status
	[ "$status" -eq 3 ]
	[ "$output" = "local-llm: nothing answers at http://localhost:9/v1; start it with make local-llm" ]
	run examples/local-llm stop
	[ "$status" -eq 0 ]
	[ "$output" = "local-llm: was not running" ]
	kill "$other"
	# a lock of somebody else's makes no server of it
	flock synthesizeme/local-llm-9.pid sleep 60 3>&- &
	holder=$!
	until ! flock -sn synthesizeme/local-llm-9.pid true; do sleep 0.1; done
	other=$(pgrep -P "$holder")
	echo "$other model" >synthesizeme/local-llm-9.pid
	run examples/local-llm stop
	[ "$output" = "local-llm: was not running" ]
	kill "$other"
	wait "$holder" || true
	# the server holds a lock on its file, and has the file's name among its arguments
	flock synthesizeme/local-llm-9.pid python3 -c 'import time; time.sleep(60)' m model 9 "$PWD/synthesizeme/local-llm-9.pid" 3>&- &
	holder=$!
	until ! flock -sn synthesizeme/local-llm-9.pid true; do sleep 0.1; done
	server=$(pgrep -P "$holder")
	echo "$server model" >synthesizeme/local-llm-9.pid
	run examples/local-llm stop
	[ "$status" -eq 0 ]
	[ "$output" = "local-llm: stopped" ]
	wait "$holder" || true # who started it takes note of its end
	run kill -0 "$server"
	[ "$status" -ne 0 ]
}

@test "local-llm starts nothing from a folder that others can change" {
	export XDG_DATA_HOME=$PWD PORT=9
	mkdir -m 777 synthesizeme
	run examples/local-llm start
	[ "$status" -eq 3 ]
	[ "$output" = "local-llm: $PWD/synthesizeme can be changed by other users: see who owns it, and chmod go-w" ]
	[ ! -e synthesizeme/venv ]
}

@test "a model that is not what it should be is fetched anew" {
	export XDG_DATA_HOME=$PWD PORT=9
	mkdir -p synthesizeme bin
	echo GGUF >synthesizeme/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf
	# nothing is installed, fetched or started here: a Python that can none of that, but says that it has the server
	printf '#!/bin/sh\n' | tee bin/python3 >examples/install-needs
	chmod 755 bin/python3
	mkdir -p synthesizeme/venv/bin
	printf '#!/bin/sh\ncase $* in *__version__*) sed -n "s/^xllamacpp==\\([^ ]*\\).*/\\1/p" "%s" ;; *) exit 1 ;; esac\n' "$PWD/examples/local-llm.pins" >synthesizeme/venv/bin/python3
	chmod 755 synthesizeme/venv/bin/python3
	PATH=$PWD/bin:$PATH run examples/local-llm start
	[ "$status" -eq 3 ]
	[[ $output == *"qwen2.5-coder-1.5b-instruct-q4_k_m.gguf is not what it should be: fetching it anew"* ]]
	[ ! -e synthesizeme/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf ]
}

@test "local-llm says what keeps it from starting before it fetches anything" {
	export XDG_DATA_HOME=$PWD
	mock_start
	PORT=$(cut -d / -f 3 <<<"$SM_BASE_URL" | cut -d : -f 2) run examples/local-llm start
	[ "$status" -eq 3 ]
	[[ $output == "local-llm: port "*" is taken by another program: end that, or give PORT=N" ]]
	GGUF=examples/demo run examples/local-llm start
	[ "$status" -eq 3 ]
	[ "$output" = "local-llm: examples/demo is no GGUF file" ]
	GGUF=nowhere.gguf run examples/local-llm start
	[ "$status" -eq 3 ]
	[ "$output" = "local-llm: cannot read nowhere.gguf" ]
	for wrong in SLOTS=0 CONTEXT=x THREADS=-1 PORT=1.5; do
		run env "$wrong" examples/local-llm start
		[ "$status" -eq 2 ]
		[ "$output" = "local-llm: ${wrong%%=*} is not a number above 0: ${wrong#*=}" ]
	done
	[ ! -e synthesizeme/venv ]
}

@test "the five people: 14 pairs each, six held out, chosen and rejected equally long but for the one who likes it short" {
	sm-split -q --test 6 examples/people.jsonl >pairs.jsonl
	[ "$(jq -rs 'map(select(.type == "pair")) | group_by(.user_id)[] | [.[0].user_id, length, (map(select(.split == "test")) | length),
		(map(.context[-1].content) | unique | length)] | join(" ")' pairs.jsonl)" = "brief 14 6 14
careful 14 6 14
dry 14 6 14
plain 14 6 14
warm 14 6 14" ]
	[ "$(jq -rs -f examples/balance.jq examples/people.jsonl | awk -F '\t' '$2 == "longer" {print $1, $3, $4}')" = "brief 1 13
careful 7 7
dry 7 7
plain 7 7
warm 7 7" ]
	# the same two replies, and two people who chose differently
	[ "$(jq -s 'map(select(.split == "test")) | group_by(.context)
		| map(select(length == 2 and .[0].chosen == .[1].rejected and .[0].rejected == .[1].chosen)) | length' pairs.jsonl)" -eq 10 ]
}

@test "make install puts programs and pages where it is told, make uninstall takes them away" {
	make_project
	make -s -o all -o man -o completions install B="$B" BIN="$BIN" PREFIX=/opt/sm DESTDIR="$PWD/root" >/dev/null
	for program in "$BIN"/sm-*; do
		[ -x "root/opt/sm/bin/$(basename "$program")" ]
		[ -s "root/opt/sm/share/man/man1/$(basename "$program").1" ]
	done
	[ -s root/opt/sm/share/man/man7/synthesizeme.7 ]
	[ -s root/opt/sm/share/man/man5/sm-records.5 ]
	for file in bash-completion/completions/sm-fit zsh/site-functions/_synthesizeme fish/vendor_completions.d/sm-fit.fish; do
		[ -s "root/opt/sm/share/$file" ]
	done
	root/opt/sm/bin/sm-split --version
	# stripped, and working all the same (what stands for a program behind an emulator has nothing to strip)
	if nm "$BIN/sm-split" >symbols 2>&1; then
		make -s -o all -o man -o completions install B="$B" BIN="$BIN" PREFIX=/opt/sm DESTDIR="$PWD/root" STRIP=1 >/dev/null
		[ -z "$(nm root/opt/sm/bin/sm-split 2>/dev/null)" ]
		[ -s symbols ]
		root/opt/sm/bin/sm-split --version | grep -q synthesizeme
		root/opt/sm/bin/sm-fit --version | grep -q synthesizeme
	fi
	make -s uninstall B="$B" BIN="$BIN" PREFIX=/opt/sm DESTDIR="$PWD/root" >/dev/null
	[ -z "$(find root ! -type d)" ]
}

@test "the demo keeps no store below build/, deletes none, and leaves the user's alone" {
	make_project
	sm-cache import -q examples/answers.jsonl
	SM_CACHE=$BATS_TEST_TMPDIR/.cache/synthesizeme/demo-mine.db sm-cache import -q examples/answers.jsonl
	before=$(sm-cache count)
	for i in 1 2; do
		examples/demo >/dev/null 2>&1
		[ -z "$(find build -name '*.db*')" ]
	done
	[ "$(sm-cache count)" = "$before" ]
	[ "$(find .cache/synthesizeme -name 'demo-*.db' | wc -l)" -eq 2 ]
	# cleaning what was built deletes nothing that was paid for
	[ "$(make -n clean | grep -cE 'cache|\.db')" -eq 0 ]
}

@test "what only a browser's and a cluster's tests need keeps nothing else from being run" {
	mkdir bin
	for tool in sh tr id env cat dirname; do ln -s "$(command -v $tool)" bin; done
	needs() { run --separate-stderr env PATH="$PWD/bin" "$top/examples/install-needs" "$@"; }
	needs check
	[ "$status" -eq 3 ]
	[[ $stderr == "install-needs: needed for check: "*"system's package manager"* ]]
	needs browser cluster
	[ "$status" -eq 0 ]
	[[ $stderr == *"needed for browser cluster: chromium chromium-driver slurm-wlm munge postgresql; "*"tests that need them will be skipped" ]]
	# a system without one of the packages gets the others
	printf '#!/bin/sh\necho "$@" >>"%s/asked"\ncase $2 in chromium*) ;; *) echo "  Candidate: 1" ;; esac\n' "$PWD" | tee bin/apt-cache >bin/apt-get
	printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
	chmod +x bin/apt-cache bin/apt-get bin/sudo
	ln -s "$(command -v grep)" bin
	needs browser cluster
	[ "$status" -eq 0 ]
	grep -q 'install slurm-wlm munge postgresql$' asked
	[[ $stderr == *"there is no package chromium: tests that need it will be skipped"* ]]
}

# Two people of whom one judge each is known, and a mock that prefers longer replies, and tells likelihoods.
two_judges() {
	mock_start --decide longer --likelihood echo
	jq -nc '("ann", "bob") | {type: "persona", user_id: ., stage: "persona", persona: "Likes \(.).", reasoning: ""}' >users.jsonl
}

@test "examples/python: a judge that stays, from Python" {
	two_judges
	cat >use.py <<-'END'
		from synthesizeme import Judge, JudgeError, Pair
		with Judge("users.jsonl") as judge:
		    print(judge.prefers("ann", "Which?", "a long reply", "short"))
		    print(judge.prefers("bob", [{"role": "user", "content": "Which?"}], "short", {"role": "assistant", "content": "a long reply"}))
		    scores = judge.scores(Pair(("ann", "bob")[i % 2], f"Question {i % 200}", "a" * (1 + i % 2), "b" * (2 - i % 2)) for i in range(400))
		    print(scores == [0, 1] * 200)
		    try:
		        judge.prefers("eve", "Which?", "a", "b")
		    except JudgeError as error:
		        print(error)
		    print(judge.prefers("ann", "Which?", "a long reply", "short"))
		with Judge("users.jsonl", both=False) as judge:
		    print(judge.scores([Pair("ann", "Which?", "a long reply", "short")]))
		with Judge("users.jsonl", by="likelihood") as judge:
		    print(len(judge.scores([Pair("ann", "Which?", "a long reply", "short")] * 3)))
	END
	PYTHONPATH=examples/python run --separate-stderr python3 use.py
	[ "$output" = "1
-1
True
users.jsonl holds nothing of this user
1
[1.0]
3" ]
	# 200 questions and the first two, in both orders; all else was in the store
	[ "$(chats)" -eq 404 ]
}

@test "examples/python: what ends the judge is an error, not a score" {
	two_judges
	echo '{"user_id": "ann", "context": "Which?", "first": "a", "second": "bb"}' >one.jsonl
	run -0 python3 examples/python/synthesizeme.py users.jsonl <one.jsonl
	[ "$output" = 0 ]
	run -1 --separate-stderr python3 examples/python/synthesizeme.py users.jsonl --no-cache --max-calls 1 <one.jsonl
	[ -z "$output" ]
	[[ $stderr == *"sm-judge has ended, with exit status 6"* ]]
}

@test "examples/training: rewards for a trainer, a float for each completion or none" {
	two_judges
	cat >rows.jsonl <<-'END'
		{"prompt": "Which?", "completion": "a long reply", "reference": "short", "user_id": "ann"}
		{"prompt": "Which?", "completion": "a", "reference": "short", "user_id": "bob"}
		{"prompt": "Which?", "completion": "a long reply", "reference": "short", "user_id": "eve"}
		{"prompt": [{"role": "user", "content": "Which?"}], "completion": [{"role": "assistant", "content": "one two three"}], "reference": "short", "user_id": "bob"}
	END
	run --separate-stderr python3 examples/training/reward.py users.jsonl <rows.jsonl
	[ "$output" = $'1\n0\nnone\n1' ]
	# by likelihood it is how much greater the reward is: the mock finds "bob" more likely where the persona has it
	jq -c 'select(.user_id == "bob") | .completion = "Likes bob" | .reference = "Hates bob"' rows.jsonl >likely.jsonl
	run --separate-stderr python3 examples/training/reward.py users.jsonl --by likelihood <likely.jsonl
	[ "$output" = $'0.5\n0.5' ]
}

@test "examples/training: as the trainers of TRL call it" {
	two_judges
	cat >use.py <<-'END'
		from reward import UserJudge, UserReward
		with UserReward("users.jsonl", user="ann") as reward:
		    print(reward.__name__, reward(prompts=["Which?"] * 2, completions=["a long reply", "a"], reference=["short"] * 2,
		                                  completion_ids=[[1], [2]], trainer_state=None))
		judge = UserJudge("users.jsonl", user="bob")
		print(judge.judge(prompts=["Which?"] * 3, completions=[["a long reply", "short"], ["a", "short"], ("x", "x")]))
		judge = UserJudge("users.jsonl", user="eve")
		print(judge.judge(["Which?"], [["a long reply", "short"]], shuffle_order=False))
	END
	PYTHONPATH=examples/training run --separate-stderr python3 use.py
	[ "$output" = "user_reward [1.0, 0.0]
[0, 1, -1]
[-1]" ]
}
