# Keys: where they come from, and to whom they are never sent.
load helper

setup() {
	prefs=$top/examples/prefs.jsonl
	cd "$BATS_TEST_TMPDIR" || return 1
	sm-split -q --test 2 "$prefs" | grep -m 1 '"split":"test"' >single.jsonl
}

# judge OPTION ...: one question. Every run asks anew.
judge() {
	sm-judge -q --no-cache --order forward "$@" single.jsonl
}

# sent_key: what the last call had as its key.
sent_key() {
	tail -n 1 mock.log | jq -r .authorization
}

# refused TEXT COMMAND ...: exit status 2, one line that says TEXT and not the key, and nothing is sent.
refused() {
	local text=$1
	shift
	: >mock.log
	run --separate-stderr "$@"
	if [ "$status" -ne 2 ] || [[ $stderr != *"$text"* ]] || [ "$(grep -c . <<<"$stderr")" -ne 1 ]; then
		echo "$*: $status $stderr"
		return 1
	fi
	[[ $stderr$output != *sk-* ]]
	[ ! -s mock.log ]
}

# as_other COMMAND ...: as another user of this machine.
as_other() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

needs_root() {
	[ "$(id -u)" -eq 0 ] || skip "only root can be another user"
}

@test "a key goes where its own source names the endpoint, and to no other" {
	mock_start --decide longer
	url=$SM_BASE_URL
	unset SM_BASE_URL
	export SM_MODEL=openai/m
	# the endpoint of .env: only a key of .env
	printf 'SM_BASE_URL=%s\n' "$url" >.env
	OPENAI_API_KEY=sk-environment refused 'OPENAI_API_KEY would go to '"$url"', which .env names; if that is where it shall go, give --base-url' judge
	echo sk-file >key
	refused "the key of --api-key-file would go to $url, which .env names" judge --api-key-file key
	echo 'X-Team: sk-owls' >headers
	refused 'what --header gives would go' judge -H @headers
	printf 'OPENAI_API_KEY=sk-dotenv\n' >>.env
	judge >/dev/null
	[ "$(sent_key)" = "Bearer sk-dotenv" ]
	OPENAI_API_KEY=sk-environment refused 'OPENAI_API_KEY would go' judge
	refused 'what --header gives would go' judge -H @headers
	# named now, on the command line or in the environment: any key
	OPENAI_API_KEY=sk-environment judge -B "$url" >/dev/null
	[ "$(sent_key)" = "Bearer sk-environment" ]
	SM_BASE_URL=$url judge >/dev/null
	[ "$(sent_key)" = "Bearer sk-dotenv" ]
	judge -B "$url" -H @headers --api-key-file key >/dev/null
	[ "$(sent_key)" = "Bearer sk-file" ]
	# what is not sent leaks nowhere
	OPENAI_API_KEY=sk-environment judge --dry-run >/dev/null
}

@test "azure: the endpoint of .env gets no key of the environment" {
	mock_start --decide longer
	printf 'AZURE_API_BASE=%s\n' "${SM_BASE_URL%/v1}" >.env
	url=${SM_BASE_URL%/v1}
	unset SM_BASE_URL
	AZURE_API_KEY=sk-azure refused "AZURE_API_KEY would go to $url, which .env names" judge -M azure/m
	AZURE_API_KEY=sk-azure AZURE_API_BASE=$url judge -M azure/m >/dev/null
	[ "$(tail -n 1 mock.log | jq -r '.headers["api-key"]')" = sk-azure ]
}

