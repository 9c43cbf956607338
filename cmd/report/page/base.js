"use strict";
// Everything that models and people wrote becomes text nodes, never markup.

const byId = (id) => document.getElementById(id);

// Controls, and marks that turn the text around them, are shown as a sign instead.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function shown(value) {
	if (value === undefined || value === null)
		return "";
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return text.replace(/\r\n/g, "\n").replace(hidden, "\ufffd");
}

function make(name, classes, ...parts) {
	const element = document.createElement(name);
	if (classes)
		element.className = classes;
	for (const part of parts.flat()) {
		if (part !== null && part !== undefined && part !== "")
			element.append(part);
	}
	return element;
}

const text = (value, classes) => make("p", "text" + (classes ? " " + classes : ""), shown(value));
const list = (value) => Array.isArray(value) ? value : [];
const object = (value) => value && typeof value === "object" && !Array.isArray(value) ? value : {};
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
// As printf rounds, so that sm-eval's table shows the same: where a number is just between two, toFixed() takes the greater one, printf the even one.
const fixed = (number) => {
	const size = Math.abs(number), below = Math.floor(10 * size);
	const even = size % 0.25 === 0 && size % 0.5 !== 0 && below % 2 === 0 ? below / 10 : size;
	return (number < 0 ? -even : even).toFixed(1);
};
const percent = (share) => isNumber(share) ? fixed(100 * share) + "%" : "\u2013";
const points = (share) => isNumber(share) ? (share < -5e-4 ? "\u2212" : share > 5e-4 ? "+" : "") + fixed(Math.abs(100 * share)) : "\u2013";
const decimal = (number, digits) => isNumber(number) ? number.toFixed(digits).replace("-", "\u2212") : "\u2013";
const count = (number, one, many) => isNumber(number) ? number.toLocaleString("en") + " " + (number === 1 ? one : many || one + "s") : "";
const pValue = (p) => !isNumber(p) ? "\u2013" : p < 0.001 ? "< 0.001" : p.toPrecision(2);

function interval(ci) {
	ci = object(ci);
	return isNumber(ci.low) && isNumber(ci.high) ? percent(ci.low) + " to " + percent(ci.high) : "";
}

// What an interval takes as independent, and by which method.
function basis(ci) {
	ci = object(ci);
	const names = {cr2: "CR2", t: "Student\u2019s t", wilson: "Wilson"};
	return typeof ci.unit === "string" ? "by " + ci.unit + ", " + shown(Object.hasOwn(names, ci.method) ? names[ci.method] : ci.method) : "";
}

function drawn(name, attributes, ...parts) {
	const element = document.createElementNS(byId("pen").namespaceURI, name);
	for (const [attribute, value] of Object.entries(attributes))
		element.setAttribute(attribute, value);
	element.append(...parts);
	return element;
}

function details(title, ...parts) {
	return make("details", "", make("summary", "", title), ...parts);
}

// A table that is wider than the screen moves in itself.
function tableOf(label, heads, lines) {
	const row = make("tr", "");
	for (const [head, classes] of heads) {
		const cell = make(head ? "th" : "td", classes, head);
		if (head)
			cell.scope = "col";
		row.append(cell);
	}
	const cellOf = (cell, i) => {
		const element = make(i ? "td" : "th", heads[i][1], cell);
		if (!i)
			element.scope = "row";
		return element;
	};
	const cells = (line) => make("tr", "", line.map(cellOf));
	const place = make("div", "wide", make("table", "", make("thead", "", row), make("tbody", "", lines.map(cells))));
	place.tabIndex = 0;
	place.setAttribute("role", "region");
	place.setAttribute("aria-label", label);
	return place;
}
