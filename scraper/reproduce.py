"""Does an exported data set still follow from its pages? Reads a manifest, the files and the archive.

The same archive, rules and version give the same checksums on any machine. Where the edition is another
one, texts may rightly differ; the report says so. An article that was stored when less was learned of its
publication's noise may differ as well: `scrape reextract` before the export brings all to one state.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from extractors import Article, Page
from scraper import batch, edition, rulebook, stored
from scraper.archived import read_page
from scraper.config import Config
from scraper.errors import ScrapeError
from scraper.export import MANIFEST, files_hash, noise_of
from scraper.workers import NOTHING, Known


@dataclass(slots=True)
class Verdict:
    """What was checked. ``wrong`` are sentences; an empty list means that everything is as it was."""

    articles: int = 0
    same: int = 0
    unchecked: int = 0  # their pages were not archived
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def verify(
    manifest: Path, config: Config, progress: Callable[[int, int | None, str], None] = lambda *_: None
) -> Verdict:
    """Check the exported files, the archived pages and what comes out of them against a manifest.

    Raises ScrapeError for a file that is no manifest.
    """
    header, footer = _ends(manifest)
    verdict = Verdict()
    _check_files(manifest, footer, verdict)
    if header["edition"] != edition.current():
        verdict.notes.append(
            f"made by edition {header['edition']}, checked by {edition.current()}: texts may differ"
        )
    if header["engine"] != config.extracting.engine:
        verdict.notes.append(f"made with engine {header['engine']}, checked with {config.extracting.engine}")
    verdict.notes += _other_rules(header["rules"], rulebook.hashes(config))
    lines: deque[dict[str, Any]] = deque()
    known = {
        number: Known(noise_of(plain), demoted=frozenset(plain.get("demoted", ())))
        for number, plain in footer["learned"].items()
    }

    def know(_: Page) -> Known:
        return known.get(str(lines[-1]["publication"]), NOTHING)

    for _, result, made in batch.extract_pages(config, _pages(manifest, config, lines, verdict), know=know):
        line = lines.popleft()
        progress(verdict.articles, footer["articles"], line["url"])
        if isinstance(result, Article) and stored.checksum(result) == line["sha256"]:
            verdict.same += 1
        else:
            made_by = (
                "the same edition" if line["edition"] == made else f"{line['edition']}, checked by {made}"
            )
            verdict.wrong.append(f"{line['url']}: its page gives another text (made by {made_by})")
    if verdict.articles != footer["articles"]:
        verdict.wrong.append(f"{manifest}: has {verdict.articles} articles, says {footer['articles']}")
    return verdict


def _other_rules(then: dict[str, str], now: dict[str, str]) -> Iterator[str]:
    """Yield a sentence for each file of rules that is another one now."""
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name):
            what = "is not here" if name not in now else "was not there" if name not in then else "differs"
            yield f"{name}: this file of rules {what}, texts of its publication may differ"


def _pages(manifest: Path, config: Config, lines: deque[dict[str, Any]], verdict: Verdict) -> Iterator[Page]:
    for line in _articles(manifest):
        verdict.articles += 1
        if line["page"] is None:
            verdict.unchecked += 1
            continue
        try:
            page = read_page(config.paths.archive, line["page"])
        except ScrapeError as error:
            verdict.wrong.append(f"{line['url']}: {error}")
            continue
        lines.append(line)
        yield page


def _check_files(manifest: Path, footer: dict[str, Any], verdict: Verdict) -> None:
    target = manifest.with_name(manifest.name.removesuffix(MANIFEST))
    if not target.exists():
        verdict.notes.append(f"{target}: is not here, only its pages are checked")
    elif files_hash(target) != footer["files"]:
        verdict.wrong.append(f"{target}: is not what was exported")


def _articles(manifest: Path) -> Iterator[dict[str, Any]]:
    with manifest.open(encoding="utf-8") as file:
        next(file)
        for text in file:
            line = json.loads(text)
            if "page" in line:
                yield line


def _ends(manifest: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the first and the last line."""
    try:
        with manifest.open(encoding="utf-8") as file:
            first = next(file)
            (last,) = deque(file, maxlen=1)
        header, footer = json.loads(first), json.loads(last)
    except (OSError, StopIteration, ValueError) as error:
        raise ScrapeError(f"{manifest}: cannot be read as a manifest: {error}") from error
    if header.get("manifest") != 1 or "learned" not in footer or "rules" not in header:
        raise ScrapeError(f"{manifest}: is no whole manifest; `scrape export` writes one beside its file")
    return header, footer
