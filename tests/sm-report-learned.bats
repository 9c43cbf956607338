# The page of sm-report in a browser: what was learned of a user.
load helper
load report

setup_file() {
	browser_start
}

teardown_file() {
	browser_end
}

@test "in a browser: what a search tried is drawn, and told in words beside it" {
	{
		made_up 1 1 | grep -v '"type":"score"' | jq -c 'if .type == "demos" then .seed = 0 else . end'
		jq -nc '{type: "score", user_id: "user-0000", stage: "demosearch"} + (
			{seed: -3, correct: 6, n: 10, score: 60, demos: []},
			{seed: 0, correct: 8, n: 10, score: 80, demos: [{index: 2, kind: "labeled"}]},
			{seed: 1, correct: 1, n: 4, score: null, demos: [{index: 1, kind: "labeled"}], pruned: {reason: "bound", bound: 70, best: 80}},
			{seed: 2, correct: 0, n: 0, score: null, demos: [], pruned: {reason: "budget", bound: 100, best: 80}})'
	} >in.jsonl
	sm-report --html page.html in.jsonl
	browser page.html >out <<-'END'
		click #users tbody a
		wait document.querySelector("#record > *")
		print [...document.querySelectorAll("#record .tried")].map(s => [".got", ".lost"].map(c => Number(s.querySelector(c).getAttribute("width"))))
		print [...document.querySelectorAll("#record .tried")].map(s => s.querySelectorAll(".beat").length)
		print [...document.querySelectorAll("#record tr:has(.tried)")].map(r => [...r.cells].map(c => c.textContent).filter(Boolean).join(" "))
		log
	END
	cat >want <<-'END'
		[[72,48],[96,24],[12,36],[0,0]]
		[0,0,1,1]
		["no examples 6 of 10 60.0","seed 0 2 8 of 10 80.0 ✓ taken","seed 1 1 1 of 4 stopped after 4 pairs: could reach 70 at most, with 80 to beat","seed 2 not tried: the budget might not have sufficed"]
	END
	jq -c . out | diff - want
}

@test "in a browser: a message stands once, and a persona of one pair says so" {
	made_up 2 1 | jq -c 'if .type == "persona" and .user_id == "user-0000" then .history = [3] else . end
		| if .type == "pair" then .chosen = .context + [.chosen] | .rejected = .context + [.rejected] else . end
		| if .type == "demos" then .demos |= map(.context = [{role: "user", content: "Asked once"}] | .first = .context + [{role: "assistant", content: "yes"}]) else . end' >in.jsonl
	sm-report --html page.html in.jsonl
	browser page.html >out <<-'END'
		click #users a[href="#u0"]
		wait document.querySelector("#record > *")
		print [...document.querySelectorAll("#record .small")].map(s => s.textContent).filter(s => s.startsWith("Written"))
		print document.querySelectorAll("details").forEach(d => d.open = true)
		print document.querySelector("#record").innerText.split("Asked once").length - 1
		print (() => { const text = document.querySelector("article .turn .text").textContent; return document.querySelector("article").innerText.split(text).length - 1 })()
		click #after
		wait document.querySelector("#record").textContent.includes("Written from pairs")
		print [...document.querySelectorAll("#record .small")].map(s => s.textContent).filter(s => s.startsWith("Written"))
	END
	demos=$(grep '"demos"' in.jsonl | head -n 1 | jq '.demos | length')
	cat >want <<-END
		["Written from pair 3."]
		null
		$demos
		1
		["Written from pairs 0, 1, 2 and 3."]
	END
	diff out want
}

