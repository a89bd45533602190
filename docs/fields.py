"""docs/fields.md: each field of Article, where it is looked for, most trusted first, and its names elsewhere.

The sources are not a list kept by hand. A page that says everything everywhere is read, and whatever name a
field asks the head or the JSON-LD for, it is told; each candidate that comes back names its place and how far
it is trusted. A source added to a field is in the table the next time that ``make docs`` runs.
"""

import dataclasses
import inspect
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from extractors import article, credit_lines, kind, pipeline, teasers, wordings
from extractors.candidates import Candidate
from extractors.document import Document, parse
from extractors.fields import (
    access,
    authors,
    body,
    canonical,
    dates,
    dek,
    headline,
    images,
    language,
    lead_image,
    section,
    tags,
)
from extractors.page import Page
from extractors.reading import Reading
from scraper.dictionary import ELSEWHERE
from scraper.store import Store

URL = "https://courier.example/local/2026/03/02/harbour-bridge.html"
SAMPLE = """<!doctype html><html lang="en"><head><title>Harbour bridge reopens | The Courier</title>
<meta property="og:description" content="Crews finished two weeks early, and the toll stays what it was.">
<link rel="canonical" href="/local/harbour-bridge"><link rel="author" title="Ana Roe" href="/staff/ana-roe">
<script type="application/ld+json">{"@type": "BreadcrumbList", "itemListElement":
[{"name": "Home"}, {"name": "Local"}]}</script></head><body><main><article>
<nav class="breadcrumb"><a href="/local">Local</a></nav>
<div class="category"><a href="/local">Local</a></div>
<h1>Harbour bridge reopens</h1>
<p class="dek">Crews finished two weeks early, and the toll stays what it was.</p>
<p class="byline">By <a rel="author" href="/staff/ana-roe">Ana Roe</a></p>
<p><a href="/author/ana-roe">Ana Roe</a></p><p>By Ana Roe</p>
<time datetime="2026-03-02T09:00:00+01:00" class="published">2 March 2026</time>
<span itemprop="datePublished" content="2026-03-02T09:00:00+01:00">today</span>
<p class="date">2 March 2026, 9:00</p><p class="modified">Updated 3 March 2026</p>
<figure><img src="/bridge.jpg" width="900" height="600"><figcaption>The bridge</figcaption></figure>
<p>The harbour bridge carried its first cars on Monday, two weeks before the council had said that it would,
and the queue that had stood on the quay since the autumn was gone by noon.</p>
<p>Engineers had replaced all of the bearings, one span at a time, while the ferries ran through the night for
those who had no other way to the hospital, the school and the market on the far side of the river.</p>
<p>The council says that the toll will not change, and that the ferries are to stay until the end of the month
for people on foot, who have come to like them and have said so in their letters to this newspaper.</p>
<ul class="tags"><li><a rel="tag" href="/tag/harbour">harbour</a></li></ul>
</article></main></body></html>"""


class Telling(Document):
    """A document whose head has every meta tag that is asked for."""

    __slots__ = ("word",)
    word: str

    def metas(self, *names: str) -> Iterator[str]:
        yield from ("Written by" if name == "twitter:label1" else self.word for name in names)


class Saying(dict[str, Any]):
    """JSON-LD with every property that is asked for."""

    def __init__(self, word: str) -> None:
        self.word = word

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002
        return self.word


class Named(dict[str, list[str]]):
    """Meta tags by name, with every name that is asked for."""

    def __init__(self, word: str) -> None:
        self.word = word

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002
        return ["Written by" if key == "twitter:label1" else self.word]


@dataclasses.dataclass(frozen=True)
class Field:
    """Where a field is found: its module, its candidates if it has any, and a word to tempt them with."""

    module: ModuleType | None
    candidates: Callable[[Reading], Iterable[Candidate]] | None = None
    word: str = ""
    meaning: str = ""  # where the module's own first words do not fit
    speakers: tuple[
        tuple[str, str], ...
    ] = ()  # places that are tempted one at a time, where agreement counts


def _lead(reading: Reading) -> Iterable[Candidate]:
    return lead_image.candidates(reading, images.find(reading).frames)


