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
	const asked = tableOf("Runs", [["Program", ""], ["Model", ""], ["Calls", "number"], ["From the store", "number"], ["Tokens in", "number"], ["Tokens out", "number"], ["Cost", "number"], ["Seconds", "number"]],
		runs.map((r) => {
			const tokens = object(r.tokens);
			return [shown(r.program) + (r.shares > 1 ? ", " + shown(r.shares) + " shares" : ""), shown(r.model), shown(r.calls), shown(r.hits), shown(tokens.in), shown(tokens.out), isNumber(r.cost) ? "$" + r.cost.toFixed(4) : "", decimal(r.seconds, 1)];
		}));
	return details("How it was made", asked, runs.map((r) => make("p", "small", make("code", "", shown(r.program) + " " + shown(r.version) + " " + shown(r.options)))));
}

// The other judge: sums over the users, two columns of the table, and three choices of what to show.
function showRival(place) {
	const sum = { both: 0, gained: 0, lost: 0, neither: 0 };
	for (const user of users)
		for (const name of Object.keys(sum))
			sum[name] += user[name] || 0;
	place.append(...duelOf(sum, "h2"));
	table.classList.add("compared");
	byId("only").append(new Option("where the judges differ", "differ"), new Option("better than " + rival, "better"), new Option("worse than " + rival, "worse"));
}

function showSummary() {
	const records = list(shared.records);
	const results = records.filter((r) => r.type === "result" && r.file);
	const comparisons = records.filter((r) => r.type === "comparison");
	const runs = records.filter((r) => r.type === "run");
	const place = byId("summary");
	if (shared.all) {
		place.append(...cardsOf(shared.all, judgeOf(shared.all)));
		byId("lead").textContent = [count(users.length, "user"), count(shared.all.pairs, "judged pair"), count(shared.all.n, "verdict")].filter(Boolean).join(", ");
	}
	if (results.length)
		place.append(judgesTable(results));
	if (comparisons.length)
		place.append(comparisonsTable(comparisons));
	if (rival)
		showRival(place);
	place.append(...prototypesOf(records));
	if (runs.length)
		place.append(runsOf(runs));
}
