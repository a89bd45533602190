"""Is each publication read as well as it used to be? Each field against its own history, each source too.

What a run saw stands in ``field_quality`` and ``readings``. The latest pages of a publication are compared
with those before them. A field's alarm needs both a loss that matters and one that chance does not explain:

    filled       its share fell by at least FALL, with less than one chance in a thousand
    length       what was found is typically less than SHRUNK as long
    confidence   the answers are less sure by UNSURE on average
    method       it is still found, but not as it used to be (told, no alarm)

and a source that gives nothing is told apart by why:

    blocks       the server refuses us: 401, 403, 429, a wall, robots.txt
    died         its feeds, sitemaps and sections cannot be read any more
    silent       they can be read, and nothing new has come for far longer than ever before
    (nothing)    they can be read, and there was nothing new: that is how news is
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import pairwise
from sqlite3 import Connection

from scraper.observations import ARTICLE

RECENT = 5  # pages that the latest runs must have together
WINDOWS = (
    1,
    2,
    3,
    5,
    8,
    13,
)  # latest runs taken together: small ones say little, and yesterday's break stays
BASE = 20  # pages that there must be to compare with
BASE_AT_MOST = 200  # newer ones say more than older ones
FALL = 0.3  # of the share of pages on which a field was found
CHANCE = (
    0.001  # that the old share gives so few; of 13 fields at 10 publications that alone would be 1 run in 8
)
SHRUNK = 0.4  # of the typical (geometric mean) length: "median falls by over 60 %"
UNSURE = 0.2  # of confidence
MAIN, RARE = 0.8, 0.2  # shares of the usual method before and now
QUIET = 1.5  # times the longest pause so far
BLOCKS = ("forbidden", "login", "rate_limited", "wall", "robots")

LASTING = ("not_found", "gone", "not_understood", "not_html", "tls", "bad_address")  # no passing trouble

TOLD, ALARM = "told", "alarm"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that got worse. ``field`` is a field, "article" or "source"; pages are addresses."""

    publication: str
    field: str
    kind: str
    said: str
    last_good: str | None = None
    first_bad: str | None = None
    level: str = ALARM

    def row(self) -> dict[str, object]:
        """Return it as a row for other programs."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def __str__(self) -> str:
        pages = [
            f"{word} {url}"
            for word, url in (("last good", self.last_good), ("first bad", self.first_bad))
            if url
        ]
        return " · ".join([f"{self.publication}: {self.field}: {self.said}", *pages])


@dataclass(slots=True)
class _Sum:
    """What some pages said of one field."""

    pages: int = 0
    filled: int = 0
    confidence: float = 0.0
    length: float = 0.0
    methods: Counter[str] = field(default_factory=Counter)
    first_bad: int | None = None
    first_good: int | None = None
    last_good: int | None = None

    @property
    def share(self) -> float:
        return self.filled / self.pages if self.pages else 0.0

    @property
    def usual(self) -> tuple[str, float]:
        """Return the method by which it was found most often, and its share. There must be one."""
        method, pages = self.methods.most_common(1)[0]
        return method, pages / self.filled

    def mean(self, total: float) -> float:
        return total / self.filled if self.filled else 0.0


@dataclass(frozen=True, slots=True)
class _Run:
    """One run's answers to one field: method, pages, confidence, length, first and last address."""

    answers: tuple[tuple[str, int, float, float, int, int], ...]

    @property
    def pages(self) -> int:
        return sum(answer[1] for answer in self.answers)


def check(db: Connection, publication_ids: Collection[int] | None = None) -> list[Alarm]:
    """Return what got worse at these publications, or at all."""
    names = dict(db.execute("SELECT id, key FROM publications ORDER BY key"))
    found: list[Alarm] = []
    for number, name in names.items():
        if publication_ids is None or number in publication_ids:
            found += _fields(db, number, name)
            found += _sources(db, number, name)
    return found


# Fields.


def _fields(db: Connection, publication: int, name: str) -> Iterator[Alarm]:
    runs = _runs(db, publication)
    for what in sorted(runs, key=lambda what: (what != ARTICLE, what)):
        found = list(_field(db, name, what, list(runs[what].values())))
        yield from found
        if what == ARTICLE and found:
            return  # pages that give no article have no fields to speak of


