load helper
load report

@test "the figures of the page are those of sm-eval, with the same options" {
	made_up 3 5 >in.jsonl
	for options in "" "--ci wilson" "--ci cluster --seed 7" "--ties half --ci bca" "--ties drop"; do
		# shellcheck disable=SC2086 # words
		sm-report $options --html page.html in.jsonl
		# shellcheck disable=SC2086
		{ all_held page.html; sm-eval $options in.jsonl | grep '"type":"result"'; } |
			holds - '(.[0] | [(."records-0", ."records-1", ."records-2" | .[] | select(.type == "result")), .shared.all])
				== (.[1:] | map(if .user_id == null then . else del(.shrunk) end))' 'length == 5'
	done
}

@test "results of the input go before what would be counted" {
	made_up 2 3 >in.jsonl
	sm-eval --ci exact in.jsonl >figures.jsonl
	sm-report --html page.html in.jsonl figures.jsonl
	[ "$(all_held page.html | jq -c '[.shared.all, (."records-1"[] | select(.type == "result")) | .ci.method]')" = '["exact","exact"]' ]
}

@test "of two runs of sm-eval the last is shown, which is told" {
	made_up 2 3 >b.jsonl
	jq -c 'select(.type == "verdict") | .preference = .label | .correct = true | .prediction = 1 | del(.p_first)' b.jsonl >a.jsonl
	sm-eval b.jsonl >first
	sm-eval a.jsonl >last
	run --separate-stderr sm-report -q --html page.html first last
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-report: 2 results over all, of which the last is shown; to compare judges give it the output of sm-eval A.jsonl B.jsonl" ]
	[ "$(held page.html shared | jq .all.accuracy)" = 1 ]
	run --separate-stderr sm-report -q --html page.html first first
	[ -z "$stderr" ]
}

@test "results of several files are shown beside what is counted" {
	made_up 2 3 >b.jsonl
	jq -c 'select(.type == "verdict") | .preference = .label | .correct = true | .prediction = 1 | del(.p_first)' b.jsonl >a.jsonl
	sm-eval a.jsonl b.jsonl >figures.jsonl
	sm-report --html page.html b.jsonl figures.jsonl
	held page.html shared >shared.json
	# without verdicts it is the last file's
	sm-report --html page.html figures.jsonl
	held page.html shared >of-figures.json
	sm-eval b.jsonl | grep '"type":"result","user_id":null' | cat shared.json of-figures.json - |
		holds - '.[0].all.accuracy == .[2].accuracy' '.[1].all.accuracy == .[2].accuracy' 'length == 3' \
			'.[0].records | map(select(.type == "result").file) == ["a.jsonl", "b.jsonl"]' \
			'.[0].records | map(select(.type == "comparison").n) == [12]'
}

@test "the page holds the records of each user, of pairs those that were judged, and no traces" {
	made_up 2 3 >in.jsonl
	sm-report --html page.html <in.jsonl
	held page.html records-1 >records.json
	cat records.json in.jsonl | holds - \
		'.[0] | group_by(.type) | map([.[0].type, length]) == [["demos", 1], ["pair", 3], ["persona", 1], ["result", 1], ["score", 10], ["verdict", 6]]' \
		'.[0] | map(select(.type == "pair").index) == [6, 7, 8]' \
		'(.[0] | map(select(.type == "verdict" or .type == "persona")) | sort)
			== (.[1:] | map(select(.user_id == "user-0001" and (.type == "verdict" or .type == "persona"))) | sort)'
}

@test "a user's lines may be apart, in several files, and twice" {
	made_up 3 4 >in.jsonl
	grep -v '"verdict"' in.jsonl >users.jsonl
	grep '"verdict"' in.jsonl | sort -s -r -t , -k 2,2 >verdicts.jsonl # the users in another order
	sm-report --html one.html in.jsonl
	sm-report --html two.html users.jsonl verdicts.jsonl in.jsonl
	{ all_held one.html; all_held two.html; } | holds - \
		'map([."records-0", ."records-1", ."records-2" | sort]) | .[0] == .[1]' \
		'map(.shared.all) | .[0] == .[1] and .[0] != null' \
		'map(.shared.judge) == ["in", null]' # of several files it has no name
}

@test "pairs without an index are counted" {
	grep '"brief"' "$prefs" | head -n 2 >in.jsonl
	mock_start --decide longer
	sm-judge -q in.jsonl | jq -c 'if .type == "verdict" or .type == "run" then . else del(.index) end' >verdicts.jsonl
	sm-report --html page.html verdicts.jsonl
	[ "$(held page.html records-0 | jq -c '[.[] | select(.type == "pair").index]')" = '[0,1]' ]
}

