# What was learned, and pairs, in the formats of other tools.
load helper

# An ID is given as it stands in JSON.

# learned ID: a persona and two examples of user ID.
learned() {
	printf '{"user_id":"%s",%s}\n' \
		"$1" '"type":"persona","stage":"persona","persona":"Likes \"owls\".\nAnd é.","reasoning":""' \
		"$1" '"type":"demos","stage":"bootstrap","demos":[{"index":9,"kind":"labeled","context":[],"first":"history only","second":"y","preference":"First"}]' \
		"$1" '"type":"demos","stage":"demosearch","seed":0,"score":1,"demos":[{"index":1,"kind":"bootstrapped","context":[{"role":"user","content":"Q1"},{"role":"model","content":"A1"},{"role":"user","content":"Q2"}],"first":{"role":"model","content":"one"},"second":"two","preference":"Second","reasoning":"because"},{"index":0,"kind":"labeled","context":[{"role":"user","content":"Q0"}],"first":[{"role":"assistant","content":"x"},{"role":"user","content":"y"}],"second":"z","preference":"First"}]'
}

# pair ID INDEX SPLIT: split "none" is none.
pair() {
	local split=',"split":"'$3'"'
	[ "$3" != none ] || split=
	printf '{"type":"pair","user_id":"%s","index":%s,"conversation_id":"c%s","dataset":"d","source_type":"t",' "$1" "$2" "$2"
	printf '"context":[{"role":"user","content":"Which %s?"}],"chosen":{"role":"model","content":"good"},"rejected":"bad"%s}\n' "$2" "$split"
}

halted() {
	echo '{"type":"'"$2"'","user_id":"'"$1"'","stage":"persona","message":"m","waiting":1}'
}

# edited NAME SED: an own program in prompts/.
edited() {
	mkdir -p prompts
	sm-prompt --show "$1" >shown.jq
	sed "$2" shown.jq >"prompts/$1.jq"
	! cmp -s shown.jq "prompts/$1.jq"
}

# A judge of few words, so that whole lines can be compared.
terse() {
	edited judge 's/^def system: {$/def system: {role: "system", content: "S \\(.persona)"}; def unused: {/
		s/^def demo:$/def demo: {role: "user", content: "D \\(.preference)"}; def unused2:/
		s/^def question: .*/def question: {role: "user", content: "\\(.context | conversation)|\\(.first | reply_text)|\\(.second | reply_text)"};/'
}

@test "program: the two files of a user, byte for byte" {
	{ pair a 0 train; pair a 1 train; learned a; } >users.jsonl
	run --separate-stderr sm-export program dir users.jsonl
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$stderr" = "sm-export: 1 users saved" ]
	[ "$(find dir -type f -printf "%f\n" | sort | paste -sd ' ')" = "a.json a_persona.txt" ]
	printf 'Likes "owls".\nAnd é.' | cmp - dir/a_persona.txt
	cat >expected.json <<'EOF'
{
  "judge_persona.predict": {
    "traces": [],
    "train": [],
    "demos": [
      {
        "augmented": true,
        "conversation": "[user]: Q1\n\n[model]: A1\n\n[user]: Q2",
        "first_completion": "[model]: one",
        "second_completion": "two",
        "reasoning": "because",
        "preference": "Second",
        "index": 1
      },
      {
        "conversation": "[user]: Q0",
        "first_completion": "[assistant]: x\n\n[user]: y",
        "second_completion": "z",
        "preference": "First",
        "completion_one": "[assistant]: x\n\n[user]: y",
        "completion_two": "z",
        "chosen": "First",
        "index": 0,
        "conversation_id": "c0",
        "type": "t",
        "dataset": "d",
        "user_id": "a"
      }
    ],
    "signature": {
      "instructions": "Predict which of two completions of a conversation one particular user would prefer. Put yourself in the place of this user: their taste decides, not yours, and not which completion is better in general. The order of the two is random and tells nothing. There is always a choice.\n\nWhat is known about this user:\nLikes \"owls\".\nAnd é.",
      "fields": [
        {
          "prefix": "Conversation:",
          "description": "What was said before the two completions"
        },
        {
          "prefix": "First Completion:",
          "description": "The completion that is shown first"
        },
        {
          "prefix": "Second Completion:",
          "description": "The completion that is shown second"
        },
        {
          "prefix": "Reasoning: Let's think step by step in order to",
          "description": "What decides it for this user"
        },
        {
          "prefix": "Preference:",
          "description": "First or Second"
        }
      ]
    },
    "lm": null
  },
  "metadata": {
    "dependency_versions": {
      "python": "3.11",
      "dspy": "2.6.27",
      "cloudpickle": "3.1"
    }
  }
}
EOF
	cmp expected.json dir/a.json
	python3 -c 'import json; json.load(open("dir/a.json", encoding="utf-8"))'
}