@test "an endpoint that .env names, or nobody, is told; no key goes to one that nobody names" {
	mock_start --decide longer
	url=$SM_BASE_URL
	unset SM_BASE_URL no_proxy NO_PROXY
	export http_proxy=${url%/v1} # catches what would go to the default port
	SM_API_KEY=sk-own refused 'SM_API_KEY would go to http://localhost:7410/v1, and nobody has named an endpoint; name the endpoint that it is for with --base-url' judge
	echo 'X-Team: owls' >headers
	refused 'what --header gives would go to http://localhost:7410/v1, and nobody' judge -H @headers
	sm-judge --no-cache --order forward single.jsonl 2>err >/dev/null
	head -n 1 err | grep -Fx 'sm-judge: asks http://localhost:7410/v1, since no endpoint is named'
	SM_API_KEY=sk-own sm-judge --batch calls.jsonl single.jsonl >/dev/null 2>err || [ $? -eq 5 ]
	run ! grep -F 'asks http' err
	unset http_proxy
	echo "SM_BASE_URL=$url" >.env
	sm-judge --no-cache --order forward single.jsonl 2>err >/dev/null
	head -n 1 err | grep -Fx "sm-judge: asks $url, which .env names"
}

@test "the endpoint is told once in a pipe" {
	mock_start --decide longer
	echo "SM_BASE_URL=$SM_BASE_URL" >.env
	unset SM_BASE_URL
	sm-fit "$prefs" 2>err >/dev/null
	[ "$(grep -c 'which .env names' err)" -eq 1 ]
}

@test ".env is read as other programs read it" {
	mock_start --decide longer
	export SM_MODEL=openai/m
	# wants KEY: what .env, given as text, has as its key.
	wants() {
		cat >.env
		judge >/dev/null
		[ "$(sent_key)" = "Bearer $1" ] || { echo "$(sent_key), not $1"; cat -A .env; return 1; }
	}
	printf 'OPENAI_API_KEY="sk-1" # of the lab\n' | wants sk-1
	printf "OPENAI_API_KEY='sk-2'   # of the lab\r\n" | wants sk-2
	printf 'OPENAI_API_KEY=sk-3 # of the lab' | wants sk-3
	printf 'OPENAI_API_KEY=sk-4#5\n' | wants sk-4#5
	printf '\xef\xbb\xbfOPENAI_API_KEY=sk-6\r\nX=1\r\n' | wants sk-6
	printf '  export\tOPENAI_API_KEY \t= \t"sk-7"\n' | wants sk-7
	printf 'A="\nOPENAI_API_KEY=sk-no\n"\nOPENAI_API_KEY=sk-8\nB="it\n' | wants sk-8
	printf 'OPENAI_API_KEY=sk-no\nOPENAI_API_KEY=sk-9\n' | wants sk-9
	printf 'A=\nA=#\n#OPENAI_API_KEY=sk-no\n=\nnonsense\n\n"x"\nOPENAI_API_KEY=sk-10\n# OPENAI_API_KEY=sk-no' | wants sk-10
	printf 'OPENAI_API_KEY="sk-a\\"b\\\\c"\n' | wants 'sk-a"b\c'
	printf 'A=%s\nOPENAI_API_KEY=%s\n' "$(head -c 200000 /dev/zero | tr '\0' x)" "$(head -c 5000 /dev/zero | tr '\0' y)" |
		wants "$(head -c 5000 /dev/zero | tr '\0' y)"
	printf 'A="x\nOPENAI_API_KEY="sk-11"\n' | wants sk-11
	printf 'export=1\nOPENAI_API_KEY=sk-no\nOPENAI_API_KEY= # none here\nOPENAI_API_KEY_2=sk-no\n' >.env
	judge >/dev/null
	[ "$(sent_key)" = null ]
}

@test ".env that others may have written is refused with its name, and so is one that is no text" {
	mock_start --decide longer
	echo SM_API_KEY=sk-1 >.env
	for mode in 620 602 666; do
		chmod "$mode" .env
		refused '.env can be changed by other users' judge
		[[ $stderr == *"chmod go-w .env"* ]]
	done
	chmod 644 .env
	judge >/dev/null
	[ "$(sent_key)" = "Bearer sk-1" ]
	printf 'SM_API_KEY=sk-1\n' | iconv -t utf16 >.env
	refused '.env: a NUL byte' judge
	head -c 2000000 /dev/zero | tr '\0' x >.env
	refused '.env: ' judge
	rm .env
	mkdir .env # of Python's venv
	judge >/dev/null
}

