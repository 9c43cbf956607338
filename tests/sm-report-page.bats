# The page of sm-report in a browser.
load helper
load report

setup_file() {
	browser_start
}

teardown_file() {
	browser_end
}

@test "in a browser: sort, filter, open, step and close, by pointer and by keyboard" {
	{
		made_up 3 2
		echo '{"type":"error","user_id":"broken","stage":"bootstrap","message":"no luck","remedy":"try again"}'
	} >in.jsonl
	sm-report --html page.html in.jsonl
	browser page.html >out <<-'END'
		print document.querySelector("#lead").textContent
		click #users thead th.accuracy button
		print [...document.querySelectorAll("#users tbody td.accuracy")].map(c => c.textContent)
		print document.querySelector("#users th.accuracy").ariaSort
		click #users thead th.accuracy button
		print [...document.querySelectorAll("#users tbody td.accuracy")].map(c => c.textContent)
		click #users thead th button
		print [...document.querySelectorAll("#users tbody th a")].map(c => c.textContent)
		print [...document.querySelectorAll("#users th[aria-sort]")].map(c => c.ariaSort).filter(s => s != "none")
		type #find 0002
		wait document.querySelector("#searched").hidden
		print [...document.querySelectorAll("#users tbody tr")].filter(r => !r.hidden).map(r => r.cells[0].textContent)
		print document.querySelector("#count").textContent
		key Backspace
		key Backspace
		key Backspace
		key Backspace
		print document.querySelector("#count").textContent
		click #only option[value=failed]
		print [...document.querySelectorAll("#users tbody tr")].filter(r => !r.hidden).map(r => r.cells[0].textContent)
		click #only option[value=""]
		click #users a[href="#u1"]
		wait document.querySelector("#record > *")
		print document.querySelector("#user-name").textContent
		print document.querySelectorAll("#record article").length
		print [...document.querySelectorAll("#record h3")].map(h => h.textContent)
		click #after
		wait location.hash == "#u2" && document.querySelector("#user-name").textContent != "user-0001"
		print document.querySelector("#user-name").textContent
		print document.querySelector("#after").disabled
		key Escape
		wait !document.querySelector("#user").open
		print [location.hash, document.activeElement.textContent]
		key Enter
		wait document.querySelector("#record > *")
		print history.back()
		wait !document.querySelector("#user").open
		click #users a[href="#u3"]
		wait document.querySelector("#record > *")
		print document.querySelector("#record").textContent
		click #close
		print document.querySelector("#users thead th.pairs button").focus()
		key Enter
		print document.querySelector("#users th.pairs").ariaSort
		print getComputedStyle(document.activeElement).outlineStyle
		log
	END
	a=$(all_held page.html |
		jq -c '[."records-0", ."records-1", ."records-2" | .[] | select(.type == "result").accuracy * 1000 | round / 10]')
	# tonumber + 0: jq 1.7 and later would keep the spelling, 50.0
	mapfile -t lines <out
	[ "${lines[0]}" = '"4 users, 6 judged pairs, 12 verdicts"' ]
	[ "$(jq -c '[.[] | select(. != "" and . != null) | rtrimstr("%") | tonumber + 0]' <<<"${lines[1]}")" = "$(jq -c 'sort | reverse' <<<"$a")" ]
	[ "${lines[2]}" = '"descending"' ]
	[ "$(jq -c '[.[] | select(. != "" and . != null) | rtrimstr("%") | tonumber + 0]' <<<"${lines[3]}")" = "$(jq -c sort <<<"$a")" ]
	[ "${lines[4]}" = '["broken", "user-0000", "user-0001", "user-0002"]' ]
	[ "${lines[5]}" = '["ascending"]' ]
	[ "${lines[6]}" = '["user-0002"]' ]
	[ "${lines[7]}" = '"1 of 4"' ]
	[ "${lines[8]}" = '""' ]
	[ "${lines[9]}" = '["brokenfailed"]' ]
	[ "${lines[10]}" = '"user-0001"' ]
	[ "${lines[11]}" = 2 ]
	[ "${lines[12]}" = '["Persona", "Examples that the judge is shown", "Verdicts", "The search'$'\xe2\x80\x99''s scores"]' ]
	[ "${lines[13]}" = '"user-0002"' ]
	[ "${lines[14]}" = true ]
	[ "${lines[15]}" = '["", "user-0002"]' ]
	[[ ${lines[17]} == *"bootstrap failed: no luck; try again"* ]]
	[ "${lines[19]}" = '"descending"' ]
	[ "${lines[20]}" = '"solid"' ]
	[ "${#lines[@]}" -eq 21 ] # the console was told nothing
}

