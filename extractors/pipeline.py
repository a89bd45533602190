"""The whole way of one page: decode, parse, tell the story from the rest, find each field, write the Article."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from extractors import (
    boundaries,
    comments,
    dump,
    joining,
    kind,
    paging,
    ruled,
    signals,
    story,
    strip,
    structured,
    teasers,
    trafilatura_engine,
    xpath,
)
from extractors import noise as learned
from extractors import trial as trials
from extractors.addresses import absolute
from extractors.article import Article, Block, Image, Origin, Refusal, Removal
from extractors.candidates import Candidate, choose
from extractors.decode import utf8
from extractors.document import Document, Selection, numbered, parse
from extractors.errors import EmptyPage, ExtractError, NoContent, NotAPage
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
from extractors.noise import Noise
from extractors.page import Page
from extractors.phrases import by_words
from extractors.reading import Reading, squash
from extractors.rules import SURE, Rules
from extractors.trial import Trial

FLOOR = 0.5
"""An author less sure than this is left empty: better none than a wrong one."""

OPENING = 3
"""Pieces at the beginning of the story that may be its byline. One at the end belongs to the text as often as not."""

_SIGNATURES = (
    (b"%PDF-", "a PDF"), (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "gzip data"), (b"RIFF", "a media file"), (b"OggS", "a media file"),
    (b"\x00\x00\x00\x18ftyp", "a media file"), (b"\x00\x00\x00\x1cftyp", "a media file"), (b"\x00\x00\x00\x20ftyp", "a media file"),
)  # fmt: skip


def extract(
    page: Page, *, engine: str = "own", rules: Rules | None = None, noise: Noise | None = None
) -> Article:
    """Return the article on ``page``. Raises NotAPage, EmptyPage or NoContent when there is none.

    ``rules`` are the publication's own, ``noise`` is what was learned from its other pages.
    """
    return _extract(page, engine, rules, noise)[0]


def trial(page: Page, *, rules: Rules | None, noise: Noise | None = None) -> Trial:
    """Return what becomes of each piece of the page, with the article. Raises as ``extract`` does."""
    return trials.of(*_extract(page, "own", rules, noise))


def _extract(page: Page, engine: str, rules: Rules | None, noise: Noise | None) -> tuple[Article, Reading]:
    article, reading = _extract_one(page, engine, rules)
    for more in page.more:
        joined = _joined(article, more, engine, rules)
        if joined is None:
            article = replace(article, next_page=None)
            break
        article = joined
    if noise:
        article = _without_learned(article, noise)
    if not article.body and not article.headline:
        raise NoContent(page.url, "neither a headline nor a story could be told from the text")
    return article, reading


def _joined(article: Article, more: Page, engine: str, rules: Rules | None) -> Article | None:
    """Return the story with its next page; None when that is none of its pages."""
    number = len(article.pages or ("",)) + 1
    try:
        following, _ = _extract_one(more, engine, rules, first=article.url, number=number)
    except ExtractError:
        return None
    by_rule = rules is not None and any(one.confidence >= SURE for one in rules.next_page)
    return joining.join(article, following) if by_rule or joining.is_same_story(article, following) else None


def _extract_one(
    page: Page, engine: str, rules: Rules | None, *, first: str = "", number: int = 1
) -> tuple[Article, Reading]:
    """Return what one page gives; it is page ``number`` of the story that begins at ``first``."""
    html = _utf8(page)
    dump_said = _is_dump(page, html)
    reading = _read_dump(page, html.decode()) if dump_said else _read_html(page, html, rules)
    if not reading.document.pieces and not reading.document.title:
        raise EmptyPage(page.url, "there is no text on the page")
    second = not dump_said and (engine == "trafilatura" or _needs_second_opinion(reading))
    article = _write(reading, trafilatura_engine.blocks(html.decode()) if second else ())
    if paging.is_paged(article.kind, reading):
        article = replace(article, next_page=paging.following(reading, first or page.url, number + 1))
    return article, reading


SECOND_OPINION_CHARS, SECOND_OPINION_PIECES = 500, 2000
"""Text that a page must have, and pieces that it may have at most, for a second opinion when the first found no story.
trafilatura's time grows faster than the page: 20,000 list items take it over 15 s."""


def _needs_second_opinion(reading: Reading) -> bool:
    return (
        not reading.story.pieces and sum(len(p.text) for p in reading.document.pieces) >= SECOND_OPINION_CHARS
    )


def _without_learned(article: Article, noise: Noise) -> Article:
    blocks, cut = learned.cut(article.blocks, noise)
    if not cut:
        return article
    removals = (*article.removals, *cut)
    return replace(article, blocks=blocks, body="\n\n".join(body.text(blocks)), removals=removals)