@test "in a browser: a turn stands once, however the conversation is given" {
	turn() { jq -nc --arg r "$1" --arg t "$2" '{role: $r, content: $t}'; }
	u=$(turn user 'Asked first') a=$(turn assistant 'Answered first') v=$(turn user 'Asked then') x=$(turn assistant 'Reply one') y=$(turn assistant 'Reply two')
	i=0
	while IFS='|' read -r context first second; do
		jq -nc --argjson c "$context" --argjson x "$first" --argjson y "$second" --argjson i "$i" \
			'{type: "pair", user_id: "once", index: $i, split: "test", context: $c, chosen: $x, rejected: $y}, {type: "verdict", user_id: "once",
			stage: "judge", index: $i, order: "forward", preference: "First", prediction: 1, label: "First", correct: true, status: "ok", reasoning: "r"}'
		i=$((i + 1))
	done >in.jsonl <<-END
		[$u,$a,$v]|$x|$y
		[$u,$a,$v]|[$u,$a,$v,$x]|[$u,$a,$v,$y]
		[$u,$a,$v]|[$v,$x]|[$v,$y]
		[]|[$u,$a,$v,$x]|[$u,$a,$v,$y]
		[$u]|[$u,$a,$v,$x]|[$u,$a,$v,$y]
		[$u,$a,$v]|[$u,$a,$v,$x]|$y
	END
	sm-report --html page.html in.jsonl
	browser page.html >out <<-'END'
		click #users a[href="#u0"]
		wait document.querySelectorAll("#record article").length
		print [...document.querySelectorAll("#record article")].map(a => ["Asked first", "Answered first", "Asked then", "Reply one", "Reply two"].map(t => a.textContent.split(t).length - 1).join("")).join(" ")
		log
	END
	[ "$(cat out)" = '"11111 11111 11111 11111 11111 11111"' ] || { cat out; false; }
}

@test "in a browser: what a persona was written from, of none, of one, and of many" {
	i=0
	while read -r history; do
		jq -nc --argjson h "$history" --arg u "user-$((i++))" '{type: "persona", user_id: $u, persona: "P", history: $h}'
	done >in.jsonl <<-'END'
		[]
		[0]
		[4,0]
		[0,1,2,3,4,5,6,7,8,12]
		[9,8,7,6,5,4,3,2,1,0]
		[0,2,4,6,8,10,12,14]
		null
	END
	sm-report --html page.html in.jsonl
	browser page.html >out <<-'END'
		print (async () => { const all = []; for (const user of users) { show(user, await recordsOf(user)); all.push([...document.querySelectorAll("#record .small")].map(p => p.textContent).join()); } return all })()
		log
	END
	jq -c '.[]' out >shown
	diff shown - <<-'END'
		"Written from no pair."
		"Written from pair 0."
		"Written from pairs 4 and 0."
		"Written from pairs 0 to 8 and 12."
		"Written from pairs 0 to 9."
		"Written from pairs 0, 2, 4, 6, 8, 10, 12 and 14."
		""
	END
}

@test "in a browser: of personas that were tried the last is shown, the others folded, and each revision beside what it revises" {
	sm-report --html page.html "$top/tests/report/learned.jsonl"
	browser page.html >out <<-'END'
		click #users a[href="#u0"]
		wait document.querySelector("#record article")
		print document.querySelector("#record > .persona").textContent
		print [...document.querySelectorAll("#record > details")].map(d => [d.open, d.querySelector("summary").textContent])
		print [...document.querySelectorAll("#record tr:has(.tried)")].map(r => [...r.cells].map(c => c.textContent).filter(Boolean).join(" "))
		print [...document.querySelectorAll("#record .tried.won")].length
		print [...document.querySelectorAll("#record > details > details > .persona")].map(p => p.textContent)
		print [...document.querySelectorAll("#record details:has(ins)")].map(d => [...d.querySelectorAll("del")].map(e => "-" + e.textContent).concat([...d.querySelectorAll("ins")].map(e => "+" + e.textContent)))
		print [...document.querySelectorAll("#record details:has(ins) > p.small, #record details:has(ins) li")].map(e => e.textContent)
		log
	END
	diff out - <<-'END'
		"Wants short answers that are to the point. Dislikes being asked back. One sentence is best."
		[[false, "3 personas tried"], [false, "Revision 1 of the first persona · ✗ dropped: worse on validation"], [true, "Revision 2 of the first persona · ✓ kept: better on the train pairs that were held back, not worse on validation"]]
		["candidate 1 3 of 4 1 of 1 75.0 ✓ taken", "candidate 0 2 of 4 1 of 1 50.0", "candidate 2 0 of 2 0 of 1 stopped after 2 pairs: could reach 50 at most, with 75 to beat"]
		1
		["Wants short answers that are to the point. Dislikes being asked back, and likes a friendly word.", "Wants short answers and dislikes questions in return.", "Wants every detail and asks for more."]
		[["-Dislikes being ", "-, and likes a friendly word", "+Likes to be "], ["-, and likes a friendly word", "+One sentence is best."]]
		["2 of 2 train pairs right · 2 of 4 validation pairs right", "What misled, in the model’s words", "Written to mend pair 1.", "2 of 2 train pairs right · 3 of 4 validation pairs right", "What changed", "No friendly word any more.", "One sentence.", "What misled, in the model’s words", "Written to mend pairs 1 and 0."]
	END
}

