"""The story's pictures with caption and credit, the lead image, and the credit lines that stand alone."""

import re
from collections.abc import Iterator

from extractors import credit_lines, structured
from extractors.addresses import absolute
from extractors.article import Credit, Image
from extractors.candidates import Candidate
from extractors.reading import Reading

_FIGURE = re.compile(
    r"figure|image|photo|media|picture|hero|caption|foto|bild|gallery|slide|thumb|widget__head"
)
_CAPTION = re.compile(
    r"caption|legend|bildunterschrift|bildtext|image-text|wp-caption-text|description|photo-?text"
)
_DULL = re.compile(r"logo|icon|avatar|sprite|pixel|placeholder|spacer|blank\.|1x1|badge|button|emoji|gravatar|loading|share|banner-ad|tracking", re.IGNORECASE)  # fmt: skip
_LAZY = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-runner-src",
    "data-full-src",
    "data-img-src",
    "data-hi-res-src",
    "data-image",
    "data-url",
)
MAX_IMAGES = 60
LONGEST_CAPTION = 300
"""Characters of a caption that the story model took for story; longer ones are story."""

BEFORE, AFTER = 14, 5
"""How many pieces around the story may still caption its pictures."""


def source(attributes: dict[str, str | None], base: str) -> str:
    """Return the address of an ``img``: its own, a lazy loader's, or the widest of its set. Empty when it has none."""
    for key in ("src", *_LAZY):
        value = attributes.get(key)
        if value and not value.startswith("data:") and (key != "src" or not _DULL.search(value)):
            return absolute(value, base)
    for key in ("srcset", "data-srcset"):
        value = attributes.get(key)
        if value:
            last = value.strip().rsplit(", ", 1)[-1].split()
            if last:
                return absolute(last[0], base)
    value = attributes.get("src")
    return absolute(value, base) if value and not value.startswith("data:") else ""


def lead(reading: Reading, images: tuple[Image, ...]) -> Iterator[Candidate]:
    """Yield addresses of the lead image: what the head says, then the story's first picture."""
    base = reading.page.url
    for name, confidence in (("og:image", 0.93), ("og:image:secure_url", 0.9), ("og:image:url", 0.9), ("twitter:image", 0.86), ("twitter:image:src", 0.86), ("thumbnail", 0.6), ("parsely-image-url", 0.7), ("sailthru.image.full", 0.7)):  # fmt: skip
        for content in reading.document.metas(name):
            found = absolute(structured.text(content), base)
            if found:
                generic = bool(
                    re.search(
                        r"logo|default|placeholder|share-?image|social-?share|og-?image\.|facebook-?default|fallback",
                        found.rsplit("/", 1)[-1],
                        re.IGNORECASE,
                    )
                )
                yield Candidate(found, "meta", name, confidence - (0.4 if generic else 0.0))
            break
    found = absolute(structured.url(reading.data.get("image")), base)
    if found:
        yield Candidate(found, "json-ld", "image", 0.84)
    found = absolute(structured.url(reading.data.get("thumbnailUrl")), base)
    if found:
        yield Candidate(found, "json-ld", "thumbnailUrl", 0.6)
    if images:
        yield Candidate(images[0].url, "page", "img", 0.75)


class Pictures:
    """What ``find`` returns: images and credits in page order, and the pieces that are captions or credits."""

    __slots__ = ("captions", "credits", "images")

    def __init__(self) -> None:
        self.images: list[Image] = []
        self.credits: list[Credit] = []
        self.captions: dict[int, str] = {}  # index of piece → "caption" or "credit"


def find(reading: Reading) -> Pictures:
    """Return the pictures in the story's region and who made them."""
    pictures = Pictures()
    figures = _captions(reading, pictures)
    _images(reading, pictures, figures)
    return pictures


def _region(reading: Reading) -> range:
    count = len(reading.document.pieces)
    if reading.last < 0:
        return range(0)
    if not reading.story.rows:  # a dump: what follows the first line of another story is that story's
        end = reading.last + 1
        while end < count and credit_lines.LINE.match(reading.document.pieces[end].text[:300]):
            end += 1
        return range(max(0, reading.first - BEFORE), end)
    start = min(reading.heading if reading.heading >= 0 else reading.first, reading.first)
    return range(max(0, start - BEFORE), min(count, reading.last + 1 + AFTER))


def _captions(reading: Reading, pictures: Pictures) -> dict[int, list[str]]:
    """Find captions and credits; return, a figure's element, [caption, credit] texts."""
    document = reading.document
    figures: dict[int, list[str]] = {}
    seen: set[str] = set()
    chosen = set(reading.story.pieces)
    for index in _region(reading):
        piece = document.pieces[index]
        text = piece.text
        if len(text) > 600 or not text or index in reading.foreign:
            continue
        figure = _figure_around(reading, piece.node)
        if figure < 0:
            if (
                len(text) <= 300
                and credit_lines.LINE.match(text)
                and (index not in chosen or len(text) <= 220)
                and _plausible(text, index, reading)
            ):
                pictures.captions[index] = "credit"
                _add(pictures, seen, text)
            continue
        if index in chosen and (len(text) > LONGEST_CAPTION or not _captionish(reading, piece.node)):
            continue
        caption, said = _parts(reading, index)
        if not said and credit_lines.LINE.match(text) and len(text) <= 200:
            caption, said = "", [text]
        if not said and caption:
            caption, tail = credit_lines.in_caption(caption, whole=_in_figcaption(reading, piece.node))
            said = [tail] if tail else []
        if index in chosen and not (said or _in_figcaption(reading, piece.node)):
            continue
        slot = figures.setdefault(figure, ["", ""])
        slot[0] = slot[0] or caption
        slot[1] = slot[1] or " / ".join(said)
        for one in said:
            _add(pictures, seen, one)
        if index in chosen or said or _captionish(reading, piece.node):
            pictures.captions[index] = "caption" if caption else "credit"
    return figures


