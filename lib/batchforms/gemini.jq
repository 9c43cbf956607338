# Lines of Gemini's batches: {key, request}, answered by {key, response}

def part:
  if type == "string" then {text: .}
  elif .type == "image_url" then .image_url | if type == "string" then {url: .} else . end
    | (.url | capture("^data:(?<type>[^;,]+);base64,(?<data>.*)$"; "m") | {inlineData: {mimeType: .type, data}})
      // {fileData: {fileUri: .url}}
  elif .text | type == "string" then {text}
  else error("no counterpart for a part of type \(.type)") end;
def parts: if type == "array" then map(part) else [{text: (. // "")}] end;

def is_system: .role == "system" or .role == "developer";
def given: with_entries(select(.value != null));

# Thinking is given as a budget to the models of 2.5, and as a level to later ones.
def thinking:
  .model as $model
  | .extra_body.google.thinking_config
    // (.reasoning_effort | select(type == "string")
        | if $model | test("gemini-2\\.5") then {thinkingBudget:
            ({none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24576}[.] // empty)}
          else {thinkingLevel: (ascii_downcase | if . == "none" then "minimal" else . end)} end)
    // null;
def schema:
  if .response_format.type? == "json_schema"
  then {responseMimeType: "application/json", responseJsonSchema: .response_format.json_schema.schema}
  elif .response_format.type? == "json_object" then {responseMimeType: "application/json"}
  else {} end;

# A chat request; what has no counterpart is left out. The model is named where the batch is created.
def request:
  .custom_id as $key | .body
  | [.messages[] | select(is_system) | .content | parts[]] as $system
  | (({temperature, topP: .top_p, topK: .top_k, seed, candidateCount: null,
       maxOutputTokens: (.max_completion_tokens // .max_tokens),
       stopSequences: (.stop | if type == "string" then [.] else . end),
       presencePenalty: .presence_penalty, frequencyPenalty: .frequency_penalty,
       responseLogprobs: (if .logprobs == true then true else null end),
       logprobs: (if .logprobs == true then .top_logprobs else null end),
       thinkingConfig: thinking} | given) + schema + (.generationConfig // {})) as $config
  | {key: $key, request: (
      {contents: [.messages[] | select(is_system | not)
          | {role: (if .role == "assistant" then "model" else "user" end), parts: (.content | parts)}]}
      + (if $system == [] then {} else {systemInstruction: {parts: $system}} end)
      + {generationConfig: $config}
      + ({safetySettings, cachedContent} | given))};

def reason:
  . // "STOP"
  | if . == "MAX_TOKENS" then "length"
    elif IN("SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "LANGUAGE", "IMAGE_SAFETY")
    then "content_filter" else "stop" end;
def token: {token, logprob: .logProbability, bytes: null};
def logprobs:
  .logprobsResult // null | select(. != null)
  | {content: [.topCandidates as $top | (.chosenCandidates // []) | to_entries[]
      | .key as $i | .value | token + {top_logprobs: [$top[$i].candidates[]? | token]}]};
def completion:
  (.usageMetadata // {}) as $usage | (.candidates // [])[0] as $candidate
  | ($usage.thoughtsTokenCount // 0) as $thought
  | (($usage.candidatesTokenCount // 0) + $thought) as $out | ($usage.promptTokenCount // 0) as $in
  | {id: .responseId, object: "chat.completion", model: .modelVersion,
     choices: [{index: 0,
       finish_reason: (if $candidate then $candidate.finishReason | reason else "content_filter" end),
       message: {role: "assistant",
         content: ([$candidate.content.parts[]? | select(.thought != true) | .text // empty] | join(""))}}
       + ([$candidate | select(.) | logprobs][0] | if . then {logprobs: .} else {} end)],
     usage: {prompt_tokens: $in, completion_tokens: $out, total_tokens: ($in + $out),
       prompt_tokens_details: {cached_tokens: ($usage.cachedContentTokenCount // 0)},
       completion_tokens_details: {reasoning_tokens: $thought}}};

# Of HTTP for one of RPC, which batches tell; others are HTTP's already.
def status: {"3": 400, "4": 504, "5": 404, "7": 403, "8": 429, "9": 400, "13": 500, "14": 503, "16": 401}["\(.)"] // .;

# What is not answered keeps the error, in the words of a chat's.
def answer:
  (.error // (.status | select(type == "object" and (.code // 0) != 0)) // null) as $error
  | if (.response.candidates // [] | length) > 0 or .response.promptFeedback.blockReason
    then {custom_id: .key, response: {status_code: 200, body: (.response | completion)}, error: null}
    elif $error | type == "object"
    then {custom_id: .key, response: {status_code: ($error.code // 500 | status), body: {error: $error}}, error: $error}
    else {custom_id: .key, response: null, error: {message: "the batch has no answer to it"}} end;
