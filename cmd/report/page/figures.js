// Figures over all, and of a user

const shared = JSON.parse(byId("shared").textContent);
const nameOf = (file) => typeof file === "string" && Object.hasOwn(shared.names, file) ? shown(shared.names[file]) : shown(file);
const judge = shown(shared.judge), rival = shown(shared.against);
// Figures that the input has do not say whose they are.
const judgeOf = (result) => result.file ? nameOf(result.file) : shared.given ? "" : judge;

function card(label, value, ...notes) {
	return make("div", "", make("dt", "", label), make("dd", "", value), notes.filter(Boolean).map((note) => make("dd", "", note)));
}

function cardsOf(all, name) {
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
	return [name ? make("p", "judge", "Judge: ", make("b", "", name)) : "",
		make("dl", "cards of-" + (cards.length <= 6 ? cards.length : Math.ceil(cards.length / 2)), cards)].filter(Boolean);
}

function judgesTable(results) {
	return tableOf("Judges", [["Judge", ""], ["Pairs", "number"], ["Accuracy", "number"], ["95% interval", "number"], ["Interval", ""], ["Ties", "number"], ["First", "number"]],
		results.map((r) => [nameOf(r.file), shown(r.pairs), percent(r.accuracy), interval(r.ci), basis(r.ci), shown(r.ties), percent(r.first_share)]));
}

function comparisonsTable(comparisons) {
	return tableOf("Comparisons", [["Compared", ""], ["Points", "number"], ["95% interval", "number"], ["Interval", ""], ["p", "number"], ["Holm\u2019s p", "number"], ["Test", "wraps"], ["Cohen\u2019s h", "number"], ["Better for", "number wraps"], ["Worse for", "number wraps"]],
		comparisons.map((c) => {
			const helped = object(c.helped), surely = (number) => isNumber(number) ? ", " + shown(number) + " beyond chance" : "";
			const ci = object(c.ci), users = object(c.users), sign = object(c.sign), ofPairs = isNumber(sign.p);
			return [nameOf(c.b) + " against " + nameOf(c.a), points(c.difference), points(ci.low) + " to " + points(ci.high),
				basis(ci), pValue(ofPairs ? sign.p : users.permutation_p), pValue(c.holm_p), ofPairs ? "signs of pairs" : "permutation over users",
				decimal(c.cohens_h, 2), shown(users.better) + " of " + shown(users.n) + surely(helped.better), shown(users.worse) + surely(helped.worse)];
		}));
}

// How often which judge is right, of the verdicts that both gave: of a user, or summed over all.
function duelOf(counts, heading) {
	const all = counts.both + counts.gained + counts.lost + counts.neither;
	if (!rival || !all)
		return [];
	const title = (judge || "The judge") + " and " + rival + ", verdict by verdict";
	const cell = (number) => shown(number) + " (" + percent(number / all) + ")";
	return [make(heading, "", title), tableOf(title,
		[["Both gave", ""], ["Both right", "number"], [(judge || "The judge") + " alone right", "number"], [rival + " alone right", "number"], ["Neither right", "number"]],
		[[count(all, "verdict"), cell(counts.both), cell(counts.gained), cell(counts.lost), cell(counts.neither)]])];
}