@test ".env of another user is refused, a pipe or a link of theirs too" {
	needs_root
	mock_start --decide longer
	echo SM_API_KEY=sk-1 >.env
	chown 65534 .env
	refused '.env belongs to another user (65534)' judge
	rm .env
	mkfifo .env
	chown 65534 .env
	refused '.env belongs to another user' timeout 20 sm-judge -q single.jsonl
	rm .env
	echo SM_API_KEY=sk-1 >mine
	ln -s mine .env
	judge >/dev/null
	chown -h 65534 .env
	refused '.env belongs to another user' judge
}

@test "--api-key-file: the first line of a file that is one's own" {
	mock_start --decide longer
	printf 'sk-file\nmore\n' >key
	SM_API_KEY=sk-environment judge --api-key-file key >out.jsonl
	[ "$(sent_key)" = "Bearer sk-file" ]
	judge --api-key-file <(echo sk-pipe) >>out.jsonl
	[ "$(sent_key)" = "Bearer sk-pipe" ]
	run grep -c sk- out.jsonl
	[ "$output" = 0 ]
	chmod g+w key
	refused 'key can be changed by other users' judge --api-key-file key
	: >empty
	refused '--api-key-file empty: no key in it' judge --api-key-file empty
	refused 'nowhere: No such file' judge --api-key-file nowhere
	printf 'sk-a\tb\n' >tab
	refused 'control character' judge --api-key-file tab
	# a provider's own endpoint takes it too: the key is not missing
	unset SM_BASE_URL
	https_proxy=http://127.0.0.1:9 judge -M openai/m --api-key-file empty 2>err || [ $? -eq 2 ]
	grep -F 'no key in it' err
}

@test "a key is not sent over http:// but to this machine, however the URL is written" {
	export SM_API_KEY=sk-own
	: >mock.log
	for url in http://gpu1:8000/v1 http://localhost.evil.example/v1 http://127.0.0.1.evil.example http://0.0.0.0:1/v1 \
		'http://[::]:1/v1' http://3232235777/v1 http://0xc0.168.1.1/v1 'http://[fe80::1]/v1' 'http://[::ffff:10.0.0.1]/v1' HTTP://gpu1/v1 http://127.evil/v1; do
		refused 'SM_API_KEY would go to ' judge -B "$url"
		[[ $stderr == *"unencrypted; give an https:// URL, or --insecure-http"* ]] || { echo "$url: $stderr"; false; }
		HF_TOKEN=sk-hub refused 'unencrypted' sm-import -q personalrewardbench --hf a/b --hf-url "$url" --config default --split train
	done
	for url in http://user@evil.example/v1 http://127.0.0.1@evil.example/v1 http://a:b@127.0.0.1/v1; do
		refused 'the base URL holds credentials' judge -B "$url"
	done
	for url in http:// localhost:7410/v1 ftp://localhost/v1 'http://a b/v1' $'http://127.0.0.1\n.evil/v1'; do
		refused 'is no URL that begins with http' judge -B "$url"
	done
	# without a key it may go anywhere
	unset SM_API_KEY
	mock_start --decide longer
	http_proxy=${SM_BASE_URL%/v1} judge -B http://model.invalid/v1 >/dev/null
	[ "$(mock_calls)" -eq 1 ]
}