@test "in a browser: a revision of a revision, one over time, and one that shares no word" {
	jq -nc '{type: "persona", user_id: "u", persona: "one two three"}, {type: "revision", user_id: "u", revision: 1, of: 0, persona: "one two four", kept: true},
		{type: "revision", user_id: "u", revision: 2, of: 1, persona: "one two four five", kept: true}, {type: "persona", user_id: "u", persona: "one two four five", revision: 2},
		{type: "revision", user_id: "u", revision: 1, of: 0, persona: "one two four six", kept: true, changed: "Six."}, {type: "persona", user_id: "u", persona: "one two four six", revision: 1},
		{type: "revision", user_id: "u", revision: 1, of: 0, persona: "all is new here", kept: false}, {type: "revision", user_id: "u", revision: 2, of: 7, persona: "of nobody", kept: false}' >in.jsonl
	sm-report --html page.html in.jsonl
	browser page.html >out <<-'END'
		click #users a[href="#u0"]
		wait document.querySelector("#record details")
		print [...document.querySelectorAll("#record > details")].map(d => ["del", "ins"].map(n => [...d.querySelectorAll(n)].map(e => e.textContent.trim()).join()).join(">"))
		print [...document.querySelectorAll("#record > details .small")].map(e => e.textContent).filter(Boolean)
		log
	END
	diff out - <<-'END'
		["three>four", ">five", "five>six", ">", ">"]
		["What changed", "Written anew:"]
	END
}

@test "in a browser: a rubric has bars, and each verdict its scores" {
	sm-report --html page.html "$top/tests/report/learned.jsonl"
	browser page.html >out <<-'END'
		click #users a[href="#u1"]
		wait document.querySelector("#record article")
		print [...document.querySelectorAll("#record tr:has(.weight)")].map(r => [...r.cells].map(c => c.textContent).filter(Boolean).join("|"))
		print [...document.querySelectorAll("#record .weight rect")].map(b => [b.getAttribute("class"), Number(b.getAttribute("x")), Number(b.getAttribute("width"))].join(" "))
		print [...document.querySelectorAll("#record > .soft:not([hidden])")].map(p => p.textContent)
		print [...document.querySelectorAll("#record article:first-of-type .scores")].map(t => [...t.querySelectorAll("tbody tr")].map(r => [...r.cells].map(c => c.textContent + (c.classList.contains("greater") ? "*" : "")).join(" ")))
		print [...document.querySelectorAll("#record article:first-of-type .two .small")].map(p => p.textContent)
		click #before
		wait document.querySelector("#user-name").textContent == "brief" && document.querySelector("#record article")
		print document.querySelector("#record article .two .small").textContent
		log
	END
	[ "$(held page.html rows | jq -c 'map(.about)')" = '["Wants short answers that are to the point. Dislikes being asked back. One sentence is best.","Rubric: Depth, Questions, Brevity","Wants short answers."]' ]
	diff out - <<-'END'
		["DepthSays why, and what it depends on.|1.25|3.00", "QuestionsAsks back where something is not known.|0.50|2.00", "BrevitySays it in one sentence.|−0.75|−1.00"]
		["got 60 60", "got 60 24", "lost 24 36"]
		["The fitted weights have 2 of 2 pairs right, lambda 1", "Cluster 1: no neighbour was found"]
		[["Depth 4* 1", "Questions 3* 1", "Brevity 1 5*"], ["Depth 1 4*", "Questions 1 3*", "Brevity 5* 1"]]
		["by the rubric · probability of the first: 93.0%", "by the rubric · probability of the first: 7.0%"]
		"examples: pairs 0 and 1, the nearest · 3 personas voted · probability of the first: 90.0%"
	END
}

