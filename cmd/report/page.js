"use strict";
// Everything that models and people wrote becomes text nodes, never markup.

const byId = (id) => document.getElementById(id);
const table = byId("users");
const body = table.tBodies[0];
const dialog = byId("user");
const rows = Array.from(body.rows);

// Controls, and marks that turn the text around them, are shown as a sign instead.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function shown(value) {
	if (value === undefined || value === null)
		return "";
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return text.replace(/\r\n/g, "\n").replace(hidden, "\ufffd");
}

function make(name, classes, ...parts) {
	const element = document.createElement(name);
	if (classes)
		element.className = classes;
	for (const part of parts.flat()) {
		if (part !== null && part !== undefined && part !== "")
			element.append(part);
	}
	return element;
}

const text = (value, classes) => make("p", "text" + (classes ? " " + classes : ""), shown(value));
const list = (value) => Array.isArray(value) ? value : [];
const object = (value) => value && typeof value === "object" && !Array.isArray(value) ? value : {};
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
// As printf rounds, so that sm-eval's table shows the same: where a number is just between two, toFixed() takes the greater one, printf the even one.
const fixed = (number) => {
	const size = Math.abs(number), below = Math.floor(10 * size);
	const even = size % 0.25 === 0 && size % 0.5 !== 0 && below % 2 === 0 ? below / 10 : size;
	return (number < 0 ? -even : even).toFixed(1);
};
const percent = (share) => isNumber(share) ? fixed(100 * share) + "%" : "\u2013";
const points = (share) => isNumber(share) ? (share < -5e-4 ? "\u2212" : share > 5e-4 ? "+" : "") + fixed(Math.abs(100 * share)) : "\u2013";
const decimal = (number, digits) => isNumber(number) ? number.toFixed(digits).replace("-", "\u2212") : "\u2013";
const count = (number, one, many) => isNumber(number) ? number.toLocaleString("en") + " " + (number === 1 ? one : many || one + "s") : "";
const pValue = (p) => !isNumber(p) ? "\u2013" : p < 0.001 ? "< 0.001" : p.toPrecision(2);

function interval(ci) {
	ci = object(ci);
	return isNumber(ci.low) && isNumber(ci.high) ? percent(ci.low) + " to " + percent(ci.high) : "";
}

// What an interval takes as independent, and by which method.
function basis(ci) {
	ci = object(ci);
	const names = {cr2: "CR2", t: "Student\u2019s t", wilson: "Wilson"};
	return typeof ci.unit === "string" ? "by " + ci.unit + ", " + shown(Object.hasOwn(names, ci.method) ? names[ci.method] : ci.method) : "";
}

function details(title, ...parts) {
	return make("details", "", make("summary", "", title), ...parts);
}

function tableOf(heads, lines) {
	const row = make("tr", "");
	for (const [head, classes] of heads) {
		const cell = make("th", classes, head);
		cell.scope = "col";
		row.append(cell);
	}
	const cells = (line) => make("tr", "", line.map((cell, i) => make(i ? "td" : "th", heads[i][1], cell)));
	return make("div", "wide", make("table", "", make("thead", "", row), make("tbody", "", lines.map(cells))));
}

// Figures over all

function card(label, value, ...notes) {
	return make("div", "", make("dt", "", label), make("dd", "", value), notes.filter(Boolean).map((note) => make("dd", "", note)));
}

