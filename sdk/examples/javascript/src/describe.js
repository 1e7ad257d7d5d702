// What the connector says of itself. It is asked without settings and without any grant, and always answers the same.

import { ATTRIBUTES } from "./employment.js";

/** What the operator writes in `[system.NAME.settings]`; `sluss plugin inspect` prints the descriptions. */
const SETTINGS = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    folder: { type: "string", description: "The name of the files connection: the folder that the export is put in." },
    file: {
      type: "string",
      minLength: 1,
      default: "employments.jsonl",
      description: "The file of employments, one JSON object in each line.",
    },
  },
  required: ["folder"],
  // A misspelt key is found.
  additionalProperties: false,
};

export const DESCRIPTION = {
  id: "example-lines",
  version: "1.0.0",
  vendor: "Example Ltd",
  title: "Employments from JSON lines",
  settingsSchema: JSON.stringify(SETTINGS),
  connections: [
    { setting: "folder", kind: "files", access: "read", reason: "the folder that the export is put in" },
  ],
  classes: [
    {
      name: "engagement",
      description: "A dated engagement of a person in a unit of an organisation",
      attributes: [...ATTRIBUTES, { name: "kind", kind: "text", about: "Always `employment`" }].map(attribute),
      open: false,
      operations: { read: true, create: false, update: false, remove: false },
    },
  ],
  // A source applies nothing.
  maxBatch: 1,
  extra: [],
};

function attribute({ name, kind, needed = false, sensitive = false, about }) {
  const traits = {
    required: needed,
    sensitive,
    many: false,
    unique: false,
    readOnly: false,
    createOnly: false,
    writeOnly: false,
    caseIgnore: false,
  };
  return { name, kind: kind === "protection" ? "boolean" : kind, traits, refersTo: null, description: about };
}