@test "program: what a real fit learned, with the examples of the winner in their order" {
	mock_start --decide longer
	# the mock writes the same persona for all: a name before it tells them apart
	sm-fit -q --test 2 --seeds=-1..3 "$prefs" | sm-demosearch -q --seeds 0..3 |
		sed -E 's/^(\{"type":"persona","user_id":"([a-z]+)".*"persona":")/\1\2: /' >users.jsonl
	sm-export program -q dir users.jsonl
	[ "$(cut -d : -f 1 -s dir/*_persona.txt | sort -u | xargs)" = "brief careful warm" ]
	for user in brief warm careful; do
		jq -es --rawfile persona "dir/${user}_persona.txt" --slurpfile saved "dir/$user.json" --arg user "$user" 'map(select(.user_id == $user))
			| map(select(.type == "persona").persona) == [$persona]
			and (map(select(.type == "demos" and .stage == "demosearch").demos)[-1] | length > 0
				and map([.index, .kind, (.context, [.first], [.second] | map("[\(.role)]: \(.content)") | join("\n\n")), .preference, .reasoning])
				== ($saved[0]["judge_persona.predict"].demos | map([.index, (if .augmented then "bootstrapped" else "labeled" end),
					.conversation, .first_completion, .second_completion, .preference, .reasoning])))' users.jsonl
	done
}

@test "program: a label keeps what it brings along; with -m the input's pairs are not its own" {
	learned a | jq -c 'if .stage == "demosearch" then .demos[1] += {conversation_id: "own", type: null} else . end' >users.jsonl
	pair a 0 test >new.jsonl
	sm-export program -q one users.jsonl
	cat new.jsonl users.jsonl | sm-export program -q both
	sm-export program -q file -m users.jsonl new.jsonl
	label='.["judge_persona.predict"].demos[1] | [.index, .conversation_id, .type, .dataset]'
	jq -c "$label" {one,both,file}/a.json | diff - <(printf '[0,"own",null,%s]\n' null '"d"' null)
	cmp one/a_persona.txt file/a_persona.txt
}

@test "program: examples from elsewhere are written as they are, a judge without examples is one" {
	{
		learned a
		echo '{"type":"demos","user_id":"a","stage":"import","demos":[{"index":null,"kind":"bootstrapped","context":"[user]: rendered","first":"[model]: f","second":"[model]: s","preference":"First","reasoning":"r"}]}'
		learned b | grep -v demos
		learned c
	} >users.jsonl
	sm-export program -q dir users.jsonl
	sm-export program -q --no-demos -s c bare users.jsonl
	jq -c '.["judge_persona.predict"].demos' dir/{a,b}.json bare/c.json | diff - <(cat <<-'END'
		[{"augmented":true,"conversation":"[user]: rendered","first_completion":"[model]: f","second_completion":"[model]: s","reasoning":"r","preference":"First"}]
		[]
		[]
	END
	)
	[ "$(find bare -type f -printf "%f\n" | sort | paste -sd ' ')" = "c.json c_persona.txt" ]
}

@test "program: what was imported goes back as it was, its words as long as they speak of the persona" {
	cat >users.jsonl <<'EOF'
{"type":"persona","user_id":"a","stage":"import","persona":"Likes bees."}
{"type":"demos","user_id":"a","stage":"import","demos":[{"index":null,"kind":"bootstrapped","context":"[user]: q","first":{"role":"model","content":"f"},"second":"s","preference":"First","reasoning":"r","augmented":true,"extra":1},{"index":3,"kind":"labeled","context":"[user]: p","first":"f","second":"s","preference":"Second","type":"t","dataset":"d","user_id":"other","extra":2}],"saved":{"judge_persona.predict":{"traces":["t"],"train":[],"signature":{"instructions":"Judge. Likes bees.","fields":[{"prefix":"P:","description":"D"}]},"lm":null},"metadata":{"dependency_versions":{"python":"3.12","dspy":"2.6.1","cloudpickle":"3.0"}}}}
EOF
	{ pair a 3 test | sed 's/"c3"/"not its own"/'; cat users.jsonl; } | sm-export program -q dir
	cat >expected.json <<'EOF'
{"judge_persona.predict":{"traces":["t"],"train":[],"demos":[{"augmented":true,"conversation":"[user]: q","first_completion":"[model]: f","second_completion":"s","reasoning":"r","preference":"First","extra":1},{"conversation":"[user]: p","first_completion":"f","second_completion":"s","preference":"Second","completion_one":"f","completion_two":"s","chosen":"Second","index":3,"conversation_id":null,"type":"t","dataset":"d","user_id":"other","extra":2}],"signature":{"instructions":"Judge. Likes bees.","fields":[{"prefix":"P:","description":"D"}]},"lm":null},"metadata":{"dependency_versions":{"python":"3.12","dspy":"2.6.1","cloudpickle":"3.0"}}}
EOF
	jq -c . dir/a.json | cmp expected.json -
	# another persona needs other words
	echo '{"type":"persona","user_id":"a","persona":"Likes owls."}' >>users.jsonl
	sm-export program -q new users.jsonl
	cat new/a.json dir/a.json | holds - 'map(.["judge_persona.predict"].demos) | length == 2 and .[0] == .[1]' \
		'.[0]["judge_persona.predict"].signature | (.instructions | endswith("Likes owls.") and (contains("bees") | not)) and (.fields | length) == 5'
}