def attempt(
    page: Page, *, engine: str = "own", rules: Rules | None = None, noise: Noise | None = None
) -> Article | ExtractError:
    """Return the article on ``page``, or the error that says why there is none."""
    try:
        return extract(page, engine=engine, rules=rules, noise=noise)
    except ExtractError as error:
        return error


def _utf8(page: Page) -> bytes:
    if not page.body or page.body.isspace():
        raise EmptyPage(page.url, "the page has no bytes")
    for signature, what in _SIGNATURES:
        if page.body.startswith(signature):
            raise NotAPage(page.url, f"the bytes are {what}, not HTML or text")
    return utf8(page.body, page.content_type)


_TAG = re.compile(rb"<(?:!doctype|html|head|body|div|p|h1|article|meta|title)\b", re.IGNORECASE)


def _is_dump(page: Page, html: bytes) -> bool:
    """Plain text by its header, or without a header by the lack of any tag."""
    said = page.content_type.split(";")[0].strip().lower()
    return said == "text/plain" or (not said and not _TAG.search(html))


def _read_dump(page: Page, text: str) -> Reading:
    document, found, offered = dump.parse(text, page.url)
    heading = next((i for i, piece in enumerate(document.pieces) if document.tags[piece.node] == "h1"), -1)
    reading = Reading(page, document, {}, document.pieces[heading].text if heading >= 0 else "", heading)
    if heading >= 0:
        reading.headline_origin = Origin("text", f"line {heading + 1}", 0.7)
    reading.story, reading.teasers = found, offered
    return reading


def _read_html(page: Page, html: bytes, rules: Rules | None) -> Reading:
    chosen = ruled.uses(rules, page.fetched_at.date() if page.fetched_at else None)
    return _read(page, parse(html, page.url, selections(html, chosen)), rules, chosen)


def selections(html: bytes, chosen: Sequence[ruled.Use]) -> list[Selection]:
    """Return what the parser is to look for; XPath is asked now, of those publications that have any."""
    paths = {number: use.selector.css for number, use in enumerate(chosen) if use.selector.is_xpath}
    found = xpath.find(numbered(html), paths) if paths else {}
    return [
        (found[number].texts, found[number].numbers)
        if number in found
        else (use.selector.css, use.selector.attribute)
        for number, use in enumerate(chosen)
    ]


def _read(
    page: Page, document: Document, rules: Rules | None = None, chosen: tuple[ruled.Use, ...] = ()
) -> Reading:
    reading = begin(page, document, rules, chosen)
    reading.comments = comments.find(reading)
    reading.story = story.find(document, said(reading), reading.comments)
    reading.foreign = boundaries.foreign(reading)
    reading.story = reading.story.without({*reading.foreign, reading.heading})
    ruled.settle(reading)
    return reading


def begin(
    page: Page, document: Document, rules: Rules | None = None, chosen: tuple[ruled.Use, ...] = ()
) -> Reading:
    """Return the reading of a page as far as it goes without knowing the story."""
    reading = Reading(page, document, structured.article_of(document), rules=rules, uses=chosen)
    value, reading.headline_origin = choose(
        chain(ruled.candidates(reading, "headline"), headline.candidates(reading))
    )
    reading.headline = value or ""
    reading.heading = _standing(reading)
    return reading


def said(reading: Reading) -> signals.Said:
    """Return what is known of the story so far, for the story model to lay pieces beside."""
    description = next(reading.document.metas("og:description", "description"), "")
    body = structured.text(reading.data.get("articleBody"))
    return signals.Said(reading.headline, reading.heading, " ".join(description.split()), body)


def _standing(reading: Reading) -> int:
    """Return the index of the piece in which the headline stands, h1 first, -1 when it stands nowhere."""
    wanted = squash(reading.headline)
    if not wanted:
        return -1
    pieces = reading.document.pieces
    lower = -1
    for index, heading in reading.document.headings():
        text = squash(pieces[index].text)
        if reading.document.tags[heading] == "h1":
            if text == wanted or (len(pieces[index].text) > 12 and text in wanted):
                return index
        elif lower < 0 and text == wanted:
            lower = index
    if lower >= 0:
        return lower
    least, most = min(12, len(reading.headline)), 2 * len(reading.headline) + 20
    start = wanted[0]
    for index, piece in enumerate(pieces):
        text = piece.text
        if least <= len(text) <= most and start in text[:4].casefold() and squash(text) == wanted:
            return index
    return -1


