"""What the connector says of itself.

It is asked without settings and without any grant, and always answers the same.
"""

import json

import employment
from wit_world.exports.connector import (
    Access,
    AttributeInfo,
    AttributeTraits,
    ClassInfo,
    ClassOperations,
    ConnectionKind,
    ConnectionWant,
    Description,
    ValueKind,
)

# What the operator writes in `[system.NAME.settings]`; `sluss plugin inspect` prints the descriptions.
SETTINGS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "folder": {
            "type": "string",
            "description": "The name of the files connection: the folder that the export is put in.",
        },
        "file": {
            "type": "string",
            "minLength": 1,
            "default": "employments.csv",
            "description": "The file of employments: a header, then one record for each.",
        },
        "delimiter": {
            "type": "string",
            "enum": [";", ",", "\t"],
            "default": ";",
            "description": "What stands between two fields.",
        },
        "encoding": {
            "type": "string",
            "enum": ["utf-8", "windows-1252"],
            "default": "utf-8",
            "description": "How letters are written.",
        },
    },
    "required": ["folder"],
    # A misspelt key is found.
    "additionalProperties": False,
}

KINDS = {
    "text": ValueKind.TEXT,
    "protection": ValueKind.BOOLEAN,
    "real": ValueKind.REAL,
    "date": ValueKind.DATE,
}


def info(attribute):
    traits = AttributeTraits(0)
    if attribute.needed:
        traits |= AttributeTraits.REQUIRED
    if attribute.sensitive:
        traits |= AttributeTraits.SENSITIVE
    return AttributeInfo(attribute.name, KINDS[attribute.kind], traits, None, attribute.about)


KIND = employment.Attribute("", "kind", "text", "Always `employment`")

DESCRIPTION = Description(
    id="example-table",
    version="1.0.0",
    vendor="Example Ltd",
    title="Employments from a CSV file",
    settings_schema=json.dumps(SETTINGS),
    connections=[
        ConnectionWant("folder", ConnectionKind.FILES, Access.READ, "the folder that the export is put in"),
    ],
    classes=[
        ClassInfo(
            name="engagement",
            description="A dated engagement of a person in a unit of an organisation",
            attributes=[info(attribute) for attribute in [*employment.ATTRIBUTES, KIND]],
            open=False,
            operations=ClassOperations.READ,
        ),
    ],
    # A source applies nothing.
    max_batch=1,
    extra=[],
)
