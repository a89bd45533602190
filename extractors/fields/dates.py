"""When the story was published and last changed.

Machine-readable dates first (JSON-LD, metas, ``time``), then dates in words near the headline, then the address.
The day that a reader is shown beside the headline corrects the head. A date that cannot be is dropped: before
1995, or more than a day after the page was fetched. Numbers are read as day-month-year unless the page is American
English, as ISO 8601 where the year comes first. "Two hours ago" is never guessed at.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile

from extractors import moments, structured
from extractors.candidates import Candidate
from extractors.document import Document
from extractors.reading import Reading

NEAR = 0.85
"""Trust in a ``time`` element beside the headline; 0.23 of those elsewhere are right."""

CHANGED = 0.62
"""Trust in a ``time`` element after a word like "Updated"."""

FIRST_YEAR = 1995
"""A year before this is taken for a mistake: few publications were on the web. A judgement, not a measurement."""

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time", "datepublished",
    "parsely-pub-date", "sailthru.date", "dcterms.created", "dc.date.issued", "dcterms.issued", "dc.issued", "dcterms.date",
    "dc.date", "dc.date.created", "dc:created", "dc.created", "pubdate", "publish-date", "publish_date", "publishdate",
    "published-date", "publication_date", "article.published", "article_date_original", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "date", "pdate", "ptime", "originalpublicationdate", "article:post_date",
    "citation_publication_date", "citation_date", "citation_online_date", "rnews:datepublished", "date.created", "date.release",
    "dcsext.articlefirstpublished", "timestamp", "displaydate", "datecreated", "created", "prism.publicationdate",
    "probe:publisher-date", "vr:published_time", "iso-8601-publish-date", "published", "publicationdate", "article:create_time",
    "weibo:article:create_at", "og:release_date", "release_date", "bt:pubdate", "shareaholic:article_published_time", "og:regdate",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:updated_time", "datemodified", "lastmod",
    "last-modified", "lastmodified", "dc.date.modified", "dcterms.modified", "revised", "cxenseparse:recs:moddate", "date.updated",
    "iso-8601-updated-date", "article_date_updated", "vr:updated_time", "updated",
)  # fmt: skip
_PUBLISHED_NAME = re.compile(
    r"publi\w*[-_.: ]?(?:date|time|at|on)\b|(?:date|time)[-_.: ]?publi|post[-_.: ]?date"
)
"""Other names of metas that say when a page was published, as content systems make them up."""

_DATED = re.compile(
    r"date|time|publi|posted|pubdat|byline|meta|datum|fecha|data|info|author|stamp|created|erstellt"
)
_DATE_NAME = re.compile(r"(?:^|[\s_-])(?:dates?|datum|fecha|data|published|dateline|pub-dates?)(?:$|[\s_-])")
_CHANGED = re.compile(
    r"updat|modif|edited|aktualis|geändert|actuali|mis à jour|maj\b|aggiorn|atualiz|обновл|güncelle|uaktualn|bijgewerkt|oppdater|uppdater|opdater|revis",
    re.IGNORECASE,
)
_SAYS_WHEN = re.compile(
    r"^\W*(?:(?:first |originally )?published\b|publié|publicado|pubblicato|veröffentlicht|erstellt\b|opublikowano|gepubliceerd)"
    r"|\b(?:published on|veröffentlicht(?: am)?|publié le|publicado el)\b",
    re.IGNORECASE,
)
"""What calls a date that of publication, in a line of its own."""
_CHANGED_LINE = re.compile(
    r"\b(?:updated|modified|revised|aktualisiert|geändert|actualis[ée]|actualizado|mis à jour|maj ?:|aggiornato|atualizado|обновл"
    r"|güncelle|zaktualizowano|uaktualniono|bijgewerkt|oppdatert|uppdaterad|opdateret)",
    re.IGNORECASE,
)
"""What calls a date that of a change, in a line that a reader sees; names of elements and metas are cut shorter."""
_NUMBERS = re.compile(r"\d\d\d\d|\d\s?[./-]\s?\d")
"""What every written date has: a year, or numbers with a sign between."""
_ADDRESS = re.compile(r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=\D|$)")
_ADDRESS_LOOSE = re.compile(r"(?<!\d)((?:19|20)\d{2})[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?!\d)")

LINE_CHARS, DATELINE_CHARS = 160, 24
"""A text longer than the first is prose, and read only where it begins with a date, so many characters."""
LINE_PARTS = 12
"""Runs of text in a line, at most, that is searched for a word before a ``time``."""
ALONE_CHARS = 60
"""A line longer than this says more than a day. A judgement."""
MASTHEAD, TOP = 4, 3
"""A date more than so many pieces before the headline is today's as often as not: mastheads show it. A short line
with little but one so few pieces behind it says when the story was published, though the model took it for story."""
BESIDE_CHARS = 12
"""Characters beside a date in such a line: a lead word, a time, a mark."""
BEFORE, BEHIND, AFTER_STORY = 12, 8, 10
"""Pieces that are read before the headline, behind the story's first, and behind its last."""


