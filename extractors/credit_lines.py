"""Who made the pictures: role, text as printed without its lead word, person and agency.

A credit stands in a caption, in an element called credit or copyright, or on a line of its own ("Top photo
credit: …"). All are read before anything is stripped; a credit line never stays in the body.
"""

import re
from collections.abc import Iterator

from extractors.article import Credit

_ROLES = (
    ("illustration", r"illustrations?|illustriert|ilustraci[oó]n|illustrazione|drawing|artwork|zeichnung|graphic|grafik|infographic"),
    ("video", r"videos?|v[ií]deo"),
    ("photo", r"photos?|photographs?|photographer|photography|photographie|fotos?|fotografie|fotograf[iíaą]?\w*|zdjęcie|zdj\.?|фото|fotoğraf|φωτογραφία|φωτο|写真|摄影|사진|imagen de archivo"),
    ("image", r"images?|pictures?|pic|bild(?:er|rechte|quelle|nachweis)?|imagen|imagem|immagine|afbeelding|beeld|screenshot"),
)  # fmt: skip
_ROLE = re.compile("|".join(f"(?P<{role}>\\b(?:{words})\\b)" for role, words in _ROLES), re.IGNORECASE)

_WORDS = "|".join(words for _, words in _ROLES)
LINE = re.compile(
    rf"^[(\[]?\s*(?:(?:top|main|lead|cover|header|featured|hero|banner|title|titel)\s+)?(?:(?:{_WORDS})\s*(?:credits?|courtesy(?: of)?|source|by|von|de|par|di|via|copyright)?\s*(?:/\s*(?:{_WORDS})\s*)?[:：=]"
    rf"|(?:{_WORDS})\s+(?:credits?|courtesy(?: of)?|by|via)\b\s*:?"
    rf"|(?:{_WORDS})\s+(?:von|par)\s+(?=[A-ZÀ-Þ])"
    r"|(?:credits?|cr[ée]dits?|cr[ée]ditos?|bildnachweis|bildrechte|bildquelle|copyright|quelle|source|fuente|fonte|사진\s*출처|사진|출처)\s*[:：=]"
    r"|courtesy(?: of)?\s*:?|©\s*|\(c\)\s+|copyright\s+)\s*",
    re.IGNORECASE,
)
"""The lead of a line that is nothing but a credit."""

INSIDE = re.compile(
    rf"[\s.(\[–—|/-](?=(?:(?:{_WORDS})\s*(?:credits?|courtesy(?: of)?|source|by|출처)?\s*[:：=]|(?:{_WORDS})\s+(?:by|courtesy)\b|credits?\s*:|©|\(c\)\s|copyright\s|bildrechte\s*:|quelle\s*:))",
    re.IGNORECASE,
)
"""Where in a caption the credit begins."""

NAMES = re.compile(
    r"credit|copyright|photographer|fotograf|photo-?by|image-?author|source(?!d)|attribution|media-?author|caption-?author|bildnachweis|bild-?rechte|quelle|rights|image-description__author|autor(?!is)|byline-photo|figure-?author|author-?image|distributor|agency|firma-foto|caption-?source|photo-?author|provider|legende-?credit|__owner|__author|caption__?-?by"
)
"""What the page's authors call the element that holds a credit."""

OF_A_PICTURE = re.compile(
    r"(?:image|photo|bild|foto|media|img|picture|figure|caption|hero)[\w-]*(?:credit|copyright|author|source|quelle|rights|byline|attribution)"
    r"|photographer|bildnachweis|bildrechte|(?:^|[\s_-])credits?(?:$|[\s_-])|copyright-?(?:image|photo|bild)"
)
"""Names that call an element a picture's credit even where no figure is near."""

