"""When the story was published and last changed.

Machine-readable dates first (JSON-LD, metas, ``time``), then dates in words near the headline, then the address.
A date that cannot be is dropped: before 1995, or more than a day after the page was fetched. Numbers are read
as day-month-year unless the page is American English, as ISO 8601 where the year comes first.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from extractors import moments, structured
from extractors.candidates import Candidate
from extractors.reading import Reading

NEAR = 0.85
"""Trust in a ``time`` element beside the headline; 0.23 of those elsewhere are right."""

FIRST_YEAR = 1995
"""A year before this is taken for a mistake: few publications were on the web. A judgement, not a measurement."""


_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "dcterms.created", "dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date",
    "dc.date.created", "pubdate", "publish-date", "publish_date", "publishdate", "publication_date", "article.published",
    "article_date_original", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "date", "pdate", "ptime", "originalpublicationdate",
    "article:post_date", "citation_publication_date", "citation_date", "citation_online_date", "rnews:datepublished", "date.created", "date.release",
    "dcsext.articlefirstpublished", "timestamp", "displaydate", "datecreated", "created", "prism.publicationdate", "probe:publisher-date", "vr:published_time",
    "iso-8601-publish-date", "published", "publicationdate", "article:create_time", "weibo:article:create_at", "og:release_date", "release_date", "bt:pubdate",
    "shareaholic:article_published_time",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:updated_time", "datemodified", "lastmod",
    "last-modified", "dc.date.modified", "dcterms.modified", "revised", "cxenseparse:recs:moddate", "date.updated",
    "iso-8601-updated-date", "article_date_updated", "vr:updated_time",
)  # fmt: skip

_DATED = re.compile(
    r"date|time|publi|posted|pubdat|byline|meta|datum|fecha|data|info|author|stamp|created|erstellt"
)
_CHANGED = re.compile(
    r"updat|modif|edited|aktualis|geändert|actuali|mis à jour|maj\b|aggiorn|atualiz|обновл|güncelle|uaktualn|bijgewerkt|oppdater|uppdater|opdater|revis",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=\D|$)")
_ADDRESS_LOOSE = re.compile(r"(?<!\d)((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?!\d)")


def published(reading: Reading) -> Iterator[Candidate]:
    """Yield times of publication, the most trusted kinds of place first."""
    american = _american(reading)
    told = list(_told(reading, american))
    marked = list(_marked(reading, american))
    words = list(_in_words(reading, american))
    found = [*told, *_instead(told, marked, words), *words, *_in_address(reading, american)]
    yield from found
    yield from _with_time(found)


def _with_time(found: list[Candidate]) -> Iterator[Candidate]:
    """Yield the time of day that another place gives for the same day, when the most trusted place gives none."""
    best = max(found, key=lambda one: one.confidence, default=None)
    if best is None or best.value.has_time:
        return
    for other in sorted(found, key=lambda one: -one.confidence):
        if other.value.has_time and _same_day(best.value, other.value):
            yield replace(other, confidence=min(1.0, best.confidence + 0.001))
            return


def _same_day(day: moments.Moment, time: moments.Moment) -> bool:
    """Can the time fall on that calendar day somewhere on earth, from UTC-12 to UTC+14?"""
    return day.at - timedelta(hours=14) <= time.at < day.at + timedelta(hours=36)


def _instead(told: list[Candidate], marked: list[Candidate], words: list[Candidate]) -> Iterator[Candidate]:
    """Yield the marked times, trusted more than the head where it says a day that the reader is not shown.

    On 16 labelled pages with one day marked beside the headline and another in the head, 11 times the mark was right.
    """
    near = [one for one in marked if one.confidence >= NEAR]
    days = {one.value.at.date() for one in near}
    shown = [one.value.at.date() for one in (*near, *words)]
    hidden = bool(told) and not any(
        abs((day - one.value.at.date()).days) <= 1 for one in told[:1] for day in shown
    )
    for one in marked:
        yield replace(one, confidence=0.98) if hidden and len(days) == 1 and one in near else one


def _confidence(name: str) -> float:
    if name == "article:published_time":
        return 0.97
    return 0.9 if "publish" in name or "issued" in name else 0.84


def _told(reading: Reading, american: bool) -> Iterator[Candidate]:
    data, document = reading.data, reading.document
    for key, confidence in (("datePublished", 0.94), ("dateCreated", 0.81), ("uploadDate", 0.7)):
        yield from _read(reading, structured.text(data.get(key)), "json-ld", key, confidence, american)
    if not data.get("datePublished"):
        for thing in document.data:
            yield from _read(
                reading,
                structured.text(thing.get("datePublished")),
                "json-ld",
                "datePublished",
                0.86,
                american,
            )
    for name in _PUBLISHED_METAS:
        for content in document.metas(name):
            confidence = _confidence(name)
            yield from _read(reading, content, "meta", name, confidence, american)
            break


def _in_address(reading: Reading, american: bool) -> Iterator[Candidate]:
    address = reading.page.url
    for pattern, confidence in ((_ADDRESS, 0.96), (_ADDRESS_LOOSE, 0.7)):
        found = pattern.search(address)
        if found:
            written = "-".join(part.zfill(2) for part in found.groups())
            yield from _read(reading, written, "url", "path", confidence, american)


def modified(reading: Reading) -> Iterator[Candidate]:
    """Yield times of the last change."""
    american = _american(reading)
    yield from _read(
        reading, structured.text(reading.data.get("dateModified")), "json-ld", "dateModified", 0.95, american
    )
    for name in _MODIFIED_METAS:
        for content in reading.document.metas(name):
            yield from _read(reading, content, "meta", name, 0.9, american)
            break


def _marked(reading: Reading, american: bool) -> Iterator[Candidate]:
    """Yield ``time`` elements and elements with itemprop datePublished."""
    document = reading.document
    pieces = document.pieces
    end = pieces[reading.first].order if reading.first < len(pieces) else len(document.tags)
    start = pieces[reading.heading].order if reading.heading >= 0 else 0
    for node in [i for i, tag in enumerate(document.tags) if tag == "time"]:
        attributes = document.attributes(node)
        written = attributes.get("datetime") or attributes.get("content") or reading.document.text_of(node)
        near = start - 60 <= node <= end + 12
        name = reading.name(node)
        if _CHANGED.search(name) or _CHANGED.search(reading.name(document.parents[node])):
            continue
        sure = "published" in name or "pubdate" in attributes
        yield from _read(
            reading,
            written or "",
            "page",
            "time",
            0.93 if sure and near else NEAR if near else 0.45,
            american,
        )


def _in_words(reading: Reading, american: bool) -> Iterator[Candidate]:
    """Yield dates that stand in short lines around headline and story."""
    pieces = reading.document.pieces
    heading = reading.heading if reading.heading >= 0 else max(0, reading.first - 10)
    near = range(max(0, heading - 12), min(len(pieces), max(reading.first, heading) + 8))
    after = range(reading.last + 1, min(len(pieces), reading.last + 10)) if reading.last >= 0 else range(0)
    for index in (*near, *after):
        piece = pieces[index]
        if len(piece.text) > 160 or not any(c.isdigit() for c in piece.text):
            continue
        changed = _CHANGED.search(piece.text)
        text = piece.text[: changed.start()] if changed else piece.text
        named = _DATED.search(reading.name(piece.node)) or _DATED.search(reading.name(piece.nodes[0]))
        confidence = (
            (0.8 if named else 0.68) - (0.0 if index in near else 0.2) - min(0.1, abs(index - heading) / 200)
        )
        if index in reading.story.pieces:
            confidence -= 0.25
        for moment in moments.in_words(text, american):
            yield from _believe(reading, moment, text, "page", "text", round(confidence, 3))
            break
        else:
            for moment in moments.in_words(piece.text, american):
                yield from _believe(reading, moment, piece.text, "page", "text", round(confidence - 0.15, 3))
                break


def _read(
    reading: Reading, written: str, method: str, locator: str, confidence: float, american: bool
) -> Iterator[Candidate]:
    moment = moments.parse(written, american)
    if moment:
        yield from _believe(reading, moment, written, method, locator, confidence)


def _believe(
    reading: Reading, moment: moments.Moment, written: str, method: str, locator: str, confidence: float
) -> Iterator[Candidate]:
    if moment.at.year < FIRST_YEAR:
        return
    fetched = reading.page.fetched_at
    if fetched and moment.at > fetched + timedelta(days=1):
        return
    yield Candidate(moment, method, locator, confidence, written.strip())


def _american(reading: Reading) -> bool:
    language = reading.document.language.lower()
    if language in ("en-us", "en_us"):
        return True
    locale = next(reading.document.metas("og:locale"), "").lower()
    if locale:
        return locale == "en_us"
    host = reading.page.url.split("/")[2] if reading.page.url.count("/") > 2 else ""
    return language in ("en", "") and host.endswith((".com", ".us", ".org", ".gov", ".net"))
