"""A byline to the names in it: lead words, roles, degrees, dates and other people's work split off.

Lines are read word by word against small sets, not by one long pattern: most lines near a headline are no
byline, and a set says so at once.
"""

import re
from collections.abc import Iterable, Iterator


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BY = _words("by von par por av af di da door od przez από tarafından oleh")
"""Words that stand before a name."""

WROTE = _words(
    "written posted reported reporting published created submitted story text texte words interview analysis analyse "
    "article opinion comment geschrieben verfasst veröffentlicht eingestellt gepostet erstellt publié écrit escrito "
    "publicado scritto pubblicato geplaatst geschreven napisał skrevet skriven ein eine artikel beitrag kommentar "
    "gastbeitrag un une artículo originally first a an guest post autor author text"
)
"""Words that stand before those of BY."""

AUTHOR = _words(
    "autor autorin autoren autores autora autorka autorzy autor*in auteur auteure auteurs autore autori author authors "
    "author(s) autor(en) verfasser verfasserin text texte texto tekst testo opr oprac opr. oprac. opracowanie words interview автор авторы текст συντάκτης yazar "
    "yazan writer writers redakteur redakteurin reporter reporters journalist byline written posted story contributor "
    "contributors penulis forfatter kirjoittaja författare skribent"
)
"""Words that lead a name in with a colon, or from a line of their own."""

_ONE = _words("ein eine un une a an")
_PERSONS = _words(
    "autor autorin autoren autores auteur author authors writer writers verfasser verfasserin redakteur redakteurin reporter autore"
)

_OTHER = _words(
    "reviewed fact-checked checked fact edited editing translated photograph photographs photographed photography "
    "photographer illustrated illustration illustrations updated verified photo photos foto fotos bild bilder image images "
    "übersetzung übersetzt traduction traducción zdjęcia video grafik quelle source credit picture pictures medically "
    "clinically expert technically approved produced presented filed sponsored hosted recommended powered curated"
)
"""Work that is not writing: who is named after it did not write the story."""

STOP = _words(
    "on in at am um le el den dnia vom for from uhr is are was has have ist the to about min mins minute minutes read "
    "published updated posted edited last follow share comments comment views view reviewed this that with when your "
    "you we der zuletzt aktualisiert veröffentlicht lesezeit stand il las los del dans pour sur para que w z na po przy | et"
) - _words("the le el il et der del")
"""Words that end a name which stands before them."""

ROLES = _words(
    "editor editors reporter correspondent writer columnist producer journalist contributor staff team desk director professor "
    "manager analyst fellow president founder co-founder ceo cto cfo coo specialist coordinator expert consultant redakteur "
    "redakteurin korrespondent korrespondentin redactor redactora periodista rédacteur rédactrice journaliste redaktor "
    "redaktorin giornalista corresponsal dziennikarz muhabir reporterin chefredakteur chefredakteurin volontär volontärin head "
    "author autor autorin senior junior chief associate assistant deputy managing executive contributing freelance freelancer "
    "strategist engineer developer designer researcher scientist lecturer attorney lawyer partner officer lead vice marketing "
    "content copywriter blogger host owner coach advisor planner therapist dietitian nutritionist physician publisher "
    "political science politics business sports health technology tech editor-in-chief geschäftsführer leiter leiterin "
    "verantwortlicher chef publizist wissenschaftler"
)

DESKS = _words(
    "staff newsroom desk editors editorial redaktion redaction rédaction redacción redazione redakcja redactie team agency "
    "agencies agentur agenturen agencias agencia agence bureau network media magazine press gmbh ag eg ltd inc llc news online verlag blog "
    "community company foundation institute university universität association institut department service services group "
    "club verein society center centre committee council ministry official today daily post times journal zeitung tv radio "
    "wire kitchens partei feuerwehr sekretariat abteilung gemeinde dpa afp ap reuters apa sda efe ansa tass xinhua pap anp "
    "ntb tt sid epd kna pti ians ani upi cna contributor contributors guest webteam marketing global solutions international "
    "digital studio studios church school college hospital clinic bank insurance admin administrator webmaster editor writers "
    "reports nachrichten noticias magazin presse kultur landesspiegel"
)

