"""Who made the pictures: role, text as printed without its lead word, person and agency.

A credit stands in a caption, in an element called credit or copyright, or on a line of its own ("Top photo
credit: …"). All are read before anything is stripped; a credit line never stays in the body.
"""

import re
from collections.abc import Iterator

from extractors.article import Credit

_ROLES = (
    ("illustration", r"illustrations?|illustriert|ilustraci[oó]n|illustrazione|drawing|artwork|zeichnung|graphic|grafik|infographic|collages?|коллаж|колаж|montage|fotomontage|ілюстрація|иллюстрация"),
    ("video", r"videos?|v[ií]deo"),
    ("photo", r"photos?|photographs?|photographer|photography|photographie|fotos?|fotografie|fotograf[iíaą]?\w*|zdjęcie|zdj\.?|фото|fotoğraf|φωτογραφία|φωτο\w*|kuvat?|valokuva|nuotr|светлина|صورة|चित्र|写真|摄影|사진|imagen de archivo"),
    ("image", r"images?|pictures?|pic|bild(?:er|rechte|quelle|nachweis)?|imagen|imagem|immagine|afbeelding|beeld|screenshot"),
)  # fmt: skip
_ROLE = re.compile("|".join(f"(?P<{role}>\\b(?:{words})\\b)" for role, words in _ROLES), re.IGNORECASE)

_WORDS = "|".join(words for _, words in _ROLES)
LINE = re.compile(
    rf"^[(\[]?\s*(?:(?:top|main|lead|cover|header|featured|hero|banner|title|titel)\s+)?(?:(?:{_WORDS})\s*(?:credits?|courtesy(?: of)?|source|by|von|de|par|di|via|copyright)?\s*(?:/\s*(?:{_WORDS})\s*)?[:：=]"
    rf"|(?:{_WORDS})\s+(?:credits?|courtesy(?: of)?|by|via)\b\s*:?"
    rf"|(?:{_WORDS})\s+(?:von|par)\s+(?=[A-ZÀ-Þ])"
    r"|(?:fot|foto|phot|zdj)\.\s*[:/]?\s*(?=[^\W\d_])"
    r"|(?:credits?|cr[ée]dits?(?:\s+photos?)?|cr[ée]ditos?|bildnachweis|bildrechte|bildquelle|copyright|quelle|source|fuente|fonte|사진\s*출처|사진|출처)\s*[:：=]"
    r"|(?:источник|джерело|kaynak|kilde|källa|lähde|zdroj|źródło|bron|πηγή|المصدر|出典|来源|图源)\s*[:：]"
    r"|courtesy(?: of)?\s*:?|©\s*|\(c\)\s+|copyright\s+)\s*",
    re.IGNORECASE,
)
"""The lead of a line that is nothing but a credit."""

LABEL = re.compile(
    rf"\W*(?:(?:{_WORDS})|credits?|cr[ée]dits?|cr[ée]ditos?|copyright|quelle|source|fuente|fonte|©|\(c\)|출처|imagecredit|(?:{_WORDS})\s*(?:credits?|source|by|von))\W*",
    re.IGNORECASE,
)
"""A line that only announces the credit: the next one says it."""

_OPENINGS = frozenset(
    "ill илл ілю ilu dra art zei gra inf col кол mon fot pho vid víd zdj фот φωτ kuv val nut све صور चित 写真 摄影 사진 ima pic "
    "bil afb bee imm scr top mai lea cov hea fea her ban tit cre cré cop cou que sou fue fon 출처 ист дже kay kil käl läh zdr "
    "źró bro πηγ الم 出典 来源 图源 © c) (c)".split()
)
"""How the lead of a line begins: its first three letters, or two in scripts that need no more. Asked before the patterns."""


def _may_open(text: str, start: int = 0) -> bool:
    head = text[start : start + 3].lower()
    return head in _OPENINGS or head[:2] in _OPENINGS or head[:1] == "©"


def is_line(text: str) -> bool:
    """Does the line begin as a credit does: "Photo:", "Image by", "©"?"""
    return _may_open(text[:6].lstrip(" ([")) and bool(LINE.match(text))


_EDGES = " .:([©-–—|/"


def is_label(text: str) -> bool:
    """Does the line only announce a credit?"""
    if len(text) > 40:
        return False
    bare = text.lstrip(_EDGES)
    return (not bare or _may_open(bare)) and bool(LABEL.fullmatch(text))