@test "program: no name of a user leads out of the folder, and none is lost" {
	mkdir in
	for id in '../../evil' 'a/b' 'a%2Fb' '.hidden' '..' '%' 'tab\tx' 'é 日' '-q' 'x_persona.txt' '{{u}}' 'b\\s' '\u0001\u007f\n'; do
		learned "$id"
	done >users.jsonl
	sm-export program -q in/dir users.jsonl
	[ "$(find . -name '*_persona.txt' | wc -l)" -eq 13 ]
	[ "$(find . -name '*_persona.txt' -printf '%h\n' | sort -u)" = ./in/dir ]
	for stem in '%2E.%2F..%2Fevil' 'a%2Fb' 'a%252Fb' '%2Ehidden' '%2E.' '%25' 'tab%09x' 'é 日' '-q' 'x_persona.txt' '{{u}}' 'b\s' '%01%7F%0A'; do
		[ -e "in/dir/$stem.json" ] && [ -e "in/dir/${stem}_persona.txt" ] || { echo "$stem"; false; }
	done
}

@test "program: a name that cannot be a file's is told, and the others are written" {
	long=$(printf 'n%.0s' {1..243})
	{ learned "${long}"; learned "${long}n"; learned ""; learned b; } >users.jsonl
	run --separate-stderr sm-export program -q dir users.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *"user ${long}n: a file of this user would have a name of 256 bytes, and 255 is the limit; give the user a shorter name"* ]]
	[[ $stderr == *"user : an empty user_id cannot be the name of a file; give the user a name"* ]]
	[ "$(find dir -type f | wc -l)" -eq 4 ]
	[ -e "dir/$long.json" ]
	[ -e dir/b.json ]
}

