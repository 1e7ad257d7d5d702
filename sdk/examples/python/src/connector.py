"""A source in Python: employments from a CSV file, in a folder that the operator granted.

This file is the border: what the contract's interfaces `connector` and `source` ask for, and nothing of the format. The
classes are named as the interfaces are; `componentize-py` makes one object of each. One instance lives as long as one
run, so what is kept between two pages may stand in the module.

Everything is imported up here: the modules are read when the component is built, and in the sandbox there is no file
system to import from later.
"""

import json

from componentize_py_types import Err
from describe import DESCRIPTION
from employment import COLUMNS, expect, record
from fault import guarded, refusal
from table import Table
from wit_world import exports
from wit_world.exports.connector import CheckResult, Severity
from wit_world.imports import files
from wit_world.imports.types import ErrorKind, Page, Place, Rest_More

# How many records `check` looks at.
SAMPLE = 200


class State:
    """What lives as long as the instance."""

    settings: dict
    # The file while it is read.
    table: Table | None = None


class Connector(exports.Connector):
    def describe(self):
        return DESCRIPTION

    @guarded
    def configure(self, settings):
        # The host has held the settings against the schema; what a schema can say need not be checked again.
        unless_given = {"file": "employments.csv", "delimiter": ";", "encoding": "utf-8"}
        State.settings = unless_given | json.loads(settings)

    @guarded
    def check(self):
        file = State.settings["file"]
        name = f"file {file}"
        info = files.stat(State.settings["folder"], file)
        if info is None:
            return [CheckResult(name, Severity.FAILURE, "It is not in the folder; has the export been made?")]
        results = [CheckResult(name, Severity.INFO, f"{info.size} bytes")]
        page = read_page(open_table(), SAMPLE)
        if page.faults:
            first = page.faults[0]
            among = f"{len(page.faults)} of the first {len(page.rows) + len(page.faults)} records cannot be used"
            message = f"{among}; the first is in line {first.place.line}: {first.message}"
            results.append(CheckResult(name, Severity.WARNING, message))
        return results


class Source(exports.Source):
    @guarded
    def version(self, class_):
        known(class_)
        # The host computes the digest, far quicker than this could. Another version of the connector, or other
        # settings, may read something else from the same bytes.
        settings = State.settings
        reading = json.dumps([DESCRIPTION.version, settings], sort_keys=True)
        return f"{reading} {files.digest(settings['folder'], settings['file'])}"

    @guarded
    def read(self, class_, from_, max):
        known(class_)
        # A cursor is where the next page begins. Usually that is where the last one ended; if it is not, begin anew
        # there.
        if State.table is None or from_ is None or State.table.cursor() != from_:
            State.table = open_table(from_)
        return read_page(State.table, max)


def known(class_):
    if class_ != "engagement":
        raise refusal(ErrorKind.UNSUPPORTED, "There is no such class; this source has `engagement`")


def open_table(cursor=None):
    table = Table(State.settings, cursor)
    # An empty file has no header; how the read ends tells of it.
    if table.header:
        expect(table.header)
    return table


def read_page(table, most):
    """The next page of at most so many records."""
    rows, faults = [], []
    while len(rows) + len(faults) < most:
        try:
            fields = table.next()
            if fields is None:
                return Page(COLUMNS, rows, faults, table.ending())
            rows.append(record(fields))
        except Err as error:
            # One broken record is a fault of its own, and the rest goes on; a folder that cannot be read ends the read.
            if error.value.kind != ErrorKind.INVALID:
                raise
            error.value.place = Place(table.name, table.record_line, None)
            faults.append(error.value)
    return Page(COLUMNS, rows, faults, Rest_More(table.cursor()))
