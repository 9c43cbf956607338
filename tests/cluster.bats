#!/usr/bin/env bats
# examples/slurm on a real Slurm of two nodes, and examples/parallel.md with GNU Parallel.
load helper
load cluster
load postgres

setup_file() {
	[ "$(id -u)" -eq 0 ] && command -v slurmctld >/dev/null || return 0
	cluster_start
	export cluster started_munge SLURM_CONF
}

teardown_file() {
	[ -z "${cluster-}" ] || cluster_stop
	pg_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp -r "$top/examples" .
	export FIT='--test 2 --seeds 0..1' SM_MODEL=mock
	# a server of its own for each task, with a log each
	export SM_SERVER="exec '$B/mock-llm' --decide longer --port \$PORT --lifetime 120 --log '$PWD'/log.\$SLURM_JOB_ID"
	unset SM_CACHE
}

# What one machine makes of it, one.jsonl: made by the first test that asks.
one_machine() {
	local made=$BATS_FILE_TMPDIR/one.jsonl
	if [ ! -e "$made" ]; then
		mock_start --decide longer
		sm-fit -q --cache one.db --test 2 --seeds 0..1 examples/people.jsonl | sm-judge -q --cache one.db >one.jsonl
		mock_stop
		unset SM_BASE_URL
		mv one.jsonl "$made"
	fi
	cp "$made" .
}