def _field(db: Connection, name: str, field: str, runs: list[_Run]) -> Iterator[Alarm]:
    """Yield what got worse, one sentence of each kind: where the pages before and after differ most."""
    latest = _sum(runs[:1])
    found: dict[str, tuple[float, Alarm]] = {}
    for count in WINDOWS:
        recent, base = _sum(runs[:count]), _sum(_newest(runs[count:]))
        if recent.pages < RECENT or base.pages < BASE:
            continue
        for kind, said, level, contrast in _worse(field, latest, recent, base):
            if contrast > found.get(kind, (0.0, None))[0]:
                bad = recent.first_bad if kind == "filled" else recent.first_good
                pages = (_address(db, base.last_good), _address(db, bad))
                found[kind] = contrast, Alarm(name, field, kind, said, *pages, level)
    yield from (alarm for _, alarm in found.values())


def _runs(db: Connection, publication: int) -> dict[str, dict[int, _Run]]:
    """Return the runs of each field, the latest first."""
    answers: dict[str, dict[int, list[tuple[str, int, float, float, int, int]]]] = defaultdict(dict)
    for what, run, *answer in db.execute(
        """SELECT field, run_id, method, pages, confidence, length, first_url_id, last_url_id
            FROM field_quality WHERE publication_id = ? ORDER BY run_id DESC""",
        (publication,),
    ):
        answers[what].setdefault(run, []).append(tuple(answer))
    return {
        what: {run: _Run(tuple(found)) for run, found in by_run.items()} for what, by_run in answers.items()
    }


def _newest(runs: list[_Run]) -> list[_Run]:
    """Return the runs with the latest BASE_AT_MOST pages."""
    found: list[_Run] = []
    for run in runs:
        if sum(one.pages for one in found) >= BASE_AT_MOST:
            break
        found.append(run)
    return found


def _sum(runs: list[_Run]) -> _Sum:
    """Return the sum of runs that come the latest first."""
    total = _Sum()
    for run in runs:
        for method, pages, confidence, length, first, last in run.answers:
            total.pages += pages
            if not method:
                total.first_bad = first
                continue
            total.filled += pages
            total.confidence += confidence
            total.length += length
            total.methods[method] += pages
            total.first_good = first
            total.last_good = total.last_good or last
    return total


def _worse(field: str, latest: _Sum, recent: _Sum, base: _Sum) -> Iterator[tuple[str, str, str, float]]:
    """Yield kind, sentence, level and size of what is worse in the recent pages than in those before.

    What is well again in the latest run is no news.
    """
    fall = min(base.share - recent.share, base.share - latest.share)
    if fall >= FALL and _chance(recent.filled, recent.pages, base) < CHANCE:
        what = "gave an article" if field == ARTICLE else "had it"
        said = f"{recent.filled} of {recent.pages} pages {what}, before {base.share:.0%}"
        yield "filled", said, ALARM, fall
        return
    if not latest.filled or not base.filled or field == ARTICLE:
        return
    shorter = base.mean(base.length) - max(recent.mean(recent.length), latest.mean(latest.length))
    if recent.filled >= RECENT and math.exp(-shorter) < SHRUNK:
        yield "length", f"typically {math.exp(-shorter):.0%} as long as before", ALARM, shorter
    now, sure = (
        max(recent.mean(recent.confidence), latest.mean(latest.confidence)),
        base.mean(base.confidence),
    )
    if sure - now >= UNSURE:
        yield "confidence", f"found with confidence {now:.2f}, before {sure:.2f}", ALARM, sure - now
    method, share = base.usual
    other, _ = recent.usual
    still = recent.methods[method] / recent.filled
    if recent.filled >= RECENT and share >= MAIN and still <= RARE:
        yield "method", f"found by {other}, before by {method}", TOLD, share - still


def _chance(filled: int, pages: int, base: _Sum) -> float:
    """Return the chance of at most ``filled`` of ``pages`` if nothing changed (binomial, Laplace's share)."""
    share = (base.filled + 1) / (base.pages + 2)
    return sum(math.comb(pages, k) * share**k * (1 - share) ** (pages - k) for k in range(filled + 1))


def _address(db: Connection, url_id: int | None) -> str | None:
    row = db.execute(
        "SELECT origin || path FROM urls JOIN hosts ON hosts.id = host_id WHERE urls.id = ?", (url_id,)
    ).fetchone()
    return row and str(row[0])


