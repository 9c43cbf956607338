# A reply and what it is worth to the user.
# Input: {user_id, index, source, context, reply, reward, tokens: number or null}.

if (.reward | type) != "number" then error("no reward of `\(.source)`")
else {user_id, index, source, context: (.context | map(message)), reply: (.reply | reply), reward, tokens} end