asked() { cat log.* 2>/dev/null | wc -l; }
# The records of files without what differs from run to run, in an order of their own.
records() { jq -c 'select(.type != "run") | del(.ms)' "$@" | sort; }
# Whether a folder's records (out) are those of one machine; what differs is shown, and what Slurm did.
same() {
	local out=${1-out}
	diff <(records one.jsonl) <(records "$out/all.jsonl") >differs && return
	cut -c 1-300 differs | head -n 20
	tail -n 40 "$cluster/log/slurmctld.log"
	tail -n 5 "$out"/*.log
	return 1
} >&2

@test "an array of shares on two nodes, joined: the bytes of one machine" {
	need_slurm
	one_machine
	examples/slurm/submit examples/people.jsonl out 4 >said
	grep -q '^share array: job [0-9]*$' said
	cluster_wait
	cat out/*.log >&2
	same
	cmp out/table.txt <(sm-eval --table one.jsonl)
	[ -s out/report.html ]
	# each node did something
	[ "$(cat log.* | wc -l)" -gt 0 ]
	# a second submission has nothing to do but to join
	examples/slurm/submit examples/people.jsonl out 4 >said
	[ "$(wc -l <said)" -eq 1 ]
	cluster_wait
	same
}

@test "a task that is killed does not keep the others; submitted again it pays nothing twice" {
	need_slurm
	one_machine
	export SM_SERVER="$SM_SERVER --latency 50"
	examples/slurm/submit examples/people.jsonl out 3 >said
	job=$(sed -n 's/^share array: job //p' said)
	for ((i = 0; i < 300; i++)); do
		[ "$(asked)" -ge 20 ] && break
		sleep 0.1
	done
	scancel "${job}_0"
	cluster_wait
	[ ! -e out/share.0.jsonl ] || skip "the task was done before it could be killed"
	[ -s out/share.1.jsonl ] && [ -s out/share.2.jsonl ]
	grep -q 'merge: missing shares: 0; submit the same command again' out/merge.log
	grep -q ^all out/table.txt
	examples/slurm/submit examples/people.jsonl out 3 >said
	cluster_wait
	same
	# paid twice is at most what was in flight
	calls=$(jq -s 'map(select(.type == "run").calls // 0) | add' one.jsonl)
	[ "$(asked)" -le $((calls + 64)) ]
}

@test "a task is requeued in the middle and goes on" {
	need_slurm
	one_machine
	export SM_SERVER="$SM_SERVER --latency 50"
	examples/slurm/submit examples/people.jsonl out 2 >said
	job=$(sed -n 's/^share array: job //p' said)
	for ((i = 0; i < 300; i++)); do
		[ "$(asked)" -ge 10 ] && break
		sleep 0.1
	done
	scontrol requeue "${job}_1" || skip "the task was done before it could be requeued"
	# Slurm lets it wait two minutes; it may not start in the second in which it was stopped.
	for ((i = 0; i < 100; i++)); do
		[ -z "$(squeue -h -r -t PD,RQ -j "${job}_1")" ] || break
		sleep 0.1
	done
	sleep 2
	scontrol update JobId="${job}_1" StartTime=now
	cluster_wait
	cat out/*.log >&2
	same
}

@test "by batches: no server, requests in files" {
	need_slurm
	one_machine
	mock_start --decide longer
	cat >answer <<-'END'
		#!/bin/bash
		# answers the lines of $IN, as vllm run-batch does: one curl asks for all of them, in their order
		jq -r '"next", "url = \(env.MOCK)/chat/completions", "header = \"Content-Type: application/json\"", "data = \(.body | tojson | tojson)"' "$IN" |
			tail -n +2 | curl -s -K - >"$OUT.bodies"
		jq -cs --slurpfile bodies "$OUT.bodies" '[., $bodies] | transpose[] as [$asked, $body]
			| {id: "b", custom_id: $asked.custom_id, response: {status_code: 200, request_id: "r", body: $body}, error: null}' "$IN" >"$OUT"
	END
	chmod +x answer
	MOCK=$SM_BASE_URL SM_RUN_BATCH=$PWD/answer
	export MOCK SM_RUN_BATCH
	unset SM_BASE_URL SM_SERVER
	examples/slurm/submit examples/people.jsonl out 2 >said
	cluster_wait
	cat out/*.log >&2
	# a batch asks for more at a time than may be needed; what was learned is the same
	learned() { records "$1" | jq -c 'select(.type | IN("pair", "persona", "demos", "verdict")) | del(.estimate, .tied)'; }
	cmp <(learned one.jsonl) <(learned out/all.jsonl)
}

@test "nodes that share only a PostgreSQL store keep one cap to the call, and pay for nothing twice" {
	need_slurm
	need_postgres
	one_machine
	pg_start
	pg_database
	calls=$(jq -s 'map(select(.type == "run").calls // 0) | add' one.jsonl)
	fit=$FIT
	export SM_RUN=one-run FIT="$fit --max-calls 20" JUDGE='--max-calls 20'
	examples/slurm/submit examples/people.jsonl out 4 >said
	cluster_wait
	cat out/*.log >&2
	[ "$(asked)" -eq 20 ]
	grep -qE 'merge: (no share is done|missing shares)|no verdicts' out/merge.log
	grep -q 'cap' out/share.0.log out/share.1.log out/share.2.log out/share.3.log
	# without the cap they go on, and together ask what one machine asks
	FIT=$fit JUDGE=
	examples/slurm/submit examples/people.jsonl out 4 >said
	cluster_wait
	cat out/*.log >&2
	same
	[ "$(asked)" -eq "$calls" ]
	# all of it again: nothing is paid
	examples/slurm/submit examples/people.jsonl again 2 >said
	cluster_wait
	same again
	[ "$(asked)" -eq "$calls" ]
}

@test "with-server: a server that ends, or does not answer, is told; its command's status is passed on" {
	run --separate-stderr env SM_SERVER='exit 7' examples/slurm/with-server true
	[ "$status" -eq 3 ]
	[[ $stderr == "with-server: the server ended: exit 7" ]]
	run --separate-stderr env SM_SERVER='sleep 60' SM_SERVER_WAIT=1 examples/slurm/with-server true
	[ "$status" -eq 3 ]
	[[ $stderr == "with-server: no answer within 1 s: sleep 60" ]]
	SLURM_JOB_ID=1 run --separate-stderr examples/slurm/with-server bash -c 'curl -sf "$SM_BASE_URL/models" >models; exit 5'
	[ "$status" -eq 5 ]
	grep -q mock models
	run --separate-stderr env -u SM_SERVER examples/slurm/with-server bash -c 'exit 6'
	[ "$status" -eq 6 ]
}

@test "GNU Parallel: the commands of parallel.md give the records of one run, and --resume-failed does nothing twice" {
	command -v parallel >/dev/null || skip "no GNU Parallel"
	unset SM_SERVER
	mock_start --decide longer
	export SM_CACHE=$PWD/cache.db
	"$top/tests/tools/run-examples" examples/parallel.md
	cat share.?.jsonl >all.jsonl
	sm-fit -q --test 2 examples/people.jsonl | sm-judge -q >whole.jsonl
	cmp <(records whole.jsonl) <(records all.jsonl)
	cmp <(records users.jsonl) <(sm-fit -q --test 2 examples/people.jsonl | records)
	asked=$(mock_calls)
	rm share.2.jsonl
	parallel --joblog joblog.txt --resume-failed 'set -o pipefail; sm-fit -q --test 2 --shard {}/3 examples/people.jsonl | sm-judge -q > share.{}.jsonl' ::: 1 2 3
	[ ! -e share.2.jsonl ]
	[ "$(mock_calls)" -eq "$asked" ]
}
