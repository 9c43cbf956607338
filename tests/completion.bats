# Completion in bash, zsh and fish, from what make install installs.
load helper
load completion

setup_file() {
	root=$BATS_FILE_TMPDIR/root/usr
	make -s -C "$BATS_TEST_DIRNAME/.." -o all -o man -o completions install B="$B" BIN="$BIN" PREFIX=/usr DESTDIR="$BATS_FILE_TMPDIR/root" >/dev/null
	export root
	for program in "$BIN"/sm-*; do
		"$program" --help | sed "s/^/${program##*/}/"
	done >"$BATS_FILE_TMPDIR/help"
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	# what looks for leaks at the end of a program stops itself for ever in a shell's background
	export ASAN_OPTIONS=detect_leaks=0
	mkdir folder
	touch 'my file.jsonl' pairs.jsonl
}

needs() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# typed SHELL <LINES: what each goes on with, sorted, without the words before, which fish does not show.
typed() {
	local lines
	lines=$(</dev/stdin)
	completions "$1" <<<"$lines" | jq -Rr --arg lines "$lines" '($lines | split("\n")[input_line_number - 1] | split(" ")[:-1]) as $before
		| split("|") | map(select(. != "") | rtrimstr("/")) - $before | sort | join("|")'
}

# fits SHELL <TABLE of LINE:WORDS: each LINE goes on with just these.
fits() {
	cat >table
	cut -d : -f 1 table | typed "$1" | diff <(cut -d : -f 2- table) -
}

every_option() {
	needs "$1"
	jq -Rrn '[inputs | capture("^(?<program>sm-[a-z]+) +(-[a-zA-Z], )?(?<option>--[a-z-]+)")] | group_by(.program)[]
		| "\(.[0].program) --:\(map(.option) | unique | join("|"))"' "$BATS_FILE_TMPDIR/help" >options
	programs=("$BIN"/sm-*)
	[ "$(wc -l <options)" -eq ${#programs[@]} ]
	fits "$1" <options
}

every_choice() {
	needs "$1"
	jq -Rr 'capture("^(?<program>sm-[a-z]+) *(-[a-zA-Z], )?(?<option>--[a-z-]*) (?<words>[a-z0-9-]*\\|[a-z0-9|-]*)( .*)?$")
		| "\(.program) \(.option) :\(.words | split("|") | sort | join("|"))"' "$BATS_FILE_TMPDIR/help" >choices
	[ "$(wc -l <choices)" -ge 25 ]
	cat >>choices <<-'END'
		sm-judge --order f:forward
		sm-judge --order=r:--order=reverse
	END
	fits "$1" <choices
}

operands_and_files() {
	needs "$1"
	fits "$1" <<-END
		sm-cache :count|export|forget|import|list|prune|schema
		sm-cache import p:pairs.jsonl
		sm-prompt per:persona
		sm-export pro:program|promptfoo
		sm-import pri:prism
		sm-import pa:pairs.jsonl
		sm-import prism pa:pairs.jsonl
		sm-import --show s:$(sm-import --list | sed 's/ .*//' | grep ^s | paste -sd '|')
		sm-prompt --show :generation|judge|likelihood|persona|revise|rubric|scores
		sm-judge my:my file.jsonl
		sm-judge --trained my:my file.jsonl
		sm-judge --prompts fo:folder
		sm-judge --votes :
		sm-judge -H @my:@my file.jsonl
		sm-eval --label a=pa:a=pairs.jsonl
	END
	[[ $(typed "$1" <<<'sm-judge --prompts ') != *jsonl* ]]
}

# know ENDPOINT MODEL ...: the store has answers of each.
know() {
	jq -nc '$ARGS.positional | while(. != []; .[2:]) | {type: "endpoint", endpoint: .[0], model: .[1], name: "answers", value: "yes"}' --args "$@" |
		sm-cache import -q
}

models_of_the_store() {
	needs "$1"
	fits "$1" <<-'END'
		sm-judge -M :anthropic|azure|gemini|openai|openrouter|together
		sm-cache --model :
	END
	[ ! -e "$SM_CACHE" ]
	know https://api.openai.com/v1 small http://localhost:8000/v1 org/large:3b@q4 http://localhost:8000/v1 "\$(touch owned)\`touch owned\`"
	printf '%s\n' 'sm-judge -M ' 'sm-fit --model org/large:' 'sm-fit --model=org/large:3b@' 'sm-cache --model ' | typed "$1" >got
	diff got - <<-'END'
		anthropic|azure|gemini|openai|openai/small|openrouter|org/large:3b@q4|together
		org/large:3b@q4
		--model=org/large:3b@q4
		org/large:3b@q4|small
	END
	[ ! -e owned ]
	# what is no store is passed over in silence, and a server is not asked
	echo nonsense >broken.db
	[ "$(SM_CACHE=broken.db typed "$1" <<<'sm-judge -M o')" = 'openai|openrouter' ]
	mkdir stub
	printf '#!/bin/sh\necho asked >>asked\n' >stub/sm-cache
	chmod +x stub/sm-cache
	PATH=$PWD/stub:$PATH SM_CACHE=postgresql://127.0.0.1:1/x typed "$1" <<<'sm-judge -M o'
	[ ! -e asked ]
	PATH=$PWD/stub:$PATH typed "$1" <<<'sm-judge -M o'
	[ -e asked ]
}

@test "bash completes every option of every program" { every_option bash; }
@test "zsh completes every option of every program" { every_option zsh; }
@test "fish completes every option of every program" { every_option fish; }
@test "bash completes the words of choices" { every_choice bash; }
@test "zsh completes the words of choices" { every_choice zsh; }
@test "fish completes the words of choices" { every_choice fish; }
@test "bash completes operands, formats, files and folders" { operands_and_files bash; }
@test "zsh completes operands, formats, files and folders" { operands_and_files zsh; }
@test "fish completes operands, formats, files and folders" { operands_and_files fish; }
@test "bash completes models that the store knows, and makes none" { models_of_the_store bash; }
@test "zsh completes models that the store knows, and makes none" { models_of_the_store zsh; }
@test "fish completes models that the store knows, and makes none" { models_of_the_store fish; }

@test "the files work too where a shell reads them when it begins" {
	cp "$B"/completions/synthesizeme.* .
	[[ $(bash --norc -c '. ./synthesizeme.bash && complete -p sm-fit') == *"-F _synthesizeme sm-fit" ]]
	! command -v zsh || [ "$(ZDOTDIR=$PWD zsh -c 'autoload -Uz compinit && compinit -u -D && . ./synthesizeme.zsh && print $_comps[sm-fit]')" = _synthesizeme ]
	! command -v fish || [ "$(fish --no-config -c '. ./synthesizeme.fish; complete -C "sm-judge --order f"' | cut -f 1)" = forward ]
}