def published(reading: Reading) -> Iterator[Candidate]:
    """Yield times of publication, the one to believe first, with how sure it is among the others."""
    american = _american(reading)
    told = list(_told(reading, american))
    marked = [*_marked(reading, american), *_labelled(reading, american)]
    words = list(_in_words(reading, american))
    addressed = list(_in_address(reading, american))
    found = [
        *told,
        *_instead(told, marked, words),
        *_shown(reading, told, marked, words, addressed),
        *addressed,
    ] or list(_named_anywhere(reading, american))
    found.sort(key=lambda one: -one.confidence)
    if found:
        best = _with_time(found)
        sure = _sure(best, found)
        yield replace(best, confidence=sure)
        yield from (replace(one, confidence=min(one.confidence, sure)) for one in found if one is not best)


def _with_time(found: list[Candidate]) -> Candidate:
    """Return the most trusted, or another place's time of that day when it gives none: one with a zone first."""
    best = found[0]
    timed = [one for one in found if one.value.has_time and _same_day(best.value, one.value)]
    zoned = (one for one in timed if one.value.zone)
    return best if best.value.has_time else next(zoned, timed[0] if timed else best)


def _sure(best: Candidate, found: list[Candidate]) -> float:
    """Return the share of labelled pages on which a date was right that stood so among the others.

    Measured on the dev split: head, page and address are three witnesses. Two that agree were right on 0.99 of 763
    pages, or 0.97 of 59 where a third place names another day.
    """
    witnesses = {_witness(one) for one in found if _near(best, (one,))}
    rival = any(
        not _near(best, (one,)) and (_witness(one) == "head" or one.confidence >= SHOWN) for one in found
    )
    if len(witnesses) > 1:
        return 0.97 if rival else 0.99
    if _witness(best) == "head":
        return 0.55 if rival else 0.97 if best.locator == "article:published_time" else 0.9
    if rival:
        return 0.75
    if best.locator == "time":
        return 0.87
    return 0.95 if best.confidence >= NAMED else 0.8 if best.confidence >= 0.65 else 0.65


def _witness(one: Candidate) -> str:
    return "head" if one.method in ("json-ld", "meta") else one.method


def _same_day(day: moments.Moment, time: moments.Moment) -> bool:
    """Can the time fall on that calendar day somewhere on earth, from UTC-12 to UTC+14?"""
    return day.at - timedelta(hours=14) <= time.at < day.at + timedelta(hours=36)


def _day(one: Candidate) -> date:
    found: date = one.value.at.date()
    return found


def _near(one: Candidate, others: Iterable[Candidate]) -> bool:
    """Does another give the same day, one beside it, as a time zone may make of it, or the same with the month first?"""
    day = _day(one)
    found = (_day(other) for other in others)
    return any(
        abs((day - other).days) <= 1 or (day.year, day.month, day.day) == (other.year, other.day, other.month)
        for other in found
    )


def _instead(told: list[Candidate], marked: list[Candidate], words: list[Candidate]) -> Iterator[Candidate]:
    """Yield the marked times, trusted more than the head where it says a day that the reader is not shown.

    On 16 labelled pages with one day marked beside the headline and another in the head, 11 times the mark was right.
    """
    near = [one for one in marked if one.confidence >= NEAR]
    days = {_day(one) for one in near}
    hidden = bool(told) and not _near(told[0], (*near, *words))
    for one in marked:
        yield replace(one, confidence=0.98) if hidden and len(days) == 1 and one in near else one


