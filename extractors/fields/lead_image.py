"""The lead image: the picture that a reader sees above the story, else the one that the head names.

Heads name a picture for social networks: another crop, or another picture altogether. So a picture that stands at
the story's top wins, and most surely when the head names the same one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

from extractors import structured
from extractors.addresses import absolute
from extractors.candidates import Candidate
from extractors.frames import IN_FIGURE, Frame
from extractors.reading import Reading

_METAS = (
    "og:image",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
    "parsely-image-url",
    "thumbnail",
)
_GENERIC = re.compile(
    r"logo|default|placeholder|share-?image|social-?share|og-?image\.|facebook-?default|fallback",
    re.IGNORECASE,
)
OPENING = 250
"""Characters of story that may stand above the lead image: a dek and a byline, no more than a first paragraph."""
DENSE = 2.5
"""How many of them one character is worth in scripts without spaces."""
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


def candidates(reading: Reading, frames: Sequence[Frame]) -> Iterator[Candidate]:
    """Yield addresses of the lead image: the picture at the top of the story, then what the head names."""
    top = list(_at_top(reading, frames))
    told = list(_told(reading, ALONE if not top else BESIDE))
    if top:
        yield from _top(reading, top, [one.value for one in told])
    elif frames:
        named = any(ids(frames[0].url) & ids(one.value) for one in told)
        yield Candidate(frames[0].url, "page", "first picture", 0.92 if named else 0.5)
    yield from told


ALONE, BESIDE = 0.9, 0.6
"""How far the head is trusted where no picture stands at the top, and where another one does."""


def _top(reading: Reading, top: Sequence[Frame], told: Sequence[str]) -> Iterator[Candidate]:
    """Yield the picture at the top that the head names too, else the first that looks like a story's."""
    known = frozenset().union(*map(ids, told))
    agreed = next((frame for frame in top if known & ids(frame.url)), None)
    if agreed:
        same = any(_file(agreed.url) == _file(url) for url in told)
        place = "picture at the top that the head names" + ("" if same else " in another cut")
        yield Candidate(agreed.url, "page", place, 0.99 if same else 0.9)
        return
    free = next((frame for frame in top if not _plain(reading, frame)), None)
    if free:
        yield Candidate(free.url, "page", "picture at the top", 0.7)
    elif not told:
        yield Candidate(top[0].url, "page", "picture above the headline", 0.4)


def _told(reading: Reading, trust: float) -> Iterator[Candidate]:
    base = reading.page.url
    for order, name in enumerate(_METAS):
        found = absolute(structured.text(next(reading.document.metas(name), "")), base)
        if found:
            doubt = 0.4 if _GENERIC.search(found.rsplit("/", 1)[-1]) else 0.0
            yield Candidate(found, "meta", name, round(trust - 0.02 * order - doubt, 2))
    for key, confidence in (("image", trust - 0.15), ("thumbnailUrl", trust - 0.3)):
        value = reading.data.get(key)
        found = absolute(structured.url(value), base) if value else ""
        if found:
            yield Candidate(found, "json-ld", key, round(confidence, 2))


def _at_top(reading: Reading, frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield the pictures above the story's second paragraph."""
    pieces = reading.document.pieces
    story = iter(reading.story.pieces)
    index = next(story, -1)
    before = 0.0
    for frame in frames:
        while index >= 0 and pieces[index].order <= frame.image:
            before += len(pieces[index].text) * (DENSE if _DENSE.search(pieces[index].text) else 1)
            index = next(story, -1)
        if before > OPENING:
            return
        yield frame


def _plain(reading: Reading, frame: Frame) -> bool:
    """Does the picture stand above the headline, in no figure and without a caption? Then the page's own banner may be it."""
    heading = reading.document.pieces[reading.heading].order if reading.heading >= 0 else 0
    return (
        frame.image < heading and not frame.segments and not reading.document.places[frame.image] & IN_FIGURE
    )


_MARK = re.compile(
    r"(?:[-_.,/@](?:\d{2,4}x\d{2,4}|\d{2,4}x|x\d{2,4}|[wh]_?\d{2,4}|\d{3,4}w|scaled|large|small|medium|thumb(?:nail)?))+$"
)
_ENDING = re.compile(r"(?:\.(?:jpe?g|png|webp|gif|avif))+$")
_ID = re.compile(r"[a-z]*\d[a-z\d]{6,}")
_DAY = re.compile(r"(?:19|20)\d{6}$")


def _path(url: str) -> str:
    return unquote(url).lower().rsplit("://", 1)[-1].split("?")[0].rstrip("/")


def _file(url: str) -> str:
    """Return the file's name without its size; the whole path where that says little."""
    path = _path(url)
    stem = _MARK.sub("", _ENDING.sub("", path.rsplit("/", 1)[-1]))
    return stem if len(stem) >= 8 else path


def ids(url: str) -> frozenset[str]:
    """Return what tells a picture from others in its address: the file's name without its size, and long numbers."""
    parts = _path(url).split("/")
    stem = _MARK.sub("", _ENDING.sub("", parts[-1]))
    found = [stem if len(stem) >= 8 else "".join(parts[-2:-1]), *_ID.findall("/".join(parts[1:]))]
    return frozenset(one for one in found if one and not _DAY.match(one))