@test "program: the same again is no error; other contents stay unless --force" {
	{ learned a; learned b; } >users.jsonl
	sm-export program -q dir users.jsonl
	touch -d 2020-01-01 dir/*
	sm-export program -q dir users.jsonl
	echo mine >dir/a_persona.txt
	run --separate-stderr sm-export program dir users.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = "sm-export: user a: dir/a_persona.txt is there, with other contents; give --force to replace it
sm-export: 1 users saved" ]
	[ "$(<dir/a_persona.txt)" = mine ]
	sm-export program -q --force dir users.jsonl
	[ "$(head -n 1 dir/a_persona.txt)" = 'Likes "owls".' ]
	# a file that only begins alike is another one, whichever is longer
	for change in +1 -1; do
		sm-export program -q --force dir users.jsonl
		truncate -s "$change" dir/b.json
		run sm-export program -q dir users.jsonl
		[ "$status" -eq 1 ]
	done
	# a link is replaced, and what it points to stays
	echo kept >elsewhere
	ln -sf ../elsewhere dir/a.json
	run sm-export program -q -s a dir users.jsonl
	[ "$status" -eq 1 ]
	sm-export program -q -s a --force dir users.jsonl
	[ "$(<elsewhere)" = kept ]
	[ -f dir/a.json ] && [ ! -L dir/a.json ]
}

@test "program: a file that cannot be written whole is not there, and one word is said" {
	{ learned a; learned b; learned c; } >users.jsonl
	mkdir dir
	status=0
	(
		trap '' XFSZ
		ulimit -f 1
		exec sm-export program -q dir users.jsonl
	) 2>err || status=$?
	[ "$status" -eq 3 ]
	[ "$(<err)" = "sm-export: user a: dir/a.json: File too large; make room or choose another folder" ]
	[ "$(ls -A dir)" = a_persona.txt ]
	# what is no folder
	run --separate-stderr sm-export program users.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == "sm-export: users.jsonl: cannot write there: Not a directory; give a folder, and after it the files to read" ]]
	run --separate-stderr sm-export program no/such/dir users.jsonl
	[ "$status" -eq 3 ]
	[[ $stderr == *"no/such/dir: cannot make this folder: No such file or directory; "* ]]
}

@test "program: who has no persona, and an example that is none, are told" {
	{ pair a 0 test; learned b | sed 's/"First"/"Tie"/'; learned c | sed 's/"second":"z",//'; learned d; learned e | sed 's/"demos":\[{"index":1,.*},{"index":0/"demos":[1,{"index":0/'; } >users.jsonl
	run --separate-stderr sm-export program dir users.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = 'sm-export: user a: no persona; run sm-persona first: a saved user has one
sm-export: user b: an example has the preference "Tie", not "First" or "Second"; mend the user'"'"'s `demos` record
sm-export: user c: an example has no second; mend the user'"'"'s `demos` record
sm-export: user e: an example is no object; mend the user'"'"'s `demos` record
sm-export: 1 users saved' ]
	[ "$(find dir -type f -printf "%f\n" | sort | paste -sd ' ')" = "d.json d_persona.txt" ]
}

@test "chat: one line a user, with a question to fill in" {
	terse
	{ learned a; pair a 3 test; pair b 0 test; } >users.jsonl
	sm-export chat --prompts prompts users.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"user_id":"a","messages":[{"role":"system","content":"S Likes \"owls\".\nAnd é."},{"role":"user","content":"D Second"},{"role":"user","content":"D First"},{"role":"user","content":"{{conversation}}|{{first}}|{{second}}"}]}
{"user_id":"b","messages":[{"role":"system","content":"S null"},{"role":"user","content":"{{conversation}}|{{first}}|{{second}}"}]}
EOF
	sm-export chat --prompts prompts --no-persona --no-demos -s a users.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"user_id":"a","messages":[{"role":"system","content":"S null"},{"role":"user","content":"{{conversation}}|{{first}}|{{second}}"}]}
EOF
	# it is the judge's prompt, and its question
	sm-export chat users.jsonl | jq -c '.messages[:-1]' | cmp - <(sm-prompt judge --json users.jsonl | jq -c .messages)
}

@test "chat --pairs: a line for each pair and order, chosen by --split and --order" {
	terse
	{ pair a 0 train; pair a 1 val; pair a 2 test; pair a 3 none; echo '{"user_id":"a","index":4,"context":[],"first":"f","second":"s"}'; } >users.jsonl
	sm-export chat --pairs --prompts prompts users.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"user_id":"a","index":2,"order":"forward","label":"First","messages":[{"role":"system","content":"S null"},{"role":"user","content":"[user]: Which 2?|good|bad"}]}
{"user_id":"a","index":2,"order":"reverse","label":"Second","messages":[{"role":"system","content":"S null"},{"role":"user","content":"[user]: Which 2?|bad|good"}]}
{"user_id":"a","index":3,"order":"forward","label":"First","messages":[{"role":"system","content":"S null"},{"role":"user","content":"[user]: Which 3?|good|bad"}]}
{"user_id":"a","index":3,"order":"reverse","label":"Second","messages":[{"role":"system","content":"S null"},{"role":"user","content":"[user]: Which 3?|bad|good"}]}
{"user_id":"a","index":4,"order":"forward","label":null,"messages":[{"role":"system","content":"S null"},{"role":"user","content":"|f|s"}]}
{"user_id":"a","index":4,"order":"reverse","label":null,"messages":[{"role":"system","content":"S null"},{"role":"user","content":"|s|f"}]}
EOF
	places() { sm-export chat --pairs "$@" users.jsonl | jq -r '"\(.index)\(.order[:1])"' | paste -sd ' '; }
	[ "$(places --split train --order forward)" = "0f" ]
	[ "$(places --split val,train --order reverse)" = "0r 1r" ]
	[ "$(places --split none --order both)" = "3f 3r 4f 4r" ]
	for wrong in '' dev test,,none 'test,' Test; do
		run --separate-stderr sm-export chat --split "$wrong" users.jsonl
		[ "$status" -eq 2 ]
		[[ $stderr == "sm-export: --split $wrong: "*" is no split; give train, val, test or none, or several" ]]
	done
}

@test "batch: a line for each request that sm-judge sends, with the pair's name" {
	mock_start --decide longer
	{ learned a; pair a 4 test; pair a 5 none; pair a 6 train; pair 'b/\"c\"' 0 test; } >users.jsonl
	sm-export batch --temperature 0.25 --max-tokens 77 users.jsonl >batch.jsonl
	[ "$(mock_calls)" -eq 0 ]
	names='["a/4/forward", "a/4/reverse", "a/5/forward", "a/5/reverse", "b/\"c\"/0/forward", "b/\"c\"/0/reverse"]'
	holds batch.jsonl "map(.custom_id) == $names" 'map(del(.custom_id, .body)) | unique == [{method: "POST", url: "/v1/chat/completions"}]'
	# but for the names the lines are those of sm-judge --batch
	sm-judge -q --batch judge.jsonl --temperature 0.25 --max-tokens 77 users.jsonl >/dev/null || [ $? -eq 5 ]
	cmp <(sed 's/^{"custom_id":"[^,]*,/{/' batch.jsonl) <(sed 's/^{"custom_id":"[^,]*,/{/' judge.jsonl)
	# and they can be answered
	sm-llm -q --no-cache batch.jsonl >answers.jsonl
	holds answers.jsonl "map(.custom_id) == $names" 'map(.response.status_code) | unique == [200]'
	run --separate-stderr sm-export batch --batch more.jsonl users.jsonl
	[ "$status" -eq 2 ]
	[[ $stderr == "sm-export: batch lines go to standard output; leave out --batch, or use sm-judge --batch" ]]
	[ ! -e more.jsonl ]
}

@test "batch: a line alone, byte for byte, and with -m" {
	export SM_MODEL=mock SM_BASE_URL=http://127.0.0.1:9/v1
	terse
	echo 'def schema: null;' >>prompts/judge.jq
	learned a >users.jsonl
	pair a 2 none >new.jsonl
	sm-export batch --prompts prompts --order reverse -m users.jsonl new.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"custom_id":"a/2/reverse","method":"POST","url":"/v1/chat/completions","body":{"model":"mock","messages":[{"role":"system","content":"S Likes \"owls\".\nAnd é."},{"role":"user","content":"D Second"},{"role":"user","content":"D First"},{"role":"user","content":"[user]: Which 2?|bad|good"}],"temperature":0,"max_tokens":1024}}
EOF
	sm-prompt request --prompts prompts --order reverse -m users.jsonl new.jsonl | cmp - <(sed 's/.*,"body"://; s/}$//' out.jsonl)
}

@test "promptfoo: a test for each pair and order, byte for byte" {
	terse
	{ learned a; pair a 2 test; } >users.jsonl
	sm-export promptfoo --prompts prompts --no-demos users.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"description":"pair 2, forward","vars":{"messages":"[{\"role\":\"system\",\"content\":\"S Likes \\\"owls\\\".\\nAnd é.\"},{\"role\":\"user\",\"content\":\"[user]: Which 2?|good|bad\"}]"},"assert":[{"type":"contains-json","value":{"type":"object","required":["preference"],"properties":{"preference":{"const":"First"}}}}],"metadata":{"user_id":"a","index":2,"order":"forward"}}
{"description":"pair 2, reverse","vars":{"messages":"[{\"role\":\"system\",\"content\":\"S Likes \\\"owls\\\".\\nAnd é.\"},{\"role\":\"user\",\"content\":\"[user]: Which 2?|bad|good\"}]"},"assert":[{"type":"contains-json","value":{"type":"object","required":["preference"],"properties":{"preference":{"const":"Second"}}}}],"metadata":{"user_id":"a","index":2,"order":"reverse"}}
EOF
}

@test "promptfoo: texts hold nothing that it could take for a template, and are the same as chat's" {
	{
		jq -nc '{type: "persona", user_id: "a", persona: "{{env.SECRET}} {% raw %} {# c #} \\ \" \\\" }"}'
		jq -nc '{user_id: "a", context: [{role: "user", content: "{{ 7*7 }} \\u007b \\{"}], chosen: "{\"a\": {\"b\\\": 1}}", rejected: "\\"}'
	} >users.jsonl
	sm-export promptfoo users.jsonl >out.jsonl
	jq -r .vars.messages out.jsonl >texts
	[ "$(wc -l <texts)" -eq 2 ]
	run grep -E '\{[{%#]|[%#}]\}' texts
	[ "$status" -eq 1 ]
	sm-export chat --pairs users.jsonl | jq -c .messages | cmp - <(jq -c . texts)
}

@test "inspect: a sample for each pair and order, byte for byte" {
	terse
	{ learned a/b; pair a/b 2 test; } >users.jsonl
	sm-export inspect --prompts prompts --no-demos users.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"id":"a/b/2/forward","input":[{"role":"system","content":"S Likes \"owls\".\nAnd é."},{"role":"user","content":"[user]: Which 2?|good|bad"}],"target":"First","metadata":{"user_id":"a/b","index":2,"order":"forward"}}
{"id":"a/b/2/reverse","input":[{"role":"system","content":"S Likes \"owls\".\nAnd é."},{"role":"user","content":"[user]: Which 2?|bad|good"}],"target":"Second","metadata":{"user_id":"a/b","index":2,"order":"reverse"}}
EOF
}

@test "trl: rows of the train pairs, the persona in the system turn, byte for byte" {
	edited generation 's/^def system: {$/def system: {role: "system", content: "G \\(.persona)"}; def unused: {/'
	{ learned a; pair a 0 train; pair a 1 val; pair a 2 test; pair a 3 none; } >users.jsonl
	sm-export trl --prompts prompts users.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"prompt":[{"role":"system","content":"G Likes \"owls\".\nAnd é."},{"role":"user","content":"Which 0?"}],"chosen":[{"role":"assistant","content":"good"}],"rejected":[{"role":"assistant","content":"bad"}],"user_id":"a","index":0}
EOF
	sm-export trl --no-persona --split val,none users.jsonl >out.jsonl
	cmp - out.jsonl <<'EOF'
{"prompt":[{"role":"user","content":"Which 1?"}],"chosen":[{"role":"assistant","content":"good"}],"rejected":[{"role":"assistant","content":"bad"}],"user_id":"a","index":1}
{"prompt":[{"role":"user","content":"Which 3?"}],"chosen":[{"role":"assistant","content":"good"}],"rejected":[{"role":"assistant","content":"bad"}],"user_id":"a","index":3}
EOF
	# unedited, it is the message of the generation prompt
	sm-export trl users.jsonl | jq -c '.prompt[0]' | cmp - <(sm-prompt generation --json users.jsonl | jq -c '.messages[0]')
}

@test "trl: one system message, roles of chat templates, replies of several turns" {
	edited generation 's/^def system: {$/def system: {role: "system", content: "G"}; def unused: {/'
	{
		learned a
		jq -nc '{user_id: "a", context: [{role: "system", content: "Be kind."}, {role: "user", content: "q"}, {role: "model", content: "m", extra: 1}],
			chosen: [{role: "model", content: "x"}, {role: "user", content: "y"}], rejected: {role: "bot", content: "z"}}'
	} >users.jsonl
	row() { sm-export trl --prompts prompts --split none "$@" users.jsonl | jq -c '[.prompt, .chosen, .rejected | map([.role, .content])]'; }
	[ "$(row)" = '[[["system","G"],["user","[system]: Be kind.\n\nq"],["assistant","m"]],[["assistant","x"],["user","y"]],[["assistant","z"]]]' ]
	[ "$(row --no-persona)" = '[[["user","[system]: Be kind.\n\nq"],["assistant","m"]],[["assistant","x"],["user","y"]],[["assistant","z"]]]' ]
}

@test "trl: who has no persona, and a pair without a conversation, are told; the others are written" {
	{
		pair a 0 train
		learned b
		pair b 0 train
		pair b 1 train | sed 's/"context":[^]]*]/"context":[]/'
		pair b 3 train
	} >users.jsonl
	run --separate-stderr sm-export trl users.jsonl
	[ "$status" -eq 1 ]
	holds - 'map(.index) == [0, 3]' <<<"$output"
	[ "$stderr" = "sm-export: user a: no persona; run sm-persona first, or give --no-persona
sm-export: user b: pair 1: no conversation of user and assistant before the replies; it is left out" ]
}

# verdict ID INDEX CHOSEN REJECTED: rewards of a pair. ranking ID INDEX REWARD ...: of candidates.
verdict() {
	printf '{"type":"verdict","user_id":"%s","stage":"judge","by":"likelihood","index":%s,"order":"forward",' "$1" "$2"
	printf '"rewards":{"chosen":%s,"rejected":%s},"reply_tokens":{"chosen":3,"rejected":5}}\n' "$3" "$4"
}
candidates() {
	local texts
	texts=$(printf ',"%s"' "${@:3}")
	printf '{"user_id":"%s","index":%s,"context":[{"role":"model","content":"Ask."},{"role":"user","content":"Which %s?"}],' "$1" "$2" "$2"
	printf '"candidates":[%s]}\n' "${texts:1}"
}
ranking() {
	local rewards tokens
	rewards=$(printf ',%s' "${@:3}")
	tokens=$(printf ',7%.0s' "${@:3}")
	printf '{"type":"ranking","user_id":"%s","stage":"rank","by":"likelihood","index":%s,"n":%s,' "$1" "$2" $(($# - 2))
	printf '"rewards":[%s],"reply_tokens":[%s]}\n' "${rewards:1}" "${tokens:1}"
}

@test "trl: rewards and margin where the input has them, by the last verdict of the pair" {
	{
		for index in 0 1 2 3 4; do pair a "$index" train; done
		verdict a 0 1.2345678 -0.5
		verdict a 0 -1.5 0.1
		verdict a 2 1e-7 0
		verdict a 3 1 2 | sed 's/"rewards":{[^}]*}/"rewards":{"first":1,"second":2}/'
		verdict a 4 1 2 | sed 's/"rewards":{[^}]*},//; s/"by":"likelihood"/"by":null/'
		verdict b 1 1 2
		pair b 1 train
		pair b 2 train
	} >users.jsonl
	sm-export trl --no-persona users.jsonl >out.jsonl
	# + 0: jq 1.7 and later would repeat the file's spelling in one of its own (1E-7).
	[ "$(jq -c '.rewards[]? |= . + 0 | [.user_id, .index, .rewards, .margin, has("margin")]' out.jsonl)" = \
'["a",0,{"chosen":-1.5,"rejected":0.1},-1.6,true]
["a",1,null,null,false]
["a",2,{"chosen":1e-07,"rejected":0},0,true]
["a",3,null,null,false]
["a",4,null,null,false]
["b",1,{"chosen":1,"rejected":2},-1,true]
["b",2,null,null,false]' ]
	head -n 1 out.jsonl | cmp - <(echo '{"prompt":[{"role":"user","content":"Which 0?"}],"chosen":[{"role":"assistant","content":"good"}],"rejected":[{"role":"assistant","content":"bad"}],"user_id":"a","index":0,"rewards":{"chosen":-1.5,"rejected":0.1},"margin":-1.6}')
}

@test "reward: a line for each reply of each valued pair and candidates, byte for byte" {
	{
		pair a 0 test
		pair a 1 train
		pair a 2 none
		echo '{"user_id":"a","index":3,"split":"test","context":[{"role":"user","content":"q"}],"first":"f","second":[{"role":"model","content":"s"},{"role":"user","content":"t"}]}'
		for index in 0 1; do verdict a "$index" 1.5 -0.25; done
		verdict a 3 0 0 | sed 's/"rewards":.*/"rewards":{"first":2,"second":-3e-9}}/'
		candidates a 0 x y
		candidates a 5 z w
		ranking a 5 0.5 1
		candidates b 0 same same
		ranking b 0 7 7
	} >users.jsonl
	run --separate-stderr sm-export reward users.jsonl
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	cmp - <(echo "$output") <<'END'
{"user_id":"a","index":0,"source":"chosen","context":[{"role":"user","content":"Which 0?"}],"reply":[{"role":"assistant","content":"good"}],"reward":1.5,"tokens":3}
{"user_id":"a","index":0,"source":"rejected","context":[{"role":"user","content":"Which 0?"}],"reply":[{"role":"assistant","content":"bad"}],"reward":-0.25,"tokens":5}
{"user_id":"a","index":3,"source":"first","context":[{"role":"user","content":"q"}],"reply":[{"role":"assistant","content":"f"}],"reward":2,"tokens":null}
{"user_id":"a","index":3,"source":"second","context":[{"role":"user","content":"q"}],"reply":[{"role":"assistant","content":"s"},{"role":"user","content":"t"}],"reward":-3e-09,"tokens":null}
{"user_id":"a","index":5,"source":"candidate","context":[{"role":"assistant","content":"Ask."},{"role":"user","content":"Which 5?"}],"reply":[{"role":"assistant","content":"z"}],"reward":0.5,"tokens":7}
{"user_id":"a","index":5,"source":"candidate","context":[{"role":"assistant","content":"Ask."},{"role":"user","content":"Which 5?"}],"reply":[{"role":"assistant","content":"w"}],"reward":1,"tokens":7}
{"user_id":"b","index":0,"source":"candidate","context":[{"role":"assistant","content":"Ask."},{"role":"user","content":"Which 0?"}],"reply":[{"role":"assistant","content":"same"}],"reward":7,"tokens":7}
{"user_id":"b","index":0,"source":"candidate","context":[{"role":"assistant","content":"Ask."},{"role":"user","content":"Which 0?"}],"reply":[{"role":"assistant","content":"same"}],"reward":7,"tokens":7}
END
	[ "$(sm-export reward -q --split train -s a users.jsonl | jq -c '[.index, .source]' | paste -sd ' ')" = \
		'[1,"chosen"] [1,"rejected"] [5,"candidate"] [5,"candidate"]' ]
}

