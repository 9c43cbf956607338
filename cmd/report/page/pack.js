// The records of each user are packed (zlib, base64) in an element of their own, and unpacked when the user is opened or searched.

const loaded = new Promise((resolve) => {
	if (document.readyState === "loading")
		document.addEventListener("DOMContentLoaded", resolve, { once: true });
	else
		resolve();
});

function bytesOf(base64) {
	if (Uint8Array.fromBase64)
		return Uint8Array.fromBase64(base64);
	return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

async function recordsOf(user) {
	if (typeof DecompressionStream === "undefined")
		throw new Error("this browser is too old to unpack them");
	// While the page is loading, the last element may not be whole.
	if (!byId("records-" + (user.number + 1)))
		await loaded;
	const packed = new Blob([bytesOf(byId("records-" + user.number).textContent)]);
	const json = await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate"))).text();
	return list(JSON.parse(json));
}