@test "in a browser: neighbours and prototypes are links to their users" {
	sm-report --html page.html "$top/tests/report/learned.jsonl"
	browser page.html >out <<-'END'
		print [...document.querySelectorAll("#summary details summary")].map(s => s.textContent)
		click #summary details:last-of-type summary
		print document.querySelector("#summary details[open]").innerText.split("\n").filter(Boolean)
		click #summary details[open] .links a
		wait document.querySelector("#user-name").textContent == "thorough" && document.querySelector("#record article")
		click #before
		wait document.querySelector("#record td")
		print [...document.querySelectorAll("#record h3")].map(h => h.textContent)
		print [...document.querySelectorAll("#record [aria-label=Neighbours] tbody tr")].map(r => [...r.cells].map(c => c.textContent).join(" ") + (r.querySelector("a") ? " link" : ""))
		click #record [aria-label=Neighbours] a
		wait document.querySelector("#user-name").textContent == "dry" && document.querySelector("#record article")
		print [...document.querySelectorAll("#record > .small")].map(p => p.textContent)
		log
	END
	diff out - <<-'END'
		["Cluster 0, 2 users: Wants short answers that are to the point.", "Cluster 1, 1 user: Wants to know why."]
		["Cluster 1, 1 user", "Wants to know why.", "In the middle: thorough", "thorough"]
		["Persona", "Revisions", "Neighbours", "Verdicts"]
		["dry 3 of 4 75.0 link", "not here 1 of 4 25.0"]
		["The persona of cluster 0, of 2 other users: 3 of 4 choices right. Tried besides: cluster 1, 1 of 2.", "Written from no pair."]
	END
}

@test "in a browser: the page says what the programs did, with whose persona and by which judge" {
	mock_start --decide planted:p=0.3:a=0.2
	"$top/tests/tools/planted" --users 4 --pairs 12 --noise 0.1 | sm-split -q --test 3 | sm-bootstrap -q | sm-persona -q --candidates 3 --revise 2 |
		sm-persona -q --form rubric | sm-demosearch -q --seeds -2..-2 | sm-neighbors -q >learned.jsonl
	cat >steps <<-'END'
		click #users a[href="#u0"]
		wait document.querySelector("#record article")
		print [...document.querySelectorAll("#record h3")].map(h => h.textContent).filter(t => t.startsWith("Examples"))
		print [...document.querySelectorAll("#record [aria-label=Neighbours] thead th")].map(c => c.textContent)
		print [...document.querySelectorAll("#record [aria-label=Neighbours] tbody tr")].map(r => [...r.cells].map(c => c.textContent).join(" "))
		print [...document.querySelectorAll("#record > details > summary")].map(s => s.textContent).filter(t => t.includes("tried"))
		print [...document.querySelectorAll("#record article .two .small")].length
		log
	END
	neighbors=$(jq -c 'select(.type == "neighbors" and .user_id == "planted-0000") | [.neighbors[] | "\(.user_id) \(.correct) of \(.n) \(.score * 10 | round / 10 | tostring | if contains(".") then . else . + ".0" end)"]' learned.jsonl)
	jq -es 'any(.[]; .type == "rubric" and .user_id == "planted-0000" and (.criteria | length > 0))' learned.jsonl
	for judge in '' --no-rubric '--no-rubric --examples nearest:2'; do
		# shellcheck disable=SC2086 # several options
		sm-judge -q $judge learned.jsonl >judged.jsonl
		sm-report --html page.html judged.jsonl
		browser page.html <steps >out
		examples='Examples that were learned'
		[ "$judge" != --no-rubric ] || examples='Examples that the judge is shown'
		jq -c . out | diff - <(printf '%s\n' "[\"$examples\"]" '["Persona of","Choices of this user that it predicts","Score"]' "$neighbors" '["3 personas tried"]' 6)
	done
}

