# The page of sm-report in a browser: its judge, and another one.
load helper
load report

setup_file() {
	browser_start
}

teardown_file() {
	browser_end
}

@test "in a browser: the other judge's words, file and label are shown, never run" {
	bad='<img src=x onerror="window.pwned=1"><script>window.pwned=2<'
	made_up 1 1 >in.jsonl
	made_up 1 1 | jq -c --arg bad "$bad" 'select(.type == "verdict") | .reasoning = $bad' >"$bad.jsonl"
	cp "$bad.jsonl" b.jsonl
	sm-report --against "$bad.jsonl" --html page.html in.jsonl
	sm-report --against b.jsonl --label '</script><script>window.pwned()</script>=b.jsonl' --html label.html in.jsonl
	for page in page.html label.html; do
		browser "$page" >out <<-'END'
			wait document.readyState == "complete"
			type #find onerror
			wait document.querySelector("#searched").hidden
			click #users tbody a
			wait document.querySelector("#record > *")
			print window.pwned === undefined
			print document.querySelectorAll("img, #record script, #summary script, [onload], [onerror]").length
			print document.scripts.length
			print [...document.querySelectorAll("#record .text")].filter(t => t.textContent.startsWith("<img src=x onerror")).length
			print [...document.querySelectorAll("#record h5")].at(-1).textContent
			log
		END
		head -n 4 out | paste -sd ' ' >first
		[ "$(<first)" = 'true 0 4 2' ]
		[ "$(wc -l <out)" -eq 5 ]
	done
	[ "$(tail -n 1 out)" = '"</script><script>window.pwned()</script>"' ]
}

@test "in a browser: two judges side by side, and where they differ" {
	made_up 2 3 >a.jsonl
	made_up 2 3 | jq -c 'select(.type == "verdict") | .reasoning = "The other: " + .reasoning
		| if .index == 7 then .correct |= not | .prediction |= -. | .preference = (if .preference == "First" then "Second" else "First" end) | .p_first = 1 - .p_first else . end' >b.jsonl
	sm-report --against b.jsonl --label "it's <b>=b.jsonl" --html page.html a.jsonl
	browser page.html >out <<-'END'
		print [...document.querySelectorAll("#summary .judge, #summary h2")].map(e => e.textContent)
		print [...document.querySelectorAll("#summary .wide thead th")].map(e => e.textContent)
		print [...document.querySelectorAll("#users tr")].map(r => [...r.querySelectorAll(".gained, .lost")].map(c => c.textContent))
		print [...document.querySelectorAll("#only option")].map(o => o.textContent).slice(-2)
		click #only option[value=better]
		print [...document.querySelectorAll("#users tbody a")].map(a => a.textContent)
		click #only option[value=""]
		click #users a[href="#u1"]
		wait document.querySelector("#record > *")
		print [...document.querySelectorAll("#record .tools option")].map(o => o.textContent)
		print [...document.querySelectorAll("#record article:first-of-type .two")].slice(1).map(two => [...two.querySelectorAll("h5")].map(o => o.textContent))
		click #record .tools option:nth-of-type(3)
		print [...document.querySelectorAll("#record article")].filter(a => !a.hidden).map(a => a.querySelector("h4").textContent)
		print [...document.querySelectorAll("#record article:not([hidden]) .two .text")].filter(t => t.textContent.startsWith("The other: ")).length
		click #before
		wait document.querySelector("#user-name").textContent == "user-0000" && document.querySelector("#record > *")
		print [...document.querySelectorAll("#record article")].filter(a => !a.hidden).length
		log
	END
	marks() { jq -sc --arg u "$1" 'map(select(.type == "verdict" and .user_id == $u and .index == 7).correct) | [(map(select(.)) | length | tostring), (map(select(. | not)) | length | tostring)]' a.jsonl; }
	{
		echo '["Judge: a","a and it'"'"'s <b>, verdict by verdict"]'
		echo '["Both gave","Both right","a alone right","it'"'"'s <b> alone right","Neither right"]'
		echo "[[\"Gained\",\"Lost\"],$(marks user-0000),$(marks user-0001)]"
		echo '["better than it'"'"'s <b>","worse than it'"'"'s <b>"]'
		held page.html rows | jq -c '[.[] | select(.gained > .lost).user]'
		echo '["all","with a wrong one","where one judge is right and one wrong","a alone right","it'"'"'s <b> alone right"]'
		echo '[["a","it'"'"'s <b>"],["a","it'"'"'s <b>"]]' # each order with both reasons side by side
	} >want
	head -n 7 out | jq -c . | diff - want
	[[ $(sed -n 8p out) == '["Pair 7 '* ]]
	[ "$(sed -n 9p out)" = 2 ]
	[ "$(sed -n 10p out)" = 1 ] # the choice stays
	[ "$(wc -l <out)" -eq 10 ]
}

