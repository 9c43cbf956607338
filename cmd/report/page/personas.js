// The persona that won, the others that were tried, and how it was revised

// Of a persona of other users: whose it is, and how often each of those that were tried was right on this user's choices.
function startOf([taken, ...others]) {
	const named = (tried) => (clusterName(tried.cluster) || "A cluster").toLowerCase();
	return "The persona of " + named(taken) + ", of " + count(isNumber(taken.users) ? taken.users : 0, "other user") + ": " + ratio(taken) + " choices right."
		+ (others.length ? " Tried besides: " + others.map((tried) => named(tried) + ", " + ratio(tried)).join("; ") + "." : "");
}

function personaOf(record, history) {
	const parts = [text(record.persona, "persona")];
	if (record.reasoning)
		parts.push(details("The model\u2019s reasoning", text(record.reasoning)));
	if (isNumber(record.revision))
		parts.push(make("p", "small", "This is revision " + shown(record.revision) + "."));
	if (list(record.from).length)
		parts.push(make("p", "small", startOf(record.from.map(object))));
	if (Array.isArray(record.history))
		parts.push(make("p", "small", record.history.length ? "Written from " + inWords("pair", record.history) + "." : "Written from no pair."));
	if (history && list(history.demos).length)
		parts.push(details("The choices that it was written from", list(history.demos).map(demo)));
	return parts;
}

// Of the personas that one run tried; the last run's.
function candidatesOf(personas) {
	let found = new Map();
	for (const r of personas) {
		if (!isNumber(r.candidate))
			continue;
		if (found.has(r.candidate))
			found = new Map();
		found.set(r.candidate, r);
	}
	const rank = (r) => isNumber(r.rank) ? r.rank : Infinity;
	return Array.from(found.values()).sort((a, b) => rank(a) - rank(b) || a.candidate - b.candidate);
}

function ratio(value) {
	value = object(value);
	return isNumber(value.n) ? shown(value.correct) + " of " + shown(value.n) : "";
}

function candidatesTable(tried, best) {
	const total = tried.reduce((most, r) => isNumber(r.n) ? Math.max(most, r.n) : most, 0);
	return tableOf("Personas tried", [["Persona", ""], ["Right, wrong, not asked", "tries"], ["Right", "number"], ["Of pairs it was not written from", "number"], ["Score", "number"], ["", "end"]],
		tried.map((r) => [nameOfTried("candidate " + shown(r.candidate), r === best), triedOf(r, total, r === best), ratio(r), ratio(r.crossfit),
			isNumber(r.score) ? fixed(r.score) : "", endOf(r, r === best)]));
}

function othersOf(personas, winner) {
	const tried = candidatesOf(personas);
	if (tried.length < 2)
		return [];
	const best = tried.find((r) => r === winner) || tried.find((r) => r.rank === 1);
	const others = tried.filter((r) => r !== winner);
	return [details(count(tried.length, "persona") + " tried", candidatesTable(tried, best),
		others.map((r) => details(["Candidate " + shown(r.candidate), excerpt(r.persona)], personaOf(r))))];
}

function changedOf(changed) {
	if (!changed || (Array.isArray(changed) && !changed.length))
		return [];
	return [make("p", "small", "What changed"), Array.isArray(changed) ? make("ul", "", changed.map((item) => make("li", "text", shown(item)))) : text(changed)];
}

function revisionOf(record, before, isLast) {
	const of = record.of ? "revision " + shown(record.of) : "the first persona";
	const kept = record.kept === true ? make("span", "mark right", "\u2713 kept") : make("span", "mark wrong", "\u2717 dropped");
	const box = details(["Revision " + shown(record.revision) + " of " + of + " \u00b7 ", kept, record.why ? make("span", "soft", ": " + shown(record.why)) : ""],
		make("p", "small", [["train", ratio(record.train)], ["validation", ratio(record.val)]].filter(([, right]) => right)
			.map(([which, right]) => right + " " + which + " pairs right").join(" \u00b7 ")),
		diffOf(before, record.persona), changedOf(record.changed),
		record.reasoning ? [make("p", "small", "What misled, in the model\u2019s words"), text(record.reasoning)] : "",
		list(record.mistakes).length ? make("p", "small", "Written to mend " + inWords("pair", record.mistakes) + ".") : "");
	box.open = isLast;
	return box;
}

// Each version beside the one that it revises. Numbers begin anew with each run, whose first persona is the one before it.
function revisionsOf(records, winner) {
	const parts = [];
	let versions = new Map();
	for (const r of records) {
		if (r.type === "persona" && !isNumber(r.revision))
			versions = new Map([[0, r.persona]]);
		else if (r.type === "persona")
			versions.set("last", r.persona);
		if (r.type !== "revision")
			continue;
		if (versions.has("last"))
			versions = new Map([[0, versions.get("last")]]);
		parts.push(revisionOf(r, versions.get(r.of || 0), r.kept === true && r.revision === object(winner).revision));
		versions.set(r.revision, r.persona);
	}
	return parts.length ? [make("h3", "", "Revisions"), parts] : [];
}

function personasOf(records, history) {
	const personas = records.filter((r) => r.type === "persona");
	const winner = personas[personas.length - 1];
	const parts = winner ? [make("h3", "", "Persona"), personaOf(winner, history), changedOf(winner.changed), othersOf(personas, winner)] : [];
	return parts.concat(revisionsOf(records, winner)).flat(2);
}
