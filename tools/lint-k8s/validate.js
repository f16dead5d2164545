// Check Kubernetes objects, read as YAML from standard input, against the schemas of Kubernetes.
//
//	usage: kubectl kustomize DIR | node validate.js NAME
//
// The schemas of kubernetes-models are compiled to functions that read the fields they know and pass over all
// others, so that a misspelled field would pass, too. Therefore each object is validated through a proxy that
// notes what was read: a field that nobody asked for is not one of Kubernetes'.
"use strict";
const fs = require("fs");
const yaml = require("js-yaml");

const asked = new WeakMap(); // object -> names of the fields that were read

function watched(value) {
	if (value === null || typeof value !== "object")
		return value;
	const names = new Set();
	asked.set(value, names);
	return new Proxy(value, {
		get(target, name) {
			names.add(name);
			const field = target[name];
			return Object.prototype.hasOwnProperty.call(target, name) ? seen(field) : field;
		},
		// Maps (labels, data) are walked through: their keys are the user's own.
		ownKeys(target) {
			Object.keys(target).forEach((name) => names.add(name));
			return Reflect.ownKeys(target);
		},
	});
}

const proxies = new WeakMap();
function seen(value) {
	if (value === null || typeof value !== "object")
		return value;
	if (!proxies.has(value))
		proxies.set(value, watched(value));
	return proxies.get(value);
}

function unknownFields(value, where, complain) {
	if (value === null || typeof value !== "object" || !asked.has(value))
		return;
	for (const name of Object.keys(value)) {
		if (!asked.get(value).has(name))
			complain(`${where}/${name} is no field of this kind`);
		else
			unknownFields(value[name], `${where}/${name}`, complain);
	}
}

function modelOf(object) {
	try {
		return require(`kubernetes-models/${object.apiVersion}/${object.kind}`)[object.kind];
	} catch (e) {
		return null;
	}
}

// The message of a failed validation, in one line.
function reason(error) {
	return (error.errors || []).map((e) => `${e.instancePath || "/"} ${e.message || e.keyword} ${JSON.stringify(e.params)}`)
		.join("; ") || error.message;
}

function check(object, complain) {
	const model = modelOf(object);
	if (!model)
		return complain(`${object.apiVersion} ${object.kind} is not known to Kubernetes`);
	if (!object.metadata || !object.metadata.name)
		return complain("it has no name");
	const instance = new model({ metadata: { name: "x" } });
	// The model's validation, with our object in place of its own.
	try {
		instance.validate.call(seen(object));
	} catch (e) {
		complain(reason(e));
	}
	unknownFields(object, "", complain);
}

const name = process.argv[2] || "-";
const objects = yaml.loadAll(fs.readFileSync(0, "utf8")).filter((o) => o);
let complaints = 0;
for (const object of objects) {
	check(object, (text) => {
		complaints++;
		console.log(`${name}: ${object.kind} ${object.metadata && object.metadata.name}: ${text}`);
	});
}
if (objects.length === 0) {
	complaints++;
	console.log(`${name}: no objects at all`);
}
process.exit(complaints ? 1 : 0);
