"""Who may read the whole text, and what on the page says so.

In order of trust: Facebook's article:content_tier and the like, schema.org's isAccessibleForFree, an allowance that
is counted down, a label beside the headline, and text that stops at a wall.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from extractors.article import Access
from extractors.reading import Reading

_WALL = re.compile(
    r"paywall|subscribe-?wall|piano-?(?:offer|inline)|regwall|metered-?content|premium-?(?:wall|content-offer)|tp-modal|gateway-content|subscription-?(?:wall|required)|article-?(?:locked|barrier)|plus-?(?:paywall|teaser)|leaky_paywall"
)
_MAY_WALL = (
    "wall",
    "piano",
    "metered",
    "premium",
    "tp-modal",
    "gateway",
    "subscription",
    "locked",
    "barrier",
    "plus",
)
_STOPS = re.compile(
    r"(?:to (?:continue|keep) reading|continue reading (?:this|with|your)|subscribe (?:now )?to (?:continue|read (?:the|this|on)|unlock)|already a (?:paid )?subscriber|this (?:article|story|content|post) is (?:for|reserved for|available (?:only )?to|only for|exclusively for) (?:paid |paying |our )?(?:subscribers|members)|"
    r"subscribers only|unlock this (?:article|story)|sign in to continue|register to (?:continue|read)|jetzt (?:weiterlesen|abonnieren und)|weiterlesen mit|diesen artikel (?:weiterlesen|lesen)|lesen sie mit|nur für abonnent|exklusiv für abonnent|"
    r"pour lire la suite|réservée? (?:aux|à nos) abonnés|il vous reste [\d,]+ ?%|exclusivo para (?:suscriptores|assinantes)|para (?:seguir|continuar) (?:leyendo|lendo)|exclusiv[oa] (?:de|dos) assinantes|"
    r"per continuare a leggere|contenuto riservato|riservato agli abbonati|dalszy ciąg dostępny|aby czytać dalej|tylko dla prenumeratorów|lees verder met|alleen voor abonnees|läs vidare|bli (?:abonnent|prenumerant)|"
    r"только для подписчиков|чтобы читать дальше|この記事は有料|続きは|有料会員限定|会員限定|구독자 전용|仅限订阅|订阅后(?:继续|阅读))",
    re.IGNORECASE,
)
"""What a wall says."""
_STOP_WORDS = (
    "continue", "keep reading", "subscri", "unlock", "member", "register", "weiterlesen", "abonn", "lesen", "lire la suite",
    "il vous reste", "suscriptor", "assinante", "leyendo", "lendo", "leggere", "riservato", "dostępny", "czytać", "prenumera",
    "lees", "läs", "подписчик", "читать", "有料", "続きは", "会員", "구독", "订阅",
)  # fmt: skip
"""One of these is in every text that the pattern knows; asked before it, because it is slow."""
_LABEL = re.compile(
    r"\W*(?:premium|plus|paid|(?:for )?(?:subscribers?|members?)(?:[ -]only)?|exclusive to (?:subscribers|members)|nur für abonnent(?:en|innen und abonnenten)|abo|für abonnenten|exklusiv für abonnenten|(?:article )?réservé aux abonnés|abonnés|(?:solo|exclusivo) para suscriptores|solo para socios|para assinantes|(?:solo )?per abbonati|tylko dla prenumeratorów|voor abonnees|för prenumeranter|только для подписчиков|有料会員限定|会員限定|구독자 전용)\W*$",
    re.IGNORECASE,
)
_PAID = re.compile(r"premium|paid|subscri|member|abo(?:nn)?|plus|locked|exclusiv|pay|flag|badge|label|marker")
_LEFT = re.compile(
    r"\b\d+ (?:free )?(?:articles?|stories) (?:left|remaining)|noch \d+ (?:freie?|kostenlose) artikel|il vous reste \d+ articles?|te quedan \d+ artículos",
    re.IGNORECASE,
)
"""An allowance that is counted down."""

_TIERS = {
    "free": Access.FREE, "open": Access.FREE, "public": Access.FREE, "metered": Access.METERED, "metered-paywall": Access.METERED,
    "locked": Access.PAYWALLED, "premium": Access.PAYWALLED, "paid": Access.PAYWALLED, "subscriber": Access.PAYWALLED,
    "subscribers": Access.PAYWALLED, "subscription": Access.PAYWALLED, "hard": Access.PAYWALLED,
}  # fmt: skip
_TIER_METAS = ("article:content_tier", "og:article:content_tier", "content_tier", "article:access", "access")
_SAID = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

AFTER = 6
"""Pieces below the story: a wall follows the text at once; further down it is an advertisement."""
BESIDE = 4
"""Pieces above and below the headline that may be its label."""
LONGEST = 250
"""Characters of a wall's sentence; a longer one is the story's."""


def find(reading: Reading) -> tuple[Access, str | None, int]:
    """Return what the page says, the evidence for it, and the piece at which the text stops, -1 when it does not."""
    tier, evidence = _tier(reading)
    if tier is Access.FREE:
        return tier, evidence, -1
    index, stop = _wall(reading)
    if index >= 0:
        return Access.TRUNCATED, f"{evidence}; {stop}" if evidence else stop, index
    return tier or Access.UNKNOWN, evidence, -1


def _tier(reading: Reading) -> tuple[Access | None, str | None]:
    for name in _TIER_METAS:
        for content in reading.document.metas(name):
            tier = _TIERS.get(content.strip().lower())
            if tier:
                return tier, f"meta {name}={content.strip()}"
    free = next(_is_free(reading), None)
    if free is not None:
        return Access.FREE if free else Access.PAYWALLED, f"isAccessibleForFree={str(free).lower()}"
    left = _allowance(reading)
    if left:
        return Access.METERED, left
    label = _label(reading)
    return (Access.PAYWALLED, label) if label else (None, None)


def _is_free(reading: Reading) -> Iterator[bool]:
    """Yield what schema.org's property says: of the story, of a part of it, of the page."""
    for thing in (reading.data, *reading.document.data):
        parts = thing.get("hasPart")
        for one in (thing, *(parts if isinstance(parts, list) else [parts])):
            said = _truth(one.get("isAccessibleForFree")) if isinstance(one, dict) else None
            if said is not None:
                yield said
    for content in reading.document.metas("isaccessibleforfree"):
        said = _truth(content)
        if said is not None:
            yield said


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return _SAID.get(value.strip().lower().rsplit("/", 1)[-1])
    return value if isinstance(value, bool) else None


