// The search's candidates: how far each was tried, how much of it was right, and which won

const SETS = new Map([[-3, "no examples"], [-2, "labels alone"], [-1, "in their order"]]);

// A bar as long as all validation pairs: right, wrong, not asked; with a line at the score to beat.
function triedOf(score, total, taken) {
	const wide = 120, at = (number) => Math.min(wide, Math.max(0, total > 0 && isNumber(number) ? wide * number / total : 0));
	const best = object(score.pruned).best, right = at(score.correct);
	const bar = drawn("svg", { viewBox: "0 0 " + wide + " 14", width: wide, height: 14, class: taken ? "tried won" : "tried", "aria-hidden": "true" },
		drawn("rect", { class: "track", x: 0.5, y: 2.5, width: wide - 1, height: 9 }),
		drawn("rect", { class: "got", x: 0, y: 2, width: right, height: 10 }),
		drawn("rect", { class: "lost", x: right, y: 2, width: Math.max(0, at(score.n) - right), height: 10 }));
	if (isNumber(best))
		bar.append(drawn("path", { class: "beat", d: "M" + Math.min(wide - 1, Math.max(1, wide * best / 100)) + " 0V14" }));
	return bar;
}

// The winner's name stands out, also where the last column is not on the screen.
const nameOfTried = (name, taken) => taken ? make("b", "mark right", name) : name;

function endOf(score, taken) {
	const pruned = object(score.pruned);
	if (taken)
		return make("span", "mark right", "\u2713 taken");
	if (!score.pruned)
		return "";
	const why = {
		bound: "could reach " + shown(pruned.bound) + " at most, with " + shown(pruned.best) + " to beat",
		stop: "an earlier set was good enough",
		perfect: "an earlier set has every pair right",
		budget: "the budget might not have sufficed",
	};
	return (score.n ? "stopped after " + count(score.n, "pair") + ": " : "not tried: ") + (Object.hasOwn(why, pruned.reason) ? why[pruned.reason] : shown(pruned.reason));
}

function scoresOfStage(stage, scores, won) {
	const total = scores.reduce((most, s) => isNumber(s.n) ? Math.max(most, s.n) : most, 0);
	const title = "Sets tried by " + (stage === "bootstrap" ? "sm-bootstrap" : stage === "demosearch" ? "sm-demosearch" : shown(stage));
	return [make("p", "soft", title + ", each on " + count(total, "validation pair") +
		(scores.some((s) => isNumber(object(s.pruned).best)) ? "; a line is at the score to beat" : "")),
		tableOf(title, [["Set", ""], ["Pairs shown", ""], ["Right, wrong, not asked", "tries"], ["Right", "number"], ["Score", "number"], ["", "end"]],
			scores.map((s) => [nameOfTried(SETS.get(s.seed) || "seed " + shown(s.seed), won.get(stage) === s.seed), list(s.demos).map((d) => shown(object(d).index)).join(", "), triedOf(s, total, won.get(stage) === s.seed),
				s.n ? shown(s.correct) + " of " + shown(s.n) : "", isNumber(s.score) ? s.score.toFixed(1) : "", endOf(s, won.get(stage) === s.seed)]))];
}

function scoresOf(records) {
	const stages = new Map();
	for (const r of records) {
		if (r.type === "score")
			stages.set(r.stage, (stages.get(r.stage) || []).concat(r));
	}
	const won = new Map(records.filter((r) => r.type === "demos").map((r) => [r.stage, r.seed]));
	if (!stages.size)
		return [];
	return [make("h3", "", "The search\u2019s scores")].concat(Array.from(stages, ([stage, scores]) => scoresOfStage(stage, scores, won)));
}
