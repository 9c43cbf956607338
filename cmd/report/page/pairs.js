// Pairs: a conversation and two replies

function turns(value) {
	if (typeof value === "string")
		return [text(value)];
	const several = Array.isArray(value) ? value : [value];
	return several.map((turn) => typeof turn === "string" ? text(turn) : make("div", "turn", several.length > 1 || object(turn).role !== "assistant" ? make("p", "role", shown(object(turn).role)) : null, text(object(turn).content)));
}

function reply(value, chosen, label) {
	return make("div", chosen ? "chosen" : "", make("p", "label", label), turns(value));
}

const sameTurn = (a, b) => shown(object(a).role) === shown(object(b).role) && shown(object(a).content) === shown(object(b).content);

// A reply without the turns of the conversation, or the end of it, that it begins with.
function withoutContext(value, context) {
	const all = list(value);
	for (let before = Math.min(context.length, all.length - 1); before > 0; before--) {
		if (context.slice(-before).every((turn, i) => sameTurn(turn, all[i])))
			return all.slice(before);
	}
	return value;
}

// A conversation and two replies to it, so that each turn stands there once: also those that both replies begin with.
function partsOf(context, first, second) {
	const before = typeof context === "string" ? [{ role: "user", content: context }] : Array.isArray(context) ? context : context ? [context] : [];
	const replies = [first, second].map((value) => withoutContext(value, before)), [a, b] = replies.map(list);
	let shared = 0;
	while (shared + 1 < Math.min(a.length, b.length) && sameTurn(a[shared], b[shared]))
		shared++;
	return { context: before.concat(a.slice(0, shared)), replies: shared ? [a.slice(shared), b.slice(shared)] : replies };
}

function excerpt(context) {
	const end = Array.isArray(context) ? context[context.length - 1] : context, last = typeof end === "string" ? end : object(end).content;
	const words = shown(last).replace(/\s+/g, " ");
	return make("span", "excerpt", ": " + (words.length > 90 ? words.slice(0, 89) + "\u2026" : words));
}

function demo(d) {
	d = object(d);
	const first = d.preference === "First", { context, replies } = partsOf(d.context, d.first, d.second);
	return details(["Pair " + (isNumber(d.index) ? d.index : "from elsewhere"), excerpt(context)],
		turns(context),
		make("div", "two", reply(replies[0], first, first ? "First, chosen by the user" : "First"), reply(replies[1], !first, first ? "Second" : "Second, chosen by the user")),
		d.reasoning ? [make("p", "small", "Why, in the model\u2019s words"), text(d.reasoning)] : make("p", "small", "Shown without a reason."));
}

function demos(record) {
	const about = [count(list(record.demos).length, "example")];
	if (isNumber(record.score))
		about.push(shown(record.score) + "% of " + shown(record.n) + " validation pairs right");
	if (record.tied > 1)
		about.push(count(record.tied - 1, "other set") + " did as well");
	if (record.won === "zero-shot")
		about.push("no example was better than any");
	return [make("p", "soft", about.join(", ")), list(record.demos).map(demo)];
}

// Numbers, of which three or more that follow each other are a span: "0 to 8".
function spans(numbers) {
	const parts = [];
	const sorted = Array.from(new Set(numbers)).sort((a, b) => a - b);
	for (let from = 0, to; from < sorted.length; from = to + 1) {
		to = from;
		while (sorted[to + 1] === sorted[to] + 1)
			to++;
		if (to - from < 2)
			to = from;
		parts.push(to > from ? sorted[from] + " to " + sorted[to] : String(sorted[from]));
	}
	return parts;
}

// "pair 0", "pairs 0 and 1", "pairs 0, 1 and 2"; of many "pairs 0 to 8 and 12".
function inWords(one, items) {
	const parts = items.length > 6 && items.every(isNumber) ? spans(items) : items.map(shown);
	return items.length === 1 ? one + " " + parts[0] : one + "s " + (parts.length > 1 ? parts.slice(0, -1).join(", ") + " and " : "") + parts[parts.length - 1];
}
