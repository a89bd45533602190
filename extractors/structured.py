"""What the page says about itself in JSON-LD: the object that describes the story.

Names are schema.org's (https://schema.org/NewsArticle). Publishers write each property as a string, an object,
a list of either, or a reference; these functions read all of them.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from extractors.document import Document

ARTICLE_TYPES = (
    "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BackgroundNewsArticle",
    "ReviewNewsArticle", "AskPublicNewsArticle", "LiveBlogPosting", "Article", "BlogPosting", "TechArticle",
    "ScholarlyArticle", "Report", "SatiricalArticle", "AdvertiserContentArticle", "SocialMediaPosting", "Recipe",
    "Review", "CreativeWork", "DiscussionForumPosting",
)  # fmt: skip


def types(thing: dict[str, Any]) -> tuple[str, ...]:
    """Return the object's types without their vocabulary's address."""
    value = thing.get("@type")
    values = value if isinstance(value, list) else [value]
    return tuple(one.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for one in values if isinstance(one, str))


def article_of(document: Document) -> dict[str, Any]:
    """Return the JSON-LD object that describes the story, empty when there is none.

    Of several the best type wins; of one type the first with most of headline, date, author and body.
    """
    best: dict[str, Any] = {}
    best_rank = 0.0
    for thing in document.data:
        rank = max(
            (len(ARTICLE_TYPES) - ARTICLE_TYPES.index(t) for t in types(thing) if t in ARTICLE_TYPES),
            default=0,
        )
        if not rank:
            continue
        weight = rank / len(ARTICLE_TYPES) + sum(
            bool(thing.get(key)) for key in ("headline", "datePublished", "author", "articleBody")
        )
        if weight > best_rank:
            best, best_rank = thing, weight
    return best


def text(value: Any) -> str:
    """Return a property as one line of text, empty when it has none."""
    if isinstance(value, str):
        line = " ".join(value.split())
        return _unescaped(_unescaped(line)) if "&" in line else line
    if isinstance(value, dict):
        return text(value.get("@value") or value.get("name") or value.get("text") or "")
    if isinstance(value, list):
        return next((found for found in map(text, value) if found), "")
    return ""


_TOO_LONG = re.compile(r"&#\d{8,}")


def _unescaped(line: str) -> str:
    """Return the line with its character references read. Numbers that no character has stay as they are: Python
    refuses to read the longest."""
    return line if _TOO_LONG.search(line) else unescape(line)


def texts(value: Any) -> Iterator[str]:
    """Yield every text of a property."""
    for one in value if isinstance(value, list) else [value]:
        found = text(one)
        if found:
            yield found


def url(value: Any) -> str:
    """Return a property's address, empty when it has none."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict):
        return url(value.get("url") or value.get("contentUrl") or value.get("@id") or "")
    if isinstance(value, list):
        return next((found for found in map(url, value) if found), "")
    return ""