WHEN = "2026-03-02T09:00:00+01:00"
FIELDS: dict[str, Field] = {
    "url": Field(None, meaning="The address that the page came from, as given."),
    "kind": Field(kind),
    "canonical_url": Field(canonical, canonical.candidates, "https://courier.example/local/harbour-bridge"),
    "publication": Field(None, meaning="The publication's name by meta og:site_name, else application-name."),
    "headline": Field(headline, headline.candidates, "Harbour bridge reopens", speakers=wordings.SOURCES),
    "dek": Field(dek, dek.candidates, "The ferries will run until the end of March for those who walk."),
    "section": Field(section, section.candidates, "Local"),
    "authors": Field(authors, authors.candidates, "Ana Roe"),
    "byline": Field(None, meaning="The line that `authors` was read from, as printed."),
    "published_at": Field(dates, dates.published, WHEN),
    "published_zone": Field(
        None, meaning="The offset that `published_at` was written with; none: UTC was assumed."
    ),
    "modified_at": Field(dates, dates.modified, WHEN, "When the publisher says that the story last changed."),
    "modified_zone": Field(
        None, meaning="The offset that `modified_at` was written with; none: UTC was assumed."
    ),
    "language": Field(language, language.candidates, "en"),
    "body": Field(body),
    "blocks": Field(None, meaning="The body as typed blocks; `body` is their plain text."),
    "lead_image": Field(lead_image, _lead, "/bridge.jpg"),
    "images": Field(images),
    "credits": Field(credit_lines),
    "tags": Field(tags, tags.candidates, "harbour, bridge"),
    "access": Field(access),
    "access_evidence": Field(None, meaning="What on the page says what `access` says."),
    "teasers": Field(teasers),
    "links": Field(None, meaning="Every http(s) link of the page, absolute, each once, in page order."),
    "pages": Field(
        None,
        meaning="The addresses of the pages that the story was joined from; empty for a story on one page.",
    ),
    "refused": Field(None, meaning="Rules of the publication that were not followed here, and why."),
    "next_page": Field(
        None,
        meaning="The address on which the story goes on, as far as it was not read: from a rule of the "
        "publication, else `rel=next` or a link beside the story that says a number or next, if it is the "
        "story's own address with the number of the page.",
    ),
    "provenance": Field(
        None, meaning="Of each field above: method, locator, confidence, raw value and runners-up."
    ),
    "removals": Field(
        None, meaning="What was cut from the page: stripper, reason, text and place of each piece."
    ),
}
STORED_ELSEWHERE = {  # fields with a table of their own, or none
    "publication": "publications.name",
    "authors": "authors.name",
    "images": "images",
    "credits": "credits",
    "tags": "tags.name",
    "teasers": "teasers",
    "provenance": "provenance",
    "removals": "removals",
    "links": None,
    "pages": "parts",
    "next_page": None,
    "refused": "refusals",
}
HEAD = f"""# Fields

What an `Article` has, where each field is looked for, its column in the database, and what others call it.
Written by `make docs` from the code: the sources are those that a field really asks, most trusted first. The
value with the highest trust wins, the first of equals; the others are kept as its runners-up, and
`scrape url --explain` shows them. A dek trusted less than {dek.FLOOR} and authors
trusted less than {pipeline.FLOOR} are left out.
What else the page says moves a trust (a heading that repeats the title, a date far from the headline): the
figures are the highest that a place reaches.

"""


def page() -> str:
    """Return the text of docs/fields.md."""
    sections = [_section(name) for name in FIELDS]
    return HEAD + _overview() + "\n" + "\n".join(sections)


def _overview() -> str:
    lines = [
        "| field | column | schema.org NewsArticle | newspaper4k | Fundus | trafilatura |",
        "| --- " * 6 + "|",
    ]
    for name, column in _columns().items():
        others = ELSEWHERE.get(name, ("",) * 4)
        cells = [f"[`{name}`](#{name})", *(f"`{other}`" if other else "" for other in (column, *others))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _columns() -> dict[str, str | None]:
    """Return the column, or the table, of each field. Fails when the schema does not have it."""
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "articles.db") as store:
        columns = {row[1] for row in store.conn.execute("PRAGMA table_info(articles)")}
        tables = {row[1] for row in store.conn.execute("PRAGMA table_list")}
    found: dict[str, str | None] = {}
    for field in dataclasses.fields(article.Article):
        place = STORED_ELSEWHERE.get(field.name, f"articles.{field.name}")
        if place is not None:
            table, _, column = place.partition(".")
            assert table in tables, f"{field.name}: no table {table}"
            assert table != "articles" or column in columns, f"{field.name}: no column {place}"
        found[field.name] = place
    return found


def _section(name: str) -> str:
    field = FIELDS[name]
    return f"## {name}\n\n{_meaning(field)}{_sources(field)}"


def _meaning(field: Field) -> str:
    """Return the field's own words, or what its module says of itself."""
    said = field.meaning or inspect.cleandoc((field.module and field.module.__doc__) or "")
    return said.replace("``", "`") + "\n"


def _sources(field: Field) -> str:
    if not field.candidates:
        return ""
    rows = [f"| {trust:.2f} | {method} | {', '.join(places)} |" for trust, method, places in _ranked(field)]
    return "\n" + "\n".join(["| trust | where | names there |", "| --- | --- | --- |", *rows]) + "\n"


def _ranked(field: Field) -> list[tuple[float, str, list[str]]]:
    """Return trust, kind of place, and the names that have it there, most trusted first."""
    best: dict[tuple[str, str], float] = {}
    for one in _candidates(field):
        place = (one.method, "a line of the page" if one.locator.isdigit() else f"`{one.locator}`")
        best[place] = max(best.get(place, 0.0), round(one.confidence, 2))
    groups: dict[tuple[float, str], list[str]] = {}
    for (method, locator), trust in best.items():
        groups.setdefault((trust, method), []).append(locator)
    order = sorted(groups, key=lambda group: -group[0])
    return [(trust, method, groups[trust, method]) for trust, method in order]


def _candidates(field: Field) -> Iterable[Candidate]:
    """Return the candidates from the sample page as it is, and from one whose head says everything."""
    assert field.candidates is not None
    reading = pipeline._read(Page(URL, SAMPLE.encode()), parse(SAMPLE, URL))
    found = list(field.candidates(reading))
    if field.speakers:
        return [*found, *_one_by_one(field, field.candidates)]
    document = Telling(*(getattr(reading.document, one.name) for one in dataclasses.fields(Document)))
    document.word = field.word
    reading.document, reading.data = document, Saying(field.word)
    reading.metas = Named(field.word)
    return [*found, *field.candidates(reading)]


def _one_by_one(field: Field, candidates: Callable[[Reading], Iterable[Candidate]]) -> Iterator[Candidate]:
    """Yield the candidates of pages that have no heading, and of whose head only one place says the word."""
    for method, name in field.speakers:
        document = parse(SAMPLE.replace("h1>", "p>").replace(field.word, "Read on"), URL)
        document.meta = [(name, field.word)] if method == "meta" else []
        document.title = field.word if method == "title" else ""
        data = {name: field.word} if method == "json-ld" else {}
        yield from candidates(Reading(Page(URL, b""), document, data))
