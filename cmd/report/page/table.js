// The table: its rows stand in groups, each of which is drawn when it comes near the screen, and is a space of the same height before and after. The first one stays, for the keyboard to come to.

const GROUP = 50;
const BAR = 96; // the width of an interval's bar
const table = byId("users");
const users = JSON.parse(byId("rows").textContent);
users.forEach((user, number) => Object.assign(user, { number, found: true }));
let order = users; // as sorted
let view = []; // those of it that are to be seen
let groups = [];
let height = 36; // of a row

const watcher = new IntersectionObserver((entries) => {
	for (const entry of entries) {
		const group = groups.find((g) => g.body === entry.target);
		if (group && entry.isIntersecting)
			draw(group);
		else if (group && group.drawn && group.from && !group.body.contains(document.activeElement))
			leave(group, group.body.getBoundingClientRect().height);
	}
}, { rootMargin: "1200px 0px" });

// Draws accuracy and its interval.
function barOf(user) {
	const at = (share) => (4 + Math.min(1, Math.max(0, share)) * (BAR - 8)).toFixed(1);
	const bar = drawn("svg", { viewBox: "0 0 " + BAR + " 16", width: BAR, height: 16, "aria-hidden": "true" },
		drawn("path", { class: "half", d: "M" + BAR / 2 + " 1V15" }));
	if (isNumber(user.low) && isNumber(user.high))
		bar.append(drawn("path", { class: "bar", d: "M" + at(user.low) + " 8H" + at(user.high) }));
	bar.append(drawn("circle", { class: "dot", cx: at(user.accuracy), cy: 8, r: 3.5 }));
	return bar;
}

function rowOf(user, place) {
	const link = make("a", "", shown(user.user) || "(no name)");
	link.href = "#u" + user.number;
	const head = make("th", "", link, user.state ? make("b", "", user.state) : null);
	head.scope = "row";
	const number = (name) => make("td", name, isNumber(user[name]) ? String(user[name]) : "");
	const share = (name) => make("td", name, isNumber(user[name]) ? percent(user[name]) : "");
	const row = make("tr", "", head, number("pairs"), share("accuracy"),
		make("td", "span", isNumber(user.accuracy) ? barOf(user) : null, make("span", "unseen", interval(user))),
		number("gained"), number("lost"), number("ties"), number("failed"), share("first"), share("agreement"),
		make("td", "won", shown(user.won)), make("td", "about", shown(user.about)));
	row.setAttribute("aria-rowindex", place + 2);
	return row;
}

function draw(group) {
	if (group.drawn)
		return;
	group.drawn = true;
	group.body.replaceChildren(...view.slice(group.from, group.from + GROUP).map((user, i) => rowOf(user, group.from + i)));
}

function leave(group, tall) {
	const space = make("td", "space");
	const row = make("tr", "", space);
	space.style.height = tall + "px";
	row.setAttribute("aria-hidden", "true");
	group.drawn = false;
	group.body.replaceChildren(row);
}

function isShown(user) {
	const only = byId("only").value;
	return user.found && (!only || user.state === only || (only === "below" && user.accuracy < 0.5) || (only === "tied" && user.ties > 0) ||
		(only === "differ" && user.gained + user.lost > 0) || (only === "better" && user.gained > user.lost) || (only === "worse" && user.gained < user.lost));
}

// Lays out the table anew, as it is sorted and filtered.
function lay() {
	const first = groups.find((group) => group.drawn);
	if (first && view.length)
		height = first.body.getBoundingClientRect().height / Math.min(GROUP, view.length - first.from) || height;
	watcher.disconnect();
	groups.forEach((group) => group.body.remove());
	view = order.filter(isShown);
	groups = [];
	for (let from = 0; from < view.length; from += GROUP) {
		const group = { from, body: make("tbody", ""), drawn: false };
		groups.push(group);
		if (from)
			leave(group, height * Math.min(GROUP, view.length - from));
		else
			draw(group);
		table.append(group.body);
		watcher.observe(group.body);
	}
	table.setAttribute("aria-rowcount", view.length + 1);
	showNeighbors();
}

// The link of a user in the table; undefined if the user is not to be seen.
function linkOf(user) {
	const at = view.indexOf(user);
	if (at < 0)
		return undefined;
	draw(groups[Math.floor(at / GROUP)]);
	return table.querySelector('a[href="#u' + user.number + '"]');
}

// A first click sorts as one would look: names from a to z, figures from the greatest.
function sort(button) {
	const head = button.parentElement, key = button.dataset.key, numeric = "number" in button.dataset;
	const was = head.getAttribute("aria-sort");
	const up = was === "none" ? !numeric : was === "descending";
	const names = new Intl.Collator("en", { numeric: true });
	order = order.map((user, i) => [numeric ? user[key] : shown(user[key]), i, user]).sort(([a, i], [b, k]) => {
		if (numeric && (!isNumber(a) || !isNumber(b)))
			return isNumber(b) - isNumber(a) || i - k; // without a figure: last, either way
		return (numeric ? a - b : names.compare(a, b)) * (up ? 1 : -1) || i - k;
	}).map(([, , user]) => user);
	for (const other of table.tHead.querySelectorAll("[aria-sort]"))
		other.setAttribute("aria-sort", "none");
	head.setAttribute("aria-sort", up ? "ascending" : "descending");
	lay();
}
