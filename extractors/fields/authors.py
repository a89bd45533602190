"""Who wrote it: people, each once, in the order of the byline. Roles, desks, agencies and dates are split off.

Better none than a wrong one: a name that is the publication's own, a department, an address or a sentence
is no person.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from extractors import structured
from extractors.candidates import Candidate
from extractors.reading import Reading, squash

_LEAD = re.compile(
    r"^\W*(?:(?:(?:written|posted|reported|reporting|story|text|texte|words|interview|analysis|analyse|created|published|article|"
    r"opinion|comment|medically reviewed|review|posting|eingestellt|verfasst|veröffentlicht|geschrieben|publié|escrito|publicado|scritto|napisał|geplaatst|ein artikel|ein beitrag|eine analyse|ein kommentar|ein gastbeitrag|interview)\s+(?:by|von|par|por|da|di|door|durch)\b"
    r"|by|von|par|por|av|door|autor(?:in|en|es|zy)?|author|authors|auteur|autore|text|texte|words|redaktion|tekst|foto|автор|συντάκτης|作者|記者|编辑|責任編輯|yazar|from)\b\s*:?\s*)",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:;|\||•|·|、|，|\n|\t)\s*|\s+(?:&|/|and|und|et|og|och|en|y|e|i|и|και|ve|with|mit)\s+(?=[^\W\d_a-z])|\s+(?:&|/)\s+")
_TITLES = re.compile(
    r"^(?:ph\.?\s?d|m\.?\s?d|jr|sr|i{1,3}|iv|esq|mba|rn|rd|rdn|lcsw|msw|cfp|cpa|msc|m\.?s|ma|bsc|dds|dpa|afp|ap|reuters|m\.?p\.?h|psy\.?d|j\.?d|faap|facp)\.?$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|columnist|producer|journalist|contributor|staff|team|desk|director|professor|"
    r"manager|analyst|fellow|president|founder|ceo|specialist|redakteur(?:in)?|korrespondent(?:in)?|redactor|periodista|rédact\w+|journaliste|redaktor\w*|giornalista|corresponsal|dziennikarz|muhabir|reporterin|chefredakteur\w*|volontär\w*|head of|author at)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"^(?:admin(?:istrator)?|editor(?:ial|s)?|staff|redaktion|redaction|rédaction|la rédaction|redacción|redacción \w+|redazione|news ?desk|guest|anonymous|unknown|webmaster|web ?desk|"
    r"press release|newsroom|author|authors|contributor|user|root|team|null|none|n/?a|wire|agenc\w+|online|desk|afp|ap|dpa|reuters|associated press|the associated press|"
    r"agence france-presse|pa media|efe|ansa|tass|xinhua|pap|anp|ntb|tt|apa|sda|redaktionen|redakcja|toimitus|redactie|editorial (?:staff|team|board)|staff (?:writer|reporter|report)s?|"
    r"wordpress|gast|gastautor(?:in)?|info|facebook|twitter|posts|all posts|view all posts|see bio|bio|contact|follow|share|email|print|comments?|subscribe|read more|more|about|home|news)$",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"\b(?:staff|newsroom|desk|editors|editorial|redaktion|redaction|rédaction|redacción|redazione|redakcja|redactie|team|agency|agencies|agentur(?:en)?|agencias|bureau|network|media|magazine|press|"
    r"gmbh|ltd|inc|llc|news|online|verlag|blog|community|company|foundation|institute|university|universität|association|institut|department|service|services|group|club|verein|society|center|centre|committee|council|ministry|official|today|daily|post|times|journal|zeitung|tv|radio|wire|\.com|\.de|\.org|\.net)\b",
    re.IGNORECASE,
)
_CLUTTER = re.compile(r"\S+@\S+|https?://\S+|@\w+|\([^)]*\)|\[[^\]]*\]|\d{1,2}:\d{2}.*$|\b\d{4}\b.*$")
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:by-?line|authors?|post-?author|author-?name|article-?author|entry-?author|autor(?:en|es|in)?|auteurs?|writer|reporter|contributor|creator|verfasser|firma|signature|"
    r"story-?meta|byl|fn|vcard|social-author__name|autore|journalist|redakteur|byline__\w+|c-byline\w*|article__author\w*|authored-by|author-link|author_name|authorname|p-author|h-card|posted-by|postedby)(?:$|[\s_-])|byline|author(?!iz)"
)
_NOT_BYLINE = re.compile(r"comment|bio|about|avatar|image|photo|social|related|date|time|share|follow|more|description|info-box|twitter|foto|caption|credit|recommend|sidebar|widget(?!__)|footer|box__text|role|job|position|title")
MAX_NAMES = 12


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield tuples of names: structured data, metas, links to authors, bylines, each cleaned."""
    yield from _told(reading)
    yield from _seen(reading)


def _told(reading: Reading) -> Iterator[Candidate]:
    for key in ("author", "creator"):
        people = list(_people(reading, reading.data.get(key)))
        if people:
            yield _candidate(reading, people, "json-ld", key, 0.93 if key == "author" else 0.6)
    for name, confidence in (("byl", 0.9), ("article:author_name", 0.88), ("parsely-author", 0.88), ("sailthru.author", 0.88), ("citation_author", 0.95), ("author", 0.8),
                             ("dc.creator", 0.85), ("dcterms.creator", 0.8), ("article:author", 0.8), ("cxenseparse:author", 0.85), ("dc.author", 0.8), ("creator", 0.6), ("vr:author", 0.8), ("shareaholic:article_author_name", 0.7), ("twitter:data1", 0.66)):  # fmt: skip
        contents = [content for content in reading.document.metas(name) if "//" not in content]
        if name == "twitter:data1" and not _written_by(reading):
            continue
        if contents:
            yield _candidate(reading, contents, "meta", name, confidence)
    titles = [attributes.get("title") or "" for rel, attributes in reading.document.linked if rel == "author"]
    if any(titles):
        yield _candidate(reading, titles, "meta", "link rel=author", 0.7)


