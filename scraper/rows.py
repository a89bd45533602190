"""Rows as text for other programs: JSON, JSON lines, CSV, TSV. Written as they come, however many."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import IO

Row = Mapping[str, object]

# OWASP, "CSV Injection": = + - @, tab and carriage return make a spreadsheet run a cell. Some strip blanks,
# line feeds and quotes first, and full-width signs do it in East Asian editions.
FORMULA = re.compile(r"[\s\"']*[=+\-@\t\r＝＋－＠]")


def write_json(rows: Iterable[Row], out: IO[str]) -> None:
    """Write one JSON list, a row a line."""
    separator = "["
    for row in rows:
        out.write(separator + _json(dict(row)))
        separator = ",\n "
    out.write("]\n" if separator != "[" else "[]\n")


def write_one(row: Row, out: IO[str]) -> None:
    """Write one JSON object."""
    out.write(_json(dict(row)) + "\n")


def write_json_lines(rows: Iterable[Row], out: IO[str]) -> None:
    """Write one JSON object a line."""
    for row in rows:
        out.write(_json(dict(row)) + "\n")


def write_csv(rows: Iterable[Row], out: IO[str]) -> None:
    """Write comma-separated values with a header line (RFC 4180, but with plain line feeds)."""
    _separated(rows, out, ",", safe_cell)


def write_tsv(rows: Iterable[Row], out: IO[str]) -> None:
    """Write tab-separated values with a header line."""
    _separated(rows, out, "\t", safe_cell)


def write_raw_csv(rows: Iterable[Row], out: IO[str]) -> None:
    """Write comma-separated values as they are: a spreadsheet may run some as formulas."""
    _separated(rows, out, ",", raw_cell)


def write_raw_tsv(rows: Iterable[Row], out: IO[str]) -> None:
    """Write tab-separated values as they are: a spreadsheet may run some as formulas."""
    _separated(rows, out, "\t", raw_cell)


FORMATS: Mapping[str, Callable[[Iterable[Row], IO[str]], None]] = MappingProxyType(
    {"json": write_json, "nl": write_json_lines, "csv": write_csv, "tsv": write_tsv}
)


def safe_cell(value: object) -> object:
    """Return the value as a cell; a text that a spreadsheet would run as a formula gets a quote before it.

    JSON output is the loss-free one.
    """
    cell = raw_cell(value)
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def raw_cell(value: object) -> object:
    """Return the value as a cell: what is no plain value as JSON."""
    return _json(value) if isinstance(value, list | tuple | dict) else value


def _separated(rows: Iterable[Row], out: IO[str], separator: str, cell: Callable[[object], object]) -> None:
    plain = csv.writer(out, delimiter=separator, lineterminator="\n")
    # The writer leaves a carriage return bare, and readers take it for the end of the row.
    quoted = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for number, row in enumerate(rows):
        if number == 0:
            plain.writerow(row)
        cells = [cell(value) for value in row.values()]
        returns = any(isinstance(one, str) and "\r" in one for one in cells)
        (quoted if returns else plain).writerow(cells)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