NAMED = 0.75
"""Trust from which a date in words beside the headline stands in an element that is named for it."""

SHOWN = 0.6
"""Trust from which a date in words stands beside the headline and is not said to be that of a change."""


def _shown(
    reading: Reading,
    told: list[Candidate],
    marked: list[Candidate],
    words: list[Candidate],
    addressed: list[Candidate],
) -> Iterator[Candidate]:
    """Yield the dates in words, one trusted more than the head where the reader is shown another day.

    On 13 labelled pages with one day beside the headline that is earlier than the head's, 11 times the shown one
    was right, and on all 4 with a later one whose head names no change. Where the head says that the page was
    changed on the day that is shown, the head knows better when it was published.
    """
    first = [one for one in words if not _CHANGED_LINE.search(one.raw)]
    beside = [one for one in first if one.confidence >= SHOWN]
    days = {_day(one) for one in beside}
    instead = (
        len(days) == 1
        and bool(told)
        and (_day(beside[0]) < _day(told[0]) or not any(modified(reading)))
        and not _near(told[0], (*first, *addressed, *(one for one in marked if one.confidence >= NEAR)))
    )
    for one in words:
        yield replace(one, confidence=0.98) if instead and one is beside[0] else one


def _confidence(name: str) -> float:
    if name == "article:published_time":
        return 0.97
    return 0.9 if "publish" in name or "issued" in name else 0.84


def _told(reading: Reading, american: bool) -> Iterator[Candidate]:
    data = reading.data
    for key, confidence in (("datePublished", 0.94), ("dateCreated", 0.81), ("uploadDate", 0.7)):
        yield from _read(reading, structured.text(data.get(key)), "json-ld", key, confidence, american)
    if not data.get("datePublished"):
        for thing in reading.document.data:
            written = structured.text(thing.get("datePublished"))
            yield from _read(reading, written, "json-ld", "datePublished", 0.86, american)
    for name in _PUBLISHED_METAS:
        for content in (reading.metas.get(name) or ())[:1]:
            yield from _read(reading, content, "meta", name, _confidence(name), american)
    for name, contents in reading.metas.items():
        if ("publi" in name or "post" in name) and name not in _KNOWN and _PUBLISHED_NAME.search(name):
            yield from _read(reading, contents[0], "meta", name, 0.83, american)


_KNOWN = frozenset((*_PUBLISHED_METAS, *_MODIFIED_METAS))


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
    written = structured.text(reading.data.get("dateModified"))
    yield from _read(reading, written, "json-ld", "dateModified", 0.95, american)
    for name in _MODIFIED_METAS:
        for content in (reading.metas.get(name) or ())[:1]:
            yield from _read(reading, content, "meta", name, 0.9, american)


def _marked(reading: Reading, american: bool) -> Iterator[Candidate]:
    """Yield ``time`` elements."""
    document = reading.document
    pieces = document.pieces
    end = pieces[reading.first].order if reading.first < len(pieces) else len(document.tags)
    start = pieces[reading.heading].order if reading.heading >= 0 else 0
    for node in document.listed["time"]:
        attributes = document.attributes(node)
        written = attributes.get("datetime") or attributes.get("content") or document.text_of(node)
        near = start - 60 <= node <= end + 12
        name = reading.name(node)
        sure = "published" in name or "pubdate" in attributes
        if _CHANGED.search(name) or (not sure and _CHANGED.search(reading.name(document.parents[node]))):
            continue
        confidence = 0.93 if sure and near else NEAR if near else 0.45
        if not sure and _CHANGED_LINE.search(_line_before(document, node)):
            confidence = min(confidence, CHANGED)
        yield from _read(reading, written or "", "page", "time", confidence, american)


def _line_before(document: Document, node: int) -> str:
    """Return the text between the element and a ``time`` before it in its own line, "Updated"; nothing where the line is long."""
    pieces = document.pieces
    at = bisect_right(document.orders(), node) - 1
    if at < 0 or not node <= pieces[at].nodes[-1] or len(pieces[at].parts) > LINE_PARTS:
        return ""
    before = list(
        takewhile(lambda part: part[1] < node, zip(pieces[at].parts, pieces[at].nodes, strict=True))
    )
    since = takewhile(lambda part: part[1] < 0 or document.tags[part[1]] != "time", reversed(before))
    return "".join(text for text, _ in reversed(list(since)))


