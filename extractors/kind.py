"""What sort of page this is, before anyone calls it an article."""

import re

from extractors import structured
from extractors.article import Kind
from extractors.reading import Reading

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


def find(reading: Reading) -> tuple[Kind, str]:
    """Return the page's kind and what says so."""
    document = reading.document
    size = sum(len(document.pieces[i].text) for i in reading.story.pieces)
    title = reading.headline or document.title
    if size < WALL_CHARS:
        for text in (title, document.title):
            if text and _MISSING.match(text):
                return Kind.MISSING, f"is titled “{text[:60]}”"
            if text and _WALL.match(text):
                return Kind.WALL, f"is titled “{text[:60]}”"
    said = {kind for thing in document.data for kind in structured.types(thing)}
    if "LiveBlogPosting" in said:
        return Kind.LIVE, "json-ld LiveBlogPosting"
    if not document.pieces or (size < 200 and len("".join(p.text for p in document.pieces)) < 200):
        return Kind.SHELL, "has next to no text"
    return Kind.ARTICLE, "reads like one"
