"""Every name that may have signed the story, with all that speaks for it: where it stands and how it looks.

A name is collected once, however often the page says it: in JSON-LD, in metas, in a link to an author's page, in
an element called byline, after "by". What was seen becomes a row of numbers (FEATURES), from which a learned
model says how likely the name is that of an author whom a reader sees (benchmarks/train_authors.py). A name that
stands alone beside headline or story, with nothing to call it a byline, is one only if it begins with a given name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from extractors import bylines, given, structured
from extractors.document import Piece
from extractors.reading import Reading, squash

PERSON, ORGANIZATION, CREATOR, TRUSTED, AUTHOR, DUBLIN, LABEL, REL, LINK, CLASS, LED, ALONE = range(12)
SOURCES = (
    ("json-ld", "author"), ("json-ld", "author, an organisation"), ("json-ld", "creator"), ("meta", ""), ("meta", ""), ("meta", ""),
    ("meta", "twitter:data1"), ("page", "rel or itemprop author"), ("page", "link to author page"), ("page", "class byline"),
    ("page", "text after 'by'"), ("page", "name in a line of its own"),
)  # fmt: skip
"""Method and locator of each source. A meta tag's locator is its own name."""

TOLD = LABEL
"""The last of the sources in the head; the others stand in the page."""

METAS = {
    "citation_author": TRUSTED, "byl": TRUSTED, "sailthru.author": TRUSTED, "parsely-author": TRUSTED, "cxenseparse:author": TRUSTED,
    "article:author_name": TRUSTED, "vr:author": TRUSTED, "shareaholic:article_author_name": TRUSTED, "article:author": TRUSTED,
    "author": AUTHOR, "dc.creator": DUBLIN, "dc.author": DUBLIN, "dcterms.creator": DUBLIN, "creator": DUBLIN,
}  # fmt: skip

PRIOR = (0.7, 0.3, 0.4, 0.85, 0.6, 0.3, 0.5, 0.8, 0.6, 0.5, 0.7, 0.3)
"""How far each source is trusted alone, by judgement: the model sees the sum of it, not these."""

FEATURES = (
    "person", "organization", "trusted", "author", "label", "rel", "link", "class", "led",
    "alone", "sources", "seen", "told", "distance", "after_end", "behind_end", "both_ends", "in_story", "shown", "words", "chars", "capitals", "lower", "digit", "dot",
    "spaceless", "desk", "nobody", "site", "in_site", "host", "rivals_seen", "rivals_told", "lead_start", "extra", "in_headline",
    "allies", "rival_far", "strength", "prior", "rival_prior", "rank", "dated_head", "story", "top_prior", "article_type", "given", "given_others",
    "times", "begins",
)  # fmt: skip

_BYLINE = re.compile(
    r"byline|by-line|author(?!iz)|autor|auteur|verfasser|writer|reporter|contributor|posted-?by|journalist|redakteur|"
    r"(?:^|[\s_-])(?:byl|vcard|h-card|firma|creator|written|people|person|profile)(?:$|[\s_-])"
)
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|autor(?:en|es|in)?|auteurs?|people|team|staff|profiles?|users?|members?|contributors?|writers?|redaktion|"
    r"person|by|journalists?|columnists?|about|experts?|bio|creators?|reporters?|profil|blogger)[/-]|/@[\w.-]+/?$",
    re.IGNORECASE,
)
_HINTS = (
    "aut", "byl", "by-l", "/by/", "verfasser", "writ", "report", "contrib", "posted", "journal", "redakt", "card", "firma", "creator",
    "people", "person", "profil", "team", "staff", "user", "member", "column", "about", "expert", "bio/", "blogger", "/@",
)  # fmt: skip
"""What stands in every start tag that _BYLINE or _AUTHOR_PATH finds."""
HEAD_CHARS = 200
"""A start tag is searched no further for them: longer ones list styles."""

_LABELS = (
    "written", "verfasst", "écrit", "escrito", "geschr", "scritto", "napisane", "par", "by", "автор", "skrevet", "penulis", "yazan",
)  # fmt: skip
"""How meta twitter:label1 begins where twitter:data1 is an author."""

BYLINE_CHARS, IN_STORY_CHARS = 160, 60
"""A line longer than this is prose: the longest labelled byline with four authors has 140. Amid the story the
bound is a judgement."""
ALONE_CHARS = 80
"""The longest line that is searched for a name which nothing calls an author's: it may have a role and a date too."""
DEEP = 4
"""How many elements, itself and those around it, a text's own is asked for the name of a byline."""
BEFORE, BEHIND, BEFORE_STORY, AFTER_STORY = 4, 10, 4, 7
"""Pieces that are read before and behind the headline, before the story's first, and behind its last."""
FAR = 500
"""The distance of a name that stands nowhere near the headline."""


