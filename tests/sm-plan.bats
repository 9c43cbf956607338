load helper

# v USER INDEX ORDER CORRECT [MEMBERS]: a verdict; CORRECT is 1, -1 or 0 for a tie.
v() {
	local label=First other=Second preference correct=false
	[ "$3" = forward ] || { label=Second && other=First; }
	case $4 in 1) preference=$label correct=true ;; 0) preference=Tie ;; *) preference=$other ;; esac
	printf '{"type":"verdict","user_id":"%s","stage":"judge","index":%s,"order":"%s","preference":"%s","prediction":%s,"label":"%s","correct":%s,"status":"ok"%s}\n' \
		"$1" "$2" "$3" "$preference" "$4" "$label" "$correct" "${5-}"
}

# judge USER CORRECT ...: verdicts on pairs from 0 on, in one order.
judge() {
	local user=$1 index=0
	shift
	for correct; do
		v "$user" "$index" forward "$correct"
		index=$((index + 1))
	done
}

# Members of the plans on stdin, a line each.
plans() {
	jq -c "select(.type == \"plan\") | [$1]"
}

spreads=(--sd-users 0.05 --sd-pair 0.4)

@test "4 points, 5 between users and 40 between pairs, 10 pairs: 93 users, and 20 show 9 points" {
	run --separate-stderr sm-plan "${spreads[@]}" --effect 0.04 --pairs 10 --users 20
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ "$(plans '.users, .pairs, .least_difference, .power_of_effect, .effect, .users_needed, .cost' <<<"$output")" = \
'[20,10,0.08982977688,0.2392987814,0.04,null,null]
[null,10,null,null,0.04,93,null]' ]
	[ "$(plans '.user_id, .sd_users, .sd_pair, .power, .alpha, .sd_user_mean' <<<"$output" | uniq)" = \
		'[null,0.05,0.4,0.8,0.05,0.1360147051]' ]
	[ "$(tail -n 1 <<<"$output" | jq -c '[.type, .program]')" = '["run","sm-plan"]' ]
}

@test "without numbers of users and pairs it is a table of them" {
	sm-plan "${spreads[@]}" >out.jsonl
	[ "$(plans '.users, .pairs' <out.jsonl | wc -l)" -eq 35 ]
	[ "$(plans 'has("effect")' <out.jsonl | sort -u)" = '[false]' ]
	sm-plan "${spreads[@]}" --table >table
	[ "$(grep -c '^[0-9]* users ' table)" -eq 7 ]
	[ "$(grep '^20 users' table | xargs)" = "20 users 19.0 12.3 9.0 6.8 5.0" ]
	grep -q 'power 0.8 in a t test at 0.05' table
	grep -q '^Standard deviations: 5.0 points between users, 40.0 between the pairs of one\.$' table
}

@test "a power and a level of one's own" {
	[ "$(sm-plan "${spreads[@]}" --effect 0.04 --pairs 10 --power 0.9 | plans .users_needed | tail -n 1)" = '[124]' ]
	[ "$(sm-plan "${spreads[@]}" --effect 0.04 --pairs 10 --alpha 0.01 | plans .users_needed | tail -n 1)" = '[139]' ]
}

@test "what cannot be shown is said: by two users any difference, by ten million one that is too small" {
	sm-plan --sd-users 0.5 --sd-pair 0.5 --users 2 --pairs 1 --effect 0.0001 >out.jsonl
	[ "$(plans '.least_difference, .users_needed' <out.jsonl)" = $'[null,null]\n[null,null]' ]
	sm-plan --sd-users 0.5 --sd-pair 0.5 --users 2 --pairs 1 --effect 0.0001 --table >table
	grep -q '^2 users .* over 100$' table
	grep -q '^users for 0.01 points .* over 1e+07$' table
	# nor does it take fewer than two
	[ "$(sm-plan --sd-users 0.001 --sd-pair 0 --effect 1 --pairs 1 | plans .users_needed | tail -n 1)" = '[2]' ]
}

@test "a pilot of one judge tells the spreads of its accuracy, both orders of a pair being one" {
	{
		judge a 1 -1
		judge b 1 1
		judge c -1 0
	} >in.jsonl
	run --separate-stderr sm-plan --pairs 2 --users 3 in.jsonl
	[ "$status" -eq 0 ]
	[[ $stderr == "sm-plan: 3 users tell the spread between users only roughly; "* ]]
	[ "$(plans '.sd_users, .sd_pair' <<<"$output")" = '[0.4082482905,0.4082482905]' ]
	[ "$(sm-plan -q --pairs 2 --users 3 <in.jsonl | plans '.sd_users, .sd_pair')" = '[0.4082482905,0.4082482905]' ]
	{
		cat in.jsonl
		for i in 0 1; do v d $i forward 1; v d $i reverse -1; done
	} >both.jsonl
	# means .5, 1, 0, .5: within .5 / 4, between 1 / 3, by 2
	[ "$(sm-plan -q --pairs 2 --users 3 both.jsonl | plans '.sd_users, .sd_pair')" = '[0.3227486122,0.3535533906]' ]
	[ "$(sm-plan -q --ties half --pairs 2 --users 3 in.jsonl | plans '.sd_pair')" = '[0.4564354646]' ]
}

@test "two judges: the difference on the pairs and orders that both have" {
	{
		judge a -1 1 1
		judge b -1 -1
		v b 2 reverse 1
		judge c -1 1
	} >a.jsonl
	{
		judge c -1 1
		judge a 1 1
		judge b 1 1
		v b 2 forward 1
		judge d 1 1
	} >b.jsonl
	run --separate-stderr sm-plan -q --table --users 10 --pairs 5 a.jsonl b.jsonl
	[ "$status" -eq 0 ]
	# a: 1, 0; b: 1, 1; c: 0, 0
	[[ $output == *"Standard deviations: 40.8 points between users, 40.8 between the pairs of one, from 6 pairs of 3 users."* ]]
}

