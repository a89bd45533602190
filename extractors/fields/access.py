"""Who may read the whole text, and what on the page says so.

schema.org's isAccessibleForFree, Facebook's article:content_tier, paywall elements, and text that stops at a wall.
"""

import re

from extractors.article import Access
from extractors.reading import Reading

_WALL = re.compile(
    r"paywall|subscribe-?wall|piano-?(?:offer|inline)|regwall|metered-?content|premium-?(?:wall|content-offer)|tp-modal|gateway-content|subscription-?(?:wall|required)|article-?(?:locked|barrier)|plus-?(?:paywall|teaser)|leaky_paywall"
)
_STOPS = re.compile(
    r"(?:to (?:continue|keep) reading|continue reading (?:this|with|your)|subscribe (?:now )?to (?:continue|read|unlock)|already a subscriber|this (?:article|story|content|post) is (?:for|reserved for|available (?:only )?to|only for) (?:paid |paying |our )?(?:subscribers|members)|"
    r"subscribers only|unlock this article|sign in to continue|register to (?:continue|read)|jetzt (?:weiterlesen|abonnieren)|weiterlesen mit|diesen artikel (?:weiterlesen|lesen)|lesen sie mit|nur für abonnenten|pour lire la suite|réservé aux abonnés|il vous reste [\d,]+ ?%|"
    r"contenido exclusivo para suscriptores|para seguir leyendo|per continuare a leggere|contenuto riservato|dalszy ciąg dostępny|aby czytać dalej|lees verder met|alleen voor abonnees|この記事は有料|続きは|会員限定|läs vidare|bli abonnent)",
    re.IGNORECASE,
)
_TIERS = {
    "free": Access.FREE,
    "metered": Access.METERED,
    "locked": Access.PAYWALLED,
    "premium": Access.PAYWALLED,
}


def find(reading: Reading) -> tuple[Access, str | None]:
    """Return what the page says and the evidence for it."""
    stop = _stop(reading)
    for name in ("article:content_tier", "og:article:content_tier", "content_tier"):
        for content in reading.document.metas(name):
            tier = _TIERS.get(content.strip().lower())
            if tier:
                return _cut(tier, f"meta {name}={content.strip()}", stop)
    free = _is_free(reading)
    if free is not None:
        tier = Access.FREE if free else Access.PAYWALLED
        return _cut(tier, f"json-ld isAccessibleForFree={str(free).lower()}", stop)
    if stop:
        return Access.TRUNCATED, stop
    return Access.UNKNOWN, None


def _cut(tier: Access, evidence: str, stop: str | None) -> tuple[Access, str]:
    if stop and tier is not Access.FREE:
        return Access.TRUNCATED, f"{evidence}; {stop}"
    return tier, evidence


def _is_free(reading: Reading) -> bool | None:
    value = reading.data.get("isAccessibleForFree")
    if value is None:
        for part in (
            reading.data.get("hasPart") or []
            if isinstance(reading.data.get("hasPart"), list)
            else [reading.data.get("hasPart")]
        ):
            if isinstance(part, dict) and "isAccessibleForFree" in part:
                value = part["isAccessibleForFree"]
                break
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in (
        "true",
        "false",
        "yes",
        "no",
        "http://schema.org/true",
        "http://schema.org/false",
    ):
        return value.strip().lower().rsplit("/", 1)[-1] in ("true", "yes")
    return None


_AFTER = 6
"""A wall follows the text at once; further down it is an advertisement."""


def _stop(reading: Reading) -> str | None:
    pieces = reading.document.pieces
    last = reading.last
    for index in range(max(0, last - 1), min(len(pieces), last + _AFTER)):
        piece = pieces[index]
        if len(piece.text) > 250:
            continue
        found = _STOPS.search(piece.text)
        if found:
            return f"the text is followed by “{piece.text[:80]}”"
        if any(
            _WALL.search(reading.name(node))
            for depth, node in enumerate(reading.document.ancestors(piece.node))
            if depth < 3
        ):
            return f"the text is followed by a box called {reading.document.locator(piece.node)}"
    return None