@test "in a browser: what models and people wrote is shown, never run" {
	hostile='<script>window.pwned=1</script></script><!--<script>]]><img src=x onerror="window.pwned=2"><svg onload=alert(1)>&lt;b&amp;"'"'"'`${1}\u2028\u202e\u0000end'
	made_up 1 1 | jq -c --argjson bad "$(jq -n --arg t "$hostile" '$t | sub("\\\\u2028"; "\u2028") | sub("\\\\u202e"; "\u202e") | sub("\\\\u0000"; "\u0000")')" '
		def spoil: if type == "string" then $bad elif type == "array" then map(spoil) elif type == "object" then map_values(spoil) else . end;
		if .type == "pair" then .context |= map(.content = $bad) | .chosen.content = $bad | .rejected = $bad
		elif .type == "verdict" then .reasoning = $bad | .model = $bad
		elif .type == "demos" then .demos |= map(.first = $bad | .second = {role: $bad, content: $bad} | .context = $bad | .reasoning = $bad)
		elif .type == "persona" then .persona = $bad | .reasoning = $bad | .history = [$bad, null, {}]
		elif .type == "score" then .pruned = {reason: $bad} | .demos = $bad else . end
		| .user_id = ($bad | gsub("\u0000"; ""))' >in.jsonl
	jq -nc --arg t "$hostile" '{type: "run", user_id: null, program: $t, options: {($t): $t}, model: $t, tokens: $t},
		{type: "result", user_id: null, file: $t, accuracy: 0.5, ci: $t, learned_from: 3},
		{type: "comparison", user_id: null, a: $t, b: $t, difference: 0.1, ci: {low: 0, high: $t}}' >>in.jsonl
	sm-report --title "$hostile" --html page.html in.jsonl
	browser page.html >out <<-'END'
		wait document.readyState == "complete"
		click #users tbody a
		wait document.querySelector("#record > *")
		print document.querySelectorAll("details").forEach(d => d.open = true)
		print window.pwned === undefined
		print document.querySelectorAll("img, #record script, #summary script, [onload], [onerror]").length
		print document.scripts.length
		print document.querySelector(".persona").textContent
		print document.querySelector("#record article").textContent.split("<script>window.pwned=1</script>").length
		print document.querySelector("h1").textContent.includes("<script>window.pwned=1</script>")
		log
		print (() => { try { const s = document.createElement("script"); s.text = "window.pwned = 3"; document.body.append(s) } catch (e) { return e.name } })()
		print (() => { try { document.body.innerHTML = "<p>x" } catch (e) { return e.name } })()
		print window.pwned === undefined
	END
	mapfile -t lines <out
	[ "${lines[1]}" = true ]
	[ "${lines[2]}" = 0 ]
	[ "${lines[3]}" = 4 ] # the page's own, the table's rows, the shared records, the user's
	[ "${lines[4]}" = "$(jq -n --arg t "${hostile%%\\u2028*}" '$t + "\ufffd\ufffd\ufffdend"' | jq -r tojson)" ]
	[ "${lines[5]}" -eq 6 ] # context, both replies, both reasons
	[ "${lines[6]}" = true ]
	[ "${lines[7]}" = '"TypeError"' ] # nothing in the console before that
	[ "${lines[8]}" = '"TypeError"' ]
	[ "${lines[9]}" = true ]
}

