# The mock LLM itself, where no other test would see it fail.
load helper

@test "the examples of its README run" {
	PATH=$B:$PATH "$top/tests/tools/run-examples" "$top/tests/mock/README.md"
}

# said JSON...: the replies to calls with these members beside a message.
said() {
	local body
	for body; do
		curl -s -d "{\"messages\": [{\"role\": \"user\", \"content\": \"owls\"}], $body}" "$SM_BASE_URL/chat/completions" |
			jq -r '.choices[0].message.content'
	done | paste -sd ' '
}

@test "a call is answered by the first line that fits and is not used up" {
	cat >script.jsonl <<'END'
{"expect":{"contains":["owls","newts"]},"reply":{"content":"both"}}
{"expect":{"lacks":["owls"]},"reply":{"content":"none"}}
{"expect":{"contains":["owls"],"model":"a","seed":null},"reply":{"content":"unseeded"}}
# a comment
{"expect":{"has":["seed"]},"times":1,"reply":{"content":"seeded"}}

{"expect":{"over_bytes":100},"reply":{"content":"long"}}
{"reply":{"content":"any"}}
END
	mock_start --script script.jsonl
	[ "$(said '"model": "a"' '"model": "a", "seed": 1' '"seed": null' '"seed": 1')" = "unseeded seeded any any" ]
	[ "$(said "\"user\": \"$(printf 'x%.0s' {1..100})\"")" = long ]
}

@test "what it cannot use it names, and ends with 2" {
	while IFS='|' read -r line message; do
		echo "$line" >script.jsonl
		run "$B/mock-llm" --script script.jsonl
		[ "$status" -eq 2 ]
		[[ $output == "mock-llm: "*"$message"* ]] || { echo "$line: $output"; false; }
	done <<'END'
{"repyl":{"content":"x"}}|unknown member or option: {"repyl"
{"fault":"nothing"}|unknown fault nothing
{"fault":429}|the fault is no text
{"fault":"429:ever=1"}|unknown member or option: {"fault":"429:ever=1"}
{"reply"|no JSON object
END
	for wrong in "--decide nothing" "--likelihood nothing" "--embeddings nothing" "--port x" --port "--nothing 1" "--script nowhere"; do
		# shellcheck disable=SC2086 # words
		run "$B/mock-llm" $wrong
		[ "$status" -eq 2 ]
	done
}

@test "holds tells each filter that is not true, with what it gave" {
	printf '{"a":1}\n{"a":2}\n' >in.jsonl
	holds in.jsonl '.[0].a == 1' 'length == 2' 'map(.a) == [1, 2]' '.[] | select(.a == 1) | .a == 1'
	holds - 'length == 2' <in.jsonl
	run holds in.jsonl '.[0].a' 'empty' '.[] | .a > 0' '.a' '.[0].a == 1'
	[ "$status" -eq 1 ]
	[ "${lines[*]}" = 'gave [1]: .[0].a gave []: empty gave [true,true]: .[] | .a > 0 failed: Cannot index array with string "a": .a' ]
	! holds in.jsonl '.[0' || false
	! holds none.jsonl true || false
}