@test "beside a judge asked in both orders, one that looks at no order said the same in either" {
	for user in a b; do
		v $user 0 forward 1 ',"by":"likelihood"'
		v $user 1 forward -1 ',"by":"likelihood"'
	done >a.jsonl
	for user in a b; do
		for i in 0 1; do v $user $i forward 1; v $user $i reverse "$([ $user = a ] && echo 1 || echo -1)"; done
	done >b.jsonl
	# a: 0, 1; b: -.5, .5
	[ "$(sm-plan -q --users 9 --pairs 1 a.jsonl b.jsonl | plans .sd_pair)" = '[0.7071067812]' ]
	[ "$(sm-plan -q --users 9 --pairs 1 b.jsonl a.jsonl | plans .sd_pair)" = '[0.7071067812]' ]
}

@test "the pilot's cost is that of learning by user and of judging by pair, of both judges" {
	paid=',"tokens":{"in":1,"out":1,"cached":0},"cost":0.01'
	for user in a b; do
		echo "{\"type\":\"trace\",\"user_id\":\"$user\",\"stage\":\"bootstrap\"${paid/0.01/0.1}}"
		for i in 0 1; do v $user $i forward "$([ $i$user = 0a ] && echo 1 || echo -1)" "$paid"; done
	done >a.jsonl
	grep -v trace a.jsonl >b.jsonl
	[ "$(sm-plan -q --users 10 --pairs 5 a.jsonl | plans .cost)" = '[1.5]' ]
	[ "$(sm-plan -q --sd-users 0.1 --sd-pair 0.3 --users 10 --pairs 5 a.jsonl b.jsonl | plans .cost)" = '[2]' ]
	sm-plan -q --table --users 10 --pairs 5 a.jsonl | grep -q '^10 users .* \$1.50$'
	sed 's/,"cost":0.01//' b.jsonl >free.jsonl
	[ "$(sm-plan -q --users 10 --pairs 5 free.jsonl | plans .cost)" = '[null]' ]
}

@test "spreads given outrank the pilot's, and take its place" {
	{ judge a 1 -1; judge b 1 1; judge c -1 0; } >in.jsonl
	run --separate-stderr sm-plan --sd-users 0.05 --users 9 --pairs 2 in.jsonl
	[ "$(plans '.sd_users, .sd_pair' <<<"$output")" = '[0.05,0.4082482905]' ]
	[ -z "$stderr" ]
	run --separate-stderr sm-plan "${spreads[@]}" --users 9 --pairs 2 <&-
	[ "$status" -eq 0 ]
}

@test "a pilot that does not tell the spreads is 3, and says what would" {
	judge a 1 -1 1 >one.jsonl
	{ judge a 1; judge b -1; } >single.jsonl
	{ judge a 1 1; judge b 1 1; } >alike.jsonl
	v a 0 forward 1 | jq -c 'del(.label, .correct)' >unlabeled.jsonl
	while read -r file says; do
		run --separate-stderr sm-plan "$file"
		[ "$status" -eq 3 ]
		[ -z "$output" ]
		[[ $stderr == "sm-plan: $says"* ]] || { echo "$stderr"; false; }
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
	done <<'EOF'
one.jsonl the pilot does not tell how much users and pairs vary: it takes two users, and two pairs of one; judge more pairs, or give --sd-users and --sd-pair
single.jsonl the pilot does not tell how much users and pairs vary
alike.jsonl all pairs of the pilot are alike, which does not tell how much others vary; judge
unlabeled.jsonl no verdicts with a label in unlabeled.jsonl; run sm-judge
EOF
	{ judge x 1 -1; judge y 1 1; } >other.jsonl
	run --separate-stderr sm-plan alike.jsonl other.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-plan: alike.jsonl and other.jsonl have no pair in common; "* ]]
}

@test "settings that make no plan are usage" {
	while read -r list says; do
		IFS=, read -ra options <<<"$list"
		run --separate-stderr sm-plan --sd-users 0.1 --sd-pair 0.4 "${options[@]}"
		[ "$status" -eq 2 ]
		[[ $stderr == "sm-plan: $says"* ]] || { echo "$stderr"; false; }
	done <<'EOF'
--effect,0 --effect 0: no number of users shows
--effect,4 --effect 4: give a number from 0 to 1
--power,0.1,--alpha,0.2 --power must be more than --alpha
--sd-users,0,--sd-pair,0 --sd-users and --sd-pair cannot both be 0
--users,1 --users 1: give
a,b,c a pilot has at most two files
EOF
}

@test "verdicts that cannot be counted are told with their line, and the rest is planned with" {
	{ judge a 1 -1; judge b 1 1; v a 7 forward 1; v b 0 forward 1; echo 'no JSON'; judge c -1 0; } >in.jsonl
	run --separate-stderr sm-plan -q --users 5 --pairs 2 in.jsonl
	[ "$status" -eq 1 ]
	[[ ${stderr_lines[0]} == "sm-plan: in.jsonl:5: user a came before; "* ]]
	[[ ${stderr_lines[1]} == "sm-plan: in.jsonl:6: user b came before; "* ]]
	[[ ${stderr_lines[2]} == "sm-plan: in.jsonl:7: not a JSON object"* ]]
	[ "$(plans '.sd_users, .sd_pair' <<<"$output")" = '[0.4082482905,0.4082482905]' ]
}
