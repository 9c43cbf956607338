// Criteria with weights, by which a judge scored each reply

const SCORED = 50; // criteria that are shown of a verdict

const criteriaOf = (rubric) => list(object(rubric).criteria).map(object);
const criterionName = (criterion, i) => shown(object(criterion).name) || "criterion " + (i + 1);

// A bar from zero, which is in the middle where a weight is below it.
function weightOf(weight, most, below) {
	const wide = 120, zero = below ? wide / 2 : 0, long = most > 0 && isNumber(weight) ? Math.abs(weight) / most * (wide - zero) : 0;
	return drawn("svg", { viewBox: "0 0 " + wide + " 14", width: wide, height: 14, class: "weight", "aria-hidden": "true" },
		drawn("rect", { class: weight < 0 ? "lost" : "got", x: weight < 0 ? zero - long : zero, y: 2, width: long, height: 10 }),
		drawn("path", { class: "beat", d: "M" + Math.max(1, zero) + " 0V14" }));
}

function rubricOf(rubric) {
	const criteria = criteriaOf(rubric), fit = object(object(rubric).fit);
	if (!criteria.length)
		return rubric ? [make("h3", "", "Rubric"), make("p", "soft", "It has no criteria.")] : [];
	const weights = criteria.map((c) => c.weight).filter(isNumber);
	const most = weights.reduce((a, b) => Math.max(a, Math.abs(b)), 0), below = weights.some((weight) => weight < 0);
	const facts = [ratio(fit) ? "The fitted weights have " + ratio(fit) + " pairs right" : "", isNumber(fit.lambda) ? "lambda " + shown(fit.lambda) : "", isNumber(fit.scale) ? "scale " + shown(fit.scale) : ""];
	return [make("h3", "", "Rubric"), make("p", "soft", facts.filter(Boolean).join(", ")),
		tableOf("Rubric", [["Criterion", "wraps"], ["Weight", "tries"], ["Fitted", "number"], ["Stated", "number"]],
			criteria.map((c, i) => [[make("b", "", criterionName(c, i)), make("p", "small", shown(c.description))], weightOf(c.weight, most, below), decimal(c.weight, 2), decimal(c.stated, 2)])),
		list(rubric.history).length ? make("p", "small", "Written from " + inWords("pair", rubric.history) + ".") : ""];
}

// A verdict's scores by criterion, the greater one of each in bold.
function scoreTable(record, rubric) {
	const first = list(object(record.scores).first), second = list(object(record.scores).second);
	const rows = Math.min(SCORED, Math.max(first.length, second.length)), criteria = criteriaOf(rubric);
	if (!rows)
		return null;
	const head = (name, scope, classes) => Object.assign(make("th", classes, name), { scope });
	const cell = (mine, other) => make("td", "number" + (mine > other ? " greater" : ""), shown(mine));
	const lines = Array.from({ length: rows }, (_, i) => make("tr", "", head(criterionName(criteria[i], i), "row", ""), cell(first[i], second[i]), cell(second[i], first[i])));
	return make("table", "scores", make("thead", "", make("tr", "", head("Scores", "col", ""), head("First", "col", "number"), head("Second", "col", "number"))), make("tbody", "", lines));
}

// What a judge was given beside persona and examples.
function usesOf(record) {
	const uses = object(record.uses);
	return [list(uses.nearest).length ? "examples: " + inWords("pair", uses.nearest) + ", the nearest" : "",
		uses.personas > 1 ? count(uses.personas, "persona") + " voted" : "", uses.rubric === true ? "by the rubric" : ""].filter(Boolean);
}
