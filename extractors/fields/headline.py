"""The headline: the heading that a reader sees, as told apart from the site's name and other stories' headings.

Headings, and what the head says, are judged against each other: a small model, trained on labelled pages, says
how likely each wording is the headline, from where it stands and who agrees with it.
"""

import re
from collections.abc import Iterator
from math import exp
from urllib.parse import unquote, urlsplit

from extractors import structured, wordings
from extractors.candidates import Candidate
from extractors.reading import Reading
from extractors.weights import headline_trees
from extractors.wordings import Wordings

FEATURES = (
    "told", "told_by_og", "told_by_twitter", "told_by_title", "cut", "cut_by_og", "cut_by_title", "cut_kind", "cut_chars",
    "level", "nth", "h1_count", "before_opening", "link_share", "part", "is_site", "chars", "in_slug",
    "share_of_longer", "longer", "shorter", "like_title", "like_og", "like_h1", "like_data", "offers", "h1_is_told",
    "after_h1", "index", "told_count", "first_told", "ending",
)  # fmt: skip
"""What the model looks at, for each wording. -1, -99 and -999 say that there is nothing to measure."""

_OG, _TWITTER, _TITLE = (
    1 << wordings.SOURCES.index(source)
    for source in (("meta", "og:title"), ("meta", "twitter:title"), ("title", "title"))
)


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield every wording of the page with the chance that it is the headline."""
    found = wordings.find(reading)
    for one, row in zip(found.all, features(reading, found), strict=True):
        chance = 1 / (1 + exp(-headline_trees.headline(row)))
        raw = one.raw if one.method != "page" else ""
        yield Candidate(one.text, one.method, one.locator, round(chance, 3), raw)


def features(reading: Reading, found: Wordings) -> list[list[float]]:
    """Return FEATURES of each wording, in their order."""
    document = reading.document
    words = [set(one.text.casefold().split()) for one in found.all]
    h1s = [i for i, one in enumerate(found.all) if one.level == 1 and not one.part]
    h1_is_told = float(any(found.all[i].whole or found.all[i].cut for i in h1s))
    h1_index = min((found.all[i].index for i in h1s), default=-1)
    h1_count = float(len(document.listed["h1"]))
    told = [one.key for one in found.all if one.whole]
    first_told = min(
        (one.index for one in found.all if one.index >= 0 and (one.whole or one.cut)), default=-1
    )
    title, og, data = (
        set(text.casefold().split())
        for text in (
            document.title,
            next(document.metas("og:title"), ""),
            structured.text(reading.data.get("headline")),
        )
    )
    slug = _slug(reading.page.url)
    host = wordings.host_name(reading.page.url)
    rows = []
    for one, mine in zip(found.all, words, strict=True):
        key, index = one.key, one.index
        longer = [len(other) for other in told if key in other and key != other]
        piece = document.pieces[index] if index >= 0 else None
        rows.append([
            one.whole.bit_count(), bool(one.whole & _OG), bool(one.whole & _TWITTER), bool(one.whole & _TITLE),
            one.cut.bit_count(), bool(one.cut & _OG), bool(one.cut & _TITLE), one.cut_kind, one.cut_chars,
            one.level, one.nth, h1_count,
            max(-60, min(60, found.opening - index)) if piece and found.opening >= 0 else -99,
            piece.link_chars / len(piece.text) if piece else -1,
            one.part, (key in reading.site_names) + 2 * (len(host) > 2 and key == host),
            len(one.text), sum(word in key for word in slug) / len(slug) if slug else -1,
            len(key) / max(longer) if longer else 1, len(longer), sum(other.key in key for other in found.all) - 1,
            _likeness(mine, title), _likeness(mine, og), max((_likeness(mine, words[i]) for i in h1s), default=-1),
            _likeness(mine, data), wordings.offers(reading, one), h1_is_told,
            index - h1_index if h1_index >= 0 and piece else -999, index, len(told), index == first_told,
            "?!.…:".find(one.text[-1]) + 1,
        ])  # fmt: skip
    return rows


def _likeness(one: set[str], other: set[str]) -> float:
    """Return the share of words that both have, -1 when one has none."""
    return len(one & other) / len(one | other) if one and other else -1.0


def _slug(url: str) -> list[str]:
    """Return the words of the address's wordiest part."""
    path = unquote(urlsplit(url).path).casefold()
    wordiest = max(path.split("/"), key=lambda part: part.count("-") + part.count("_"))
    return re.findall(r"[^\W_]{3,}", wordiest)