@test "reward: what sm-judge and sm-rank have written, and trl the same margins" {
	mock_start --likelihood echo
	{ candidates brief 0 "Fine." "Well, thank you." "So-so."; cat "$prefs"; } | sm-split -q --test 3 |
		sm-judge -q --by likelihood --history 4 | sm-rank -q --by likelihood --history 4 >users.jsonl
	sm-export reward -q users.jsonl >rewards.jsonl
	sm-export trl --no-persona --split test users.jsonl >trl.jsonl
	holds rewards.jsonl 'group_by(.source) | map("\(.[0].source)\(length)") == ["candidate3", "chosen9", "rejected9"]'
	cmp <(jq -c 'select(.source == "candidate") | [.reward, .tokens]' rewards.jsonl) \
		<(jq -c 'select(.type == "ranking") | [.rewards, .reply_tokens] | transpose[]' users.jsonl)
	cmp <(jq -sc 'map(select(.source != "candidate")) | range(0; length; 2) as $i | .[$i:$i + 2] | [.[0].user_id, .[0].index, .[0].reward, .[1].reward]' rewards.jsonl) \
		<(jq -c '[.user_id, .index, .rewards.chosen, .rewards.rejected]' trl.jsonl)
	holds trl.jsonl 'length == 9' 'all(.[]; (.rewards.chosen - .rewards.rejected - .margin | fabs) < 1e-5)'
	python3 -c 'import json; [json.loads(line) for line in open("rewards.jsonl", encoding="utf-8")]'
}