@dataclass(slots=True)
class Signature:
    """A name, and where it was found."""

    name: str
    key: str
    raws: dict[int, str] = field(default_factory=dict)  # source → the line as written
    locators: dict[int, str] = field(default_factory=dict)  # source → the meta tags that gave it
    near: set[str] = field(default_factory=set)  # keys of the names that one source gives with it
    distance: int = FAR  # pieces behind the headline, negative before it, of the nearest place
    before_end: bool = False  # it stands somewhere before the story's end
    behind_end: int = 0  # pieces behind the story's end of the nearest place there, 0 for none
    in_story: bool = False
    lead_start: bool = False  # "by" begins its line
    extra: int = 99  # letters on its shortest line beside the name

    @property
    def after_end(self) -> bool:
        """Does it stand nowhere but behind the story's end?"""
        return self.behind_end > 0 and not self.before_end


_TITLE = re.compile(r"^(?:dr|prof|professor)\.?\s+(?:med\.?\s+)?(?=\S+\s+\S)", re.IGNORECASE)


def key_of(name: str) -> str:
    """Return what two spellings of one name share: letters only, no doctor's title."""
    return squash(_TITLE.sub("", name))


def _is_spelled(name: str) -> bool:
    """Is it written as people write a name, not as an address ("ana-roe") or in capitals throughout?"""
    return not name.islower() and not name.isupper()


class Signatures:
    """The names of one page, as they are found."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.all: dict[str, Signature] = {}

    def add(self, source: int, found: Iterable[str], raw: str, locator: str = "") -> list[Signature]:
        """Write the names down, in the first spelling that is one."""
        keyed = [(key, name) for name in found if (key := key_of(name))][: bylines.MAX_NAMES]
        added = []
        for key, name in keyed:
            one = self.all.get(key)
            if one is None:
                one = self.all[key] = Signature(name, key)
            elif _is_spelled(name) > _is_spelled(one.name):
                one.name = name
            one.raws.setdefault(source, raw)
            told = one.locators.get(source, "")
            if locator:
                one.locators[source] = f"{told}, {locator}" if told else locator
            one.near.update(other for other, _ in keyed)
            one.extra = max(0, min(one.extra, len(raw) - len(name)))
            added.append(one)
        return added


def collect(reading: Reading) -> list[Signature]:
    """Return the names in the order in which they were found: head first, then down the page."""
    found = Signatures(reading)
    _told(reading, found)
    _seen(reading, found)
    return list(found.all.values())


def _told(reading: Reading, found: Signatures) -> None:
    for key, source in (("author", PERSON), ("creator", CREATOR)):
        people = list(_people(reading, reading.data.get(key)))
        for organisation in (False, True):
            own = [name for name, is_one in people if is_one is organisation]
            kind = ORGANIZATION if organisation else source
            found.add(kind, _whole(own), "; ".join(own))
    for meta, source in METAS.items():
        contents = [structured.text(one) for one in reading.metas.get(meta) or () if "//" not in one]
        if meta == "citation_author":
            contents = list(map(bylines.unfiled, contents))
        if contents:
            found.add(source, _whole(contents), "; ".join(contents), meta)
    label, data = reading.metas.get("twitter:label1"), reading.metas.get("twitter:data1")
    if label and data and label[0].lower().startswith(_LABELS):
        found.add(LABEL, _whole([structured.text(data[0])]), data[0])


def _whole(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from bylines.names(line, whole=True)[0]


def _people(reading: Reading, value: Any) -> Iterator[tuple[str, bool]]:
    """Yield names and whether each calls itself an organisation. A reference by ``@id`` is looked up."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            thing = one if one.get("name") else _referred(reading, one)
            organisation = any(kind.endswith("Organization") for kind in structured.types(thing))
            for name in structured.texts(thing.get("name")):
                yield name, organisation
        elif isinstance(one, str) and one and "//" not in one:
            yield structured.text(one), False


def _referred(reading: Reading, reference: dict[str, Any]) -> dict[str, Any]:
    wanted = reference.get("@id")
    things = reading.document.data if isinstance(wanted, str) else ()
    return next((one for one in things if one.get("@id") == wanted and one.get("name")), reference)