NOBODY = _words(
    "admin administrator anonymous anónimo anonym unknown undefined null none n/a user root webmaster guest wordpress info "
    "facebook twitter instagram linkedin youtube whatsapp telegram email e-mail print share follow subscribe contact about home "
    "bio posts news comments comment login search menu next previous back more link links copy tags tag categories category "
    "topics advertisement sponsored newsletter podcast podcasts video videos audio gallery photos photo subscribe donate shop "
    "read view see show all full last updated published posted written filed min minutes reading lesezeit listen watch über "
    "zur alle kategorie kategorien teilen drucken merken kommentare kommentar startseite english deutsch today yesterday "
    "heute gestern introduction contents overview summary author authors autor autoren biography by von save gift open close "
    "skip article articles press releases release blog post posts blogs stories story feed sign up log in trending popular "
    "featured latest related resources support help pricing products features events careers report reports guides guide "
    "reviews review opinion sports business politics health science technology culture world local national international "
    "lifestyle entertainment travel food finance economy markets education weather music movies books games tech"
)
"""Words that no name is made of: a line of nothing else names nobody."""

_PARTICLES = _words(
    "van von de der den del della di da dos das du des le la les el al bin ibn ben y e ter ten te zu zum zur af av and i und "
    "d' d’ st vander do san"
)
_DEGREES = re.compile(
    r"^(?:(?i:ph\.?\s?d|m\.?\s?d|jr|sr|i{1,3}|iv|esq|msc|bsc|psy\.?d)|[A-Z][A-Z.\-]{1,6}[®*™]*)\.?\**$"
)
_SEGMENT = re.compile(r"\s*[|•∙●‧│⋅—\n\t]\s*|\s+[–\-]\s+|\s+·\s+|\s*[()\[\]（）【】]\s*")
_JOINED = re.compile(
    r"\s*[;、，/・]\s*|\s+(?:&|\+|and|und|et|og|och|en|y|e|i|и|και|ve|with|mit|sowie)\s+(?=[^\W\d_a-zà-ÿ])|,\s*(?:and|und|&)\s+|\s*&\s*"
)
_CLUTTER = re.compile(r"\S+@\S+|https?://\S+|(?<!\w)@\w+")
_WRITER_CJK = re.compile(r"(?:作者|記者|记者|编辑|編輯|글|文|撰文|기자|筆者)\s*[:：/／|]\s*")
_REPORTER_CJK = re.compile(
    r"^.{0,4}?(?:记者|記者)\s+((?:(?!摄影|攝影|编辑|編輯|通讯员|通訊員|报道|報導)[\u4e00-\u9fff]{2,4}(?:\s+|$))+)"
)
"""A reporter, or several, with spaces between; other people's work ends them."""
_LEAD_CJK = re.compile(r"^.{0,6}?" + _WRITER_CJK.pattern)
_SUFFIX_CJK = re.compile(r"\s*(?:기자|記者|记者|특파원|선임기자)$")
_EDGES = " .,-–—:/|*•·∙\"'“”»«‘’›‹~_"
MAX_NAMES = 12


_PLACE = re.compile(
    r",\s+(?:de|em|en|desde|from|aus|z|w)\s+[A-ZÀ-ÞĄ-Ž][^\W\d_]+(?:\s[A-ZÀ-ÞĄ-Ž][^\W\d_]+)?\s*$"
)
"""Behind a name and a comma: where it was written from."""