@test "verdicts that contradict one another are told, and the first counts" {
	made_up 1 1 >in.jsonl
	grep '"order":"forward"' in.jsonl | jq -c '.reasoning = "another"' >again.jsonl
	run --separate-stderr sm-report --html page.html in.jsonl again.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"user user-0000 has a verdict for pair 6, order forward, already"* ]]
	[ "$(held page.html shared | jq .all.n)" -eq 2 ]
}

@test "lines that cannot be used are told with their place, the rest is drawn" {
	{ made_up 1 1; echo 'not JSON'; echo '{"type":"verdict","user_id":"x","index":-1}'; echo '{"type":"verdict","user_id":null}'; } >in.jsonl
	n=$(wc -l <in.jsonl)
	run --separate-stderr sm-report --html page.html in.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"in.jsonl:$((n - 2)): not a JSON object"* ]]
	[[ $stderr == *"in.jsonl:$((n - 1)): \`index\` is not a whole number"* ]]
	[[ $stderr == *"in.jsonl:$n: a verdict with \`user_id\` null"* ]]
	[ "$(held page.html shared | jq .all.n)" -eq 2 ]
}

@test "an input without records is 3, and no page is left" {
	run --separate-stderr sm-report --html page.html </dev/null
	[ "$status" -eq 3 ]
	[ "$stderr" = "sm-report: no records in the input; give it what sm-fit, sm-judge or sm-eval wrote" ]
	[ ! -e page.html ]
}

@test "users who wait for a batch are shown as such: 5" {
	{ made_up 2 1; echo '{"type":"pending","user_id":"late","stage":"judge","waiting":4}'; } >in.jsonl
	run --separate-stderr sm-report --html page.html in.jsonl
	[ "$status" -eq 5 ]
	[[ $stderr == "sm-report: 1 users wait for answers; "* ]]
	[ "$(held page.html rows | jq -c 'map(.state)')" = '[null,null,"waiting"]' ]
}

@test "the page goes to standard output by default, but never to a terminal" {
	made_up 1 1 >in.jsonl
	sm-report in.jsonl >out.html
	sm-report --html page.html in.jsonl
	cmp out.html page.html
	NO_COLOR=1 run python3 -c 'import pty, sys; sys.exit(pty.spawn(["sm-report", "in.jsonl"]) >> 8)'
	[ "$status" -eq 2 ]
	[[ $output == *"nothing for a terminal; write it to a file"* ]]
	run --separate-stderr sm-report --html - --plot - in.jsonl
	[ "$status" -eq 2 ]
}

@test "a page that cannot be written in full leaves the one that was there" {
	made_up 1 1 | grep '"verdict"' >in.jsonl # less than the page's own script
	echo old >page.html
	run bash -c 'trap "" XFSZ; ulimit -f 20; sm-report --html page.html in.jsonl'
	[ "$status" -eq 3 ]
	[[ $output == *"cannot write output: File too large; "* ]]
	[ "$(cat page.html)" = old ]
	[ "$(echo page*)" = page.html ]
	run sm-report --html nowhere/page.html in.jsonl
	[ "$status" -eq 3 ]
	[[ $output == "sm-report: cannot write nowhere/page.html: No such file or directory; "* ]]
}

@test "a link stays a link, a device a device, and the file is for who may read" {
	made_up 1 1 >in.jsonl
	ln -s real.html link.html
	echo old >real.html
	(umask 022 && sm-report --html link.html in.jsonl)
	[ -L link.html ]
	grep -q '<h1>' real.html
	(umask 022 && sm-report --html new.html in.jsonl)
	[ "$(stat -c %a new.html)" = 644 ]
	sm-report --html /dev/null in.jsonl
	[ -c /dev/null ]
	run sm-report --html /dev/full in.jsonl
	[ "$status" -eq 3 ]
	[ -c /dev/full ]
}

@test "texts in the page hold nothing that ends a script, or a line of one" {
	jq -nc '("</script><!--\u2028\u2029<script>") as $bad | {type: "run", user_id: null, program: $bad}, {type: "pair", user_id: $bad, split: "test", index: 0, context: [{role: "user", content: $bad}],
		chosen: $bad, rejected: "b"}, {type: "verdict", user_id: $bad, index: 0, order: "forward", preference: "First", prediction: 1, label: "First", correct: true, status: "ok", reasoning: $bad}' >in.jsonl
	sm-report -q --html page.html in.jsonl
	grep -q 'u2028.u2029' page.html
	run ! grep -qE $'\u2028|\u2029' page.html
	[ "$(grep -c '</script><!--' page.html)" -eq 0 ]
}

