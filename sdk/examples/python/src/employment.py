"""One record of the file: an employment in the words of the published vocabulary."""

import datetime
import re
from typing import NamedTuple

from fault import refusal
from wit_world.imports.types import (
    Cell_Absent,
    Cell_One,
    Date,
    ErrorKind,
    Row,
    Value_Boolean,
    Value_Date,
    Value_Real,
    Value_Text,
)


class Attribute(NamedTuple):
    """Which column of the file is which attribute, and what kind of value it holds.

    The columns are those of a made-up system; the attributes are those of wit/README.md, so that a policy reads the
    same whatever the source.
    """

    column: str
    name: str
    kind: str
    about: str
    needed: bool = False
    sensitive: bool = False


ATTRIBUTES = [
    Attribute("employer", "organisation", "text", "The employer", needed=True),
    Attribute("number", "employment-number", "text", "The number of the employment", needed=True),
    Attribute("person", "identity-number", "text", "Whose it is", needed=True, sensitive=True),
    Attribute("first-names", "first-names", "text", "The person's first names"),
    Attribute("surname", "surname", "text", "The person's surname"),
    Attribute("protected", "protected", "protection", "Whether the identity is protected", needed=True),
    Attribute("unit", "unit", "text", "The code of the unit", needed=True),
    Attribute("title", "title", "text", "What the person works as"),
    Attribute("extent", "extent", "real", "Percent of full time"),
    Attribute("from", "start", "date", "The first day", needed=True),
    Attribute("to", "end", "date", "The last day; absent where it is open"),
]

# The columns of every page. The last one is not in the file: all that it holds are employments.
COLUMNS = [attribute.name for attribute in ATTRIBUTES] + ["kind"]

ABSENT = Cell_Absent()
EMPLOYMENT = Cell_One(Value_Text("employment"))

# A surrogate stands for a byte that the encoding does not have; see table.py.
FOREIGN = re.compile("[\ud800-\udfff]")
DAY = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
NUMBER = re.compile("[0-9]{1,6}([.,][0-9]{1,6})?")


def expect(header):
    """Raises what is missing in the header."""
    missing = [f"`{attribute.column}`" for attribute in ATTRIBUTES if attribute.column not in header]
    if missing:
        raise refusal(ErrorKind.CONFIG, f"The header has no {', '.join(missing)}; have the export made with it")


def record(fields):
    """The row of a record; raises what is wrong with it."""
    employer, number = fields["employer"].strip(), fields["number"].strip()
    if not employer or not number or FOREIGN.search(employer + number):
        # Nobody knows which employment this is, so the host takes nothing to be gone.
        raise refusal(ErrorKind.INVALID, "This record has no usable `employer` or `number`")
    id = f"{employer}/{number}"
    cells = [cell(attribute, fields[attribute.column].strip(), id) for attribute in ATTRIBUTES]
    cells.append(EMPLOYMENT)
    return Row(id, None, cells)


def cell(attribute, field, id):
    """A value as the contract has it. Whoever knows the format types the values; the host never guesses."""

    def wrong(what):
        return refusal(ErrorKind.INVALID, f"`{attribute.column}` {what}", id, attribute.name)

    # What is not plainly a no is a yes.
    if attribute.kind == "protection":
        return Cell_One(Value_Boolean(field != "no"))
    if not field:
        if attribute.needed:
            raise wrong("is missing")
        return ABSENT
    if attribute.kind == "text":
        if FOREIGN.search(field):
            raise wrong("has letters that the encoding does not have")
        return Cell_One(Value_Text(field))
    if attribute.kind == "real":
        if not NUMBER.fullmatch(field):
            raise wrong("is not a number")
        return Cell_One(Value_Real(float(field.replace(",", "."))))
    parts = DAY.fullmatch(field)
    try:
        day = datetime.date(*map(int, parts.groups())) if parts else None
    except ValueError:
        day = None
    if day is None:
        raise wrong("is not a day like 2024-01-31")
    return Cell_One(Value_Date(Date(day.year, day.month, day.day)))
