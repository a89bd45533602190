"""Rows → a Parquet file. The home of pyarrow, which is an extra."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from scraper.errors import ScrapeError

try:
    import pyarrow
    import pyarrow.json
    import pyarrow.parquet
except ImportError as error:
    raise ScrapeError("Parquet needs pyarrow: pip install 'cleancopy[parquet]'") from error


def write(
    rows: Iterable[Mapping[str, Any]], target: Path, *, numbers: tuple[str, ...], rows_at_once: int
) -> None:
    """Write the rows, of which ``numbers`` are integer columns and ``…_at`` and gone_since are UTC times."""
    coming = iter(rows)
    writer = None
    try:
        while some := [dict(row) for row in islice(coming, rows_at_once)]:
            columns = schema(some[0], numbers)
            writer = writer or pyarrow.parquet.ParquetWriter(target, columns, compression="zstd")
            table = pyarrow.Table.from_pylist(some, schema=schema(some[0], numbers, times=pyarrow.string()))
            writer.write_table(table.cast(columns))
        if writer is None:
            pyarrow.parquet.write_table(pyarrow.table({}), target)
    finally:
        if writer is not None:
            writer.close()


def schema(names: Iterable[str], numbers: tuple[str, ...], times: Any = None) -> Any:
    """Return the columns of these names; ``times`` is another type for the times."""
    moment = times or pyarrow.timestamp("s", tz="UTC")
    return pyarrow.schema(
        [
            (name, pyarrow.int64() if name in numbers else moment if _is_time(name) else pyarrow.string())
            for name in names
        ]
    )


def _is_time(name: str) -> bool:
    return name.endswith("_at") or name == "gone_since"


# Articles of archives: all that is known of each, nested


def from_lines(file: Path) -> None:
    """Make a Parquet file of a file of JSON lines, in its place: ARTICLES is its schema, whatever is in it.

    The same lines give the same bytes with the same pyarrow.
    """
    made = file.with_name(f"{file.name}.columns")
    parsing = pyarrow.json.ParseOptions(explicit_schema=ARTICLES, unexpected_field_behavior="error")
    writing = pyarrow.parquet.ParquetWriter(made, ARTICLES, compression="zstd")
    with writing as writer, file.open("rb") as lines:
        while some := list(islice(lines, ROWS_AT_ONCE)):
            data = b"".join(some)
            reading = pyarrow.json.ReadOptions(use_threads=False, block_size=len(data) + 1)
            source = pyarrow.BufferReader(data)
            writer.write_table(pyarrow.json.read_json(source, reading, parsing))
    made.replace(file)


def count(file: BinaryIO) -> int:
    """Return the number of rows of an open Parquet file. Raises ScrapeError for one that is no whole one."""
    try:
        return int(pyarrow.parquet.read_metadata(file).num_rows)
    except (pyarrow.ArrowException, OSError) as error:
        raise ScrapeError(f"cannot be read as Parquet: {error}") from error


def _struct(**kinds: Any) -> Any:
    return pyarrow.struct(list(kinds.items()))


ROWS_AT_ONCE = 500  # in one row group: some 10 MB of lines in memory
TEXT, TEXTS, NUMBER = pyarrow.string(), pyarrow.list_(pyarrow.string()), pyarrow.int64()
TIME = pyarrow.timestamp("s", tz="UTC")
IMAGE = _struct(url=TEXT, alt=TEXT, caption=TEXT, credit=TEXT)
CREDIT = _struct(role=TEXT, text=TEXT, person=TEXT, agency=TEXT, raw=TEXT)
RUNNER_UP = _struct(value=TEXT, method=TEXT, locator=TEXT, confidence=pyarrow.float64())
ORIGIN = _struct(
    field=TEXT,
    method=TEXT,
    locator=TEXT,
    confidence=pyarrow.float64(),
    raw=TEXT,
    runners_up=pyarrow.list_(RUNNER_UP),
)
ARTICLES = pyarrow.schema(
    {
        "url": TEXT,
        "kind": TEXT,
        "canonical_url": TEXT,
        "publication": TEXT,
        "headline": TEXT,
        "dek": TEXT,
        "section": TEXT,
        "authors": TEXTS,
        "byline": TEXT,
        "published_at": TIME,
        "published_zone": TEXT,
        "modified_at": TIME,
        "modified_zone": TEXT,
        "language": TEXT,
        "body": TEXT,
        "blocks": pyarrow.list_(_struct(kind=TEXT, text=TEXT, level=NUMBER, url=TEXT)),
        "lead_image": IMAGE,
        "images": pyarrow.list_(IMAGE),
        "credits": pyarrow.list_(CREDIT),
        "tags": TEXTS,
        "access": TEXT,
        "access_evidence": TEXT,
        "teasers": pyarrow.list_(_struct(headline=TEXT, url=TEXT, section=TEXT, credit=CREDIT)),
        "provenance": pyarrow.list_(ORIGIN),
        "removals": pyarrow.list_(_struct(stripper=TEXT, reason=TEXT, text=TEXT, locator=TEXT)),
        "next_page": TEXT,
        "captured_at": TIME,
        "file": TEXT,
        "offset": NUMBER,
        "record_id": TEXT,
        "sha256": TEXT,
        "truncated": TEXT,
        "edition": TEXT,
    }
)
