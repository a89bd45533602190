"""Is a data set still what its manifest says, and are the inputs that it was made of?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scraper.bulk import forms, manifest, places
from scraper.bulk.manifest import Line
from scraper.errors import ScrapeError


@dataclass(slots=True)
class Verdict:
    """What was looked at. ``wrong`` are sentences; an empty list means that everything is as it was."""

    parts: int = 0
    inputs: int = 0
    rows: int = 0
    absent: int = 0  # files of inputs that are not here
    wrong: list[str] = field(default_factory=list)


def verify(folder: str, report: Callable[[int, int, str], None] = lambda *_: None) -> Verdict:
    """Read every part and every input, and compare them with the manifest; ``folder`` may be an address.

    Raises ScrapeError for a folder that has no manifest.
    """
    try:
        with places.opened(f"{folder}/{manifest.NAME}") as file:
            lines = manifest.parsed(file.read(), f"{folder}/{manifest.NAME}")
    except ScrapeError as error:
        raise ScrapeError(f"{error}; `scrape warc` writes one") from error
    form = next(str(line["form"]) for line in lines if "archives" in line)
    known = manifest.parts(lines)
    verdict = Verdict()
    for line in known.values():
        report(verdict.parts, len(known), line["input"])
        verdict.parts += 1
        verdict.rows += line["rows"]
        verdict.wrong += _part(folder, line, form)
        verdict.wrong += _input(line, verdict)
    listed = {line["part"] for line in known.values()}
    verdict.wrong += [
        f"{folder}/{name}: no part of this data set"
        for name in places.names(folder)
        if not name.startswith("_") and name not in listed
    ]
    return verdict


def _part(folder: str, line: Line, form: str) -> Iterator[str]:
    place = f"{folder}/{line['part']}"
    if sum(line["counts"].values()) != line["records"]:
        yield f"{line['input']}: has {line['records']} records, and its counts do not add up to them"
    if form == "sqlite":
        return  # its lines are in the database
    try:
        with places.opened(place) as file:
            if places.digest(file) != line["sha256"]:
                yield f"{place}: is not what was written"
            elif forms.FORMS[form].count(file) != line["rows"]:
                yield f"{place}: has not the {line['rows']} rows that it should"
    except ScrapeError as error:
        yield str(error)


def _input(line: Line, verdict: Verdict) -> Iterator[str]:
    """Yield what is wrong with an input, of which no more is known than its files' digests in their order."""
    if len(line["input_sha256"]) != len(line["files"]):
        yield f"{line['input']}: some of its files were not read"
    for file, sha256 in zip(line["files"], line["input_sha256"], strict=False):
        if not places.is_address(file) and not Path(file).exists():
            verdict.absent += 1
            continue
        verdict.inputs += 1
        try:
            with places.opened(file) as opened:
                if places.digest(opened) != sha256:
                    yield f"{file}: is not what was read"
        except ScrapeError as error:
            yield str(error)
