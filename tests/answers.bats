#!/usr/bin/env bats
# What an endpoint's answer says, in whatever form it comes: an answer that was paid for is read.
load helper

# Reads {name, reply} lines; the mock answers a question about each name so. Writes script.jsonl and in.jsonl.
cases() {
	sed 's/^{"name":"\([^"]*\)"/{"expect":{"contains":["<\1>"]}/' cases.jsonl >script.jsonl
	names | sed 's/.*/{"user_id":"u","context":[{"role":"user","content":"<&>"}],"chosen":"a","rejected":"b"}/' >in.jsonl
}

names() {
	sed 's/^{"name":"\([^"]*\)".*/\1/' cases.jsonl
}

# NAME PREFERENCE STATUS for each case.
judged() {
	sm-judge -q -j 1 --only --order forward in.jsonl >out.jsonl
	paste -d ' ' <(names) <(jq -r 'select(.type == "verdict") | "\(.preference) \(.status)"' out.jsonl)
}

# Each of them ended so, at the price of one call each.
each_is() {
	judged >seen.txt
	names | sed "s/\$/ $1/" | diff - seen.txt
	[ "$(mock_calls)" = "$(wc -l <cases.jsonl)" ]
}

# A completion whose choice has these members.
definitions='
def verdict: "{\"reasoning\":\"short\",\"preference\":\"First\"}";
def usage: {prompt_tokens: 9, completion_tokens: 3, total_tokens: 12};
def completion: {id: "x", object: "chat.completion", created: 1, model: "m", choices: [{index: 0, finish_reason: "stop"} + .], usage: usage};
def says: {message: ({role: "assistant"} + .)} | completion;
def plain: {content: verdict} | says;
def is($name; $body): {name: $name, reply: {body: $body}};
'

@test "the text is found where the server put it" {
	jq -nc "$definitions"'
		is("parts"; {content: [{type: "text", text: verdict[:9]}, {type: "text", text: verdict[9:]}]} | says),
		is("thinking-part"; {content: [{type: "thinking", thinking: [{type: "text", text: "preference: Second"}]}, {type: "text", text: verdict}]} | says),
		is("reasoning-part"; {content: [{type: "reasoning", text: "{\"preference\":\"Second\"}"}, {type: "output_text", text: verdict}]} | says),
		is("texts-in-a-list"; {content: [verdict]} | says),
		is("value-of-a-text"; {content: [{type: "text", text: {value: verdict, annotations: []}}]} | says),
		is("one-part"; {content: {type: "text", text: verdict}} | says),
		is("parsed"; {content: (verdict | fromjson)} | says),
		is("null-and-reasoning-content"; {content: null, reasoning_content: verdict, tool_calls: []} | says),
		is("empty-and-reasoning"; {content: "", reasoning: verdict} | says),
		is("blank-and-reasoning"; {content: "\n\n", reasoning: verdict} | says),
		is("no-content"; {reasoning_content: verdict} | says),
		is("both"; {content: verdict, reasoning_content: "preference: Second"} | says),
		is("thoughts-alone"; {content: [{type: "thinking", thinking: verdict}]} | says),
		is("tool"; {content: null, tool_calls: [{type: "function", function: {name: "judge", arguments: verdict}}]} | says),
		is("text-of-the-choice"; {text: verdict} | completion),
		is("delta"; {delta: {role: "assistant", content: verdict}} | completion),
		is("second-choice-first"; plain | .choices |= [{index: 1, message: {content: "{\"preference\":\"Second\"}"}}] + .),
		is("no-index"; plain | del(.choices[0].index)),
		is("empty-refusal"; {content: verdict, refusal: ""} | says),
		is("no-refusal"; {content: verdict, refusal: null} | says)' >cases.jsonl
	cases
	mock_start --script script.jsonl
	each_is "First ok"
}

@test "an error that says nothing beside an answer is none" {
	jq -nc "$definitions"'
		[null, false, 0, "", {}, [], {message: "", type: "", param: "", code: null}, {code: 0, details: [], inner: {message: ""}}]
		| to_entries[] | is("error-\(.key)"; plain + {error: .value})' >cases.jsonl
	cases
	mock_start --script script.jsonl
	each_is "First ok"
}

