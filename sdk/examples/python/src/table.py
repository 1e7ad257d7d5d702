"""A CSV file, record by record, of which only a piece is in memory."""

import codecs
import csv

from fault import refusal
from wit_world.imports import files
from wit_world.imports.types import ErrorKind, Rest_Complete, Rest_Incomplete

# How much is asked for at once.
PIECE = 256 * 1024

# Python imports a codec when it is first used, which in the sandbox is too late; looked up here, it is built in.
CODECS = {"utf-8": codecs.lookup("utf-8"), "windows-1252": codecs.lookup("cp1252")}
BYTE_ORDER_MARK = "\ufeff"


class Table:
    """Reads from the beginning, or from where the cursor says."""

    def __init__(self, settings, cursor=None):
        self.folder, self.name = settings["folder"], settings["file"]
        self.delimiter = settings["delimiter"]
        self.codec = CODECS[settings["encoding"]]
        self.info = files.stat(self.folder, self.name)
        if self.info is None:
            raise refusal(ErrorKind.UNAVAILABLE, f"{self.name} is not in the folder; has the export been made?")
        self.cut_off = False
        self.start(0, 0)
        # Nothing only where the file is empty.
        self.header = self.fields() or []
        if self.header:
            self.header[0] = self.header[0].removeprefix(BYTE_ORDER_MARK)
        if cursor is not None:
            offset, line, size, modified = map(int, cursor.split())
            if (size, modified) != (self.info.size, self.info.modified):
                raise self.changed()
            self.start(offset, line)

    def start(self, offset, line):
        # Where the next line begins, and how many there were before it.
        self.offset, self.line = offset, line
        # The line that the record last read begins in; a quoted field may go on over several.
        self.record_line = line
        # `strict`, so that a stray quote is an error and does not swallow what follows.
        self.records = csv.reader(self.lines(), delimiter=self.delimiter, strict=True)

    def lines(self):
        """Every line from here on, as text.

        Bytes that the encoding does not have become surrogates, which no text has: so the record can still be split
        into its fields, and told by its id.
        """
        left = b""
        end = self.offset
        while piece := files.read(self.folder, self.name, end, PIECE):
            end += len(piece)
            *whole, left = (left + piece).split(b"\n")
            for line in whole:
                self.offset += len(line) + 1
                self.line += 1
                yield self.codec.decode(line, "surrogateescape")[0] + "\n"
        self.cut_off = bool(left)

    def fields(self):
        """The fields of the next record that is not an empty line; None at the end."""
        while True:
            self.record_line = self.line + 1
            try:
                fields = next(self.records, None)
            except csv.Error:
                raise refusal(ErrorKind.INVALID, "The quotes of this record do not fit together") from None
            if fields != []:
                return fields

    def next(self):
        """The next record, its fields by the names of the header; None at the end."""
        fields = self.fields()
        if fields is None:
            return None
        if len(fields) != len(self.header):
            message = f"This record has {len(fields)} fields; the header has {len(self.header)}"
            raise refusal(ErrorKind.INVALID, message)
        return dict(zip(self.header, fields))

    def ending(self):
        """How the read ends, after the last record: whole, or not, in which case the host takes nothing to be gone."""
        now = files.stat(self.folder, self.name)
        fault = None
        if now != self.info:
            fault = self.changed()
        elif not self.header:
            fault = refusal(ErrorKind.UNAVAILABLE, f"{self.name} is empty; is the export still being made?")
        elif self.cut_off:
            fault = refusal(ErrorKind.UNAVAILABLE, f"{self.name}: the last line does not end; it was cut off")
        return Rest_Incomplete(fault.value) if fault else Rest_Complete()

    def cursor(self):
        """Where the next record begins, and in which state of the file."""
        return f"{self.offset} {self.line} {self.info.size} {self.info.modified}".encode()

    def changed(self):
        return refusal(ErrorKind.UNAVAILABLE, f"{self.name} changed while it was read; the next run reads it anew")