@test "in a browser: records of unexpected shape are shown as they are" {
	cat >in.jsonl <<-'END'
		{"type":"persona","user_id":"odd","persona":{"a":[1]},"history":"none"}
		{"type":"demos","user_id":"odd","stage":"import","demos":[null,7,{"context":"as text","first":1,"preference":"Second"}]}
		{"type":"score","user_id":"odd","stage":1,"seed":"x","demos":5}
		{"type":"result","user_id":"odd","accuracy":"high","ci":[],"debiased":7,"tokens":null}
		{"type":"pending","user_id":"odd","waiting":1,"note":1e300}
		{"type":"error","user_id":"odd","message":17}
		{"user_id":"odd","context":[],"first":"a","second":"b"}
		{"type":"verdict","user_id":"odd","index":0,"order":"forward","preference":"Tie","prediction":0,"label":null,"correct":null,"status":"unparsed","votes":{},"reasoning":null}
	END
	run sm-report --html page.html in.jsonl
	[ "$status" -eq 5 ]
	browser "page.html" >out <<-'END'
		click #users tbody a
		wait document.querySelector("#record > *")
		print document.querySelector(".persona").textContent
		print document.querySelectorAll("#record article").length
		log
	END
	[ "$(cat out)" = '"{\"a\":[1]}"
1' ]
}

@test "in a browser: a link opens its user, nothing is wider than a phone, dark is dark" {
	made_up 3 2 | jq -c 'if .type == "pair" then .chosen.content += ("x" * 400) else . end
		| if .user_id == "user-0001" then .user_id = "a-very-long-name-" * 9 else . end' >in.jsonl
	sm-eval in.jsonl in.jsonl >figures.jsonl
	sm-report --html page.html in.jsonl figures.jsonl
	browser --size 360x740 --dark page.html >out <<-'END'
		print document.documentElement.scrollWidth
		print getComputedStyle(document.body).backgroundColor
		print location.hash = "#u1"
		wait document.querySelector("#record > *")
		print document.querySelectorAll("details").forEach(d => d.open = true)
		print document.querySelector("#user").scrollWidth
		print document.querySelector("#user").checkVisibility() && document.querySelector("#close").getBoundingClientRect().right <= 360
		print location.reload()
		wait document.readyState == "complete" && document.querySelector("#record > *")
		log
	END
	[ "$(sed -n '1,2p;5,6p' out)" = '360
"rgb(20, 23, 27)"
360
true' ]
	[ "$(wc -l <out)" -eq 7 ]
	browser page.html >out <<<'print getComputedStyle(document.body).backgroundColor'
	[ "$(cat out)" = '"rgb(255, 255, 255)"' ]
}

@test "800 users and 19,200 verdicts take little memory, and are drawn as they come into view" {
	made_up 800 12 | sed '/"user-0777"/s/"reasoning":"/&A zebra, said the judge. /' >in.jsonl
	[ "$(grep -c '"type":"verdict"' in.jsonl)" -eq 19200 ]
	peak=$(python3 -c 'import resource, subprocess
subprocess.run(["sm-report", "--html", "page.html", "in.jsonl"], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)')
	[[ $B == *asan* ]] || [ "$peak" -lt 40 ] || { echo "$peak MB"; false; }
	[ "$(stat -c %s page.html)" -lt $(($(stat -c %s in.jsonl) / 3)) ]
	browser page.html >out <<-'END'
		wait document.readyState == "complete"
		print document.querySelectorAll("#users tbody tr").length < 200
		print document.querySelector("#users").getAttribute("aria-rowcount")
		print document.querySelector("#users a[href='#u799']")
		print void scrollTo(0, document.body.scrollHeight)
		wait document.querySelector("#users a[href='#u799']")
		print document.querySelector("#users a[href='#u799']").closest("tr").getAttribute("aria-rowindex")
		wait !document.querySelector("#users a[href='#u400']")
		click #users a[href="#u799"]
		wait document.querySelectorAll("#record article").length == 12
		print document.querySelector("#after").disabled
		key Escape
		print document.activeElement.textContent
		print void scrollTo(0, 0)
		wait !document.querySelector("#users a[href='#u400']")
		print document.querySelector("#users a[href='#u799']") === document.activeElement
		click #users thead th button
		click #users thead th button
		print document.querySelector("#users tbody a").textContent
		type #find ZEBRA
		wait document.querySelector("#searched").hidden
		print [...document.querySelectorAll("#users tbody a")].map(a => a.textContent)
		print document.querySelector("#count").textContent
		click #only option[value=failed]
		print document.querySelectorAll("#users tbody a").length
		click #only option[value=""]
		print document.querySelector("#count").textContent
		click #users tbody a
		wait document.querySelector("#record > *")
		print [...CSS.highlights.get("found")].length
		print [...new Set([...CSS.highlights.get("found")].map(String))]
		key Escape
		type #find quagga
		wait document.querySelector("#searched").hidden
		print document.querySelector("#count").textContent
		print document.querySelectorAll("#users tbody tr").length
		log
	END
	grep -v '^null$' out >shown
	cat >want <<-'END'
		true
		"801"
		"801"
		true
		"user-0799"
		true
		"user-0799"
		["user-0777"]
		"1 of 800"
		0
		"1 of 800"
		26
		["zebra"]
		"Nothing found in names, personas, reasons and texts"
		0
	END
	diff shown want
}

@test "in a browser: the runs of shares are one, with their sums" {
	{
		made_up 2 2 | grep -v '"type":"run"'
		for k in 0 1 2; do
			jq -nc --argjson k "$k" '{type: "run", user_id: null, program: "sm-judge", version: "1", options: {order: "both", shard: "\($k)/3"}, model: "m", calls: 10, hits: 1, tokens: {in: 5, out: 1}, cost: 0.5, seconds: 2}'
		done
		jq -nc '{type: "run", user_id: null, program: "sm-judge", version: "1", options: {order: "both"}, model: "m", calls: 7, hits: 0, tokens: {in: 1, out: 1}, cost: 0, seconds: 1}'
	} >in.jsonl
	sm-report --html page.html in.jsonl
	browser page.html >out <<-'END'
		print [...document.querySelectorAll("details table tbody tr")].map(r => [...r.cells].map(c => c.textContent).join(" ")).filter(t => t.startsWith("sm-judge"))
	END
	[ "$(cat out)" = '["sm-judge, 3 shares m 30 3 15 3 $1.5000 6.0", "sm-judge m 7 0 1 1 $0.0000 1.0"]' ] || { cat out; false; }
}

@test "in a browser: records that cannot be unpacked are told, and the others open" {
	made_up 2 1 >in.jsonl
	sm-report --html whole.html in.jsonl
	sed 's/id="records-0">..../&AAAA/' whole.html >page.html
	browser page.html >out <<-'END'
		click #users a[href="#u0"]
		wait document.querySelector("#record > *")
		print document.querySelector("#record").textContent.startsWith("The records of this user cannot be read: ")
		click #after
		wait document.querySelector("#record article")
		key Escape
		type #find zebra
		wait document.querySelector("#searched").hidden
		print document.querySelector("#count").textContent
		log
	END
	[ "$(cat out)" = 'true
"Nothing found in names, personas, reasons and texts"' ]
}

@test "in a browser without JavaScript the page says what it lacks, and shows the plots" {
	made_up 2 1 >in.jsonl
	sm-report --html page.html in.jsonl
	browser --no-script page.html >out <<-'END'
		print document.querySelector("noscript .note").checkVisibility()
		print document.querySelector("noscript").textContent.includes("need JavaScript")
		print document.querySelectorAll("figure svg circle").length >= 2
		print document.querySelector("#users").checkVisibility()
	END
	[ "$(paste -sd " " out)" = "true true true false" ]
}

@test "in a browser: axe finds nothing to complain of, light, dark, on a phone, and of an opened user" {
	command -v chromedriver >/dev/null || skip "no browser: examples/install-needs browser"
	timeout 60 npm pack --silent axe-core@4.10.3 >/dev/null 2>&1 || skip "no axe-core: npm cannot fetch it"
	tar xzf axe-core-*.tgz package/axe.min.js
	made_up 60 3 >a.jsonl
	jq -c 'if .index == 7 then del(.p_first) else . end' a.jsonl >b.jsonl
	sm-eval a.jsonl b.jsonl >figures.jsonl
	sm-report -q --against b.jsonl --html page.html a.jsonl figures.jsonl
	sm-report -q --html learned.html "$top/tests/report/learned.jsonl"
	# In each look: what axe complains of, and whether the opened user is no wider than the screen.
	complaints='print axe.run().then((found) => [innerWidth, matchMedia("(prefers-color-scheme: dark)").matches, ...found.violations.map((v) => v.id + ": " + v.nodes[0].target)])
		print document.querySelector("#user").scrollWidth <= innerWidth'
	in_each_look=$(for look in "" "--dark" "--size 390x740" "--size 390x740 --dark"; do printf '%s\n' "look $look" "$complaints"; done)
	all_well='[1280, false] true [1280, true] true [390, false] true [390, true] true'
	browser page.html >out <<-END
		run package/axe.min.js
		$in_each_look
		print document.querySelectorAll("#summary details").forEach(d => d.open = true)
		click #users tbody a
		wait document.querySelector("#record article")
		print document.querySelectorAll("#record details").forEach(d => d.open = true)
		$in_each_look
	END
	[ "$(paste -sd ' ' out)" = "$all_well null null $all_well" ] || { cat out; false; }
	browser learned.html >out <<-END
		run package/axe.min.js
		print document.querySelectorAll("#summary details").forEach(d => d.open = true)
		$in_each_look
		click #users a[href="#u0"]
		wait document.querySelector("#record article")
		print document.querySelectorAll("#record details").forEach(d => d.open = true)
		$in_each_look
		click #after
		wait document.querySelector("#record .scores")
		$in_each_look
	END
	[ "$(paste -sd ' ' out)" = "null $all_well null $all_well $all_well" ] || { cat out; false; }
}