def _plausible(text: str, index: int, reading: Reading) -> bool:
    """A line of its own is a credit when its lead says picture, or when it stands before the story's end."""
    lowered = text.lower()
    if lowered.startswith(("©", "copyright", "(c)", "source", "quelle", "fuente", "fonte")):
        return index < reading.first and "rights reserved" not in lowered and "source" not in lowered[:6]
    return True


def _add(pictures: Pictures, seen: set[str], raw: str) -> None:
    for credit in credit_lines.read_all(raw):
        if credit.text.casefold() not in seen:
            seen.add(credit.text.casefold())
            pictures.credits.append(credit)


def _figure_around(reading: Reading, node: int) -> int:
    """Return the figure-like element around the piece, -1 when there is none near."""
    document = reading.document
    for depth, outer in enumerate(document.ancestors(node)):
        if depth > 4:
            break
        tag = document.tags[outer]
        if tag in ("figure", "figcaption"):
            parent = document.parents[outer]
            return outer if tag == "figure" or parent < 0 else parent
        if tag in ("article", "main", "body", "nav", "ul"):
            break
        name = reading.name(outer)
        if name and (_FIGURE.search(name) and (_CAPTION.search(name) or _holds_image(reading, outer))):
            return outer
        if name and depth <= 2 and credit_lines.OF_A_PICTURE.search(name):
            return document.parents[outer]
    return -1


def _holds_image(reading: Reading, node: int) -> bool:
    """Is there a picture among the element's next few descendants?"""
    tags, parents = reading.document.tags, reading.document.parents
    for inner in range(node + 1, min(node + 25, len(tags))):
        if parents[inner] < node:
            return False
        if tags[inner] in ("img", "picture", "video"):
            return True
    return False


def _captionish(reading: Reading, node: int) -> bool:
    document = reading.document
    for depth, outer in enumerate(document.ancestors(node)):
        if depth > 2:
            return False
        if (
            document.tags[outer] == "figcaption"
            or credit_lines.NAMES.search(reading.name(outer))
            or _CAPTION.search(reading.name(outer))
        ):
            return True
    return False


def _in_figcaption(reading: Reading, node: int) -> bool:
    tags = reading.document.tags
    return any(
        tags[one] == "figcaption" for depth, one in enumerate(reading.document.ancestors(node)) if depth < 4
    )


def _parts(reading: Reading, index: int) -> tuple[str, list[str]]:
    """Return caption and credits of a piece, told apart by what the page calls the elements inside."""
    document = reading.document
    piece = document.pieces[index]
    if _is_credit(reading, piece.node):
        return "", [piece.text]
    caption: list[str] = []
    said: dict[int, list[str]] = {}  # the element that holds a credit → its texts
    holder = -1
    for part, node in zip(piece.parts, piece.nodes, strict=True):
        if node >= 0:
            holder = node
            while holder >= 0 and holder != piece.node and not _is_credit(reading, holder):
                holder = document.parents[holder]
        (said.setdefault(holder, []) if holder >= 0 and holder != piece.node else caption).append(part)
    texts = [" ".join("".join(parts).split()) for parts in said.values()]
    return " ".join("".join(caption).split()).strip(" -–—|/"), [
        one for one in texts if any(c.isalnum() for c in one)
    ]


def _is_credit(reading: Reading, node: int) -> bool:
    """Does the page call the element a credit, or set it small and not call it a caption?"""
    name = reading.name(node)
    if credit_lines.NAMES.search(name):
        return not _CAPTION.fullmatch(name)
    return reading.document.tags[node] in ("cite", "small", "footer") and not _CAPTION.search(name)


def _images(reading: Reading, pictures: Pictures, figures: dict[int, list[str]]) -> None:
    document = reading.document
    region = _region(reading)
    if not region:
        return
    pieces = document.pieces
    start, end = pieces[region[0]].order, pieces[region[-1]].order
    seen: set[str] = set()
    seen_credits = {credit.text.casefold() for credit in pictures.credits}
    for node in range(start, end):
        if document.tags[node] not in ("img", "amp-img"):
            continue
        attributes = document.attributes(node)
        url = source(attributes, reading.page.url)
        if not url or url in seen or _DULL.search(url) or _small(attributes):
            continue
        figure = next((one for one in document.ancestors(node) if one in figures), -1)
        if figure < 0 and not start <= node <= pieces[reading.last].order:
            continue
        seen.add(url)
        caption, credit = figures.get(figure, ("", ""))
        if not credit:  # some name it only in the description
            credit = credit_lines.in_caption(attributes.get("alt") or attributes.get("title") or "")[1] or ""
            if credit:
                _add(pictures, seen_credits, credit)
        said = credit_lines.read(credit, "photo") if credit else None
        pictures.images.append(
            Image(url, attributes.get("alt") or None, caption or None, said.text if said else None)
        )
        if len(pictures.images) >= MAX_IMAGES:
            break


def _small(attributes: dict[str, str | None]) -> bool:
    for key in ("width", "height"):
        value = (attributes.get(key) or "").removesuffix("px")
        if value.isdigit() and int(value) < 100:
            return True
    return False
