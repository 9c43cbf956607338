#!/usr/bin/env bats
# Shares of the users: --shard K/N.
load helper

# Of each pair its user; each user once.
of_pairs() { sed -n 's/^{"type":"pair","user_id":"\([^"]*\)".*/\1/p' "$@"; }
users() { of_pairs "$@" | sort -u; }

many() {
	jq -nc 'range(60) as $u | range(4) | {user_id: "user \($u)", context: [{role: "user", content: "Q\(.)"}], chosen: "longer reply", rejected: "short"}'
}

@test "N shares together are all users, none is divided, whatever the order, counted from 0 or from 1" {
	many >in.jsonl
	for first in 0 1; do
		for k in $(seq "$first" $((first + 3))); do
			sm-split -q --shard "$k/4" in.jsonl >"share$k.jsonl"
			sm-split -q --shard "$k/4" <(tac in.jsonl) >turned.jsonl
			diff <(users "share$k.jsonl") <(users turned.jsonl)
			[ "$(of_pairs "share$k.jsonl" | sort | uniq -c | awk '{print $1}' | sort -u)" = 4 ]
		done
		cat $(seq -f 'share%g.jsonl' "$first" $((first + 3))) >all.jsonl
		diff <(jq -r .user_id in.jsonl | sort -u) <(users all.jsonl)
		[ "$(grep -c '"pair"' all.jsonl)" -eq 240 ]
	done
	cmp <(grep '"type":"pair"' share0.jsonl) <(grep '"type":"pair"' share4.jsonl)
	# shares are about alike
	for k in 1 2 3 4; do
		[ "$(users "share$k.jsonl" | wc -l)" -ge 6 ]
	done
}

@test "what is no share is told" {
	for share in 5/4 1 1/0 /4 a/4 1/4x -1/4 1/99999999999999999999 ''; do
		run --separate-stderr sm-split --shard "$share" </dev/null
		[ "$status" -eq 2 ]
		[[ $stderr == "sm-split: --shard $share: not K/N; give the number of the share and how many there are, such as 2/8" ]]
	done
}

@test "every program of a pipe takes a share, and lines of nobody are of share 0 alone" {
	mock_start --decide longer
	many | sm-split -q --shard 1/20 >share.jsonl
	many | sm-split -q >all.jsonl
	share=$(users share.jsonl)
	[ -n "$share" ]
	for program in sm-bootstrap sm-judge sm-rank sm-export; do
		case $program in
		sm-export) "$program" trl -q --shard 1/20 --no-persona --split train all.jsonl >out.jsonl ;;
		*) "$program" -q --shard 1/20 all.jsonl >out.jsonl ;;
		esac
		[ "$(jq -r '.user_id // empty' out.jsonl | sort -u)" = "$share" ] || { echo "$program"; false; }
	done
	[ "$(sm-bootstrap -q --shard 1/20 all.jsonl | grep -c '"program":"sm-split"')" -eq 0 ]
	[ "$(sm-bootstrap -q --shard 0/20 all.jsonl | grep -c '"program":"sm-split"')" -eq 1 ]
}

@test "sm-eval over merged shares prints the bytes of one run" {
	mock_start --decide longer
	many | head -n 80 >in.jsonl # 20 users
	sm-fit -q --test 2 --seeds 0..1 in.jsonl | sm-judge -q >one.jsonl
	for k in 0 1 2; do
		sm-fit -q --test 2 --seeds 0..1 --shard $k/3 in.jsonl | sm-judge -q >"share$k.jsonl"
	done
	cat share2.jsonl share0.jsonl share1.jsonl >merged.jsonl
	for how in "" --table "--table --by-user" --csv; do
		# shellcheck disable=SC2086 # a list of options
		sm-eval $how <one.jsonl | grep -v '"type":"run"' >a
		# shellcheck disable=SC2086 # a list of options
		sm-eval $how <merged.jsonl | grep -v '"type":"run"' >b
		cmp a b
	done
	# the same records but for those of runs
	cmp <(grep -v '"type":"run"' one.jsonl | sort) <(grep -v '"type":"run"' merged.jsonl | sort)
}