@test "this machine by other names: the key goes there" {
	export SM_API_KEY=sk-own
	mock_start --decide longer
	port=${SM_BASE_URL##*:}
	for host in localhost LOCALHOST 127.0.0.1 2130706433 0x7f000001 127.1 '[::ffff:127.0.0.1]'; do
		judge -B "http://$host:$port" >/dev/null || { echo "$host"; false; }
		[ "$(sent_key)" = "Bearer sk-own" ]
	done
	judge -B "http://127.0.0.1:${port%/v1}/@cf/v1" >/dev/null
}

@test "--insecure-http sends it all the same; a proxy for this machine gets none without" {
	mock_start --decide longer
	export SM_API_KEY=sk-own http_proxy=${SM_BASE_URL%/v1}
	unset no_proxy NO_PROXY
	judge --insecure-http -B http://model.invalid/v1 >/dev/null
	[ "$(sent_key)" = "Bearer sk-own" ]
	refused 'SM_API_KEY, for http://localhost:1/v1, would go unencrypted to the proxy of http_proxy' judge -B http://localhost:1/v1
	no_proxy=127.0.0.1 judge >/dev/null
}

@test "a server of another user on this machine: told, and given no key" {
	needs_root
	as_other "$B/mock-llm" --decide longer --lifetime 60 >port 3>&- &
	other=$!
	for ((i = 0; i < 500; i++)); do
		[ ! -s port ] || break
		sleep 0.02
	done
	export SM_MODEL=mock
	: >mock.log
	for host in 127.0.0.1 localhost; do
		url=http://$host:$(<port)/v1
		SM_API_KEY=sk-own refused "SM_API_KEY would go to $url, where a program of user 65534 listens" judge -B "$url"
		judge -B "$url" 2>err >/dev/null
		[ "$(cat err)" = "sm-judge: a program of user 65534, neither yours nor root's, listens at $url and gets the conversations" ]
	done
	# where the kernel is not to be asked, or does not know, its table tells (fail.so is not for builds with sanitizers, or behind an emulator)
	if [ -e "$B/fail.so" ] && ! nm -D "$BIN/sm-judge" | grep -q __asan_; then
		for kind in netlink diag; do
			LD_PRELOAD=$B/fail.so FAIL=$kind,1,always FAIL_COUNTS=$PWD/counts judge -B "$url" 2>err >/dev/null
			grep -q 'a program of user 65534' err
			grep -qx "$kind [1-9][0-9]*" counts
		done
	fi
	SM_API_KEY=sk-own judge --insecure-http -B "$url" 2>err >/dev/null
	[ ! -s err ]
	kill "$other"
	# one's own: nothing to tell
	mock_start --decide longer
	SM_API_KEY=sk-own judge 2>err >/dev/null
	[ ! -s err ]
}

# line NAME VALUE: a request with that member.
line() {
	echo '{"messages":[{"role":"user","content":"Which?"}],"max_tokens":50,"'"$1\":$2}"
}

# answered COMMAND...: each line of in.jsonl gets an answer from it.
answered() {
	"$@" <in.jsonl >answers.jsonl
	[ "$(grep -c '"error":null' answers.jsonl)" -eq "$(wc -l <in.jsonl)" ]
}

@test "no line leads a gateway elsewhere, to another key, price or answer" {
	mock_start --decide longer
	while read -r name value; do
		line "$name" "$value" >>in.jsonl
		echo "$name" >>names.txt
	done <<'END'
api_base "http://evil.example"
Base_URL "http://evil.example"
api_key "sk"
custom_llm_provider "x"
extra_headers {"Authorization": "x"}
extra_body {"a": 1}
mock_response "First"
mock_tool_calls []
fallbacks ["dear"]
context_window_fallbacks []
models ["dear"]
litellm_params {"a": 1}
aws_sts_endpoint "x"
vertex_credentials "x"
langfuse_host "http://evil.example"
input_cost_per_token 0
organization "x"
END
	run --separate-stderr sm-llm -q --no-cache in.jsonl
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	mapfile -t names <names.txt
	[ ${#stderr_lines[@]} -eq 17 ]
	for i in "${!names[@]}"; do
		[[ ${stderr_lines[i]} == *"in.jsonl:$((i + 1)): \`${names[i]}\` must not be a member of a request"*"--gateway-members"* ]] || { echo "${names[i]}: ${stderr_lines[i]}"; false; }
	done
	run --separate-stderr sm-llm -q --no-cache <<<"$(line options '[{"a": {"api_base": "x"}}]')"
	[[ $stderr == *'`api_base` must not be'* ]]
	[ "$(mock_calls)" -eq 0 ]
	# a schema's names, and what is said, are the user's
	tools='[{"type": "function", "function": {"name": "f", "parameters": {"properties": {"api_key": {}, "headers": {}}}}}]'
	{ line tools "$tools"; line metadata '{"headers": "x"}'; } >in.jsonl
	answered sm-llm -q --no-cache
	# allowed by the option, which --set and --body obey too
	line fallbacks '["other"]' >in.jsonl
	answered sm-llm -q --no-cache --gateway-members
	judge --gateway-members --set mock_response=First >/dev/null
	[ "$(tail -n 1 mock.log | jq -r .body.mock_response)" = First ]
	refused '--gateway-members and --max-cost exclude each other' judge --gateway-members --max-cost 1
}

@test "with --max-cost no line costs what is not reckoned" {
	mock_start --decide longer
	echo '{"model":"mock","in":1,"out":1}' >prices.jsonl
	while read -r name value; do
		line "$name" "$value" >>in.jsonl
		echo "$name" >>names.txt
	done <<'END'
n "128"
best_of "128"
max_completion_tokens "100000"
max_output_tokens 100000
num_predict 100000
service_tier "priority"
web_search_options {}
prediction {"type":"content","content":"x"}
modalities ["text","image"]
search_parameters {"mode":"on"}
END
	# without a cap each is sent
	answered sm-llm -q --no-cache
	[ "$(mock_calls)" -eq 10 ]
	printf '{"messages":[{"role":"user","content":[{"type":"text","text":"q"},{"type":"%s"}]}]}\n' image_url input_audio file >>in.jsonl
	printf '%s\n' image_url input_audio file >>names.txt
	run --separate-stderr sm-llm -q --no-cache --prices prices.jsonl --max-cost 1 in.jsonl
	[ "$status" -eq 1 ]
	[ "$(mock_calls)" -eq 10 ]
	mapfile -t names <names.txt
	[ ${#stderr_lines[@]} -eq 13 ]
	for i in "${!names[@]}"; do
		[[ ${stderr_lines[i]} == *"in.jsonl:$((i + 1)): \`${names[i]}\` in a request: what it costs then is not known"* ]] || { echo "${names[i]}: ${stderr_lines[i]}"; false; }
	done
	run --separate-stderr sm-llm -q --no-cache --prices prices.jsonl --max-cost 1 <<<"$(line tools '[{"type":"web_search"}]')"
	[ "$status" -eq 1 ]
	line tools '[{"type":"function","function":{"name":"f"}}]' >in.jsonl
	answered sm-llm -q --no-cache --prices prices.jsonl --max-cost 1
	run --separate-stderr judge --prices prices.jsonl --max-cost 1 --set service_tier=priority
	[ "$status" -eq 2 ]
	judge --prices prices.jsonl --max-cost 1 >/dev/null
}

@test "of several endpoints each is checked: its proxy, and credentials in its URL" {
	mock_start --decide longer
	local port=${SM_BASE_URL##*:} second
	second=http://127.0.0.2:$port
	OPENAI_API_KEY=sk-environment http_proxy=http://127.0.0.1:$port no_proxy=127.0.0.1 refused \
		"would go unencrypted to the proxy of http_proxy" judge -M openai/m -B "$SM_BASE_URL,$second"
	for second in "http://me:sk-secret@127.0.0.1:$port" "$SM_BASE_URL?key=sk-secret"; do
		refused 'the base URL holds credentials or a query' judge -B "$SM_BASE_URL,$second"
		refused 'the base URL holds credentials or a query' judge --dry-run -B "$SM_BASE_URL,$second"
	done
}

@test "a token of the datasets server goes unencrypted through no proxy" {
	export HF_TOKEN=sk-token
	http_proxy=http://127.0.0.1:9 refused 'the token would go unencrypted to the proxy of http_proxy' \
		sm-import -q rows --hf a/b --hf-url http://localhost:9 --pages pages
}

@test "a file without an end is read as far as files of its kind may be long" {
	: >mock.log
	refused 'File too large' timeout 20 sm-judge -q -B @/dev/zero single.jsonl
	refused 'File too large' timeout 20 sm-judge -q --api-key-file /dev/zero single.jsonl
}
