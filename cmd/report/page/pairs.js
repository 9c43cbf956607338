// What was learned of a user, and the verdicts

function turns(value) {
	if (typeof value === "string")
		return [text(value)];
	const several = Array.isArray(value) ? value : [value];
	return several.map((turn) => make("div", "turn", several.length > 1 || object(turn).role !== "assistant" ? make("p", "role", shown(object(turn).role)) : null, text(object(turn).content)));
}

function reply(value, chosen, label) {
	return make("div", chosen ? "chosen" : "", make("p", "label", label), turns(value));
}

// A reply without the conversation, where it begins with that.
function withoutContext(value, context) {
	const before = list(context).length;
	const same = (turn, i) => object(turn).role === object(context[i]).role && object(turn).content === object(context[i]).content;
	return before && list(value).length > before && value.slice(0, before).every(same) ? value.slice(before) : value;
}

function excerpt(context) {
	const last = Array.isArray(context) ? object(context[context.length - 1]).content : context;
	const words = shown(last).replace(/\s+/g, " ");
	return make("span", "excerpt", ": " + (words.length > 90 ? words.slice(0, 89) + "\u2026" : words));
}

function demo(d) {
	d = object(d);
	const first = d.preference === "First";
	return details(["Pair " + (isNumber(d.index) ? d.index : "from elsewhere"), excerpt(d.context)],
		turns(d.context),
		make("div", "two", reply(withoutContext(d.first, d.context), first, first ? "First, chosen by the user" : "First"), reply(withoutContext(d.second, d.context), !first, first ? "Second" : "Second, chosen by the user")),
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

// "pair 0", "pairs 0 and 1", "pairs 0, 1 and 2"
function inWords(one, items) {
	return items.length === 1 ? one + " " + items[0] : one + "s " + items.slice(0, -1).join(", ") + " and " + items[items.length - 1];
}

function personaOf(record, history) {
	const parts = [make("h3", "", "Persona"), text(record.persona, "persona")];
	if (record.reasoning)
		parts.push(details("The model\u2019s reasoning", text(record.reasoning)));
	if (list(record.history).length)
		parts.push(make("p", "small", "Written from " + inWords("pair", list(record.history).map(shown)) + "."));
	if (history && list(history.demos).length)
		parts.push(details("The choices that it was written from", list(history.demos).map(demo)));
	return parts;
}

function outcome(verdict) {
	if (verdict.label === null || verdict.label === undefined)
		return ["", verdict.prediction === 0 ? "A tie" : ""];
	return verdict.correct === true ? ["right", "\u2713 right"] : verdict.prediction === 0 ? ["wrong", "\u2013 a tie"] : ["wrong", "\u2717 wrong"];
}

function verdictBox(record, order, labeled) {
	const name = labeled ? "The chosen reply" : "The reply \u201cfirst\u201d";
	const head = make("p", "label", name + (order === "forward" ? " shown first" : " shown second"));
	if (!record)
		return make("div", "", head, make("p", "small", "Not judged in this order."));
	if (record.type === "error")
		return make("div", "wrong", head, make("p", "mark", "\u2717 failed"), text(record.message));
	const [state, words] = outcome(record);
	const took = record.preference === "Tie" ? "The judge could not say" : "The judge took the " + shown(record.preference).toLowerCase();
	const facts = [];
	if (isNumber(record.p_first))
		facts.push("probability of the first: " + percent(record.p_first));
	if (record.votes)
		facts.push("votes: " + shown(object(record.votes).first) + " first, " + shown(object(record.votes).second) + " second, " + shown(object(record.votes).tie) + " tie");
	if (record.status !== "ok")
		facts.push("status: " + shown(record.status));
	return make("div", state, head, make("p", "", make("span", "mark", words), (words ? " \u00b7 " : "") + took),
		record.reasoning ? text(record.reasoning) : make("p", "small", "No reasoning could be read."), make("p", "small", facts.join(" \u00b7 ")));
}

const given = (place) => [place.forward, place.reverse].filter((v) => v && v.type === "verdict");
const isRight = (verdict) => verdict && verdict.type === "verdict" && verdict.correct === true;

function stateOf(place) {
	const both = given(place), rights = both.filter(isRight).length;
	return rights === both.length ? make("span", "mark right", "\u2713 right") : rights ? make("span", "mark", "right in one order alone") : make("span", "mark wrong", "\u2717 not right");
}

function boxesOf(place, labeled, name) {
	const boxes = make("div", "two", verdictBox(place.forward, "forward", labeled), verdictBox(place.reverse, "reverse", labeled));
	return name ? [make("h5", "", name), boxes] : [boxes];
}

function pairOf(index, pair, place) {
	const both = given(place), theirs = place.against;
	const labeled = pair ? "chosen" in pair : both.some((v) => v.label);
	const states = !labeled ? [] : [[judge, place], [rival, theirs]].filter(([, of]) => of && given(of).length)
		.flatMap(([name, of]) => [" \u00b7 ", theirs && name ? name + " " : "", stateOf(of)]);
	const article = make("article", "pair", make("h4", "", "Pair " + index, states));
	if (pair) {
		article.append(...turns(pair.context));
		article.append(make("div", "two", reply(withoutContext(labeled ? pair.chosen : pair.first, pair.context), labeled, labeled ? "Chosen by the user" : "First"),
			reply(withoutContext(labeled ? pair.rejected : pair.second, pair.context), false, labeled ? "Rejected" : "Second")));
	} else {
		article.append(make("p", "small", "The input does not hold the text of this pair."));
	}
	article.append(...boxesOf(place, labeled, theirs ? judge || "The judge" : ""));
	if (theirs)
		article.append(...boxesOf(theirs, labeled, rival));
	return article;
}

// The pairs by index; and of each the verdicts in both orders, with those of the other judge as `against`.
function placesOf(records) {
	const pairs = new Map(), found = new Map(), theirs = new Map();
	for (const r of records) {
		if (r.type === "pair" && !pairs.has(r.index))
			pairs.set(r.index, r);
		if ((r.type !== "verdict" && r.type !== "error") || !isNumber(r.index))
			continue;
		const places = r.against ? theirs : found;
		const place = places.get(r.index) || {};
		place[r.order] = place[r.order] || r;
		places.set(r.index, place);
	}
	for (const [index, place] of found)
		place.against = theirs.get(index);
	return { pairs, found };
}

// What to show of the pairs: by name, and for which they are.
function choicesOf(isCompared) {
	const orders = ["forward", "reverse"];
	const duel = (place, wanted) => orders.some((order) => place[order] && object(place.against)[order] && wanted(isRight(place[order]), isRight(place.against[order])));
	const choices = [["all", () => true], ["with a wrong one", (place) => orders.some((order) => place[order] && !isRight(place[order]))]];
	if (isCompared)
		choices.push(["where one judge is right and one wrong", (place) => duel(place, (mine, theirs) => mine !== theirs)],
			[(judge || "the judge") + " alone right", (place) => duel(place, (mine, theirs) => mine && !theirs)],
			[rival + " alone right", (place) => duel(place, (mine, theirs) => !mine && theirs)]);
	return choices;
}

let chosen = 0; // of the choices, also for the next user

function verdictsOf(records) {
	const { pairs, found } = placesOf(records);
	if (!found.size)
		return [];
	const articles = Array.from(found.keys()).sort((a, b) => a - b).map((i) => [pairOf(i, pairs.get(i), found.get(i)), found.get(i)]);
	const choices = choicesOf(Array.from(found.values()).some((place) => place.against));
	const select = make("select", "", choices.map(([label], i) => new Option(label, i)));
	const none = make("p", "soft", "There is no such pair.");
	const choose = () => {
		for (const [article, place] of articles)
			article.hidden = !choices[select.value][1](place);
		none.hidden = articles.some(([article]) => !article.hidden);
	};
	select.value = chosen < choices.length ? chosen : 0;
	select.addEventListener("change", () => {
		chosen = Number(select.value);
		choose();
	});
	choose();
	return [make("div", "tools", make("h3", "", "Verdicts"), make("label", "", "Show ", select)), articles.map(([article]) => article), none];
}