AGENCIES = (
    "Getty Images", "Getty", "Reuters", "AFP", "Associated Press", "AP", "dpa", "EPA", "EFE", "ANSA", "ANP", "NTB", "TT", "Ritzau",
    "PAP", "APA", "Keystone", "SDA", "PA Media", "PA Wire", "PA", "Shutterstock", "iStock", "Alamy", "Bloomberg", "Xinhua", "TASS",
    "RIA Novosti", "Kyodo", "Yonhap", "Anadolu", "AA", "Imago", "IMAGO", "picture alliance", "Picture Alliance", "ddp", "epd", "KNA", "SIPA", "ZUMA Press",
    "ZUMA", "NurPhoto", "Zuma Wire", "LaPresse", "Europa Press", "UPI", "Unsplash", "Pexels", "Pixabay", "Adobe Stock", "Depositphotos",
    "WireImage", "MAXPPP", "Belga", "Lehtikuva", "CTK", "MTI", "STR", "Press Association", "The Canadian Press", "Canadian Press", "AAP", "Rex Features",
    "Rex", "Wikimedia Commons", "National Archives", "White House", "NASA", "Handout",
)  # fmt: skip
_AGENCY = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, AGENCIES)) + r")(?!\w)")
_SEPARATOR = re.compile(r"\s*(?:/|\||,|•|;|–|—|\s-\s|\bvia\b|\bfor\b|\bfür\b)\s*")
_PARENS = re.compile(r"^[(\[](.*)[)\]]\.?$", re.DOTALL)
MAX_CHARS = 160


def read_all(raw: str) -> Iterator[Credit]:
    """Yield the credits of a line; a bar parts one from the next."""
    for part in re.split(r"\s+\|\s+", raw):
        credit = read(part)
        if credit:
            yield credit


def read(raw: str, role: str = "photo") -> Credit | None:
    """Return the credit that a line says, or None for a line that says none. ``role`` where the line does not."""
    raw = " ".join(raw.replace("\u200b", "").split())
    inner = _PARENS.match(raw)
    text = inner[1] if inner and inner[1].count("(") == inner[1].count(")") else raw
    said = _ROLE.match(text.split(":", 1)[0].split(" by ", 1)[0].strip("( ")) or (
        _ROLE.search(text.split(":", 1)[0]) if ":" in text and LINE.match(text) else None
    )
    if said and said.lastgroup:
        role = said.lastgroup
    while True:
        lead = LINE.match(text)
        if not lead or not text[lead.end() :].strip():
            break
        text = text[lead.end() :]
    text = text.strip(" -–—|/,;:[]")
    if text.endswith(")") and text.count(")") > text.count("("):
        text = text[:-1].rstrip()
    if not text or _ROLE.fullmatch(text) or len(text) > 3 * MAX_CHARS or not any(c.isalpha() for c in text):
        return None
    person, agency = _who(text)
    return Credit(role, text, person, agency, raw)


def _who(text: str) -> tuple[str | None, str | None]:
    """Return person and agency where the text names them plainly."""
    found = _AGENCY.search(text)
    agency = found[0] if found else None
    for part in _SEPARATOR.split(text):
        words = part.split()
        if 2 <= len(words) <= 4 and not _AGENCY.search(part) and all(w[0].isupper() or w in ("de", "van", "von", "der", "di", "la", "del") for w in words):  # fmt: skip
            return part, agency
    return None, agency


_TAIL = re.compile(
    r"(?:[(\[]([^()\[\]]{2,80})[)\]]|(?<=[.!?\"”»] )([^.!?]{3,60})|(?<=\s[/–—|-] )([^.!?]{3,60}))\.?$"
)


def in_caption(text: str, *, whole: bool = False) -> tuple[str, str | None]:
    """Return a caption without its credit, and the credit as printed, None where it has none.

    ``whole``: the page calls the line a caption, so that one with nothing but an agency's name is a credit.
    """
    for found in INSIDE.finditer(text):
        tail = text[found.end() :].strip()
        if 0 < len(tail) <= MAX_CHARS:
            start = found.start() if text[found.start()] in "([|/–—-" else found.end()
            return text[:start].rstrip(" .|/-–—(") if start else "", text[start:].strip()
    tail_found = _TAIL.search(text)
    if tail_found:
        tail = next(filter(None, tail_found.groups()))
        if _AGENCY.search(tail) or (whole and _who(tail)[0] == tail):
            return text[: tail_found.start()].rstrip(" /–—|-"), tail_found[0]
    if whole and len(text) <= 60 and (_AGENCY.search(text) or re.fullmatch(r"[^.!?]+/[^.!?]+", text)):
        return "", text
    return text, None
