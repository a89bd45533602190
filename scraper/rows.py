"""Rows as text for other programs: JSON, JSON lines, CSV, TSV."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

Row = Mapping[str, object]


def to_json(rows: Iterable[Row]) -> str:
    """Return one JSON list, a row a line."""
    lines = [json.dumps(dict(row), ensure_ascii=False, default=str) for row in rows]
    return "[" + ",\n ".join(lines) + "]\n"


def to_json_lines(rows: Iterable[Row]) -> str:
    """Return one JSON object a line."""
    return "".join(json.dumps(dict(row), ensure_ascii=False, default=str) + "\n" for row in rows)


def to_csv(rows: Iterable[Row]) -> str:
    """Return comma-separated values with a header line (RFC 4180, but with plain line feeds)."""
    return _separated(list(rows), ",")


def to_tsv(rows: Iterable[Row]) -> str:
    """Return tab-separated values with a header line."""
    return _separated(list(rows), "\t")


FORMATS: Mapping[str, Callable[[Iterable[Row]], str]] = MappingProxyType(
    {"json": to_json, "nl": to_json_lines, "csv": to_csv, "tsv": to_tsv}
)


def _separated(rows: list[Row], separator: str) -> str:
    if not rows:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    """Return the value as a cell; a text that a spreadsheet would run as a formula gets a quote before it.

    OWASP, "CSV Injection": = + - @, tab and carriage return. JSON output is the loss-free one.
    """
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False)
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )
