"""What sort of page this is, before anyone calls it an article.

Walls, missing pages and empty shells are told by their words and size. Whether the rest is an article is decided by a
small model over numbers that any page has (``FEATURES``), trained on pages of seven kinds.
"""

import re
from math import exp, fsum
from urllib.parse import urlsplit

from extractors import structured
from extractors.article import Kind
from extractors.reading import Reading
from extractors.tokens import TOKENS
from extractors.weights import trees

_SIGNS = TOKENS["signs"]
MOST_SIGNS = 6.0
"""Log-odds past which what a page calls itself says nothing more. A judgement."""

FEATURES = (
    "story_chars", "story_pieces", "story_share", "link_share", "pieces", "mean_piece", "article_data", "other_data", "og_article",
    "og_website", "published", "modified", "author", "path_parts", "path_digits", "slug_words", "is_front", "headings",
    "heading_known", "first_story", "teaser_headings", "foreign", "sentences", "list_share", "table_share", "code_share", "doubt",
    "price_marks", "questions", "time_tags", "inputs", "in_main", "signs",
)  # fmt: skip
_OTHER_DATA = frozenset(["Product", "ItemList", "CollectionPage", "SearchResultsPage", "QAPage", "DiscussionForumPosting", "LocalBusiness", "Service", "ProfilePage", "AboutPage", "ContactPage", "ProductGroup", "Offer", "AggregateOffer", "SoftwareApplication", "Event", "JobPosting", "FAQPage"])  # fmt: skip

_MISSING = re.compile(
    r"^(?:(?:error\s*)?404\b|.{0,30}page (?:was )?not found|.{0,20}seite (?:wurde )?nicht gefunden|.{0,20}page introuvable|.{0,20}página no encontrada|.{0,30}nie znaleziono|not found\b|.{0,20}страница не найдена|.{0,20}pagina non trovata|.{0,20}pagina niet gevonden|页面不存在)",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"^(?:before you continue|are you a robot|just a moment|attention required|access denied|verify you are human|please (?:log|sign) in|log ?in\b|sign ?in\b|anmelden|einloggen|privacy (?:settings|center)|we value your privacy|cookie|zustimmung|security check|captcha|subscribe to read|robot or human)",
    re.IGNORECASE,
)
WALL_CHARS = 1500
"""A wall says little. More text than this is a story, whatever its title says."""


def find(reading: Reading, *, signed: bool = False) -> tuple[Kind, str, float]:
    """Return the page's kind, what says so, and how sure that is. ``signed``: an author or a date was found."""
    document = reading.document
    size = sum(len(document.pieces[i].text) for i in reading.story.pieces)
    title = reading.headline or document.title
    if size < WALL_CHARS:
        for text in (title, document.title):
            if text and _MISSING.match(text):
                return Kind.MISSING, f"is titled “{text[:60]}”", 0.95
            if text and _WALL.match(text):
                return Kind.WALL, f"is titled “{text[:60]}”", 0.9
    said = reading.types
    if "LiveBlogPosting" in said:
        return Kind.LIVE, "json-ld LiveBlogPosting", 0.95
    if sum([len(piece.text) for piece in document.pieces]) < SHELL_CHARS:
        return Kind.SHELL, "has next to no text", 0.9
    if document.plain:  # its reader found a story or none
        return (
            (Kind.ARTICLE, "paragraphs under a headline", 0.8)
            if size
            else (Kind.OTHER, "has no paragraphs", 0.6)
        )
    numbers = features(reading)
    chance = 1 / (1 + exp(-trees.article(numbers)))
    if chance >= _least(numbers, signed=signed):
        return Kind.ARTICLE, "reads like an article", round(chance, 2)
    return *_other(numbers, said, size), round(1 - chance, 2)


ARTICLE_CHANCE, SHOWN_CHANCE, SIGNED_CHANCE, ALONE_CHANCE, TOLD_CHANCE = 0.45, 0.35, 0.25, 0.08, 0.05
"""A page at least this likely is an article; less is asked of one that shows a headline over a story, still less when an
author or a date is found, or when there is next to nothing else, and least of one that calls itself a dated article. A
story taken for a service page is lost, the other way round it can be filtered, so recall is worth some precision."""

ALONE_SHARE = 0.8
"""Share of the page's text from which a story stands nearly alone."""


def _least(numbers: list[float], *, signed: bool) -> float:
    """Return how likely an article the page must be to be called one."""
    if not _is_shown(numbers):
        return ARTICLE_CHANCE
    if _is_told(numbers):
        return TOLD_CHANCE
    if not signed:
        return SHOWN_CHANCE
    return ALONE_CHANCE if numbers[FEATURES.index("story_share")] >= ALONE_SHARE else SIGNED_CHANCE


SHOWN_CHARS = 200


def _is_shown(numbers: list[float]) -> bool:
    """Does the page show a headline over a story of its own, away from the front page, and call itself nothing else?"""
    said = dict(zip(FEATURES, numbers, strict=True))
    return bool(
        said["heading_known"]
        and said["story_chars"] > SHOWN_CHARS
        and said["story_pieces"] >= 2
        and not said["is_front"]
        and not said["other_data"]
    )


def _is_told(numbers: list[float]) -> bool:
    """Does the page call itself a dated article?"""
    said = dict(zip(FEATURES, numbers, strict=True))
    return bool((said["article_data"] or said["og_article"]) and said["published"])


_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])

SHELL_CHARS = 200
"""A page with less text than this, menu and all, has not been written yet by its scripts."""


def _other(numbers: list[float], said: frozenset[str], size: int) -> tuple[Kind, str]:
    if said & {"Product", "ProductGroup"}:
        return Kind.PRODUCT, "json-ld Product"
    if said & {"DiscussionForumPosting", "QAPage"}:
        return Kind.FORUM, "json-ld of a forum"
    if said & {"VideoObject"} and size < WALL_CHARS:
        return Kind.VIDEO, "json-ld VideoObject and little text"
    teasers, linked = numbers[FEATURES.index("teaser_headings")], numbers[FEATURES.index("link_share")]
    if teasers >= 3 or linked > 0.5 or said & {"CollectionPage", "ItemList"}:
        return Kind.LISTING, "is mostly links and other stories' headings"
    return Kind.REFERENCE, "does not read like an article"


def features(reading: Reading) -> list[float]:
    """Return the numbers of FEATURES."""
    document = reading.document
    pieces, chosen = document.pieces, reading.story.pieces
    texts = [piece.text for piece in pieces]
    total = sum(map(len, texts)) or 1
    sizes = [len(pieces[i].text) for i in chosen]
    size = sum(sizes)
    said = reading.types
    og = next(document.metas("og:type"), "").lower()
    parts = [part for part in urlsplit(reading.page.url).path.split("/") if part]
    last = parts[-1] if parts else ""
    headings = [piece for piece in pieces if document.tags[piece.node] in _HEADINGS]
    known = reading.metas
    doubt = sum([0.2 < chance < 0.8 for chance in reading.story.chances]) / (len(pieces) or 1)

    def standing(bits: int) -> float:
        return sum(
            n for i, n in zip(chosen, sizes, strict=True) if document.places[pieces[i].node] & bits
        ) / (size or 1)

    return [
        size, len(chosen), size / total, sum([piece.link_chars for piece in pieces]) / total, len(pieces), size / (len(chosen) or 1),
        bool(said & set(structured.ARTICLE_TYPES[:12])), bool(said & _OTHER_DATA), og == "article", og == "website",
        bool("article:published_time" in known or reading.data.get("datePublished")), bool("article:modified_time" in known),
        bool(reading.data.get("author") or "author" in known), len(parts), sum(c.isdigit() for c in last),
        last.count("-") + last.count("_"), not parts, len(headings), reading.heading >= 0, reading.first / (len(pieces) or 1),
        sum(1 for piece in headings if piece.link_chars > 0.8 * len(piece.text)), len(reading.foreign),
        sum(pieces[i].text.count(". ") + pieces[i].text.count("。") for i in chosen), standing(256), standing(128),
        sum(len(pieces[i].text) for i in chosen if document.tags[pieces[i].node] == "pre") / (size or 1), doubt,
        sum([len(text) < 40 and ("$" in text or "€" in text or "£" in text) for text in texts]),
        sum([text[-1:] == "?" for text in texts]), len(document.listed["time"]), len(document.listed["input"]),
        standing(1), max(-MOST_SIGNS, min(MOST_SIGNS, fsum(_SIGNS.get(one, 0.0) for one in signs(reading)))),
    ]  # fmt: skip


_WORD = re.compile(r"[a-z]+")


def signs(reading: Reading) -> set[str]:
    """Return the words by which the page says what it is: in its address, on its body element, in its metas and data."""
    document = reading.document
    path = urlsplit(reading.page.url.lower()).path
    found = {f"path {word}" for word in _WORD.findall(path.rpartition("/")[0])}
    found |= {f"slug {word}" for word in _WORD.findall(path.rpartition("/")[2])}
    if document.tags:
        found |= {f"body {word}" for word in _WORD.findall(document.class_of(0))}
    found |= {f"data {name}" for name in reading.types}
    found |= {f"og {content.lower()}" for content in document.metas("og:type")}
    found |= {f"title {word}" for word in _WORD.findall(document.title.lower())}
    return found