@test "the page asks for nothing outside, and allows its own script and style alone" {
	made_up 2 2 >in.jsonl
	sm-report --html page.html in.jsonl
	python3 - <<-'END'
		import base64, hashlib, re
		page = open("page.html", encoding="utf-8").read()
		policy = re.search('Content-Security-Policy" content="(.*?)"', page).group(1)
		parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
		digest = lambda text: "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
		assert parts["default-src"] == "'none'"
		assert parts["script-src"] == digest(re.search("<script>(.*?)</script>", page, re.S).group(1))
		assert parts["style-src"] == digest(re.search("<style>(.*?)</style>", page, re.S).group(1))
		assert "unsafe" not in policy
		assert "://" not in page, "names a host"
		markup = re.sub("<script.*?</script>", "", page, flags=re.S)
		assert not re.search("(src|action|poster|srcset|data)=|href=\"(?!#)", markup), "asks for something"
	END
}

@test "judges have the names of their labels, in plots and in the page" {
	made_up 2 4 >a.v1.jsonl
	jq -c 'select(.type != "pair" or .index != 0)' a.v1.jsonl >b.v1.jsonl
	sm-eval a.v1.jsonl b.v1.jsonl >figures.jsonl
	labels=(--label 'the default=a.v1.jsonl' --label 'gpt 4.1=b.v1.jsonl')
	sm-report "${labels[@]}" --html page.html --kind comparison --plot plot.svg a.v1.jsonl figures.jsonl
	texts plot.svg | grep -qx 'gpt 4.1 − the default'
	[ "$(held page.html shared | jq -c '[.names, .judge]')" = '[{"a.v1.jsonl":"the default","b.v1.jsonl":"gpt 4.1"},"the default"]' ]
	sm-report --html page.html a.v1.jsonl figures.jsonl
	[ "$(held page.html shared | jq -c '[.names, .judge]')" = '[{"a.v1.jsonl":"a","b.v1.jsonl":"b"},"a"]' ]
	# what begins with a digit is no ending that names share
	sm-report --label 'gpt 4.1=b.v1.jsonl' --label 'llama 3.1=a.v1.jsonl' --kind comparison --plot plot.svg figures.jsonl
	texts plot.svg | grep -qx 'gpt 4.1 − llama 3.1'
	while read -r label says; do
		run --separate-stderr sm-report "${labels[@]}" --label "$label" figures.jsonl
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $stderr == "sm-report: --label $label: $says"* ]]
	done <<-'END'
		x=c.jsonl there is no such input
		x not NAME=FILE
		=a.v1.jsonl not NAME=FILE
		x= not NAME=FILE
		x=a.v1.jsonl that file has been used
	END
}

@test "a judge has one short name, by whatever path records and the command line call its file" {
	mkdir -p runs/one runs/two
	made_up 2 2 >runs/one/learned.jsonl
	grep '"verdict"' runs/one/learned.jsonl >runs/one/default.jsonl
	cp runs/one/default.jsonl runs/two/default.jsonl
	names() { held page.html shared | jq -c '[.judge, .against, (.names | to_entries | unique_by(.value) | map(.value))]'; }
	sm-eval -q runs/one/default.jsonl runs/one/learned.jsonl >figures.jsonl
	for path in runs/one "$PWD/runs/one" ./runs/one runs/two/../one; do
		sm-report -q --against "$path/default.jsonl" --html page.html "$path/learned.jsonl" figures.jsonl
		if [[ $path == *..* ]]; then continue; fi # may be another file: no more than that it is drawn
		[ "$(names)" = '["learned","default",["default","learned"]]' ] || { names; false; }
	done
	# in the folder itself, too; and a label goes for each spelling
	(cd runs/one && sm-report -q --html ../../page.html learned.jsonl ../../figures.jsonl)
	[ "$(names)" = '["learned",null,["default","learned"]]' ]
	for path in runs/one "$PWD/runs/one"; do
		sm-report -q --label "mine=$path/learned.jsonl" --html page.html "$PWD/runs/one/learned.jsonl" figures.jsonl
		[ "$(names)" = '["mine",null,["default","mine"]]' ]
	done
	# two files of one name are told apart by their folders, one that may be either is called by its path
	sm-eval -q runs/one/default.jsonl runs/two/default.jsonl runs/one/learned.jsonl >figures.jsonl
	sm-report -q --html page.html "$PWD/runs/one/learned.jsonl" figures.jsonl
	[ "$(names)" = '["one/learned",null,["one/default","one/learned","two/default"]]' ]
	sm-report -q --html page.html --against runs/two/default.jsonl runs/one/default.jsonl
	[ "$(names)" = '["one","two",["one","two"]]' ]
	# standard input has the name that a label gives it
	sm-report -q --label mine=- --html page.html <runs/one/learned.jsonl
	[ "$(names)" = '["mine",null,[]]' ]
}