def _write(reading: Reading, second: tuple[Block, ...]) -> Article:
    """Return the article; ``second`` is another engine's body, used instead of the story's own pieces."""
    document = reading.document
    provenance: dict[str, Origin] = {}

    def found(name: str, candidates: Iterable[Candidate], floor: float = 0.0) -> Any:
        value, origin = choose(chain(ruled.candidates(reading, name), candidates))
        if origin is None or origin.confidence < floor:
            return None
        provenance[name] = origin
        return value

    if reading.headline_origin:
        provenance["headline"] = reading.headline_origin
    pictures = images.find(reading)
    for raw in ruled.credit_lines(reading):
        pictures.add(raw, SURE, "rule")
    credited = pictures.origin()
    if credited:
        provenance["credits"] = credited
    kept, removals = strip.cut(reading)
    page_access, evidence, wall = access.find(reading)
    kept = tuple(i for i in kept if i not in pictures.captions and not 0 <= wall <= i)
    summary = found("dek", filter(_is_no_notice, dek.candidates(reading)), dek.FLOOR)
    if summary:
        deks = {i for i in reading.story.pieces[:2] if dek.is_one(reading, i, summary)}
        reading.gone |= dict.fromkeys(deks, ("dek", "is the dek"))
        kept = tuple(i for i in kept if i not in deks)
    names = found("authors", authors.candidates(reading), FLOOR)
    opening = (i for i in kept[:OPENING] if i not in reading.told)
    bylines = {i for i in opening if authors.is_byline(document.pieces[i].text, names or ())}
    kept = tuple(i for i in kept if i not in bylines)
    echoes = body.echoes(reading, kept)
    kept = tuple(i for i in kept if i not in echoes)
    blocks = second or body.blocks(reading, kept)
    provenance["body"] = _body_origin(reading, kept, bool(second))
    published = found("published_at", dates.published(reading))
    modified = found("modified_at", dates.modified(reading))
    page_kind, reason, sure = kind.find(reading, signed=bool(names or published))
    by_rule = ruled.kind(reading)
    if by_rule:
        page_kind, provenance["kind"] = by_rule[0], Origin("rule", by_rule[1], SURE)
    else:
        provenance["kind"] = Origin("page", reason, sure)
    lead = found("lead_image", lead_image.candidates(reading, pictures.frames))
    return Article(
        url=reading.page.url,
        kind=page_kind,
        canonical_url=found("canonical_url", canonical.candidates(reading)),
        publication=next(document.metas("og:site_name", "application-name"), None),
        headline=reading.headline or None,
        dek=summary,
        section=found("section", (one for one in section.candidates(reading) if not by_words(one.value))),
        authors=names or (),
        byline=provenance["authors"].raw if names else None,
        published_at=published.at if published else None,
        published_zone=published.zone if published else None,
        modified_at=modified.at if modified else None,
        modified_zone=modified.zone if modified else None,
        language=found("language", language.candidates(reading)),
        body="\n\n".join(body.text(blocks)),
        blocks=blocks,
        lead_image=_picture(lead, pictures) if lead else None,
        images=tuple(pictures.images),
        credits=tuple(pictures.credits),
        tags=found("tags", tags.candidates(reading)) or (),
        access=page_access,
        access_evidence=evidence,
        teasers=reading.teasers or teasers.find(reading),
        links=_links(reading),
        refused=tuple(Refusal(*one) for one in reading.refused.items()),
        provenance=provenance,
        removals=(
            *strip.pictures(reading),
            *removals,
            *_credit_lines(reading, pictures),
            *_behind(reading, wall),
            *(strip.removal(reading, i, "author", "is the byline") for i in sorted(bylines)),
            *_echoed(reading, echoes),
        ),
    )


def _is_no_notice(one: Candidate) -> bool:
    """Is the text on the page none that a stripper knows?"""
    return one.method != "page" or not by_words(one.value)


def _body_origin(reading: Reading, kept: tuple[int, ...], second: bool) -> Origin:
    if second:
        return Origin("trafilatura", "extract", 0.6)
    if not kept:
        return Origin("model", "no piece of the page is story", 0.5)
    chances = [reading.story.chances[i] for i in kept]
    return Origin(
        "model",
        f"{len(kept)} of {len(reading.document.pieces)} pieces",
        round(sum(chances) / len(chances), 2),
    )


def _picture(url: str, pictures: images.Pictures) -> Image:
    return next(
        (image for image in pictures.images if image.url.split("?")[0] == url.split("?")[0]), Image(url)
    )


def _credit_lines(reading: Reading, pictures: images.Pictures) -> list[Removal]:
    story_pieces = set(reading.story.pieces)
    return [
        strip.removal(reading, index, "credits", f"is a picture's {what}")
        for index, what in pictures.captions.items()
        if index in story_pieces
    ]


def _behind(reading: Reading, wall: int) -> list[Removal]:
    return [
        strip.removal(reading, index, "wall", "stands where the text stops")
        for index in reading.story.pieces
        if 0 <= wall <= index
    ]


def _echoed(reading: Reading, echoes: dict[int, str]) -> list[Removal]:
    return [strip.removal(reading, index, "repetition", why) for index, why in sorted(echoes.items())]


def _links(reading: Reading) -> tuple[str, ...]:
    base = reading.page.url
    links = dict.fromkeys(absolute(href, base) for href in dict.fromkeys(reading.document.hrefs))
    links.pop("", None)
    return tuple(links)
