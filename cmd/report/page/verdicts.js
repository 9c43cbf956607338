// The verdicts on each pair, of one judge or of two

function outcome(verdict) {
	if (verdict.label === null || verdict.label === undefined)
		return ["", verdict.prediction === 0 ? "A tie" : ""];
	return verdict.correct === true ? ["right", "\u2713 right"] : verdict.prediction === 0 ? ["wrong", "\u2013 a tie"] : ["wrong", "\u2717 wrong"];
}

// A verdict in one of the orders; with the judge's name where there are two judges.
function verdictBox(record, order, labeled, rubric, name) {
	const reply = labeled ? "The chosen reply" : "The reply \u201cfirst\u201d";
	const head = [name ? make("h5", "", name) : "", make("p", "label", reply + (order === "forward" ? " shown first" : " shown second"))];
	if (!record)
		return make("div", "", head, make("p", "small", "Not judged in this order."));
	if (record.type === "error")
		return make("div", "wrong", head, make("p", "mark", "\u2717 failed"), text(record.message));
	const [state, words] = outcome(record);
	const took = record.preference === "Tie" ? "The judge could not say" : "The judge took the " + shown(record.preference).toLowerCase();
	const facts = usesOf(record);
	if (isNumber(record.p_first))
		facts.push("probability of the first: " + percent(record.p_first));
	if (record.votes)
		facts.push("votes: " + shown(object(record.votes).first) + " first, " + shown(object(record.votes).second) + " second, " + shown(object(record.votes).tie) + " tie");
	if (record.status !== "ok")
		facts.push("status: " + shown(record.status));
	return make("div", state, head, make("p", "", make("span", "mark", words), (words ? " \u00b7 " : "") + took),
		record.reasoning ? text(record.reasoning) : record.scores ? null : make("p", "small", "No reasoning could be read."), scoreTable(record, rubric), make("p", "small", facts.join(" \u00b7 ")));
}

// Whether the judge was shown the examples that were learned: not by a rubric, nor where each question has its own.
function areShown(verdicts) {
	const uses = verdicts.map((v) => object(v.uses));
	return !uses.length || uses.some((u) => !isNumber(u.demos) || u.demos > 0 && !u.nearest);
}

const given = (place) => [place.forward, place.reverse].filter((v) => v && v.type === "verdict");
const isRight = (verdict) => verdict && verdict.type === "verdict" && verdict.correct === true;

function stateOf(place) {
	const both = given(place), rights = both.filter(isRight).length;
	return rights === both.length ? make("span", "mark right", "\u2713 right") : rights ? make("span", "mark", "right in one order alone") : make("span", "mark wrong", "\u2717 not right");
}

// By order; where there are two judges, side by side.
function boxesOf(place, labeled, rubrics) {
	const theirs = place.against;
	if (!theirs)
		return [make("div", "two", verdictBox(place.forward, "forward", labeled, rubrics.mine), verdictBox(place.reverse, "reverse", labeled, rubrics.mine))];
	return ["forward", "reverse"].filter((order) => place[order] || theirs[order]).map((order) =>
		make("div", "two", verdictBox(place[order], order, labeled, rubrics.mine, judge || "The judge"), verdictBox(theirs[order], order, labeled, rubrics.theirs, rival)));
}

function pairOf(index, pair, place, rubrics) {
	const both = given(place), theirs = place.against;
	const labeled = pair ? "chosen" in pair : both.some((v) => v.label);
	const states = !labeled ? [] : [[judge, place], [rival, theirs]].filter(([, of]) => of && given(of).length)
		.flatMap(([name, of]) => [" \u00b7 ", theirs && name ? name + " " : "", stateOf(of)]);
	const article = make("article", "pair", make("h4", "", "Pair " + index, states));
	if (pair) {
		const { context, replies } = labeled ? partsOf(pair.context, pair.chosen, pair.rejected) : partsOf(pair.context, pair.first, pair.second);
		article.append(...turns(context), make("div", "two", reply(replies[0], labeled, labeled ? "Chosen by the user" : "First"),
			reply(replies[1], false, labeled ? "Rejected" : "Second")));
	} else {
		article.append(make("p", "small", "The input does not hold the text of this pair."));
	}
	article.append(...boxesOf(place, labeled, rubrics));
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
const CHOSEN = { differ: 2, better: 3, worse: 4 }; // of the choices, for users that are chosen in the table

function verdictsOf(records) {
	const { pairs, found } = placesOf(records);
	const rubrics = {};
	for (const r of records.filter((r) => r.type === "rubric"))
		rubrics[r.against ? "theirs" : "mine"] = r;
	if (!found.size)
		return [];
	const articles = Array.from(found.keys()).sort((a, b) => a - b).map((i) => [pairOf(i, pairs.get(i), found.get(i), rubrics), found.get(i)]);
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
