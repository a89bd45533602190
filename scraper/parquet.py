"""Rows → a Parquet file. The home of pyarrow, which is an extra."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from scraper.errors import ScrapeError

try:
    import pyarrow
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
            schema = _schema(some[0], numbers)
            writer = writer or pyarrow.parquet.ParquetWriter(target, schema, compression="zstd")
            table = pyarrow.Table.from_pylist(some, schema=_schema(some[0], numbers, times=pyarrow.string()))
            writer.write_table(table.cast(schema))
        if writer is None:
            pyarrow.parquet.write_table(pyarrow.table({}), target)
    finally:
        if writer is not None:
            writer.close()


def _schema(row: Mapping[str, Any], numbers: tuple[str, ...], times: Any = None) -> Any:
    moment = times or pyarrow.timestamp("s", tz="UTC")
    return pyarrow.schema(
        [
            (name, pyarrow.int64() if name in numbers else moment if _is_time(name) else pyarrow.string())
            for name in row
        ]
    )


def _is_time(name: str) -> bool:
    return name.endswith("_at") or name == "gone_since"
