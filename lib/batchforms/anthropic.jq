# Lines of Anthropic's Message Batches: {custom_id, params}, answered by {custom_id, result}

def source:
  (.url | capture("^data:(?<type>[^;,]+);base64,(?<data>.*)$"; "m")
    | {type: "base64", media_type: .type, data}) // {type: "url", url};
def part:
  if type == "string" then {type: "text", text: .}
  elif .type == "image_url" then {type: "image", source: (.image_url | if type == "string" then {url: .} else . end | source)}
  elif .text | type == "string" then {type: "text", text}
  else error("no counterpart for a part of type \(.type)") end;
def content: if type == "array" then map(part) else . // "" end;
def plain: if type == "array" then map(part | .text // "") | join("") else . // "" end;

def is_system: .role == "system" or .role == "developer";
def format:
  .response_format | select(.type? == "json_schema") | {type: "json_schema", schema: .json_schema.schema};
def effort: .reasoning_effort | select(IN("low", "medium", "high", "xhigh", "max"));

# A chat request; what has no counterpart is left out.
def request:
  .custom_id as $id | .body
  | [.messages[] | select(is_system) | .content | plain] as $system
  | ({format: [format][0], effort: [effort][0]} | with_entries(select(.value != null))) as $output
  | {custom_id: $id, params: (
      {model, max_tokens: (.max_completion_tokens // .max_tokens)}
      + (if $system == [] then {} else {system: ($system | join("\n\n"))} end)
      + {messages: [.messages[] | select(is_system | not)
          | {role: (if .role == "assistant" then "assistant" else "user" end), content: (.content | content)}]}
      + ({temperature, top_p, top_k, thinking, metadata, service_tier,
          stop_sequences: (.stop | if type == "string" then [.] else . end)}
         | with_entries(select(.value != null)))
      + (if .user then {metadata: ((.metadata // {}) + {user_id: .user})} else {} end)
      + ($output * (.output_config // {}) | if . == {} then {} else {output_config: .} end))};

def reason: {
    max_tokens: "length", model_context_window_exceeded: "length", refusal: "content_filter", tool_use: "tool_calls"
  }[. // ""] // "stop";
def completion:
  (.usage // {}) as $usage
  | ($usage.cache_read_input_tokens // 0) as $cached
  | (($usage.input_tokens // 0) + $cached + ($usage.cache_creation_input_tokens // 0)) as $in
  | ($usage.output_tokens // 0) as $out
  | {id, object: "chat.completion", model,
     choices: [{index: 0, finish_reason: (.stop_reason | reason),
       message: {role: "assistant", content: ([.content[]? | select(.type == "text").text] | join(""))}}],
     usage: {prompt_tokens: $in, completion_tokens: $out, total_tokens: ($in + $out),
       prompt_tokens_details: {cached_tokens: $cached}}};

def status: {
    invalid_request_error: 400, authentication_error: 401, billing_error: 402, permission_error: 403,
    not_found_error: 404, request_too_large: 413, rate_limit_error: 429, timeout_error: 504, overloaded_error: 529
  }[. // ""] // 500;

# What is not answered keeps the error, in the words of a chat's.
def answer:
  .custom_id as $id | .result
  | if .type == "succeeded" then {custom_id: $id, response: {status_code: 200, body: (.message | completion)}, error: null}
    elif .type == "errored" then (.error | .error? // .) as $error
      | {custom_id: $id, response: {status_code: ($error.type | status), body: {error: $error}}, error: $error}
    else {custom_id: $id, response: null, error: {message: "the batch has no answer to it: \(.type // "no result")"}} end;
