// A source in JavaScript: employments from a file of JSON lines, in a folder that the operator granted.
//
// This file is the border: what the contract's interfaces `connector` and `source` ask for, and nothing of the format.
// One instance lives as long as one run, so what is kept between two pages may stand in variables of the module.

import files from "sluss:connector/files@0.1.0";
import { DESCRIPTION } from "./describe.js";
import { COLUMNS, record } from "./employment.js";
import { guarded, refusal } from "./fault.js";
import { Lines } from "./lines.js";

/** How many lines `check` looks at. */
const SAMPLE = 200;

let settings;
/** The file while it is read. */
let lines;

export const connector = {
  describe: () => DESCRIPTION,

  // The host has held the settings against the schema; what a schema can say need not be checked again.
  configure: guarded((json) => {
    settings = { file: "employments.jsonl", ...JSON.parse(json) };
  }),

  check: guarded(() => {
    const name = `file ${settings.file}`;
    const info = files.stat(settings.folder, settings.file);
    if (!info) {
      return [{ name, severity: "failure", message: "It is not in the folder; has the export been made?" }];
    }
    const results = [{ name, severity: "info", message: `${info.size} bytes` }];
    const { rows, faults } = page(new Lines(settings.folder, settings.file), SAMPLE);
    if (faults.length > 0) {
      const [{ place, message }] = faults;
      const among = `${faults.length} of the first ${rows.length + faults.length} lines cannot be used`;
      results.push({ name, severity: "warning", message: `${among}; the first is line ${place.line}: ${message}` });
    }
    return results;
  }),
};

export const source = {
  // The host computes the digest, far quicker than this could. Another version of the connector, or other settings, may
  // read something else from the same bytes.
  version: guarded((name) => {
    known(name);
    return `${DESCRIPTION.version} ${settings.file} ${files.digest(settings.folder, settings.file)}`;
  }),

  read: guarded((name, from, max) => {
    known(name);
    // A cursor is where the next page begins. Usually that is where the last one ended; if it is not, begin anew there.
    if (!from || !lines?.standsAt(from)) lines = new Lines(settings.folder, settings.file, from);
    return page(lines, max);
  }),
};

function known(name) {
  if (name !== "engagement") throw refusal("unsupported", "There is no such class; this source has `engagement`");
}

/** The next page of at most so many records. */
function page(lines, max) {
  const rows = [];
  const faults = [];
  const end = (rest) => ({ columns: COLUMNS, rows, faults, rest });
  while (rows.length + faults.length < max) {
    const line = lines.next();
    if (!line) return end(lines.ending());
    try {
      rows.push(record(line.text()));
    } catch (error) {
      // One broken line is a fault of its own, and the rest goes on.
      if (!error.payload) throw error;
      faults.push({ ...error.payload, place: { file: settings.file, line: line.number, column: null } });
    }
  }
  return end({ tag: "more", val: lines.cursor() });
}