def _in_words(reading: Reading, american: bool) -> Iterator[Candidate]:
    """Yield dates that stand in short lines around headline and story, one a line."""
    pieces = reading.document.pieces
    heading = reading.heading if reading.heading >= 0 else max(0, reading.first - 10)
    end = max(reading.first, heading) + BEHIND
    inside = frozenset(i for i in reading.story.pieces if i > heading + TOP or not _is_day(pieces[i].text))
    for index in _around(reading):
        text = pieces[index].text
        if len(text) > LINE_CHARS:
            text = text[:DATELINE_CHARS] if text[:1].isdigit() else ""
        if not _NUMBERS.search(text):
            continue
        if len(pieces[index].parts) > 1:
            text = " ".join(" ".join(pieces[index].parts).split())
        named = _DATED.search(reading.name(pieces[index].node)) or _DATED.search(
            reading.name(max(0, pieces[index].nodes[0]))
        )
        trust = 0.8 if named else 0.68
        trust -= min(0.1, abs(index - heading) / 200) + (0.2 if index >= end else 0.0)
        if index in inside or index < heading - MASTHEAD:
            trust -= 0.25
        yield from _in_line(reading, text, round(trust, 3), american)


def _is_day(text: str) -> bool:
    """Does the line say little more than a date?"""
    return len(text) <= ALONE_CHARS and len(moments.without_dates(text, "")) <= BESIDE_CHARS


def _named_anywhere(reading: Reading, american: bool) -> Iterator[Candidate]:
    """Yield the one day that stands, far from the story, in a short line that is called or calls itself a date."""
    found = [
        one
        for piece in reading.document.pieces
        if len(piece.text) <= ALONE_CHARS
        and not piece.link_chars
        and _NUMBERS.search(piece.text)
        and (_DATE_NAME.search(reading.name(piece.node)) or _SAYS_WHEN.search(piece.text))
        for one in _in_line(reading, piece.text, 0.5, american)
    ]
    if len({_day(one) for one in found}) == 1:
        yield found[0]


def _labelled(reading: Reading, american: bool) -> Iterator[Candidate]:
    """Yield what elements say in attributes beside their text: schema.org's datePublished, hAtom's published."""
    document = reading.document
    for index in _around(reading):
        for node in document.pieces[index].nodes:
            head = document.heads[node] if node >= 0 else ""
            if "datePublished" in head or 'class="published' in head:
                attributes = document.attributes(node)
                written = attributes.get("content") or attributes.get("title") or ""
                yield from _read(reading, written, "page", "published", 0.9, american)


def _around(reading: Reading) -> Iterator[int]:
    """Yield the pieces around headline and story's beginning, then those behind its end."""
    pieces = len(reading.document.pieces)
    heading = reading.heading if reading.heading >= 0 else max(0, reading.first - 10)
    near = range(max(0, heading - BEFORE), min(pieces, max(reading.first, heading) + BEHIND))
    yield from near
    if reading.last >= 0:
        yield from range(max(reading.last + 1, near.stop), min(pieces, reading.last + AFTER_STORY))


def _in_line(reading: Reading, text: str, trust: float, american: bool) -> Iterator[Candidate]:
    """Yield the first date of the line; less trusted where the line says that it is that of a change."""
    changed = _CHANGED_LINE.search(text)
    parts = ((text[: changed.start()], 0.0), (text, 0.15)) if changed else ((text, 0.0),)
    for part, less in parts:
        moment = next(moments.in_words(part, american), None)
        if moment:
            yield from _believe(reading, moment, part, "page", "text", round(trust - less, 3))
            return


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
    locale = (reading.metas.get("og:locale") or [""])[0].lower()
    if locale:
        return locale == "en_us"
    host = reading.page.url.split("/")[2] if reading.page.url.count("/") > 2 else ""
    return language in ("en", "") and host.endswith((".com", ".us", ".org", ".gov", ".net"))