def _written_by(reading: Reading) -> bool:
    label = next(reading.document.metas("twitter:label1"), "").lower()
    return label.startswith(("written", "verfasst", "écrit", "escrito", "geschr", "scritto", "napisane", "par", "by", "автор"))


def _people(reading: Reading, value: Any) -> Iterator[str]:
    """Yield the names of persons; what calls itself an organisation is none, unless its name looks like one's."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and isinstance(one.get("name"), list):
            yield from structured.texts(one["name"])
            continue
        name = structured.text(one)
        if not name:
            continue
        if isinstance(one, dict) and any(kind.endswith("Organization") for kind in structured.types(one)):
            continue
        yield name


def _seen(reading: Reading) -> Iterator[Candidate]:
    """Yield names that stand where bylines stand: marked by rel, itemprop or class, or led in by 'By'."""
    document = reading.document
    pieces = document.pieces
    heading = reading.heading if reading.heading >= 0 else max(0, reading.first - 10)
    near = range(max(0, heading - 6), min(len(pieces), max(reading.first, heading) + 6))
    after = range(reading.last + 1, min(len(pieces), reading.last + 8)) if reading.last >= 0 else range(0)
    groups: dict[tuple[str, float], list[str]] = {}
    for index in (*near, *after):
        piece = pieces[index]
        if len(piece.text) > 200:
            continue
        weight = 0.0 if index in near else -0.14
        for name, locator, confidence in _names_in(reading, piece):
            groups.setdefault((locator, round(confidence + weight, 3)), []).append(name)
        led = _LEAD.match(piece.text)
        if led and len(piece.text) < 120 and index not in reading.story.pieces[1:]:
            groups.setdefault(("text after 'by'", round(0.72 + weight, 3)), []).append(piece.text)
    for (locator, confidence), found in groups.items():
        yield _candidate(reading, found, "page", locator, confidence)


def _names_in(reading: Reading, piece: Any) -> Iterator[tuple[str, str, float]]:
    document = reading.document
    for node in dict.fromkeys(one for one in piece.nodes if one >= 0):
        text = None
        for depth, outer in enumerate(document.ancestors(node)):
            if depth > 3:
                break
            attributes = document.attributes(outer)
            if attributes.get("itemprop") == "author" or "author" in (attributes.get("rel") or "").split():
                text = "".join(part for part, at in zip(piece.parts, piece.nodes, strict=True) if at == node)
                yield text, "rel or itemprop author", 0.86
                break
            name = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('itemprop') or ''}".lower()
            if "/author/" in (attributes.get("href") or "") or "/autor/" in (attributes.get("href") or ""):
                text = "".join(part for part, at in zip(piece.parts, piece.nodes, strict=True) if at == node)
                yield text, "link to author page", 0.8
                break
            if _BYLINE.search(name) and not _NOT_BYLINE.search(name):
                yield piece.text, "class byline", 0.76 if depth < 2 else 0.68
                break


def _candidate(reading: Reading, found: Iterable[str], method: str, locator: str, confidence: float) -> Candidate:
    raw = "; ".join(" ".join(one.split()) for one in found)
    names = clean(found, reading.site_names)
    if not names:
        confidence = 0.0
    return Candidate(names, method, locator, confidence, raw)


def clean(found: Iterable[str], site_names: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the people named in bylines: each once, first spelling kept."""
    names: dict[str, str] = {}
    for line in found:
        for part in split(line):
            name = person(part)
            key = squash(name) if name else ""
            if name and key not in names and key not in site_names:
                names[key] = name
    return tuple(names.values())[:MAX_NAMES]


def split(line: str) -> Iterator[str]:
    """Yield the parts of a byline that may be a name each."""
    line = structured.text(line)
    while True:
        shorter = _LEAD.sub("", line)
        if shorter == line:
            break
        line = shorter
    for part in _SPLIT.split(line):
        bits = [bit.strip() for bit in part.split(",") if bit.strip() and not _TITLES.match(bit.strip())]
        if len(bits) == 2 and all(len(bit.split()) == 1 for bit in bits):
            yield f"{bits[1]} {bits[0]}"
        else:
            yield from bits


def person(part: str) -> str | None:
    """Return the name, tidied, or None for a desk, a role, an address or a sentence."""
    name = _CLUTTER.sub(" ", part)
    name = " ".join(_LEAD.sub("", name).split()).strip(" .,-–—:/|*•·\"'“”")
    if not name or any(c.isdigit() for c in name) or len(name) > 50 or len(name.split()) > 6:
        return None
    if _NOBODY.match(name) or _DESK.search(name) or _ROLE.search(name):
        return None
    if name.islower() and len(name.split()) > 3:
        return None
    if len(name) < 2 or not any(c.isalpha() for c in name) or any(c in "?!<>{}=_%©" for c in name):
        return None
    return name
