// One line of the file: an employment in the words of the published vocabulary.

import { refusal } from "./fault.js";

/**
 * Which key of a line is which attribute, and what kind of value it holds. The keys are those of a made-up system; the
 * attributes are those of wit/README.md, so that a policy reads the same whatever the source.
 */
export const ATTRIBUTES = [
  { key: "employer", name: "organisation", kind: "text", needed: true, about: "The employer" },
  { key: "number", name: "employment-number", kind: "text", needed: true, about: "The number of the employment" },
  { key: "person", name: "identity-number", kind: "text", needed: true, sensitive: true, about: "Whose it is" },
  { key: "firstNames", name: "first-names", kind: "text", about: "The person's first names" },
  { key: "surname", name: "surname", kind: "text", about: "The person's surname" },
  { key: "protected", name: "protected", kind: "protection", needed: true, about: "Whether the identity is protected" },
  { key: "unit", name: "unit", kind: "text", needed: true, about: "The code of the unit" },
  { key: "title", name: "title", kind: "text", about: "What the person works as" },
  { key: "extent", name: "extent", kind: "real", about: "Percent of full time" },
  { key: "from", name: "start", kind: "date", needed: true, about: "The first day" },
  { key: "to", name: "end", kind: "date", about: "The last day; absent where it is open" },
];

/** The columns of every page. The last one is not in the file: all that it holds are employments. */
export const COLUMNS = [...ATTRIBUTES.map((attribute) => attribute.name), "kind"];

const ABSENT = { tag: "absent" };
const EMPLOYMENT = one("text", "employment");

/** The record that a line holds; throws what is wrong with it. */
export function record(line) {
  let given;
  try {
    given = JSON.parse(line);
  } catch {
    // Nobody knows which employment this is, so the host takes nothing to be gone.
    throw refusal("invalid", "This line is not JSON");
  }
  // Not an object, or without what the id is made of: the same.
  if (!isText(given?.employer) || !isText(given?.number)) {
    throw refusal("invalid", "This line has no `employer` or no `number`, both as text");
  }
  const id = `${given.employer.trim()}/${given.number.trim()}`;
  const cells = ATTRIBUTES.map((attribute) => cell(attribute, given[attribute.key], id));
  cells.push(EMPLOYMENT);
  return { id, version: null, cells };
}

/** A value as the contract has it. Whoever knows the format types the values; the host never guesses. */
function cell({ key, name, kind, needed }, value, id) {
  // What is not plainly a no is a yes.
  if (kind === "protection") return one("boolean", value !== false);
  if (value === undefined || value === null || value === "") {
    if (!needed) return ABSENT;
    throw refusal("invalid", `\`${key}\` is missing`, { object: id, attribute: name });
  }
  const wrong = (what) => refusal("invalid", `\`${key}\` is not ${what}`, { object: id, attribute: name });
  switch (kind) {
    case "text":
      if (typeof value !== "string") throw wrong("text");
      return one("text", value.trim());
    case "real":
      if (typeof value !== "number") throw wrong("a number");
      return one("real", value);
    default: {
      const day = date(value);
      if (!day) throw wrong("a day like 2024-01-31");
      return one("date", day);
    }
  }
}

function one(tag, val) {
  return { tag: "one", val: { tag, val } };
}

function isText(value) {
  return typeof value === "string" && value.trim() !== "";
}

/** A day of the calendar; nothing for what is none. */
function date(text) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!parts) return undefined;
  const [year, month, day] = parts.slice(1).map(Number);
  // The last day of a month is the day before the first of the next. No clock is asked.
  const longest = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= longest ? { year, month, day } : undefined;
}
