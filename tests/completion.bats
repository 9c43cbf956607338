# Completion in bash, zsh and fish, from what make install installs.
load helper
load completion

setup_file() {
	root=$BATS_FILE_TMPDIR/root/usr
	make -s -C "$BATS_TEST_DIRNAME/.." -o all -o man -o completions install B="$B" BIN="$BIN" PREFIX=/usr DESTDIR="$BATS_FILE_TMPDIR/root" >/dev/null
	export root
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

# typed SHELL LINE [WORD]: what LINE goes on with, sorted, without WORD, which stands before and fish does not show.
typed() {
	completions "$1" <<<"$2" | tr '|' '\n' | grep -v '^$' | grep -vx -- "${3-}" | sed 's|/$||' | sort | paste -sd '|'
}

# fits SHELL LINE WORDS: LINE goes on with just these.
fits() {
	local got before
	before=$(awk '{print $(NF - (/ $/ ? 0 : 1))}' <<<"$2")
	got=$(typed "$1" "$2" "$before")
	[ "$got" = "$3" ] || { echo "$1: $2: $got, not $3"; return 1; }
}

every_option() {
	needs "$1"
	for program in "$BIN"/sm-*; do
		echo "${program##*/} --"
		"$program" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u | paste -sd '|' >&3
	done 3>want | completions "$1" >got
	while IFS= read -r line; do
		tr '|' '\n' <<<"$line" | grep -v '^$' | sort | paste -sd '|'
	done <got | diff want -
	[ "$(wc -l <want)" -ge 15 ]
}

every_choice() {
	needs "$1"
	for program in "$BIN"/sm-*; do
		"$program" --help | sed -n "s/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\) \([a-z0-9-]*|[a-z0-9|-]*\)\( .*\)\{0,1\}$/${program##*/} \2 \3/p"
	done >choices
	[ "$(wc -l <choices)" -ge 25 ]
	cut -d ' ' -f 1,2 choices | sed 's/$/ /' | completions "$1" >got
	[ "$(wc -l <got)" -eq "$(wc -l <choices)" ]
	paste -d ' ' choices got | while read -r _ option want got; do
		[ "$(tr '|' '\n' <<<"$got" | grep -vx -- "$option" | grep . | sort)" = "$(tr '|' '\n' <<<"$want" | sort)" ] ||
			{ echo "$option: $got, not $want"; exit 1; }
	done
	fits "$1" 'sm-judge --order f' forward
	fits "$1" 'sm-judge --order=r' --order=reverse
}

operands_and_files() {
	needs "$1"
	[ "$(typed "$1" 'sm-cache ')" = 'count|export|forget|import|list|prune|schema' ]
	[ "$(typed "$1" 'sm-cache import p' import)" = pairs.jsonl ]
	[ "$(typed "$1" 'sm-prompt per')" = persona ]
	[ "$(typed "$1" 'sm-export pro')" = 'program|promptfoo' ]
	[ "$(typed "$1" 'sm-import pri')" = prism ]
	[ "$(typed "$1" 'sm-import pa')" = pairs.jsonl ]
	[ "$(typed "$1" 'sm-import prism pa' prism)" = pairs.jsonl ]
	[ "$(typed "$1" 'sm-import --show s' --show)" = "$(sm-import --list | sed 's/ .*//' | grep ^s | paste -sd '|')" ]
	[ "$(typed "$1" 'sm-prompt --show ' --show)" = 'generation|judge|likelihood|persona|revise|rubric|scores' ]
	[ "$(typed "$1" 'sm-judge my')" = 'my file.jsonl' ]
	[ "$(typed "$1" 'sm-judge --trained my' --trained)" = 'my file.jsonl' ]
	[ "$(typed "$1" 'sm-judge --prompts fo' --prompts)" = folder ]
	[[ $(typed "$1" 'sm-judge --prompts ' --prompts) != *jsonl* ]]
	[ -z "$(typed "$1" 'sm-judge --votes ' --votes)" ]
	[ "$(typed "$1" 'sm-judge -H @my' -H)" = '@my file.jsonl' ]
	[ "$(typed "$1" 'sm-eval --label a=pa' --label)" = 'a=pairs.jsonl' ]
}

# know ENDPOINT MODEL: the store has answers of it.
know() {
	jq -nc '{type: "endpoint", endpoint: $ARGS.positional[0], model: $ARGS.positional[1], name: "answers", value: "yes"}' --args "$@" |
		sm-cache import -q
}

models_of_the_store() {
	needs "$1"
	[ "$(typed "$1" 'sm-judge -M ' -M)" = 'anthropic|azure|gemini|openai|openrouter|together' ]
	[ -z "$(typed "$1" 'sm-cache --model ' --model)" ]
	[ ! -e "$SM_CACHE" ]
	know https://api.openai.com/v1 small
	know http://localhost:8000/v1 org/large:3b@q4
	know http://localhost:8000/v1 "\$(touch owned)\`touch owned\`"
	[ "$(typed "$1" 'sm-judge -M ' -M)" = 'anthropic|azure|gemini|openai|openai/small|openrouter|org/large:3b@q4|together' ]
	[ "$(typed "$1" 'sm-fit --model org/large:' --model)" = org/large:3b@q4 ]
	[ "$(typed "$1" 'sm-fit --model=org/large:3b@')" = --model=org/large:3b@q4 ]
	[ "$(typed "$1" 'sm-cache --model ' --model)" = 'org/large:3b@q4|small' ]
	[ ! -e owned ]
	# what is no store is passed over in silence, and a server is not asked
	echo nonsense >broken.db
	[ "$(SM_CACHE=broken.db typed "$1" 'sm-judge -M o' -M)" = 'openai|openrouter' ]
	mkdir stub
	printf '#!/bin/sh\necho asked >>asked\n' >stub/sm-cache
	chmod +x stub/sm-cache
	PATH=$PWD/stub:$PATH SM_CACHE=postgresql://127.0.0.1:1/x typed "$1" 'sm-judge -M o'
	[ ! -e asked ]
	PATH=$PWD/stub:$PATH typed "$1" 'sm-judge -M o'
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