@test "reward: what cannot be told apart, is not there, or does not fit is told; the others are written" {
	{
		pair a 0 test; pair a 0 test; verdict a 0 1 2
		pair b 0 test; candidates b 4 x y; candidates b 4 z w; ranking b 4 1 2
		pair c 0 test; pair c 0 test; pair c 1 test; verdict c 1 1 2
		verdict d 0 1 2; ranking d 3 1 2; candidates d 4 x y; ranking d 4 3 4
		candidates e 0 x y; ranking e 0 1 2 3; candidates e 1 x y; ranking e 1 '"1"' 2; pair e 0 test; verdict e 0 1 2 | sed 's/"rewards":{[^}]*}/"rewards":7/'
		candidates e 2 x y; ranking e 2 5 6
		pair f 0 test
	} >users.jsonl
	run --separate-stderr sm-export reward users.jsonl
	[ "$status" -eq 1 ]
	holds - 'map([.user_id, .index, .reward]) == [["c", 1, 1], ["c", 1, 2], ["d", 4, 3], ["d", 4, 4], ["e", 2, 5], ["e", 2, 6]]' <<<"$output"
	[ "$stderr" = 'sm-export: user a: two pairs have the index 0, and one verdict; number the pairs anew, by sm-split, and judge again
sm-export: user b: two objects with candidates have the index 4, and one ranking; number them apart, and rank again
sm-export: user d: 2 records with rewards left out, whose pairs or candidates the input does not hold
sm-export: user e: pair 0: no reward of `chosen`; it is left out
sm-export: user e: candidates 0: the ranking is of another number of candidates; rank them again
sm-export: user e: candidates 1: no reward of `candidate`; it is left out
sm-export: user f has no rewards to export; sm-judge and sm-rank give them, with --by likelihood' ]
	run --separate-stderr sm-export trl --no-persona --split test -s a users.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = "sm-export: user a: two pairs have the index 0, and one verdict; number the pairs anew, by sm-split, and judge again" ]
	# without a verdict it is nobody's business
	grep -v '"verdict"' users.jsonl | sm-export trl --no-persona --split test -s a | wc -l | grep -qx 2
}