def names(line: str, *, whole: bool = False) -> tuple[list[str], bool]:
    """Return the names on the line in order, and whether a word like "by" leads them in.

    Where one part of the line is led in, only that part counts. ``whole``: the line is meant as one name or a
    list of names (a link's text, a field of the head), so digits and small letters do not end it.
    """
    if "@" in line or "://" in line:
        line = _CLUTTER.sub(" ", line)
    segments = _segments(line)
    found = _led(segments, whole) if may_lead(line) else []
    return (found, True) if found else (list(_unled(segments, whole)), False)


def led(line: str) -> list[str]:
    """Return the names that a word like "by" leads in on this line."""
    return _led(_segments(line), whole=False)


def _segments(line: str) -> list[str]:
    return [one for one in _SEGMENT.split(_PLACE.sub("", line)) if one]


def may_lead(line: str) -> bool:
    """Is there a word on the line that may lead a name in? Most lines of a page have none."""
    if not _LEADS.isdisjoint(line.lower().replace(":", " ").split()):
        return True
    return not line.isascii() and bool(_WRITER_CJK.search(line) or _REPORTER_CJK.search(line))


def _led(segments: Iterable[str], whole: bool) -> list[str]:
    found: list[str] = []
    waiting = False
    for segment in segments:
        rest, lead = _after_lead(segment)
        if lead > 0 or (waiting and lead == 0):
            own = list(_split(rest, whole))
            found += own
            waiting = not own
        elif lead < 0:
            waiting = False
    return found


def _unled(segments: Iterable[str], whole: bool) -> Iterator[str]:
    """Yield the names that nothing leads in, without those of other work: "Photo: Jan Dorp"."""
    lost = False
    for segment in segments:
        rest, lead = _after_lead(segment)
        if not lost and lead >= 0:
            yield from _split(rest, whole)
        lost = lead < 0 and not rest


def is_lead(word: str) -> bool:
    """Is this a word that begins a byline?"""
    bare = word.lower().strip(":")
    return bare in BY or bare in AUTHOR or bare in WROTE


def leads(line: str) -> bool:
    """Does the line end in a word that leads a name in: "By", "Written by", "Author:"?"""
    words = [word.strip(":") for word in line.lower().split()] if len(line) < 40 else []
    if not 0 < len(words) < 5 or any(word in _OTHER for word in words):
        return False
    return words[-1] in BY or (words[-1] in AUTHOR and all(word in WROTE for word in words[:-1]))


def _after_lead(segment: str) -> tuple[str, int]:
    """Return what follows the lead words, and 1 for the lead of a writer, -1 for other work, 0 for none."""
    words = segment.split()
    kind = other = 0
    at = 0
    if len(words) > 3 and words[0].lower() in _ONE and words[2].lower() in BY:
        return " ".join(words[3:]), 1
    for i, word in enumerate(words[:12]):
        bare = word.lower().strip(".,:;()\"'*")
        if bare in BY and (i == at or bare == "by"):
            if not other or kind:
                return " ".join(words[i + 1 :]), 1
            return " ".join(words[i + 1 :]), -1
        if i > at and bare != "by":
            continue
        if bare in _OTHER:
            other = 1
            at = i + 1
            if word[-1] == ":":
                return " ".join(words[i + 1 :]), 1 if kind else -1
        elif word[-1] == ":" and bare in AUTHOR:
            return " ".join(words[i + 1 :]), 1
        elif bare in WROTE or bare in AUTHOR:
            kind = 1
            at = i + 1
        elif bare[:1].isdigit() or bare in _TIMES or bare in ("&", "and", "und", "+", "et") or bare in STOP:
            at = i + 1
    if other and at >= len(words):
        return "", -1
    if kind and at >= len(words):
        return "", 1
    if kind and at == 1 and words[0].lower().strip(".,;") in _PERSONS and words[1][:1].isupper():
        return " ".join(words[1:]), 1
    if not segment.isascii():
        if reporters := _REPORTER_CJK.match(segment):
            return "、".join(reporters[1].split()), 1
        rest = _LEAD_CJK.sub("", segment, count=1)
        if rest != segment:
            return rest, 1
    return segment, 0