@test "the page rounds as the table does, where a number is just between two, too" {
	command -v node >/dev/null || skip "no node"
	{ grep -A 4 '^const fixed = ' "$top/cmd/report/page/base.js"; echo 'console.log([3.25, 31.25, 43.75, 6.25, 93.75, 12.5, 0, 100, -6.25, -43.75, 33.33333333333333].map(fixed).join());'; } >round.js
	printf '%.1f,' 3.25 31.25 43.75 6.25 93.75 12.5 0 100 -6.25 -43.75 33.33333333333333 >want
	[ "$(node round.js)," = "$(<want)" ]
}

# A second judge in b.jsonl, of 2 users with 3 pairs in a.jsonl, and one user more: it reverses each verdict on pair 7, and lacks pair 8.
two_judges() {
	made_up 2 3 >a.jsonl
	made_up 3 3 | jq -c 'select(.type == "verdict" and .index != 8)
		| if .index == 7 then .correct |= not | .prediction |= -. | .preference = (if .preference == "First" then "Second" else "First" end) | .p_first = 1 - .p_first else . end
		| .reasoning = "the other says"' >b.jsonl
}

@test "--against sets another judge's verdicts beside those of the input, which alone count" {
	two_judges
	run --separate-stderr sm-report --against b.jsonl --html page.html a.jsonl
	[ "$status" -eq 0 ]
	[ "$stderr" = "sm-report: 1 users of b.jsonl are left out: the input does not have them" ]
	sm-report --html alone.html a.jsonl
	{ all_held page.html; all_held alone.html; cat a.jsonl; } >all.jsonl
	holds all.jsonl '.[0].shared | [.judge, .against] == ["a", "b"]' '.[0].shared.all | . != null' '.[0].shared.all == .[1].shared.all' \
		'(.[0].rows | map(del(.both, .gained, .lost, .neither))) == .[1].rows' '.[1].rows | length == 2'
	for i in 0 1; do
		# on pair 6 they agree, on 7 never
		holds all.jsonl "(.[0].\"records-$i\" | map(select(.against | not))) == .[1].\"records-$i\"" \
			".[0].\"records-$i\" | map(select(.against).index) == [6, 6, 7, 7]" \
			"(.[2:] | map(select(.type == \"verdict\" and .user_id == \"user-000$i\" and .index < 8) | [.index, .correct]) |
				{both: map(select(. == [6, true])) | length, gained: map(select(. == [7, true])) | length,
				lost: map(select(. == [7, false])) | length, neither: map(select(. == [6, false])) | length})
				== (.[0].rows[$i] | {both, gained, lost, neither})"
	done
}

@test "--against: labels, lines that begin with blanks, and what does not go" {
	two_judges
	sed 's/^/  /' a.jsonl >blanks.jsonl
	sm-report -q --against b.jsonl --label 'A & B=b.jsonl' --label mine=blanks.jsonl --html page.html blanks.jsonl
	[ "$(held page.html shared | jq -c '[.judge, .against, .all.n]')" = '["mine","A & B",12]' ]
	run --separate-stderr sm-report --against nowhere --html page.html a.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"nowhere: cannot open"* ]]
	run --separate-stderr sm-report --against - --html page.html
	[ "$status" -eq 2 ]
	[[ $stderr == *"the input and --against cannot both be standard input; give one of them a file's name" ]]
	sm-report -q --against - --html page.html a.jsonl <b.jsonl
	[ "$(held page.html shared | jq -c .against)" = '"-"' ]
	echo '{"type":"verdict","user_id":"user-0000","index":-1}' >>b.jsonl
	run --separate-stderr sm-report --against b.jsonl --html page.html a.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"b.jsonl:13: \`index\` is not a whole number"* ]]
}

@test "a user's records are packed whole, however long, and what is in them means nothing to HTML" {
	made_up 1 1 | jq -c 'if .type == "verdict" then .reasoning = "</script><!--<script>\u00e9\u2028\ud83d\ude80" else . end' >in.jsonl
	head -c 300000 /dev/urandom | base64 -w 0 | jq -Rc '{type: "persona", user_id: "user-0000", persona: .}' >>in.jsonl
	sm-report --html page.html in.jsonl
	held page.html records-0 | cat - in.jsonl | holds - 'map(arrays) | length == 1' \
		'(.[0] | map(select(.type == "persona" or .type == "verdict")) | sort) == (.[1:] | map(select(.type == "persona" or .type == "verdict")) | sort)' \
		'.[1:] | map(select(.type == "persona").persona | length) | max == 400000'
	python3 - <<-'END'
		import re
		page = open("page.html", encoding="utf-8").read()
		blocks = re.findall('<script type="application/octet-stream" id="records-[0-9]+">(.*?)</script>\n', page, re.S)
		assert len(blocks) == 1 and re.fullmatch("[A-Za-z0-9+/]+=*", blocks[0])
		assert len(re.findall("<!--|<script", page)) == 4
	END
}