def _seen(reading: Reading, found: Signatures) -> None:
    """Add the names around headline, story's beginning and story's end."""
    pieces = reading.document.pieces
    first, last = reading.first, reading.last
    heading = reading.heading if reading.heading >= 0 else max(0, first - 10)
    near = {*range(heading - BEFORE, heading + BEHIND), *range(first - BEFORE_STORY, first + 3)}
    if last >= 0:
        near.update(range(last - 1, last + AFTER_STORY))
    inside = frozenset(reading.story.pieces[1:-1])
    read = [
        index
        for index in sorted(near)
        if 0 <= index < len(pieces)
        and len(pieces[index].text) <= (IN_STORY_CHARS if index in inside else BYLINE_CHARS)
        and index != reading.heading
        and index not in reading.comments
    ]
    marks = _marks(reading, read)
    for index in read:
        if marks:
            _marked(reading, found, index, marks)
        _led(reading, found, index)
        _alone(reading, found, index)


def _marks(reading: Reading, read: Iterable[int]) -> dict[str, int]:
    """Return the start tags around these pieces that mark an author's name: REL, LINK or CLASS of each.

    Most hold none of _HINTS. That is asked of all of them at once, because each asked alone takes longer than
    all the rest of this file.
    """
    document = reading.document
    heads, parents = document.heads, document.parents
    around: dict[str, int] = {}
    for index in read:
        last = -1
        for node in document.pieces[index].nodes:
            if node not in (-1, last):
                last = outer = node
                for _ in range(DEEP):
                    around.setdefault(heads[outer], outer)
                    outer = parents[outer]
                    if outer < 0:
                        break
    joined = "\n".join(head[:HEAD_CHARS] for head in around if '"' in head).lower()
    hints = [hint for hint in _HINTS if hint in joined]
    if not hints:
        return {}
    asked = (head for head in around if any(hint in head.lower() for hint in hints))
    return {head: mark for head in asked if (mark := _mark(reading, around[head]))}


def _mark(reading: Reading, node: int) -> int:
    attributes = reading.document.attributes(node)
    if attributes.get("itemprop") == "author" or "author" in attributes.get("rel", "").split():
        return REL
    link = attributes.get("href")
    if link and _AUTHOR_PATH.search(link):
        return LINK
    return CLASS if _BYLINE.search(reading.name(node)) else 0


def _marked(reading: Reading, found: Signatures, index: int, marks: dict[str, int]) -> None:
    """Add what elements mark as names: rel, itemprop, a link to a person's page, a class."""
    document = reading.document
    heads, parents = document.heads, document.parents
    piece = document.pieces[index]
    by_class = False
    last = -1
    for node in piece.nodes:
        if node in (-1, last):
            continue
        last = outer = node
        for _ in range(DEEP):
            source = marks.get(heads[outer])
            if source == CLASS:
                if not by_class:
                    by_class = True
                    line = line_of(piece)
                    _place(reading, found.add(CLASS, bylines.names(line)[0], line), index)
                    break
            elif source:
                own = _own(piece, node)
                _place(reading, found.add(source, _whole([own]), own), index)
                if document.tags[outer] == "a":
                    break
            outer = parents[outer]
            if outer < 0:
                break


def _led(reading: Reading, found: Signatures, index: int) -> None:
    """Add the names that a word like "by" leads in, on this line or at the end of it for the next."""
    pieces = reading.document.pieces
    if not bylines.may_lead(" ".join(pieces[index].parts)):
        return
    line = line_of(pieces[index])
    names = bylines.led(line)
    if names:
        added = found.add(LED, names, line)
        _place(reading, added, index)
        start = bylines.is_lead(line.split(maxsplit=1)[0])
        for one in added:
            one.lead_start |= start
    elif bylines.leads(line) and index + 1 < len(pieces) and len(pieces[index + 1].text) < 60:
        following = line_of(pieces[index + 1])
        _place(reading, found.add(LED, bylines.names(following)[0], f"{line} {following}"), index + 1)


def _alone(reading: Reading, found: Signatures, index: int) -> None:
    """Add the names that fill a short line, or a part of it between bars, and begin with a given name."""
    piece = reading.document.pieces[index]
    if len(piece.text) > ALONE_CHARS or not given.any_given(line := line_of(piece)):
        return
    names = [name for name in bylines.names(line)[0] if is_person(name)]
    if names:
        _place(reading, found.add(ALONE, names, line), index)


def is_person(name: str) -> bool:
    """Is it two to four words, each as in a name, the first a given one?"""
    words = name.split()
    return 2 <= len(words) <= 4 and bylines.looks_named(name) and given.is_given(words[0])


def _place(reading: Reading, found: Iterable[Signature], index: int) -> None:
    heading = reading.heading if reading.heading >= 0 else max(0, reading.first - 10)
    for one in found:
        if abs(index - heading) < abs(one.distance):
            one.distance = index - heading
        if 0 <= reading.last < index:
            one.behind_end = min(one.behind_end or FAR, index - reading.last)
        else:
            one.before_end = True
        one.in_story |= reading.first <= index <= reading.last