function cardsOf(all) {
	const cards = [];
	const debiased = object(all.debiased), position = object(all.position), both = object(all.consistency);
	const macro = object(all.macro), length = object(all.length), forecast = object(all.calibration);
	cards.push(card("Accuracy", percent(all.accuracy), interval(all.ci), basis(all.ci), [count(all.n, "verdict"), count(all.pairs, "pair")].filter(Boolean).join(", ")));
	if (isNumber(macro.accuracy) && all.users > 1)
		cards.push(card("Mean of the users", percent(macro.accuracy), interval(macro.ci), basis(macro.ci), count(all.users, "user")));
	if (isNumber(debiased.accuracy))
		cards.push(card("Both orders together", percent(debiased.accuracy), interval(debiased.ci), count(debiased.n, "pair")));
	if (isNumber(position.first))
		cards.push(card("Takes the first reply", percent(position.first), interval(position.ci), "50% is no bias",
			isNumber(position.p) ? "in both orders first " + shown(position.both_first) + ", second " + shown(position.both_second) + ", p " + pValue(position.p) : ""));
	if (isNumber(both.agreement))
		cards.push(card("Same in both orders", percent(both.agreement), interval(both.ci)));
	if (isNumber(all.kappa))
		cards.push(card("Kappa of the two orders", decimal(all.kappa, 2), "0 is chance, 1 is the same in both"));
	if (isNumber(object(length.judge).longer))
		cards.push(card("Takes the longer reply", percent(length.judge.longer), interval(length.judge.ci), (isNumber(all.users) ? "the users: " : "the user: ") + percent(object(length.user).longer)));
	if (isNumber(forecast.brier)) {
		const ci = object(forecast.ci);
		cards.push(card("Brier score", decimal(forecast.brier, 3), isNumber(ci.low) ? decimal(ci.low, 3) + " to " + decimal(ci.high, 3) : "", "0.25 is a judge that knows nothing",
			isNumber(forecast.reliability) ? "reliability " + decimal(forecast.reliability, 3) + ", resolution " + decimal(forecast.resolution, 3) : ""));
	}
	if (all.ties + all.failed > 0)
		cards.push(card("Ties", shown(all.ties), count(all.unparsed, "unreadable reply", "unreadable replies"), all.failed ? shown(all.failed) + " failed" : ""));
	if (isNumber(all.cost) && all.cost > 0)
		cards.push(card("Cost", "$" + all.cost.toFixed(2), count(object(all.tokens).in, "token") + " in"));
	return make("dl", "cards of-" + (cards.length <= 6 ? cards.length : Math.ceil(cards.length / 2)), cards);
}

function judgesTable(results) {
	return tableOf([["Judge", ""], ["Pairs", "number"], ["Accuracy", "number"], ["95% interval", "number"], ["Interval", ""], ["Ties", "number"], ["First", "number"]],
		results.map((r) => [shown(r.file), shown(r.pairs), percent(r.accuracy), interval(r.ci), basis(r.ci), shown(r.ties), percent(r.first_share)]));
}

function comparisonsTable(comparisons) {
	return tableOf([["Compared", ""], ["Points", "number"], ["95% interval", "number"], ["Interval", ""], ["p", "number"], ["Holm\u2019s p", "number"], ["Test", ""], ["Cohen\u2019s h", "number"], ["Better for", "number"], ["Worse for", "number"]],
		comparisons.map((c) => {
			const helped = object(c.helped), surely = (number) => isNumber(number) ? ", " + shown(number) + " beyond chance" : "";
			const ci = object(c.ci), users = object(c.users), sign = object(c.sign), ofPairs = isNumber(sign.p);
			return [shown(c.b) + " against " + shown(c.a), points(c.difference), points(ci.low) + " to " + points(ci.high),
				basis(ci), pValue(ofPairs ? sign.p : users.permutation_p), pValue(c.holm_p), ofPairs ? "signs of pairs" : "permutation over users",
				decimal(c.cohens_h, 2), shown(users.better) + " of " + shown(users.n) + surely(helped.better), shown(users.worse) + surely(helped.worse)];
		}));
}

/* The runs of shares of the users (--shard) as one each: their counts are summed. */
function withoutShares(runs) {
	const found = new Map();
	for (const r of runs) {
		const options = Object.assign({}, object(r.options));
		const isShare = options.shard !== undefined;
		delete options.shard;
		const key = isShare ? JSON.stringify([r.program, r.version, r.model, options]) : found.size;
		const sum = found.get(key);
		if (!sum) {
			found.set(key, Object.assign({}, r, isShare ? {options, shares: 1, tokens: Object.assign({}, object(r.tokens))} : {}));
			continue;
		}
		sum.shares++;
		for (const name of ["calls", "hits", "cost", "seconds"])
			if (isNumber(sum[name]) && isNumber(r[name]))
				sum[name] += r[name];
		for (const name of ["in", "out"])
			if (isNumber(sum.tokens[name]) && isNumber(object(r.tokens)[name]))
				sum.tokens[name] += r.tokens[name];
	}
	return Array.from(found.values());
}

