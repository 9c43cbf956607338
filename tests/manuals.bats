# The manual pages and the README: complete, clean, and every example in them runs.
load helper

top=$BATS_TEST_DIRNAME/..

# Runs the examples of a document in a scratch folder that holds examples/.
run_examples() {
	mkdir -p "$BATS_TEST_TMPDIR/scratch"
	cp -r "$top/examples" "$BATS_TEST_TMPDIR/scratch/"
	mock_start --decide longer --likelihood echo
	(cd "$BATS_TEST_TMPDIR/scratch" && "$BATS_TEST_DIRNAME/tools/run-examples" "$1")
}

@test "every program has a manual page, and every page is clean" {
	for program in "$BIN"/sm-*; do
		[ -e "$top/man/$(basename "$program").1" ]
	done
	for page in "$B"/man/*.[157]; do
		mandoc -Tlint -W warning "$page"
	done
}

@test "OPTIONS of a page names every option of --help" {
	for page in "$B"/man/*.1; do
		program=$(basename "${page%.1}")
		text=$(<"$page")
		for option in $("$program" --help | sed -nE 's/^ +(-[a-zA-Z], )?--([a-z-]+).*/\2/p'); do
			[[ $text == *"Fl \\-$option"* ]] || { echo "$program: --$option"; false; }
		done
	done
}

@test "a wrong example is found" {
	mkdir -p "$BATS_TEST_TMPDIR/scratch"
	cd "$BATS_TEST_TMPDIR/scratch"
	printf '```console\n$ echo a\nb\n```\n' >wrong.md
	run "$BATS_TEST_DIRNAME/tools/run-examples" wrong.md
	[ "$status" -eq 1 ]
	printf '```console\n$ echo 39.01\n39\n```\n' >wrong.md
	run "$BATS_TEST_DIRNAME/tools/run-examples" wrong.md
	[ "$status" -eq 1 ]
	printf '```console\n$ printf "a\\nb\\nc\\n"\na\n...\n$ echo [39.0,1.50,100]\n[39,1.5,100]\n```\n' >right.md
	"$BATS_TEST_DIRNAME/tools/run-examples" right.md
}

@test "the examples of sm-bootstrap(1) run" {
	run_examples "$B/man/sm-bootstrap.1"
}

@test "the examples of sm-cache(1) run" {
	run_examples "$B/man/sm-cache.1"
}

@test "the examples of sm-demosearch(1) run" {
	run_examples "$B/man/sm-demosearch.1"
}

@test "the examples of sm-eval(1) run" {
	run_examples "$B/man/sm-eval.1"
}

@test "the examples of sm-export(1) run" {
	run_examples "$B/man/sm-export.1"
}

@test "the examples of sm-fit(1) run" {
	run_examples "$B/man/sm-fit.1"
}

@test "the examples of sm-import(1) run" {
	run_examples "$B/man/sm-import.1"
}

@test "the examples of sm-judge(1) run" {
	run_examples "$B/man/sm-judge.1"
}

@test "the examples of sm-llm(1) run" {
	run_examples "$B/man/sm-llm.1"
}

@test "the examples of sm-neighbors(1) run" {
	run_examples "$B/man/sm-neighbors.1"
}

@test "the examples of sm-persona(1) run" {
	run_examples "$B/man/sm-persona.1"
}

@test "the examples of sm-plan(1) run" {
	run_examples "$B/man/sm-plan.1"
}

@test "the examples of sm-prompt(1) run" {
	run_examples "$B/man/sm-prompt.1"
}

@test "the examples of sm-rank(1) run" {
	run_examples "$B/man/sm-rank.1"
}

@test "the examples of sm-report(1) run" {
	run_examples "$B/man/sm-report.1"
}

@test "the examples of sm-split(1) run" {
	run_examples "$B/man/sm-split.1"
}

@test "the examples of sm-prompts(5) run" {
	run_examples "$B/man/sm-prompts.5"
}

@test "the examples of synthesizeme(7) run" {
	run_examples "$B/man/synthesizeme.7"
}

@test "the examples of sm-records(5) run" {
	run_examples "$B/man/sm-records.5"
}

@test "the examples of sm-llm(7) run" {
	run_examples "$B/man/sm-llm.7"
}