def _allowance(reading: Reading) -> str | None:
    pieces = reading.document.pieces
    for piece in pieces[max(0, reading.last + 1) : reading.last + 1 + AFTER]:
        text = piece.text
        if len(text) <= LONGEST and any(map(str.isdigit, text)) and _LEFT.search(text):
            return f"the page says “{piece.text[:80]}”"
    return None


def _label(reading: Reading) -> str | None:
    """Return the evidence of a label beside the headline: its words, in a box that is called a label or the like."""
    document = reading.document
    heading = reading.heading
    if heading < 0:
        return None
    for piece in document.pieces[max(0, heading - BESIDE) : heading + BESIDE + 1]:
        if len(piece.text) <= 60 and not piece.link_chars and _LABEL.match(piece.text):
            names = f"{reading.name(piece.nodes[0])} {reading.name(piece.node)}"
            if _PAID.search(names) or " " in piece.text.strip():
                return f"a label beside the headline says “{piece.text}”"
    return None


def _wall(reading: Reading) -> tuple[int, str]:
    """Return the piece at which the text stops, and the evidence; -1 when it does not."""
    pieces = reading.document.pieces
    last = reading.last
    if last < 0:
        return -1, ""
    for index in range(max(0, last - 1), min(len(pieces), last + AFTER)):
        piece = pieces[index]
        if len(piece.text) > LONGEST:
            continue
        if _may_stop(piece.text.lower()) and _STOPS.search(piece.text):
            return index, f"the text is followed by “{piece.text[:80]}”"
        if _in_wall(reading, piece.node):
            return index, f"the text is followed by a box called {reading.document.locator(piece.node)}"
    return -1, ""


def _may_stop(low: str) -> bool:
    return any(word in low for word in _STOP_WORDS)


def _in_wall(reading: Reading, node: int) -> bool:
    document = reading.document
    for _ in range(3):
        if node <= 0:
            break
        if _is_wall(document.heads[node]) and _WALL.search(reading.name(node)):
            return True
        node = document.parents[node]
    return False


@lru_cache(maxsize=20_000)
def _is_wall(head: str) -> bool:
    low = head.lower()
    return any(word in low for word in _MAY_WALL)
