"""The first of two passes: which lines recur on a publication's pages, told from a sample of them.

The sample of a publication are the SAMPLE pages whose addresses have the smallest hashes. Each part looks for
its own smallest, extracts them alone, and the smallest of all parts together are the same whatever the order
of parts, their number, or how often an address was captured: the first capture counts.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from extractors import Article, sightings
from scraper import frontier
from scraper.bulk import captures
from scraper.bulk.captures import Capture
from scraper.bulk.inputs import Input
from scraper.bulk.job import Job, Learned
from scraper.frontier import utc
from scraper.outcome import is_story
from scraper.workers import Extracted

SAMPLE = 300  # pages of a publication: a line on each hundredth stands on three, which is enough to cut it
MOST_LINES = 5_000  # of a publication that are handed on, as scraper.learned hands on


def choose(source: Input, made: Job) -> frozenset[int]:
    """Return the numbers of the records whose pages may be in the sample."""
    smallest: dict[str, dict[int, tuple[str, int]]] = defaultdict(dict)
    for capture in captures.read(source, made.filters, made.max_body_bytes):
        if capture.page is not None:
            pages = smallest[made.publication_of(capture.page.url)]
            key = frontier.key(capture.page.url)
            first = (_when(capture), capture.number)
            pages[key] = min(first, pages.get(key, first))
            if len(pages) > 2 * SAMPLE:
                _keep_smallest(pages)
    for pages in smallest.values():
        _keep_smallest(pages)
    return frozenset(number for pages in smallest.values() for _, number in pages.values())


def line(capture: Capture, result: Extracted, made: Job) -> bytes:
    """Return what the sample says of a page: the fingerprints of its lines; of no story, none."""
    assert capture.page is not None
    story = isinstance(result, Article) and is_story(result)
    said = {
        "publication": made.publication_of(capture.page.url),
        "page": frontier.key(capture.page.url),
        "first": [_when(capture), capture.sha256()],
        "marks": sorted(sightings(result)) if story and isinstance(result, Article) else None,
    }
    return (json.dumps(said) + "\n").encode()


def learn(parts: Iterable[Path]) -> dict[str, Learned]:
    """Return what the samples of all parts say of each publication, in any order of parts."""
    found: dict[str, dict[int, tuple[list[str], list[str] | None]]] = defaultdict(dict)
    for part in parts:
        with part.open(encoding="utf-8") as lines:
            for one in map(json.loads, lines):
                pages = found[one["publication"]]
                known = pages.get(one["page"])
                if known is None or one["first"] < known[0]:
                    pages[one["page"]] = (one["first"], one["marks"])
                if len(pages) > 2 * SAMPLE:
                    _keep_smallest(pages)
    return {publication: _learned(pages) for publication, pages in sorted(found.items())}


def _learned(pages: dict[int, tuple[list[str], list[str] | None]]) -> Learned:
    _keep_smallest(pages)
    stories = {key: marks for key, (_, marks) in pages.items() if marks is not None}
    counts = Counter(mark for marks in stories.values() for mark in marks)
    often = sorted((-seen, mark) for mark, seen in counts.items() if seen > 1)
    return Learned(frozenset(stories), {mark: -seen for seen, mark in often[:MOST_LINES]})


def _keep_smallest(pages: dict[int, Any]) -> None:
    for key in sorted(pages)[SAMPLE:]:
        del pages[key]


def _when(capture: Capture) -> str:
    return utc(capture.captured_at) if capture.captured_at else ""