function runsOf(records) {
	const runs = withoutShares(records);
	const asked = tableOf([["Program", ""], ["Model", ""], ["Calls", "number"], ["From the store", "number"], ["Tokens in", "number"], ["Tokens out", "number"], ["Cost", "number"], ["Seconds", "number"]],
		runs.map((r) => {
			const tokens = object(r.tokens);
			return [shown(r.program) + (r.shares > 1 ? ", " + shown(r.shares) + " shares" : ""), shown(r.model), shown(r.calls), shown(r.hits), shown(tokens.in), shown(tokens.out), isNumber(r.cost) ? "$" + r.cost.toFixed(4) : "", decimal(r.seconds, 1)];
		}));
	return details("How it was made", asked, runs.map((r) => make("p", "small", make("code", "", shown(r.program) + " " + shown(r.version) + " " + shown(r.options)))));
}

function showSummary() {
	const shared = JSON.parse(byId("shared").textContent);
	const records = list(shared.records);
	const results = records.filter((r) => r.type === "result" && r.file);
	const comparisons = records.filter((r) => r.type === "comparison");
	const runs = records.filter((r) => r.type === "run");
	const place = byId("summary");
	if (shared.all) {
		place.append(cardsOf(shared.all));
		byId("lead").textContent = [count(rows.length, "user"), count(shared.all.pairs, "judged pair"), count(shared.all.n, "verdict")].filter(Boolean).join(", ");
	}
	if (results.length)
		place.append(judgesTable(results));
	if (comparisons.length)
		place.append(comparisonsTable(comparisons));
	if (runs.length)
		place.append(runsOf(runs));
}

// The table

function tell() {
	const visible = rows.reduce((n, row) => n + !row.hidden, 0);
	byId("count").textContent = visible === rows.length ? "" : visible + " of " + rows.length;
}

function filter() {
	const words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
	const only = byId("only").value;
	for (const row of rows) {
		row.dataset.text = row.dataset.text || (row.cells[0].textContent + " " + row.cells[9].textContent).toLowerCase();
		const states = row.dataset.is.split(" ");
		row.hidden = !(words.every((word) => row.dataset.text.includes(word)) && (!only || states.includes(only)));
	}
	tell();
}

// A first click sorts as one would look: names from a to z, figures from the greatest.
function sort(button) {
	const head = button.parentElement, at = head.cellIndex, numeric = "number" in button.dataset;
	const was = head.getAttribute("aria-sort");
	const up = was === "none" ? !numeric : was === "descending";
	const key = (row) => numeric ? parseFloat(row.cells[at].textContent) : row.cells[at].textContent;
	const keyed = rows.map((row, i) => [key(row), i, row]);
	const names = new Intl.Collator("en", { numeric: true });
	keyed.sort(([a, i], [b, k]) => {
		if (numeric && (isNaN(a) || isNaN(b)))
			return isNaN(a) - isNaN(b) || i - k; // without a figure: last, either way
		return (numeric ? a - b : names.compare(a, b)) * (up ? 1 : -1) || i - k;
	});
	for (const other of table.tHead.querySelectorAll("[aria-sort]"))
		other.setAttribute("aria-sort", "none");
	head.setAttribute("aria-sort", up ? "ascending" : "descending");
	body.append(...keyed.map(([, , row]) => row));
}

// A user

function turns(value) {
	if (typeof value === "string")
		return [text(value)];
	const several = Array.isArray(value) ? value : [value];
	return several.map((turn) => make("div", "turn", several.length > 1 || object(turn).role !== "assistant" ? make("p", "role", shown(object(turn).role)) : null, text(object(turn).content)));
}

function reply(value, chosen, label) {
	return make("div", chosen ? "chosen" : "", make("p", "label", label), turns(value));
}