@test "pairs of which nobody has chosen are left out where a choice is needed, with a remark" {
	{ learned a; pair a 0 test; echo '{"user_id":"a","index":1,"split":"test","context":[{"role":"user","content":"q"}],"first":"f","second":"s"}'; pair b 0 train; } >users.jsonl
	for target in promptfoo inspect "trl --split test"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-export $target --order forward -s a users.jsonl
		[ "$status" -eq 0 ]
		[ "$(wc -l <<<"$output")" -eq 1 ]
		[ "$stderr" = "sm-export: user a: 1 pairs left out, of which nobody has chosen a reply" ]
	done
	run --separate-stderr sm-export inspect -s b users.jsonl
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$stderr" = "sm-export: user b has no pairs to export; see --split" ]
	run --separate-stderr sm-export inspect -q -s b users.jsonl
	[ -z "$stderr" ]
}

@test "users who failed or wait, who are not in the file or the input, or in pieces, are told" {
	{ learned a; halted a error; pair b 0 test; learned c; halted c pending; learned d; pair d 0 test; pair b 1 test; } >users.jsonl
	for target in chat inspect "program dir"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-export -q $target users.jsonl
		[ "$status" -eq 1 ]
		[[ $stderr == *'user a: an earlier stage failed, or waits; see the user'"'"'s `error` or `pending` record'* ]]
		[[ $stderr == *'user c: an earlier stage failed, or waits; '* ]]
		[[ $stderr == *"user b came before: the records of a user must be contiguous; "* ]]
	done
	[ "$(find dir -type f -printf "%f\n" | sort | paste -sd ' ')" = "d.json d_persona.txt" ]
	run --separate-stderr sm-export chat -s nobody users.jsonl
	[ "$status" -eq 1 ]
	[[ $stderr == *'sm-export: no user nobody in the input; see the `user_id` of the records' ]]
	learned e >trained.jsonl
	run --separate-stderr sm-export chat -q -m trained.jsonl <(pair e 0 test; pair f 0 test)
	[ "$status" -eq 1 ]
	holds - 'map(.user_id) == ["e"]' <<<"$output"
	[ "$stderr" = "sm-export: user f: trained.jsonl holds nothing of this user; fit this user first" ]
}