@test "in a browser: users where two judges differ are gone through, pair by pair that they differ on" {
	made_up 4 3 >a.jsonl
	# as often better as worse on one user; the same on another
	made_up 4 3 | jq -c 'select(.type == "verdict") | if (.user_id == "user-0001" or .user_id == "user-0003") and .index == 7
		then .correct |= not | .prediction |= -. | .preference = (if .preference == "First" then "Second" else "First" end) | .p_first = 1 - .p_first else . end' >b.jsonl
	sm-report --against b.jsonl --html page.html a.jsonl
	browser page.html >out <<-'END'
		click #only option[value=differ]
		print [...document.querySelectorAll("#users tbody a")].map(a => a.textContent)
		click #users tbody a
		wait document.querySelector("#record article")
		print [...document.querySelectorAll("#record article:not([hidden])")].map(a => a.querySelector("h4").textContent.split(" ")[1])
		click #after
		wait document.querySelector("#user-name").textContent == "user-0003" && document.querySelector("#record article")
		print [...document.querySelectorAll("#record article:not([hidden])")].map(a => a.querySelector("h4").textContent.split(" ")[1])
		print document.querySelector("#after").disabled
		key Escape
		click #only option[value=""]
		click #users a[href="#u0"]
		wait document.querySelector("#record article")
		print document.querySelectorAll("#record article:not([hidden])").length
		log
	END
	[ "$(paste -sd ' ' out)" = '["user-0001", "user-0003"] ["7"] ["7"] true 3' ] || { cat out; false; }
}

@test "in a browser: cards name their judge, where the input tells who it is" {
	made_up 2 2 >learned.v1.jsonl
	made_up 2 2 | jq -c 'select(.type == "verdict") | .preference = .label | .correct = true | .prediction = 1 | del(.p_first)' >default.v1.jsonl
	sm-eval -q default.v1.jsonl >alone.jsonl
	sm-eval -q default.v1.jsonl learned.v1.jsonl >figures.jsonl
	while IFS=: read -r files says; do
		# shellcheck disable=SC2086 # words
		sm-report -q --html page.html $files
		browser page.html >out <<-'END'
			print [...document.querySelectorAll("#summary .judge")].map(e => e.textContent)
			click #users tbody a
			wait document.querySelector("#record > *")
			print [...document.querySelectorAll("#record .judge")].map(e => e.textContent)
		END
		[ "$(jq -c . out | paste -sd ' ')" = "$says $says" ] || { echo "$files"; cat out; false; }
	done <<-'END'
		learned.v1.jsonl:["Judge: learned.v1"]
		learned.v1.jsonl figures.jsonl:["Judge: learned"]
		--label mine=learned.v1.jsonl learned.v1.jsonl figures.jsonl:["Judge: mine"]
		figures.jsonl:["Judge: learned"]
		learned.v1.jsonl alone.jsonl:[]
	END
}

@test "in a browser: of two judges by a rubric each one's scores stand beside its own criteria" {
	cp "$top/tests/report/learned.jsonl" a.jsonl
	sed 's/"Depth"/"Detail"/' a.jsonl >b.jsonl
	sm-report -q --against b.jsonl --html page.html a.jsonl
	browser page.html >out <<-'END'
		click #users a[href="#u1"]
		wait document.querySelector("#record article")
		print [...document.querySelectorAll("#record article:first-of-type .two")].slice(1).map(two => [...two.querySelectorAll(".scores")].map(t => t.querySelector("tbody th").textContent))
		print [...document.querySelectorAll("#record tr:has(.weight)")].map(r => r.cells[0].querySelector("b").textContent)
		log
	END
	diff out - <<-'END'
		[["Depth", "Detail"], ["Depth", "Detail"]]
		["Depth", "Questions", "Brevity"]
	END
}