_LEADS = BY | AUTHOR

_TIMES = _words(
    "january february march april may june july august september october november december januar jänner februar märz mai juni "
    "juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero marzo "
    "abril mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre "
    "ottobre dicembre janeiro fevereiro março maio junho julho setembro outubro dezembro maart augustus "
    "mon monday tue tues tuesday wed wednesday thu thurs thursday fri friday sat saturday sun sunday montag dienstag mittwoch "
    "donnerstag freitag samstag sonntag mo di mi do fr sa so lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes "
    "miércoles jueves viernes sábado domingo am pm uhr h est et pst edt gmt utc cet jan feb mar apr jun jul aug sep sept oct nov dec"
)


NOTHING = NOBODY | STOP | _TIMES


def _split(text: str, whole: bool) -> Iterator[str]:
    for part in _JOINED.split(text):
        bits = [bit.strip() for bit in part.split(",")] if "," in part else [part]
        bits = [bit for bit in bits if bit]
        if len(bits) == 2 and not any(" " in bit for bit in bits) and not _DEGREES.match(bits[1]):
            bits = [f"{bits[1]} {bits[0]}"]  # "Roe, Ana"
        full = any(" " in bit for bit in bits)
        for i, bit in enumerate(bits):
            if i and full and (" " not in bit or _DEGREES.match(bit) or _has_role(bit)):
                continue
            name = tidy(bit, whole)
            if name:
                yield name


def unfiled(name: str) -> str:
    """Return "Ana M. Roe" of "Roe, Ana M.", as ``citation_author`` may have it (Google Scholar, inclusion guidelines)."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and "," not in first and not _DEGREES.match(first) else name


def _has_role(bit: str) -> bool:
    return any(word in ROLES or word in STOP for word in bit.lower().split())


def tidy(part: str, whole: bool = False) -> str:
    """Return the name without what hangs on to it, empty for what cannot be one."""
    words = part.split()
    if not whole:
        if "?" in part or "!" in part:
            return ""
        words = _until_stop(words)
    while words and words[0].lower().strip(":") in BY:
        words = words[1:]
    while len(words) > 1 and _DEGREES.match(words[-1]) and words[-1].isupper() and len(words) > 2:
        words = words[:-1]
    name = " ".join(words).strip(_EDGES)
    if not name.isascii():
        name = _SUFFIX_CJK.sub("", name)
    if not 2 <= len(name) <= 50 or len(words) > 6:
        return ""
    if not name.replace(" ", "").isalpha() and (_SENTENCE.search(name) or not _named(name, whole)):
        return ""
    lower = name.lower()
    if ROLES.issuperset(own := lower.split()) and DESKS.isdisjoint(own):
        return ""
    if NOTHING.issuperset(lower.replace(".", " ").replace(",", " ").replace(":", " ").split()) and not (
        whole and lower in DESKS
    ):
        return ""
    return name


_SENTENCE = re.compile("[?!<>{}=%©→]")


def _named(name: str, whole: bool) -> bool:
    """Does a name with other characters than letters have letters, and no digits where those end a name?"""
    return any(c.isalpha() for c in name) and (whole or not any(c.isdigit() for c in name))


def _until_stop(words: list[str]) -> list[str]:
    """Return the words before the first that ends a name: a number, a month before one, "on"."""
    for i, word in enumerate(words):
        if word[0].isdigit() or word.lower().strip(".,:") in STOP:
            end = i
            while end and words[end - 1].lower().strip(".,") in _TIMES:
                end -= 1
            return words[:end] if end else (_until_stop(words[i + 1 :]) if word[0].isdigit() else [])
    return words


def looks_named(name: str) -> bool:
    """Does each word begin with a capital, or belong to a script without them, or is it a particle?"""
    words = name.split()
    return all(not word[0].islower() or word in _PARTICLES for word in words)