@test "two pairs with one index would be one line's name: told" {
	{ pair a 0 test; pair a 0 test; pair b 0 test; } >users.jsonl
	run --separate-stderr sm-export inspect users.jsonl
	[ "$status" -eq 1 ]
	[ "$stderr" = "sm-export: user a: two pairs have the index 0; number the pairs anew, by sm-split" ]
	holds - 'map(.metadata.user_id) | unique == ["b"]' <<<"$output"
}

@test "bad lines are told and the rest is written; an empty input is an empty output" {
	{ learned a; echo '{"user_id":'; printf '\xff\n'; } >users.jsonl
	run --separate-stderr sm-export chat users.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <<<"$output")" -eq 1 ]
	[[ $stderr == *"sm-export: users.jsonl:4: "* ]]
	[[ $stderr == *"sm-export: users.jsonl:5: "* ]]
	for target in chat promptfoo inspect trl reward "program dir"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-export $target </dev/null
		[ "$status" -eq 0 ]
		[ -z "$output" ]
	done
	[ -d dir ]
}

@test "usage: a target, for program a folder" {
	for words in "" nonsense Program; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-export $words </dev/null
		[ "$status" -eq 2 ]
		[ "$stderr" = "sm-export: say what to export: program, chat, batch, promptfoo, inspect, trl or reward; see --help" ]
	done
	for words in program "program -"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr sm-export $words </dev/null
		[ "$status" -eq 2 ]
		[ "$stderr" = "sm-export: say into which folder; sm-export program DIR [FILE ...]" ]
	done
	run --separate-stderr sm-export program dir --no-persona </dev/null
	[ "$status" -eq 2 ]
	[ "$stderr" = "sm-export: a user that the Python library saved has a persona; leave out --no-persona" ]
	[ ! -e ./- ] && [ ! -e dir ]
}

@test "every line of every target is JSON as Python reads it, with the members of its format" {
	mock_start --decide longer
	sm-fit -q --test 3 --seeds=-1..2 "$prefs" >users.jsonl
	for target in chat batch promptfoo inspect trl; do
		sm-export "$target" users.jsonl >"$target.jsonl"
	done
	python3 - <<'EOF'
import json

def rows(name):
    with open(name + ".jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]

def chat(messages):
    assert messages and all(m.keys() == {"role", "content"} and m["role"] in ("system", "user", "assistant")
                            and isinstance(m["content"], str) for m in messages), messages

for row in rows("chat"):
    chat(row["messages"])
    assert row["messages"][-1]["role"] == "user"
for row in rows("batch"):
    assert row.keys() == {"custom_id", "method", "url", "body"}
    chat(row["body"]["messages"])
for row in rows("promptfoo"):
    assert row.keys() == {"description", "vars", "assert", "metadata"}
    chat(json.loads(row["vars"]["messages"]))
    assert row["assert"][0]["type"] == "contains-json"
samples = rows("inspect")
for row in samples:
    chat(row["input"])
    assert row["target"] in ("First", "Second")
assert len({row["id"] for row in samples}) == len(samples) == 18
for row in rows("trl"):
    chat(row["prompt"])
    chat(row["chosen"])
    chat(row["rejected"])
    assert row["prompt"][-1]["role"] == "user" and row["chosen"] != row["rejected"]
assert len(rows("trl")) == 18
EOF
}