function excerpt(context) {
	const last = Array.isArray(context) ? object(context[context.length - 1]).content : context;
	const words = shown(last).replace(/\s+/g, " ");
	return words.length > 90 ? words.slice(0, 89) + "\u2026" : words;
}

function demo(d) {
	d = object(d);
	const first = d.preference === "First";
	return details(["Pair " + (isNumber(d.index) ? d.index : "from elsewhere") + ": " + excerpt(d.context)],
		turns(d.context),
		make("div", "two", reply(d.first, first, first ? "First, chosen by the user" : "First"), reply(d.second, !first, first ? "Second" : "Second, chosen by the user")),
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

function personaOf(record, history) {
	const parts = [make("h3", "", "Persona"), text(record.persona, "persona")];
	if (record.reasoning)
		parts.push(details("The model\u2019s reasoning", text(record.reasoning)));
	if (list(record.history).length)
		parts.push(make("p", "small", "Written from the pairs " + list(record.history).map(shown).join(", ") + "."));
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

function pairOf(index, pair, forward, reverse) {
	const both = [forward, reverse].filter((v) => v && v.type === "verdict");
	const rights = both.filter((v) => v.correct === true).length;
	const labeled = pair ? "chosen" in pair : both.some((v) => v.label);
	const state = !labeled || !both.length ? null : rights === both.length ? make("span", "mark right", "\u2713 right") :
		rights ? make("span", "mark", "right in one order alone") : make("span", "mark wrong", "\u2717 not right");
	const article = make("article", "pair", make("h4", "", "Pair " + index, state ? " \u00b7 " : "", state));
	if (pair) {
		article.append(...turns(pair.context));
		article.append(make("div", "two", reply(labeled ? pair.chosen : pair.first, labeled, labeled ? "Chosen by the user" : "First"),
			reply(labeled ? pair.rejected : pair.second, false, labeled ? "Rejected" : "Second")));
	} else {
		article.append(make("p", "small", "The input does not hold the text of this pair."));
	}
	article.append(make("div", "two", verdictBox(forward, "forward", labeled), verdictBox(reverse, "reverse", labeled)));
	return article;
}

function verdictsOf(records) {
	const pairs = new Map(), found = new Map();
	for (const r of records) {
		if (r.type === "pair" && !pairs.has(r.index))
			pairs.set(r.index, r);
		if ((r.type !== "verdict" && r.type !== "error") || !isNumber(r.index))
			continue;
		const place = found.get(r.index) || {};
		place[r.order] = place[r.order] || r;
		found.set(r.index, place);
	}
	if (!found.size)
		return [];
	const articles = Array.from(found.keys()).sort((a, b) => a - b).map((i) => [pairOf(i, pairs.get(i), found.get(i).forward, found.get(i).reverse), found.get(i)]);
	const wrong = ({ forward, reverse }) => [forward, reverse].some((v) => v && v.correct !== true);
	const select = make("select", "");
	for (const [value, label] of [["", "all"], ["wrong", "with a wrong one"]])
		select.append(new Option(label, value));
	select.addEventListener("change", () => {
		for (const [article, place] of articles)
			article.hidden = select.value === "wrong" && !wrong(place);
	});
	return [make("div", "tools", make("h3", "", "Verdicts"), make("label", "", "Show ", select)), articles.map(([article]) => article)];
}

function scoresOf(records) {
	const scores = records.filter((r) => r.type === "score");
	if (!scores.length)
		return [];
	const won = new Map(records.filter((r) => r.type === "demos").map((r) => [r.stage, r.seed]));
	const seeds = new Map([[-3, "no examples"], [-2, "labels alone"], [-1, "in their order"]]);
	return [make("h3", "", "The search\u2019s scores"), tableOf([["Stage", ""], ["Set", ""], ["Pairs shown", ""], ["Right", "number"], ["Score", "number"], ["", ""]],
		scores.map((s) => [shown(s.stage), seeds.get(s.seed) || "seed " + shown(s.seed), list(s.demos).map((d) => shown(object(d).index)).join(", "),
			s.n ? shown(s.correct) + " of " + shown(s.n) : "", isNumber(s.score) ? s.score.toFixed(1) : "",
			won.get(s.stage) === s.seed ? make("span", "mark right", "\u2713 taken") : s.pruned ? "not finished: " + shown(object(s.pruned).reason) : ""]))];
}

function judgesOf(records) {
	const results = records.filter((r) => r.type === "result" && r.file);
	return results.length > 1 ? [make("h3", "", "Judges"), judgesTable(results)] : [];
}

function troubles(records) {
	const whole = records.filter((r) => r.type === "error" && !isNumber(r.index));
	return whole.map((r) => make("p", "note", shown(r.stage) + " failed: " + shown(r.message) + (r.remedy ? "; " + shown(r.remedy) : "")))
		.concat(records.filter((r) => r.type === "pending").map((r) => make("p", "note", shown(r.stage) + " waits for " + count(r.waiting, "answer"))));
}

function show(records) {
	const last = (fits) => records.filter(fits).pop();
	const result = last((r) => r.type === "result" && !r.file) || last((r) => r.type === "result");
	const persona = last((r) => r.type === "persona");
	const learned = last((r) => r.type === "demos" && r.stage !== "bootstrap");
	const history = last((r) => r.type === "demos" && r.stage === "bootstrap");
	const place = byId("record");
	place.replaceChildren();
	place.append(...troubles(records));
	if (result)
		place.append(cardsOf(result));
	if (persona)
		place.append(...personaOf(persona, history));
	if (learned)
		place.append(make("h3", "", "Examples that the judge is shown"), ...demos(learned).flat());
	place.append(...judgesOf(records), ...verdictsOf(records).flat(), ...scoresOf(records));
	if (!place.childElementCount)
		place.append(make("p", "soft", "The input holds pairs of this user, and nothing that was learned or judged."));
}

function neighbor(row, step) {
	do
		row = step > 0 ? row.nextElementSibling : row.previousElementSibling;
	while (row && row.hidden);
	return row;
}

const linkOf = (row) => row.cells[0].querySelector("a");
let opened = null;

function open(link) {
	const block = byId("records-" + link.hash.slice(2));
	if (!block && document.readyState === "loading") {
		document.addEventListener("DOMContentLoaded", follow, { once: true });
		return;
	}
	opened = link;
	byId("user-name").textContent = link.textContent;
	show(block ? JSON.parse(block.textContent) : []);
	const row = link.closest("tr");
	byId("before").disabled = !neighbor(row, -1);
	byId("after").disabled = !neighbor(row, 1);
	if (!dialog.open)
		dialog.showModal();
	dialog.scrollTop = 0;
	byId("record").focus({ preventScroll: true });
}

// At once, not when the browser tells that the dialog is closed: a key may come before that.
function shut() {
	const link = opened;
	opened = null;
	if (dialog.open)
		dialog.close();
	if (location.hash)
		history.pushState(null, "", location.pathname + location.search);
	byId("record").replaceChildren();
	if (link)
		link.focus();
}

// The address says who is open: links, and the browser's way back, work.
function follow() {
	const link = /^#u[0-9]+$/.test(location.hash) && body.querySelector('a[href="' + location.hash + '"]');
	if (link)
		open(link);
	else if (opened)
		shut();
}

function step(direction) {
	const row = opened && neighbor(opened.closest("tr"), direction);
	if (row)
		location.replace(linkOf(row).hash);
}

dialog.addEventListener("cancel", (event) => {
	event.preventDefault();
	shut();
});
dialog.addEventListener("close", () => opened && !dialog.open && shut());
dialog.addEventListener("click", (event) => event.target === dialog && shut());
byId("close").addEventListener("click", shut);
byId("before").addEventListener("click", () => step(-1));
byId("after").addEventListener("click", () => step(1));
byId("find").addEventListener("input", filter);
byId("only").addEventListener("change", filter);
for (const button of table.tHead.querySelectorAll("button"))
	button.addEventListener("click", () => sort(button));
addEventListener("hashchange", follow);
showSummary();
filter();
follow();