@test "a body is read through what is around it, and numbers and texts that are no JSON" {
	jq -nc "$definitions"'
		def json: plain | tojson;
		def pretty: json | gsub(",\"(?<name>[a-z])"; ",\r\n\t\"\(.name)");
		{name: "created", reply: {status: 201, body: plain}},
		{name: "accepted", reply: {status: 202, body: json}},
		is("mark"; "\ufeff" + json),
		is("blank-lines"; "\n   \r\n\n" + json + "\n\n"),
		is("mark-and-blanks"; "\ufeff\n" + json),
		is("pretty"; pretty),
		is("comments"; ": keep-alive\n\n: keep-alive\n\n" + json + "\n: keep-alive\n"),
		is("waiting"; ("\n" * 300) + json),
		is("done"; json + "\n\ndata: [DONE]\n\n"),
		is("done-before"; "data: [DONE]\n" + json),
		is("nan"; json | sub("\"created\":1"; "\"created\":NaN,\"a\":-Infinity,\"b\":[Infinity,NaN]")),
		is("lone-high"; json | sub("short"; "likes \\\\ud83d")),
		is("lone-low"; json | sub("short"; "\\\\ude00 \\\\ud83dx \\\\ud83d\\\\ud83d")),
		is("lone-elsewhere"; json | sub("\"x\""; "\"\\ud83d\"")),
		is("a-pair"; json | sub("short"; "\\ud83d\\ude00")),
		is("line-end-in-a-text"; json | sub("short"; "a\nb\tc")),
		is("strange-escape"; json | sub("short"; "\\(x\\)")),
		is("trailing-commas"; json | sub("}\\]"; "},]") | sub("}$"; ",}"))' >cases.jsonl
	cases
	mock_start --script script.jsonl
	each_is "First ok"
	[ "$(jq -r 'select(.index == 11).reasoning' out.jsonl)" = "likes �" ]
}

@test "an event stream that nobody asked for is read like any answer" {
	jq -nc "$definitions"'
		def chunk: "data: " + ({id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [{index: 0, finish_reason: null} + .]} | tojson) + "\n\n";
		def deltas: [verdict[:9], verdict[9:20], verdict[20:]] | map({delta: {content: .}} | chunk) | join("");
		def last: {delta: {}, finish_reason: "stop"} | chunk;
		def used: "data: " + ({choices: [], usage: usage} | tojson) + "\n\n";
		def done: "data: [DONE]\n\n";
		is("whole"; deltas + last + used + done),
		is("comments"; ": wait\n\n" + deltas + ": wait\n\n" + last + done),
		is("no-end-mark"; deltas + last),
		is("no-finish-reason"; deltas + done),
		is("carriage-returns"; deltas + last + done | gsub("\n"; "\r\n")),
		is("no-empty-lines"; deltas + last + done | gsub("\n\n"; "\n")),
		is("no-space"; deltas + last + done | gsub("data: "; "data:")),
		is("named"; deltas + last + done | gsub("data: "; "event: message\nid: 7\ndata: ")),
		is("several-lines"; deltas + last + done | gsub(",\"choices\""; ",\ndata: \"choices\"")),
		is("bare-lines"; deltas + last | gsub("data: "; "") | gsub("\n\n"; "\n")),
		is("mark"; "\ufeff" + deltas + last + done),
		is("parts"; ({delta: {content: [{type: "thinking", thinking: "Second"}]}} | chunk) + ({delta: {content: [{type: "text", text: verdict}]}} | chunk) + last),
		is("reasoning"; ([verdict[:9], verdict[9:]] | map({delta: {content: "", reasoning_content: .}} | chunk) | join("")) + last),
		is("thoughts-apart"; ({delta: {reasoning: "preference: Second"}} | chunk) + deltas + last),
		is("whole-message-last"; deltas + ({message: {role: "assistant", content: verdict}, finish_reason: "stop"} | chunk)),
		is("one-completion"; "data: " + (plain | tojson) + "\n\n" + done),
		is("other-choices"; deltas + ({index: 1, delta: {content: "nonsense"}} | chunk) + last)' >cases.jsonl
	cases
	mock_start --script script.jsonl
	each_is "First ok"
	[ "$(jq -c 'select(.index == 0).tokens | [.in, .out]' out.jsonl)" = '[9,3]' ]
}

