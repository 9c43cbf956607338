# The plots of sm-report, by gnuplot and in the page.
load helper
load report

@test "each kind of plot is drawn, as SVG, as PNG and as PDF" {
	made_up 2 4 >a.jsonl
	jq -c 'select(.type != "pair" or .index != 0)' a.jsonl >b.jsonl
	sm-eval a.jsonl b.jsonl >figures.jsonl
	for kind in accuracy comparison reliability curve; do
		sm-report --kind $kind --plot $kind.svg a.jsonl figures.jsonl
		sm-report --kind $kind --plot $kind.png a.jsonl figures.jsonl
		[ "$(head -c 4 $kind.png | tail -c 3)" = PNG ]
		sm-report --kind $kind --plot $kind.pdf a.jsonl figures.jsonl
		[ "$(head -c 5 $kind.pdf)" = %PDF- ]
	done
	sm-report --ci wilson --plot - a.jsonl >verdicts.svg
	texts ./*.svg >texts.txt
	grep -qx './accuracy.svg:user-0001' texts.txt
	grep -qx './accuracy.svg:accuracy, 95% interval by pair' texts.txt
	grep -qx './accuracy.svg:chance' texts.txt
	grep -qx './comparison.svg:accuracy, 95% interval by user' texts.txt
	grep -qxE './comparison.svg:points, 95% interval by (user|pair)' texts.txt
	grep -qx './comparison.svg:b − a' texts.txt
	grep -qx './verdicts.svg:accuracy, 95% interval by verdict' texts.txt
	grep -qx './reliability.svg:Reliability' texts.txt
	grep -qx './curve.svg:pairs learned from, mean of the users' texts.txt
	# a name tells the format, unless --format does
	sm-report --plot - --format png a.jsonl | cmp - accuracy.png
	sm-report --plot - a.jsonl | cmp - accuracy.svg
	[ "$(sm-report --plot - --format pdf a.jsonl | head -c 5)" = %PDF- ]
	for name in plot.eps plot pdf .pdf.gz; do
		run --separate-stderr sm-report --plot $name a.jsonl
		[ "$status" -eq 2 ]
		[[ $stderr == *"--plot $name has no format; let it end in .svg, .png or .pdf"* ]]
	done
}

@test "the axes of a plot are where the data is, in the page and by gnuplot" {
	judges() { jq -nc --argjson low "$1" --argjson high "$2" '{type: "result", user_id: null, file: ("a", "b"), n: 10, pairs: 5, accuracy: (($low + $high) / 2), ci: {low: $low, high: $high, unit: "user"}},
		{type: "comparison", user_id: null, a: "a", b: "b", difference: ($high - $low), ci: {low: $low, high: $high, unit: "user"}}'; }
	while IFS=: read -r low high all; do
		judges "$low" "$high" >in.jsonl
		sm-report --html page.html --kind comparison --plot "plot$low.svg" in.jsonl
		sed -n '/Accuracy by judge/{s/.*<svg/<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/;s/<\/figure>//;p}' page.html >"page$low.svg"
		printf '%s\n' "page$low.svg $all" "plot$low.svg $all" >>want
	done <<-'END'
		0.93:0.99:92% 94% 96% 98% 100%
		0.52:0.66:chance 50% 55% 60% 65%
		0.6:0.7:chance 50% 55% 60% 65% 70%
		0.7:0.7:66% 68% 70% 72% 74%
		0:1:0% chance 20% 40% 60% 80% 100%
		1:1:95% 96% 97% 98% 99% 100%
		-3:7:0% chance 20% 40% 60% 80% 100%
	END
	texts page*.svg plot*.svg >texts.txt
	while read -r file all; do
		shown=$(sed -nE "s/^$file:([0-9]+%|chance)$/\1/p" texts.txt | LC_ALL=C sort -n | uniq | paste -sd ' ')
		[ "$shown" = "$all" ] || { echo "$file: $shown"; false; }
	done <want
	[ "$(wc -l <want)" -eq 14 ]
	# of numbers that are no counts of pairs
	jq -nc '{type: "result", user_id: null, file: ("a", "b", "c"), n: 10, pairs: 5, accuracy: 0.5, learned_from: 1e17} | if .file == "b" then .learned_from += 16 elif .file == "c" then .learned_from += 48 else . end' >in.jsonl
	timeout 20 sm-report --html page.html in.jsonl
	[ "$(grep -c 'Learning curve' page.html)" -eq 1 ]
}

@test "judges that learned from the same number of pairs make no curve" {
	made_up 2 4 >a.jsonl
	jq -c 'select(.type != "pair" or .index != 0)' a.jsonl >b.jsonl
	cp b.jsonl c.jsonl
	sm-eval a.jsonl b.jsonl c.jsonl >figures.jsonl
	run --separate-stderr sm-report --kind curve --plot plot.svg figures.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"no judges that all learned from different numbers of pairs"* ]]
	sm-report figures.jsonl >page.html
	run ! grep -q 'Learning curve' page.html
}

@test "where there is nothing to plot it says what is missing: 3, and no file" {
	mock_start --decide longer
	grep brief "$prefs" | sm-judge -q >in.jsonl
	for kind in comparison reliability curve; do
		run --separate-stderr sm-report --kind $kind --plot plot.svg in.jsonl
		[ "$status" -eq 3 ]
		[[ $stderr == "sm-report: nothing to plot: the input has no "*"; "* ]]
		[ ! -e plot.svg ]
	done
}

@test "without gnuplot a plot is 3 with the remedy, and the page is written all the same" {
	made_up 2 2 >in.jsonl
	mkdir only
	ln -s "$BIN/sm-report" only/
	run --separate-stderr env PATH="$PWD/only" sm-report --plot plot.svg --html page.html in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"gnuplot, which is not there; install it"* ]]
	[ ! -e plot.svg ]
	grep -q '<figcaption>Accuracy by user' page.html
	printf '#!/bin/sh\necho "line 3: no such terminal" >&2\nexit 1\n' >only/gnuplot
	chmod +x only/gnuplot
	run --separate-stderr env PATH="$PWD/only:/bin:/usr/bin" sm-report --plot plot.svg in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"gnuplot failed with status 1: line 3: no such terminal; "* ]]
	# one that was built without cairo
	# shellcheck disable=SC2016 # of that script
	printf '#!/bin/sh\nsed "s/GPVAL_TERMINALS/\047dumb svg\047/" | exec %s "$@"\n' "$(command -v gnuplot)" >only/gnuplot
	run --separate-stderr env PATH="$PWD/only:/bin:/usr/bin" sm-report --plot plot.pdf in.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-report: this gnuplot cannot write PDF; install one that can"* ]]
	env PATH="$PWD/only:/bin:/usr/bin" sm-report --plot svg.svg in.jsonl
	[ "$(echo plot*)" = 'plot*' ]
	rm -f svg.svg
}

@test "gnuplot works with files in TMPDIR, which is left empty" {
	made_up 2 2 >in.jsonl
	mkdir only temporary
	# shellcheck disable=SC2016 # of that script
	printf '#!/bin/sh\nreadlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2\n' >only/gnuplot
	chmod +x only/gnuplot
	TMPDIR=$PWD/temporary PATH=$PWD/only:$PATH sm-report --plot plot.svg in.jsonl
	[ "$(grep -c "^$PWD/temporary/" plot.svg)" -eq 3 ]
	[ -z "$(ls temporary)" ]
}

@test "a name cannot speak to gnuplot" {
	names=("'; system('touch pwned'); '" '100% %s %d 5%' '`touch pwned`' '".system("touch pwned")."' '@x {/Symbol a}_b^c \n' $'a\nset output "pwned"\n')
	made_up 1 2 | jq -sc '$ARGS.positional[] as $id | .[] | .user_id = $id' --args "${names[@]}" >in.jsonl
	sm-report --plot plot.svg in.jsonl
	sm-report --plot plot.png in.jsonl
	[ ! -e pwned ]
	texts plot.svg >names.txt
	for name in "${names[@]:0:5}"; do
		grep -qxF -- "${name//\'/$'\xe2\x80\x99'}" names.txt
	done
	cp in.jsonl "it's \`touch pwned\`.jsonl"
	cp in.jsonl b.jsonl
	sm-eval ./*.jsonl >figures
	sm-report --kind comparison --plot plot.svg figures
	[ ! -e pwned ]
	texts plot.svg | grep -qF "it"$'\xe2\x80\x99'"s \`touch pwned\`"
}

@test "many users are drawn without their names, and in the page too" {
	made_up 1 1 | jq -sc 'range(1; 61) as $i | .[] | select(.type == "verdict") | .user_id = "person-\($i)"' >in.jsonl
	sm-report --plot plot.svg --html page.html in.jsonl
	texts plot.svg >texts.txt
	grep -qx 'users, the most accurate first' texts.txt
	run grep person texts.txt
	[ "$status" -eq 1 ]
	[ "$(held page.html rows | jq length)" -eq 60 ]
	[ "$(grep -o '<a href="#u[0-9]*" tabindex="-1">' page.html | wc -l)" -eq 60 ]
}