def line_of(piece: Piece) -> str:
    """Return the text with a bar between elements, save between the single words of one name."""
    if len(piece.parts) == 1:
        return piece.text
    runs: list[tuple[int, str]] = []
    for part, at in zip(piece.parts, piece.nodes, strict=True):
        text = " ".join(part.split()) if at >= 0 else ""
        if not text:
            continue
        if runs and runs[-1][0] == at:
            runs[-1] = (at, f"{runs[-1][1]} {text}")
        else:
            runs.append((at, text))
    line = last = ""
    for _, text in runs:
        single = " " not in text and " " not in last and text[:1].isupper() and last[:1].isupper()
        line += text if not line else f" {text}" if single or _joins(text) or _joins(last) else f" | {text}"
        last = text
    return line


_JOINS = frozenset(
    ["and", "&", ",", "und", "et", "y", "e", "i", "og", "och", "en", "by", "von", "par", "por", ";", ", and"]
)


def _joins(text: str) -> bool:
    return text.strip().lower() in _JOINS or text[-1] in ",&"


def _own(piece: Piece, node: int) -> str:
    parts = [part for part, at in zip(piece.parts, piece.nodes, strict=True) if at == node]
    return " ".join("".join(parts).split())


# Numbers


def rows(reading: Reading, signatures: list[Signature]) -> list[list[float]]:
    """Return FEATURES of each signature."""
    seen = [sum(source > TOLD for source in one.raws) for one in signatures]
    strength = [0 if one.after_end else count for one, count in zip(signatures, seen, strict=True)]
    prior = [_prior(one, reading.site_names) for one in signatures]
    told = [len(one.raws) - count for one, count in zip(signatures, seen, strict=True)]
    text = "\n".join(["", *(piece.text for piece in reading.document.pieces)]) if signatures else ""
    headline = squash(reading.headline)
    kinds = structured.types(reading.data)
    dated = bool(reading.data.get("datePublished")) + ("article:published_time" in reading.metas)
    page = (
        float(dated),
        float(len(reading.story.pieces)),
        max(prior, default=0.0),
        float(any("Article" in kind or "Posting" in kind for kind in kinds)),
    )
    found = []
    for i, one in enumerate(signatures):
        rivals = [k for k, other in enumerate(signatures) if other.key not in one.near]
        found.append(
            [
                *(
                    float(source in one.raws)
                    for source in (PERSON, ORGANIZATION, TRUSTED, AUTHOR, LABEL, REL, LINK, CLASS, LED, ALONE)
                ),
                float(len(one.raws)),
                float(seen[i]),
                float(told[i]),
                float(one.distance),
                float(one.after_end),
                float(one.behind_end),
                float(one.behind_end > 0 and one.before_end),
                float(one.in_story),
                float(not seen[i] and one.name in text),
                *_looks(one.name, one.key, reading),
                float(max((strength[k] for k in rivals), default=0)),
                float(max((told[k] for k in rivals), default=0)),
                float(one.lead_start),
                float(one.extra),
                float(one.key in headline),
                float(len(one.near)),
                float(min((abs(signatures[k].distance) for k in rivals if strength[k]), default=FAR)),
                float(strength[i]),
                prior[i],
                max((prior[k] for k in rivals), default=0.0),
                float(sum(prior[k] > prior[i] for k in rivals)),
                *page,
                *_givens(one.name),
                float(text.count(one.name)),
                float(text.count(f"\n{one.name} ")),
            ]
        )
    return found


def _givens(name: str) -> tuple[float, float]:
    """Return whether the first word is a given name, and how many of the others are."""
    first, *others = map(given.is_given, name.split())
    return float(first), float(sum(others))


def _prior(one: Signature, sites: frozenset[str]) -> float:
    doubt = 1.0
    for source in one.raws:
        doubt *= 1 - PRIOR[source]
    if one.after_end:
        doubt = 0.5 + 0.5 * doubt
    if one.key in sites or not bylines.looks_named(one.name):
        doubt = 0.6 + 0.4 * doubt
    return 1 - doubt


def _looks(name: str, key: str, reading: Reading) -> tuple[float, ...]:
    words = name.lower().split()
    return (
        float(len(words)),
        float(len(name)),
        float(bylines.looks_named(name)),
        float(name.islower()),
        float(any(c.isdigit() for c in name)),
        float("." in name[:-1] or "_" in name),
        float(not name[0].isascii() and name[0].lower() == name[0].upper()),
        float(sum(word in bylines.DESKS for word in words)),
        float(sum(word in bylines.NOBODY for word in words)),
        float(key in reading.site_names),
        float(any(key in site or (len(site) > 4 and site in key) for site in reading.site_names)),
        float(len(key) > 4 and key in reading.host),
    )