@test "an event stream: cut off in the middle it is a broken transfer, its error is told" {
	cat >script.jsonl <<'END'
{"expect": {"contains": ["<cut>"]}, "reply": {"body": "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"{\\\"preference\\\":\\\"Second\\\"\"}}]}\n\ndata: {\"choi"}, "times": 1}
{"expect": {"contains": ["<error>"]}, "reply": {"body": "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"a\"}}]}\n\ndata: {\"error\": {\"code\": 400, \"message\": \"the model fell over\"}}\n\ndata: [DONE]\n\n"}}
END
	printf '{"user_id":"%s","context":[{"role":"user","content":"<%s>"}],"chosen":"a","rejected":"b"}\n' cut cut error error >in.jsonl
	mock_start --decide first --script script.jsonl
	run --separate-stderr sm-judge -q --only --order forward in.jsonl
	[ "$status" -eq 1 ]
	[ "$(jq -c 'select(.type == "verdict") | [.user_id, .preference, .status]' <<<"$output")" = '["cut","First","ok"]' ]
	[[ $stderr == *"the model fell over"* ]]
}

@test "the probabilities of a stream's tokens are joined too" {
	jq -nc "$definitions"'
		def chunk: "data: " + ({choices: [{index: 0} + .]} | tojson) + "\n\n";
		def token($p): {token: ., logprob: ($p | log), top_logprobs: [{token: "First", logprob: ($p | log)}, {token: "Second", logprob: (1 - $p | log)}]};
		is("tokens"; ({delta: {content: "{\"preference\":\""}, logprobs: {content: [{token: "{\"preference\":\"", logprob: 0, top_logprobs: []}]}} | chunk)
			+ ({delta: {content: "First"}, logprobs: {content: ["First" | token(0.75)]}} | chunk)
			+ ({delta: {content: "\"}"}, logprobs: {content: [{token: "\"}", logprob: 0, top_logprobs: []}]}, finish_reason: "stop"} | chunk))' >cases.jsonl
	cases
	mock_start --script script.jsonl
	sm-judge -q --only --order forward --logprobs in.jsonl >out.jsonl
	[ "$(jq -c 'select(.type == "verdict").p_first' out.jsonl)" = 0.75 ]
}

@test "what is kept of an answer is one line, which every program reads again" {
	jq -nc "$definitions"'
		is("pretty"; plain | tojson | gsub(",\"(?<name>[a-z])"; ",\n\t\"\(.name)")),
		is("mark"; "\ufeff" + (plain | tojson) + "\r\n"),
		is("stream"; "data: " + ({choices: [{index: 0, delta: {content: verdict}}]} | tojson) + "\r\ndata: [DONE]\r\n")' >cases.jsonl
	cases
	mock_start --script script.jsonl
	names | sed 's/.*/[{"role":"user","content":"<&>"}]/' >asked.jsonl
	sm-llm -q asked.jsonl >answers.jsonl
	[ "$(wc -l <answers.jsonl)" -eq 3 ]
	[ "$(jq -r '.response.body.choices[0].message.content' answers.jsonl | sort -u)" = '{"reasoning":"short","preference":"First"}' ]
	sm-cache export >store.jsonl
	[ "$(cut -d '"' -f 4 store.jsonl | sort | uniq -c | tr -s ' \n' ' ')" = " 3 answer 1 endpoint 1 recording " ]
	SM_CACHE=new.db sm-cache import store.jsonl
	SM_CACHE=new.db sm-llm -q --replay asked.jsonl | cmp - answers.jsonl
	SM_CACHE=new.db sm-cache export | cmp - store.jsonl
	[ "$(mock_calls)" -eq 3 ]
}

@test "a store of before, with line ends in its answers, is exported and read as one line each" {
	mock_start --decide first
	echo '[{"role":"user","content":"hello"}]' >asked.jsonl
	sm-llm -q asked.jsonl >answers.jsonl
	sqlite3 "$SM_CACHE" "update answer set response = replace(response, ',\"', ',' || char(10) || '\"'), digest = null"
	[ "$(sm-cache export | wc -l)" -eq 3 ]
	sm-llm -q --replay asked.jsonl | cmp - answers.jsonl
}

@test "a batch's answers are taken in whatever their form" {
	mock_start --decide first
	printf '%s\n' '[{"role":"user","content":"one"}]' >asked.jsonl
	run sm-llm -q --batch batch.jsonl asked.jsonl
	[ "$status" -eq 5 ]
	jq -c '{custom_id, response: {status_code: 200, body: {choices: [{index: 0, finish_reason: "stop", message: {content: [{type: "text", text: "hi"}]}}]}}}' batch.jsonl >done.jsonl
	sm-cache import done.jsonl
	[ "$(sm-llm -q --replay asked.jsonl | jq -r '.response.body.choices[0].message.content[0].text')" = hi ]
	[ "$(mock_calls)" -eq 0 ]
}

@test "what was declined is refused, for that verdict alone, and asked once" {
	jq -nc "$definitions"'
		def ended($reason): {finish_reason: $reason, message: {role: "assistant", content: null}} | completion;
		(("content_filter", "SAFETY", "safety", "PROHIBITED_CONTENT", "RECITATION", "BLOCKLIST", "SPII", "IMAGE_SAFETY", "refusal",
			"FinishReason.SAFETY", "content-filter", "content_filtered", "guardrail_intervened", "sensitive") | is("by-\(.)"; ended(.))),
		is("no-message"; {finish_reason: "SAFETY"} | completion),
		is("no-content"; {finish_reason: "SAFETY", message: {role: "assistant"}} | completion),
		is("half-a-text"; {finish_reason: "content_filter", message: {content: "{\"reasoning\": \"The first"}} | completion),
		is("refusal"; {content: null, refusal: "I can not help with that."} | says),
		is("part"; {content: [{type: "refusal", refusal: "I can not help with that."}]} | says),
		is("native"; {finish_reason: "stop", native_finish_reason: "SAFETY", message: {content: ""}} | completion),
		is("blocked-prompt"; {object: "chat.completion", choices: [], promptFeedback: {blockReason: "PROHIBITED_CONTENT"}}),
		is("stream"; "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"The first\"},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n")' >cases.jsonl
	cases
	mock_start --script script.jsonl
	each_is "Tie refused" 2>message.txt
	mock_stop
	sm-judge -q -j 1 --replay --only --order forward in.jsonl 2>&1 >again.jsonl | cmp - message.txt
	cmp <(grep '"type":"verdict"' out.jsonl) <(grep '"type":"verdict"' again.jsonl)
}

@test "what a refusal says is told" {
	jq -nc "$definitions"'is("words"; {content: null, refusal: "Not \"this\" one."} | says), is("part"; {content: [{type: "refusal", refusal: "Not that one."}]} | says)' >both.jsonl
	for name in words part; do
		grep "\"$name\"" both.jsonl >cases.jsonl
		cases
		mock_start --script script.jsonl
		each_is "Tie refused" 2>$name.txt
		mock_stop
	done
	grep -q 'a refused reply: "Not "this" one."; ' words.txt
	grep -q 'a refused reply: "Not that one."; ' part.txt
}

@test "what ran into a limit is truncated, in each spelling" {
	jq -nc "$definitions"'
		("length", "max_tokens", "MAX_TOKENS", "FinishReason.MAX_TOKENS", "model_length", "max_output_tokens")
		| is("by-\(.)"; {finish_reason: ., message: {content: "{\"reasoning\": \"The first"}} | completion)' >cases.jsonl
	cases
	mock_start --script script.jsonl
	judged >seen.txt
	names | sed 's/$/ Tie truncated/' | diff - seen.txt
}

@test "an answer that the server calls failed is asked for again" {
	jq -nc "$definitions"'
		("error", "insufficient_system_resource") | is("by-\(.)"; {finish_reason: ., message: {content: "The first"}} | completion)' >cases.jsonl
	cases
	sed 's/}$/,"times":1}/' script.jsonl >once.jsonl
	mock_start --decide first --script once.jsonl
	judged >seen.txt
	names | sed 's/$/ First ok/' | diff - seen.txt
	[ "$(mock_calls)" -eq 4 ]
}
