// Users whose choices are alike, and what stands for each cluster of them

const NEIGHBORS = 200; // links that are shown

let numbers = null; // of the users, by name

// A user's name, as a link where the input has the user.
function userLink(id) {
	numbers = numbers || new Map(users.map((user) => [user.user, user.number]));
	const name = shown(id) || "(no name)";
	if (!numbers.has(id))
		return name;
	const link = make("a", "", name);
	link.href = "#u" + numbers.get(id);
	return link;
}

const clusterName = (cluster) => cluster === null || cluster === undefined ? "" : "Cluster " + shown(cluster);
const andMore = (all) => all.length > NEIGHBORS ? make("p", "small", "and " + count(all.length - NEIGHBORS, "other")) : "";

function neighborsOf(record) {
	if (!record)
		return [];
	const all = list(record.neighbors).map(object);
	const told = [clusterName(record.cluster), all.length ? "" : "no neighbour was found"].filter(Boolean).join(": ");
	return [make("h3", "", "Neighbours"), make("p", "soft", told),
		all.length ? tableOf("Neighbours", [["Persona of", ""], ["Choices of this user that it predicts", "number"], ["Score", "number"]],
			all.slice(0, NEIGHBORS).map((n) => [userLink(n.user_id), ratio(n), decimal(n.score, 1)])) : "",
		andMore(all)];
}

function prototypeOf(record) {
	const all = list(record.users);
	return details([clusterName(record.cluster) || "A cluster", ", " + count(all.length, "user"), excerpt(record.persona)],
		text(record.persona, "persona"),
		record.medoid === null || record.medoid === undefined ? "" : make("p", "small", "In the middle: ", userLink(record.medoid)),
		all.length ? make("p", "links", all.slice(0, NEIGHBORS).flatMap((id, i) => [i ? ", " : "", userLink(id)])) : "", andMore(all));
}

function prototypesOf(records) {
	const found = records.filter((r) => r.type === "prototype");
	return found.length ? [make("h2", "", "Clusters of users"), found.map(prototypeOf)].flat() : [];
}
