// Two texts, word by word

// A word, a sign, or a letter of a script without blanks; each with the blanks behind it.
const WORD = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}]\s*|(?:(?![\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}])[\p{L}\p{M}\p{N}])+\s*|\S\s*|\s+/gu;
const COMPARED = 4e6; // pairs of words; longer texts are not compared

// How many words the rests of both texts share, in their order, for each place in the one and in the other.
function sharedFrom(a, b) {
	const wide = b.length + 1, shared = new Uint16Array((a.length + 1) * wide);
	for (let i = a.length - 1; i >= 0; i--) {
		for (let k = b.length - 1; k >= 0; k--)
			shared[i * wide + k] = a[i] === b[k] ? shared[(i + 1) * wide + k + 1] + 1 : Math.max(shared[(i + 1) * wide + k], shared[i * wide + k + 1]);
	}
	return (i, k) => shared[i * wide + k];
}

// The parts of two texts in turn, as [what, text]: "" stands in both, "del" in the one alone, "ins" in the other alone. Blanks do not count. Null: they have too little in common, or are too long.
function changesOf(before, after) {
	const old = before.match(WORD) || [], now = after.match(WORD) || [];
	const a = old.map((word) => word.trim()), b = now.map((word) => word.trim());
	if (a.length * b.length > COMPARED)
		return null;
	const shared = sharedFrom(a, b), parts = [];
	const add = (what, word) => {
		if (parts.length && parts[parts.length - 1][0] === what)
			parts[parts.length - 1][1] += word;
		else
			parts.push([what, word]);
	};
	if (3 * shared(0, 0) < Math.max(a.length, b.length))
		return null;
	for (let i = 0, k = 0; i < a.length || k < b.length;) {
		if (i < a.length && k < b.length && a[i] === b[k]) {
			add("", now[k++]);
			i++;
		} else if (k === b.length || (i < a.length && shared(i + 1, k) >= shared(i, k + 1))) {
			add("del", old[i++]);
		} else {
			add("ins", now[k++]);
		}
	}
	return parts;
}

// What became of a text; the new one alone where a comparison says nothing.
function diffOf(before, after) {
	const parts = before ? changesOf(shown(before), shown(after)) : null;
	if (!parts)
		return [make("p", "small", before ? "Written anew:" : ""), text(after)];
	return [make("p", "text", parts.map(([what, words]) => what ? make(what, "", words) : words))];
}