INSIDE = re.compile(
    rf"[\s.(\[–—|/-](?=(?:(?:{_WORDS})\s*(?:credits?|courtesy(?: of)?|source|by|출처)?\s*[:：=]|(?:{_WORDS})\s+(?:by|courtesy)\b|fot\.\s+[^\W\d_]|credits?\s*:|©|\(c\)\s|copyright\s|bildrechte\s*:|quelle\s*:))",
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
_FIRST_WORDS = frozenset(name.split()[0] for name in AGENCIES)
_WORDS_OF = re.compile(r"\w+")


def agency_in(text: str) -> str:
    """Return the first agency that the text names, empty when it names none."""
    if _FIRST_WORDS.isdisjoint(_WORDS_OF.findall(text)):
        return ""
    found = _AGENCY.search(text)
    return found[0] if found else ""


_SEPARATOR = re.compile(r"\s*(?:/|\||,|•|;|–|—|\s-\s|\bvia\b|\bfor\b|\bfür\b)\s*")
_PARENS = re.compile(r"^[(\[](.*)[)\]]\.?$", re.DOTALL)
MAX_CHARS = 160


_NOTICE = re.compile(
    r"[/,;|(\s]*(?:(?:copyright|©|\(c\))\s*\d{4}.*|(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados|tutti i diritti riservati)[.\s]*)$",
    re.IGNORECASE,
)
"""A legal notice after the name."""
_BEFORE_NAME = re.compile(
    r"(?i:photos?|fotos?|cr[ée]dit photo|фото|zdjęcie|illustration|dessin)\s+(?=[A-ZÀ-ÞА-Я])"
)
"""A lead word without a colon; only where the line is known to be a credit."""
_LEGAL = re.compile(r"(?:19|20)\d\d\b|all rights reserved", re.IGNORECASE)
_OF_NOTICE = ("copyright", "©", "(c)", "reserv", "riserv", "vorbehalten")
_JOINT = re.compile(r"\s+\|\s+|\s*;\s+|,\s+(?=\S*[A-ZÀ-ÞА-ЯΑ-Ω])")


def read_all(raw: str) -> Iterator[Credit]:
    """Yield the credits of a line: a bar, semicolon or comma parts one from the next."""
    text = raw
    if any(word in text.lower() for word in _OF_NOTICE):
        text = _NOTICE.sub("", raw) or raw
    parts = _JOINT.split(text) if "|" in text or ";" in text or "," in text else (text,)
    role = "photo"
    for part in parts:
        credit = read(part, role)
        if credit:
            role = credit.role
            yield credit


def read(raw: str, role: str = "photo") -> Credit | None:
    """Return the credit that a line says, or None for a line that says none. ``role`` where the line does not."""
    raw = " ".join(raw.replace("\u200b", "").split())
    inner = _PARENS.match(raw)
    text = inner[1] if inner and inner[1].count("(") == inner[1].count(")") else raw
    before, colon, _ = text.partition(":")
    opening = before.split(" by ", 1)[0].strip("( ")
    said = _ROLE.match(opening) if _may_open(opening) else None
    if not said and colon and is_line(text):
        said = _ROLE.search(before)
    if said and said.lastgroup:
        role = said.lastgroup
    while is_line(text):
        lead = LINE.match(text)
        if not lead or not text[lead.end() :].strip():
            break
        text = text[lead.end() :]
    bare = _BEFORE_NAME.match(text)
    text = text[bare.end() :] if bare else text
    text = text.strip(" -–—|/,;:[]")
    if text.endswith(")") and text.count(")") > text.count("("):
        text = text[:-1].rstrip()
    if not text or len(text) > 3 * MAX_CHARS or not any(map(str.isalpha, text)):
        return None
    if _ROLE.fullmatch(text) or is_label(text) or _LEGAL.match(text):
        return None
    person, agency = _who(text)
    return Credit(role, text, person, agency, raw)


_PARTICLES = frozenset(
    ["de", "van", "von", "der", "di", "la", "del", "da", "dos", "el", "al", "bin", "den", "af", "y"]
)


_NAME = r"[^\W\d_a-zà-ÿ][\w.'’-]*"
_SIDE = rf"{_NAME}(?:\s+(?:{_NAME}|de|van|von|der|di|la|del|via|for|the|of))*"
_WHO = re.compile(rf"@?{_SIDE}(?:\s*/\s*{_SIDE})*")
_PAIR = re.compile(rf"@?{_SIDE}(?:\s*/\s*{_SIDE})+\.?")


def is_pair(text: str) -> bool:
    """Names parted by a stroke, "Jo Roe/Agency": beside a picture nothing but a credit looks so."""
    return "/" in text and bool(_PAIR.fullmatch(text))


def is_person(text: str) -> bool:
    """Two to four capitalised words that name no agency."""
    words = text.split()
    return (
        2 <= len(words) <= 4
        and all(word[0].isupper() or word in _PARTICLES for word in words)
        and not agency_in(text)
    )


_TAILS = (
    re.compile(r"[(\[（]([^()\[\]（）]{2,100}(?:\([^()]*\))?)[)\]）]\W*$"),  # … (Name/Agency)
    re.compile(r"(?:[.!?。！？…][\"'”’»)\]]*|다\.)\s+([^.!?。！？…]{2,80}?)\.?$"),  # … sentence. Name
    re.compile(r"\s(?:[|/–—-]|•)\s*([^|–—•]{2,80})$"),  # … | Name
    re.compile(r"[＝=]\s*([^＝=]{2,40})$"),  # …＝Name
    re.compile(r"(?:©|\([cC]\)|（[CcＣｃ]）)\s*(.{2,80})$"),  # …(C) Name
)
"""The ways in which a caption ends in its credit; the first group is what is printed."""


_ENDS_IN_NAME = (1, 3)
"""Ways in which a credit itself goes on: "Jo Roe (AP)", "dpa | Jo Roe"."""


def _begins_credit(text: str) -> bool:
    """Is what stands before a tail no caption but the first half of the credit: an agency, or nothing but names?"""
    return len(text) <= 40 and bool(agency_in(text) or _WHO.fullmatch(text))


_BODY = re.compile(
    r"\b(?:archives?|archiv|associates|association|church|college|collections?|commons|council|department|foundation|gallery|"
    r"institute|library|market|ministry|museum|office|police|press|school|society|station|stiftung|studios?|trust|"
    r"universit(?:y|ät|é|à))\b",
    re.IGNORECASE,
)
"""A word that makes a name that of a body, not of a person."""


def _who(text: str) -> tuple[str | None, str | None]:
    """Return person and agency where the text names them plainly: in "Caption (Jo Roe/AP)" what stands in brackets."""
    ending = _TAILS[0].search(text)
    parts = _SEPARATOR.split(text)
    if ending:
        before = text[: ending.start()].strip()
        outside = [before] if _begins_credit(before) and not agency_in(before) else []
        inside = _SEPARATOR.split(ending[1])
        parts = (
            inside + outside if len(inside) > 1 else outside + inside
        )  # a pair in brackets is the whole credit
    people = (part for part in parts if is_person(part) and not _BODY.search(part))
    return next(people, None), agency_in(text) or None


def tails(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (way, where it begins, credit) for each end of a caption that might be its credit. Way 0 has a lead word."""
    for found in _inside(text):
        tail = text[found.end() :].strip()
        if 0 < len(tail) <= MAX_CHARS:
            yield 0, found.start() if text[found.start()] in "([|/–—-" else found.end(), tail
            break
    for way, pattern in enumerate(_TAILS, 1):
        said = pattern.search(text)
        if said and not (way in _ENDS_IN_NAME and _begins_credit(text[: said.start()])):
            yield way, said.start(1) if way == 2 else said.start(), said[1].strip()


_HINTS = (":", "：", "=", "©", "(c)", " by ", "fot.", "courtesy", "copyright")
"""One of these is in every text that has a lead word inside; asked before the pattern, which is slow."""
_BREAK = re.compile(r"[\s.(\[–—|/-](?=[^\s.(\[–—|/-])")


def _inside(text: str) -> Iterator[re.Match[str]]:
    """Yield where a credit with a lead word may begin in a caption."""
    low = text.lower()
    if not any(hint in low for hint in _HINTS):
        return
    for edge in _BREAK.finditer(text):
        if _may_open(text, edge.end()):
            found = INSIDE.match(text, edge.start())
            if found:
                yield found
