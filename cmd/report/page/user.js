// A user, in the dialog

const dialog = byId("user");
let opened = null;

function judgesOf(records) {
	const results = records.filter((r) => r.type === "result" && r.file);
	return results.length > 1 ? [make("h3", "", "Judges"), judgesTable(results)] : [];
}

function troubles(records) {
	const whole = records.filter((r) => r.type === "error" && !isNumber(r.index));
	return whole.map((r) => make("p", "note", shown(r.stage) + " failed: " + shown(r.message) + (r.remedy ? "; " + shown(r.remedy) : "")))
		.concat(records.filter((r) => r.type === "pending").map((r) => make("p", "note", shown(r.stage) + " waits for " + count(r.waiting, "answer"))));
}

function show(user, records) {
	const mine = records.filter((r) => !r.against);
	const last = (fits) => mine.filter(fits).pop();
	const result = last((r) => r.type === "result" && !r.file) || last((r) => r.type === "result");
	const learned = last((r) => r.type === "demos" && r.stage !== "bootstrap");
	const history = last((r) => r.type === "demos" && r.stage === "bootstrap");
	const place = byId("record");
	place.replaceChildren(...troubles(mine));
	if (result)
		place.append(...cardsOf(result, judgeOf(result)));
	place.append(...duelOf(user, "h3"));
	place.append(...personasOf(mine, history), ...rubricOf(last((r) => r.type === "rubric")), ...neighborsOf(last((r) => r.type === "neighbors")));
	if (learned)
		place.append(make("h3", "", areShown(mine.filter((r) => r.type === "verdict")) ? "Examples that the judge is shown" : "Examples that were learned"), ...demos(learned).flat());
	place.append(...judgesOf(mine), ...verdictsOf(records).flat(), ...scoresOf(mine).flat());
	if (!place.childElementCount)
		place.append(make("p", "soft", "The input holds pairs of this user, and nothing that was learned or judged."));
}

const neighbor = (user, step) => view.includes(user) ? view[view.indexOf(user) + step] : undefined;

// Where one can go from the opened user, which changes while a search goes on.
function showNeighbors() {
	byId("before").disabled = !opened || !neighbor(opened, -1);
	byId("after").disabled = !opened || !neighbor(opened, 1);
}

async function open(user) {
	const place = byId("record");
	opened = user;
	byId("user-name").textContent = shown(user.user) || "(no name)";
	showNeighbors();
	place.replaceChildren();
	place.setAttribute("aria-busy", "true");
	if (!dialog.open)
		dialog.showModal();
	place.focus({ preventScroll: true });
	try {
		const records = await recordsOf(user);
		if (opened === user) {
			show(user, records);
			mark(place);
		}
	} catch (error) {
		if (opened === user)
			place.replaceChildren(make("p", "note", "The records of this user cannot be read: " + error.message));
	}
	if (opened === user) {
		dialog.scrollTop = 0;
		place.removeAttribute("aria-busy");
	}
}

// At once, not when the browser tells that the dialog is closed: a key may come before that.
function shut() {
	const link = opened && linkOf(opened);
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
	const user = /^#u[0-9]+$/.test(location.hash) && users[Number(location.hash.slice(2))];
	if (user)
		open(user);
	else if (opened)
		shut();
}

function step(direction) {
	const user = opened && neighbor(opened, direction);
	if (user)
		location.replace("#u" + user.number);
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
byId("find").addEventListener("input", find);
byId("only").addEventListener("change", () => {
	chosen = CHOSEN[byId("only").value] || (chosen > 1 ? 0 : chosen);
	lay();
	tell();
});
for (const button of table.tHead.querySelectorAll("button"))
	button.addEventListener("click", () => sort(button));
addEventListener("hashchange", follow);
addEventListener("beforeprint", () => groups.forEach(draw));
byId("list").hidden = false;
showSummary();
find();
follow();
