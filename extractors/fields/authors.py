"""Who wrote it: people, each once, in the order of the byline. Roles, desks, agencies and dates are split off.

Better none than a wrong one: a name that is the publication's own, a department, an address or a sentence
is no person. What stands on the page is read only where the head names nobody, near the headline first.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from extractors import moments, structured
from extractors.candidates import Candidate
from extractors.document import Piece
from extractors.reading import Reading, squash

_LEAD = re.compile(
    r"^\W*(?:(?:written|posted|reported|reporting|published|created|submitted|story|text|texte|words|interview|analysis|"
    r"analyse|article|opinion|comment|geschrieben|verfasst|veröffentlicht|eingestellt|gepostet|erstellt|publié|écrit|"
    r"escrito|publicado|scritto|pubblicato|geplaatst|geschreven|napisał|ein (?:artikel|beitrag|kommentar|gastbeitrag)|"
    r"eine analyse|un article|un artículo)?\s*\b(?:by|von|par|por|av|af|di|da|door|od|przez|από|tarafından)\b"
    r"|(?:autor(?:/?:?\*?in(?:nen)?|en|es|ka|zy|i)?|authors?|auteurs?|autori?|autore|verfasser(?:in)?|text|texte|words|"
    r"tekst|interview|автор|текст|συντάκτης|yazar|writer|redakteur(?:in)?|reporter|byline|από)\b\s*:?"
    r"|(?:作者|記者|记者|编辑|責任編輯|글|기자)\s*[:：]?)\s*:?\s*",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"(?:(?:medically |clinically |expert |technically )?(?:reviewed|fact[- ]?checked|edited|translated|photograph\w*|"
    r"illustrat\w+|updated|verified)(?: by)?|(?:photos?|fotos?|bild(?:er)?|images?|illustration|übersetzung|traduction|"
    r"traducción|zdjęcia|video|grafik|quelle|source|credit)\s*(?:by|von|:))\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""Those who checked, translated, drew or photographed have not written it."""

