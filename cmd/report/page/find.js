// Find: in names and the beginnings of personas at once, and then in all that the records say. That is unpacked once and held, as far as there is room.

const PAUSE_MS = 200; // after the last key
const SLICE_MS = 40; // of work before the page may react
let room = 1 << 27; // characters that are still held
let wanted = { words: [], done: 0, todo: 0 }; // the last search: how many users' texts are searched, of how many
const missed = new Set(); // users whose texts lack some of its words

// What the page shows of a user's records, in lower case.
function wordsIn(records) {
	const parts = [];
	const add = (value) => {
		if (typeof value === "string")
			parts.push(value);
		else if (Array.isArray(value))
			value.forEach(add);
		else
			parts.push(shown(object(value).content));
	};
	for (const r of records) {
		for (const part of [r, ...list(r.demos), ...list(r.criteria)].map(object)) {
			for (const name of ["persona", "reasoning", "message", "remedy", "context", "chosen", "rejected", "first", "second", "why", "changed", "name", "description"]) {
				if (part[name])
					add(part[name]);
			}
		}
	}
	return parts.join("\n").toLowerCase();
}

async function textOf(user) {
	if (user.text !== undefined)
		return user.text;
	const text = wordsIn(await recordsOf(user).catch(() => []));
	if (text.length <= room) {
		room -= text.length;
		user.text = text;
	}
	return text;
}

function begins(user) {
	user.begin = user.begin || (shown(user.user) + "\n" + shown(user.about)).toLowerCase();
	return user.begin;
}

async function searchUser(user, words) {
	const text = await textOf(user);
	user.found = words.every((word) => begins(user).includes(word) || text.includes(word));
	if (!user.found)
		missed.add(user);
	return user.found;
}

function tell() {
	const isSearching = wanted.done < wanted.todo;
	const seen = view.length.toLocaleString("en") + " of " + users.length.toLocaleString("en");
	byId("searched").hidden = !isSearching;
	byId("searched").value = isSearching ? wanted.done / wanted.todo : 0;
	if (isSearching)
		byId("count").textContent = seen + " so far, searching the texts";
	else if (!view.length && wanted.words.length)
		byId("count").textContent = "Nothing found in names, personas, reasons and texts";
	else
		byId("count").textContent = view.length === users.length ? "" : seen;
}

// Searches the texts of users, until another search begins.
async function searchTexts(search, todo) {
	let news = false, told = performance.now(), pause = told;
	for (; search.done < search.todo; search.done++) {
		news = await searchUser(todo[search.done], search.words) || news;
		const now = performance.now();
		if (now - pause > SLICE_MS) {
			await new Promise((resolve) => setTimeout(resolve));
			pause = performance.now();
		}
		if (search !== wanted)
			return;
		if (now - told > 500) {
			if (news)
				lay();
			tell();
			told = now;
			news = false;
		}
	}
	lay();
	tell();
}

// Marks the words in what is shown of a user, and opens what hides them.
function mark(place) {
	if (!CSS.highlights)
		return;
	const marks = new Highlight();
	const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
	while (wanted.words.length && walker.nextNode()) {
		const node = walker.currentNode, text = node.data.toLowerCase();
		for (const word of wanted.words) {
			for (let at = text.indexOf(word); at >= 0 && at + word.length <= node.length; at = text.indexOf(word, at + word.length)) {
				const range = new Range();
				range.setStart(node, at);
				range.setEnd(node, at + word.length);
				marks.add(range);
				for (let hides = node.parentElement.closest("details"); hides; hides = hides.parentElement.closest("details"))
					hides.open = true;
			}
		}
	}
	CSS.highlights.set("found", marks);
}

function find() {
	const words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
	const narrower = wanted.words.length > 0 && wanted.words.every((old) => words.some((word) => word.includes(old)));
	const search = wanted = { words, done: 0, todo: 0 };
	if (!narrower)
		missed.clear();
	for (const user of users)
		user.found = words.every((word) => begins(user).includes(word));
	lay();
	const todo = words.length ? users.filter((user) => !user.found && !missed.has(user)) : [];
	search.todo = todo.length;
	tell();
	if (todo.length)
		setTimeout(() => search === wanted && searchTexts(search, todo), PAUSE_MS);
}