# Sources.


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one run got from the sources of a publication."""

    started_at: datetime
    read: int
    new: int
    reasons: tuple[str, ...]


def _sources(db: Connection, publication: int, name: str) -> Iterator[Alarm]:
    readings = _readings(db, publication)
    if not readings:
        return
    last = readings[-1]
    refused, asked = _refused_pages(db, publication)
    if asked >= RECENT and refused > asked / 2:
        yield Alarm(name, "source", "blocks", f"{refused} of {asked} pages of the last run were refused")
    elif last.reasons and not last.read and (dead := _dead(readings)):
        reasons = ", ".join(sorted(set(last.reasons)))
        if dead == "blocks":
            yield Alarm(name, "source", "blocks", f"its sources refuse us ({reasons})")
        else:
            yield Alarm(name, "source", "died", f"none of its sources can be read ({reasons})")
    else:
        yield from _lost(db, publication, name)
        if sentence := _silence(readings):
            yield Alarm(name, "source", "silent", sentence)


def _dead(readings: list[_Reading]) -> str | None:
    """Return "blocks" or "died" if no source could be read for good, or twice; once may be bad luck."""
    last, before = readings[-1], readings[-2:-1]
    if all(reason in BLOCKS for reason in last.reasons):
        return "blocks"
    lasting = all(reason in LASTING for reason in last.reasons)
    return "died" if lasting or (before and not before[0].read) else None


def _lost(db: Connection, publication: int, name: str) -> Iterator[Alarm]:
    """Yield single sources that gave addresses and now could not be read twice in a row, or for good."""
    readings: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for source, leads, reason in db.execute(
        """SELECT sources.name, leads, reason FROM readings JOIN sources ON sources.id = source_id
            WHERE publication_id = ? ORDER BY sources.name, run_id DESC""",
        (publication,),
    ):
        readings[source].append((leads, reason))
    for source, found in readings.items():
        reasons = [reason for _, reason in found]
        gave = sum(leads for leads, _ in found)
        if gave and reasons[0] and (reasons[0] in LASTING or (len(reasons) > 1 and reasons[1])):
            yield Alarm(name, "source", "died", f"{source} cannot be read any more ({reasons[0]})")


def _readings(db: Connection, publication: int) -> list[_Reading]:
    """Return the runs that read sources of a publication, the earliest first."""
    rows = db.execute(
        """SELECT started_at, sum(reason IS NULL), sum(new), group_concat(reason)
            FROM readings JOIN runs ON runs.id = run_id WHERE publication_id = ?
            GROUP BY run_id ORDER BY run_id""",
        (publication,),
    )
    return [
        _Reading(
            datetime.fromisoformat(started), read, new, tuple((reasons or "").split(",")) if reasons else ()
        )
        for started, read, new, reasons in rows
    ]


def _refused_pages(db: Connection, publication: int) -> tuple[int, int]:
    """Return how many pages of the publication's latest run were refused, and how many were asked for."""
    marks = ", ".join("?" * len(BLOCKS))
    row = db.execute(
        f"""SELECT coalesce(sum(fetches.reason IN ({marks})), 0), count(*)
            FROM fetches JOIN urls ON urls.id = url_id WHERE urls.publication_id = ?
                AND fetches.run_id = (SELECT max(run_id) FROM readings WHERE publication_id = ?)""",
        (*BLOCKS, publication, publication),
    ).fetchone()
    return row[0], row[1]


def _silence(readings: list[_Reading]) -> str | None:
    """Return a sentence if nothing new came for longer than ever, and far more than a little was to come.

    The first run finds what had piled up before it, which says nothing of how much comes in a day.
    """
    fruitful = [reading for reading in readings[1:] if reading.new]
    if len(fruitful) < 3:
        return None
    first, last = readings[0].started_at, fruitful[-1].started_at
    days = (last - first).total_seconds() / 86400
    quiet = readings[-1].started_at - last
    if days <= 0 or not quiet:
        return None
    times = [first, *(reading.started_at for reading in fruitful)]
    longest = max(later - earlier for earlier, later in pairwise(times))
    expected = sum(reading.new for reading in fruitful) / days * quiet.total_seconds() / 86400
    if quiet < QUIET * longest or math.exp(-expected) >= CHANCE:
        return None
    return f"nothing new since {last:%Y-%m-%d %H:%M}, {expected:.0f} new addresses were to be expected"