_SPLIT = re.compile(
    r"\s*[;·、，/]\s+|\s*[;、，]\s*|\s+(?:&|and|und|et|og|och|en|y|e|i|и|και|ve|with|mit)\s+(?=[^\W\d_a-z])|\s+[&/]\s+"
)
_SEGMENT = re.compile(r"\s*[|•∙●‧│\n\t]\s*|\s+[–—-]\s+")
_TITLES = re.compile(
    r"^(?:ph\.?\s?d|m\.?\s?d|jr|sr|i{1,3}|iv|esq|msc|bsc|psy\.?d|dpa|afp|ap|reuters|[A-Z][A-Z.\-]{1,6}[®*]*)\.?\**$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|columnist|producer|journalist|contributor|staff|team|desk|director|professor|"
    r"manager|analyst|fellow|president|founder|ceo|specialist|coordinator|expert|consultant|redakteur(?:in)?|"
    r"korrespondent(?:in)?|redactor|periodista|rédact\w+|journaliste|redaktor\w*|giornalista|corresponsal|dziennikarz|"
    r"muhabir|reporterin|chefredakteur\w*|volontär\w*|head of|author at)\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"^(?:admin(?:istrator)?|editors?|editorial|staff|redaktion|redaction|rédaction|la rédaction|redacción|redazione|"
    r"news ?desk|guest|anonymous|anónimo|anonym|unknown|undefined|no author|webmaster|web ?desk|press release|newsroom|"
    r"authors?|contributor|user|root|team|null|none|n/?a|wire|agenc\w+|online|desk|afp|ap|dpa|reuters|"
    r"(?:the )?associated press|agence france-presse|pa media|efe|ansa|tass|xinhua|pap|anp|ntb|tt|apa|sda|redaktionen|"
    r"redakcja|toimitus|redactie|wordpress|gast|gastautor(?:in)?|info|facebook|twitter|posts|bio|contact|follow|share|"
    r"email|print|comments?|subscribe|about|home|news|autoreninformation|and|und|et|y|e|in|on|am|le|at|by|from|paid|publisher|super ?user|uhr|sagt|says|photos?|"
    r"(?:view|see|read|show|all|more|full|last|advertiser|updated|published|posted|written|filed|tags?|categor\w+|"
    r"abgelegt|stand|min|minutes?|reading|lesezeit|sponsored|advertisement|follow|listen|watch|über|zur|alle|kategorie)\b.*)$",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"\b(?:staff|newsroom|desk|editors|editorial|redaktion|redaction|rédaction|redacción|redazione|redakcja|redactie|team|"
    r"agency|agencies|agentur(?:en)?|agencias|bureau|network|media|magazine|press|gmbh|ag|eg|ltd|inc|llc|news|online|verlag|"
    r"blog|community|company|foundation|institute|university|universität|association|institut|department|service|services|"
    r"group|club|verein|society|center|centre|committee|council|ministry|official|today|daily|post|times|journal|zeitung|"
    r"tv|radio|wire|kitchens?|bundes\w+|\w*verband|partei|feuerwehr|sekretariat|abteilung|gemeinde|university|shutterstock|getty|images|wikimedia|commons)\b|\.(?:com|de|org|net|at|ch)\b",
    re.IGNORECASE,
)
_CLUTTER = re.compile(r"\S+@\S+|https?://\S+|(?<!\w)@\w+|\([^)]*\)?|\[[^\]]*\]|(?:\d{1,2}[:.h]\d{2}\b.*$)")
_WEEKDAY = re.compile(
    r"(?:\b(?:am|on|le|el|il|den|um|w|dnia|vom|posted on|updated on)\s+)?\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"(?:mon|dien|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|"
    r"miércoles|jueves|viernes|sábado|domingo|(?:mon|tue|wed|thu|fri|sat|sun)(?=[,.]))\b[,.]?",
    re.IGNORECASE,
)
_ON = re.compile(r"\s+(?:on|am|le|el|il|den|dnia|vom|w|in|at)\s*$", re.IGNORECASE)
_BYLINE = re.compile(
    r"byline|by-line|author(?!iz)|autor|auteur|verfasser|writer|reporter|contributor|posted-?by|journalist|redakteur|(?:^|[\s_-])(?:byl|fn|vcard|h-card|firma|creator|written)(?:$|[\s_-])"
)
_NOT_BYLINE = re.compile(
    r"comment|bio|about|avatar|image|photo|social|related|share|follow|more|description|info-box|twitter|foto|caption|"
    r"credit|recommend|sidebar|footer|role|job|position|title|newsletter|disclos"
)
_PARTICLES = frozenset(
    "van von de der den del della di da dos das du des le la les el al bin ibn ben y e ter ten te zu zum zur af av und i und".split()
)
_METAS = (
    ("citation_author", 0.94), ("byl", 0.93), ("sailthru.author", 0.93), ("parsely-author", 0.92), ("cxenseparse:author", 0.92),
    ("article:author_name", 0.88), ("article:author", 0.87), ("dc.creator", 0.52), ("author", 0.81), ("dc.author", 0.8),
    ("vr:author", 0.8), ("shareaholic:article_author_name", 0.8), ("dcterms.creator", 0.3), ("creator", 0.6),
)  # fmt: skip
MAX_NAMES = 12
BYLINE_CHARS = 160
"""A line longer than this is prose: the longest labelled byline with four authors has 140."""
DEEP = 3
"""How many elements around a text are asked for the name of a byline."""


def candidates(reading: Reading) -> Iterator[Candidate]:
    """Yield tuples of names: structured data, metas, links to authors, bylines, each cleaned."""
    best = 0.0
    for candidate in _told(reading):
        best = max(best, candidate.confidence)
        yield candidate
    if best < 0.9:
        yield from _seen(reading)


def _told(reading: Reading) -> Iterator[Candidate]:
    for key, confidence in (("author", 0.91), ("creator", 0.6)):
        people = list(_people(reading.data.get(key)))
        if people:
            yield _candidate(reading, people, "json-ld", key, confidence)
    for name, confidence in _METAS:
        contents = [content for content in reading.document.metas(name) if "//" not in content]
        if contents:
            yield _candidate(reading, contents, "meta", name, confidence)
    if _written_by(reading):
        yield _candidate(
            reading, list(reading.document.metas("twitter:data1"))[:1], "meta", "twitter:data1", 0.75
        )


def _written_by(reading: Reading) -> bool:
    label = next(reading.document.metas("twitter:label1"), "").lower()
    return label.startswith(
        ("written", "verfasst", "écrit", "escrito", "geschr", "scritto", "napisane", "par", "by", "автор")
    )


def _people(value: Any) -> Iterator[str]:
    """Yield the names of persons; what calls itself an organisation is none."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and isinstance(one.get("name"), list):
            yield from structured.texts(one["name"])
            continue
        name = structured.text(one)
        if name and not (
            isinstance(one, dict) and any(kind.endswith("Organization") for kind in structured.types(one))
        ):
            yield name


def _seen(reading: Reading) -> Iterator[Candidate]:
    """Yield names that stand where bylines stand: marked by rel, itemprop or class, or led in by 'By'."""
    pieces = reading.document.pieces
    heading = reading.heading if reading.heading >= 0 else max(0, reading.first - 10)
    near = range(max(0, heading - 6), min(len(pieces), max(min(reading.first, heading + 12), heading) + 6))
    after = range(reading.last + 1, min(len(pieces), reading.last + 8)) if reading.last >= 0 else range(0)
    inside = frozenset(reading.story.pieces[1:])
    groups: dict[tuple[str, float], list[str]] = {}
    for index in (*near, *after):
        piece = pieces[index]
        if len(piece.text) > BYLINE_CHARS or index == reading.heading:
            continue
        weight = 0.0 if index in near else -0.14
        for text, locator, confidence in _names_in(reading, piece):
            if locator == "class byline" and weight:
                continue
            groups.setdefault((locator, round(confidence + weight, 3)), []).append(text)
        if index not in inside and len(piece.text) < 120 and _LEAD.match(piece.text):
            line = _line(piece)
            if not any(split(line)) and index + 1 < len(pieces) and len(pieces[index + 1].text) < 60:
                line = f"by {_line(pieces[index + 1])}"
            groups.setdefault(("text after 'by'", round(0.82 + weight, 3)), []).append(line)
    for (locator, confidence), found in groups.items():
        yield _candidate(reading, found, "page", locator, confidence)


def _line(piece: Piece) -> str:
    """Return the text with a bar between elements, save between the single words of one name."""
    runs: list[tuple[int, str]] = []
    for part, at in zip(piece.parts, piece.nodes, strict=True):
        if at < 0:
            continue
        text = " ".join(part.split())
        if runs and runs[-1][0] == at:
            runs[-1] = (at, f"{runs[-1][1]} {text}")
        else:
            runs.append((at, text))
    line = ""
    last = ""
    for _, text in runs:
        single = " " not in text and " " not in last and text[:1].isupper() and last[:1].isupper()
        line += text if not line else f" {text}" if single or _joins(text) or _joins(last) else f" | {text}"
        last = text
    return line


def _joins(text: str) -> bool:
    return text.strip().lower() in (
        "and",
        "&",
        ",",
        "und",
        "et",
        "y",
        "e",
        "i",
        ", and",
        "og",
        "och",
        "en",
        "by",
        "von",
        "par",
        "por",
        ";",
    )


def _names_in(reading: Reading, piece: Piece) -> Iterator[tuple[str, str, float]]:
    document = reading.document
    whole = False
    for node in dict.fromkeys(one for one in piece.nodes if one >= 0):
        for depth, outer in enumerate(document.ancestors(node)):
            if depth > DEEP:
                break
            attributes = document.attributes(outer)
            if not attributes:
                continue
            link = attributes.get("href") or ""
            if attributes.get("itemprop") == "author" or "author" in (attributes.get("rel") or "").split():
                yield _own(piece, node), "rel or itemprop author", 0.87
                break
            if "/author/" in link or "/autor/" in link or "/authors/" in link or "/auteur/" in link:
                yield _own(piece, node), "link to author page", 0.86
                break
            name = reading.name(outer)
            if (
                name
                and not whole
                and _BYLINE.search(name)
                and not _NOT_BYLINE.search(name.replace("social-author__name", ""))
            ):
                whole = True
                yield _line(piece), "class byline", 0.74 if depth < 2 else 0.6
                break


def _own(piece: Piece, node: int) -> str:
    return "".join(part for part, at in zip(piece.parts, piece.nodes, strict=True) if at == node)


def _candidate(
    reading: Reading, found: Iterable[str], method: str, locator: str, confidence: float
) -> Candidate:
    raw = "; ".join(" ".join(one.split()) for one in found)
    names = clean(found, reading.site_names, strict=method == "page")
    return Candidate(names, method, locator, confidence if names else 0.0, raw)


def clean(
    found: Iterable[str], site_names: frozenset[str] = frozenset(), *, strict: bool = False
) -> tuple[str, ...]:
    """Return the people named in bylines: each once, first spelling kept.

    A single word that is the site's name is the site; two or more are a person who named the site for themself.
    ``strict``: every word must look like a name's, as page text holds more than names.
    """
    names: dict[str, str] = {}
    for line in found:
        for part in split(line):
            name = person(part)
            key = squash(name) if name else ""
            if not name or key in names or (key in site_names and not _solo(name)):
                continue
            if not strict or looks_named(name):
                names[key] = name
    return tuple(names.values())[:MAX_NAMES]


def _solo(name: str) -> bool:
    """May a publication of this name be one person's? Two words or more, and no article in front."""
    first, *rest = name.lower().split()
    return bool(rest) and first not in (
        "the",
        "die",
        "der",
        "das",
        "la",
        "le",
        "el",
        "il",
        "los",
        "les",
        "l'",
        "de",
        "het",
    )


def looks_named(name: str) -> bool:
    """Does each word begin with a capital, or belong to a script without them, or is it a particle?"""
    words = name.split()
    return all(not word[0].islower() or word in _PARTICLES for word in words) or len(words) == 1


def split(line: str) -> Iterator[str]:
    """Yield the parts of a byline that may be a name each. Where one part begins with 'by', only those count."""
    line = _undated(structured.text(line))
    segments = [_OTHERS.sub("", segment).strip() for segment in _SEGMENT.split(line)]
    segments = [segment for segment in segments if segment]
    led = [i for i, segment in enumerate(segments) if _LEAD.match(segment)]
    for at, segment in enumerate(segments):
        own = _unled(segment)
        if led and not (at in led or (at - 1 in led and not _unled(segments[at - 1]))):
            continue
        yield from _names_of(own)


def _unled(line: str) -> str:
    while True:
        shorter = _LEAD.sub("", line, count=1)
        if shorter == line:
            return line
        line = shorter


def _undated(line: str) -> str:
    """Return the line with a bar for each date, so that names stand free of it."""
    line = _WEEKDAY.sub(" | ", line)
    return moments.without_dates(line, " | ") if any(c.isdigit() for c in line) else line


def _names_of(segment: str) -> Iterator[str]:
    for part in _SPLIT.split(_ON.sub("", segment)):
        bits = [bit.strip() for bit in part.split(",") if bit.strip()]
        if (
            len(bits) == 2
            and len(bits[0].split()) == 1
            and not _TITLES.match(bits[1])
            and len(bits[1].split()) == 1
        ):
            yield f"{bits[1]} {bits[0]}"
            continue
        if bits and _DESK.search(bits[0]):
            continue
        full = any(" " in bit for bit in bits)
        for bit in bits:
            if not (full and len(bits) > 1 and (" " not in bit or _TITLES.match(bit))):
                yield bit


def person(part: str) -> str | None:
    """Return the name, tidied, or None for a desk, a role, an address or a sentence."""
    name = " ".join(_unled(_CLUTTER.sub(" ", part)).split()).strip(" .,-–—:/|*•·∙\"'“”»«")
    if ":" in name:
        name = name.rsplit(":", 1)[1].strip()
    if not name or any(c.isdigit() for c in name) or len(name) > 50 or len(name.split()) > 6:
        return None
    if _NOBODY.match(name) or _DESK.search(name) or _ROLE.search(name):
        return None
    if name.islower() and len(name.split()) > 3:
        return None
    if len(name) < 2 or not any(c.isalpha() for c in name) or any(c in "?!<>{}=_%©" for c in name):
        return None
    return name