@test "in a browser: the persona of a cold start says whose it is" {
	mock_start --decide planted:p=0.1
	"$top/tests/tools/planted" --users 6 --pairs 10 --noise 0.1 | sm-split -q | sm-bootstrap -q | sm-persona -q | sm-neighbors -q --clusters 2 >known.jsonl
	"$top/tests/tools/planted" --users 4 --pairs 3 --seed 9 --noise 0.1 | sed 's/planted-/new-/' | sm-split -q --test 1 | sm-neighbors -q --cold known.jsonl >cold.jsonl
	sm-report --html page.html cold.jsonl
	browser page.html >out <<-'END'
		print (async () => { const all = []; for (const user of users) { show(user, await recordsOf(user)); all.push(...[...document.querySelectorAll("#record > .small")].map(p => p.textContent)); } return all.filter(t => t.startsWith("The persona of")) })()
		log
	END
	jq -cs '[.[] | select(.type == "persona").from | .[0] as $f | "The persona of cluster \($f.cluster), of \($f.users) other user\(if $f.users == 1 then "" else "s" end): \($f.correct) of \($f.n) choices right. Tried besides: cluster \(.[1].cluster), \(.[1].correct) of \(.[1].n)."]' cold.jsonl >want
	jq -c . out | diff - want
	[ "$(jq length want)" -ge 1 ]
}

@test "in a browser: Find finds what stands in a rubric, a revision and a persona that was folded" {
	sm-report --html page.html "$top/tests/report/learned.jsonl"
	found=(cloth:3 misled:1 'every detail:1' brevity:1 known:1 'held back:1' 'sentence friendl:1' nowhere:0)
	for word in "${found[@]%:*}"; do
		cat <<-END
			print document.querySelector("#find").value = ""
			type #find $word
			wait wanted.words.length && wanted.done == wanted.todo
			print document.querySelector("#find").value + ":" + document.querySelectorAll("#users tbody a").length
		END
	done >steps
	browser page.html <steps >out
	diff <(grep -vx '""' out) <(printf '"%s"\n' "${found[@]}")
}

@test "in a browser: no member of any shape breaks the page" {
	python3 - "$top/tests/report/learned.jsonl" >in.jsonl <<-'END'
		import copy, itertools, json, sys
		records = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
		odd = [None, 0, -1, 1e300, "", "text", [], {}, [None], [[]], [1, 2, 3], {"a": [1]}, True, ["t", 5, {"content": "c"}],
		       {"first": 1, "n": None, "reason": "toString"}, "__proto__", {"__proto__": {"x": 1}, "constructor": 1}]
		def places(value, path=()):
		    yield path
		    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
		    for key, member in inner:
		        yield from places(member, path + (key,))
		seen, number = set(), itertools.count()
		for record in records:
		    for path in places(record):
		        if record["type"] in ("pair", "prototype") or not path or path[0] in ("type", "user_id") or (record["type"], path) in seen:
		            continue
		        seen.add((record["type"], path))
		        for value in [*odd, ...]:
		            changed = copy.deepcopy(record)
		            inner = changed
		            for key in path[:-1]:
		                inner = inner[key]
		            if value is ...:
		                del inner[path[-1]]
		            else:
		                inner[path[-1]] = value
		            user = f"odd-{next(number)}"
		            for other in records:
		                if other["user_id"] == record["user_id"]:
		                    print(json.dumps({**(changed if other is record else other), "user_id": user}))
		for prototype in ({"cluster": {}, "users": 7}, {"users": [None, {}, ["a"]], "medoid": [1], "persona": {"a": 1}}, {"persona": None, "medoid": None}):
		    print(json.dumps({"type": "prototype", "user_id": None, **prototype}))
	END
	run -1 sm-report -q --html page.html in.jsonl # verdicts of the wrong shape are told
	browser page.html >out <<-'END'
		print users.length > 1000
		print document.querySelectorAll("#summary details").forEach(d => d.open = true)
		print (async () => { const bad = []; for (const user of users) { try { show(user, await recordsOf(user)); if (!byId("record").textContent.includes("Verdicts")) bad.push(user.user); } catch (error) { bad.push(user.user + ": " + error.stack); } } return bad.slice(0, 5) })()
		log
	END
	[ "$(paste -sd ' ' out)" = 'true null []' ] || { cat out; false; }
}
