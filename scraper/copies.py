"""The same text in several publications: wire copy and syndication, clustered with its likely origin.

Each article leaves a sketch: the smallest SKETCH hashes of its five-word runs. Two texts that share half of
their runs share about half of their smallest ones, and two that share nothing share none; so the sketches
find, with SKETCH look-ups in an index, the few articles worth comparing (Broder, "On the resemblance and
containment of documents", 1997). These are then compared in full. The time an article takes does not grow
with their number, and neither does it where a run is a publication's stock phrase: of each hash the newest
few are looked at.

It is done when a run ends, not with each visit: it takes as long as storing an article twice over.

Only other publications are compared: two stories of one publication that share text are its own updates.

Every function takes an open connection and belongs inside ``Store.transaction``.
"""

import heapq
import re
import zlib
from collections import Counter
from sqlite3 import Connection
from typing import NamedTuple

RUN = 5  # words; chance and set phrases seldom make five words alike
SAMPLED = (
    4  # words of 1, 5, 9 … letters begin the runs that are looked at: a quarter of them, the same answer
)
SKETCH = 8  # hashes an article: of two texts half alike, 1 pair in 250 shares none (2⁻⁸)
SHORTEST = 10  # sampled runs, some 40 words: below that a text is a caption or a line of weather
ALIKE = (
    0.5  # of the shorter text's runs: a copy cut to a third and given a new first paragraph still has them
)
NEWEST = 40  # articles looked at for a hash
COMPARED = 8  # texts compared in full, those that share most

WORDS = re.compile(r"[\u0e00-\u17ff\u3040-\u9fff]|[^\W\u0e00-\u17ff\u3040-\u9fff]+")

# Agencies as bylines, datelines and last lines name them. Short names count in capitals only.
AGENCIES = {
    "Associated Press": r"\bAP\b|\bAssociated Press\b",
    "Reuters": r"\bReuters\b|\bREUTERS\b",
    "AFP": r"\bAFP\b|\bAgence France[- ]Presse\b",
    "dpa": r"\bdpa\b|\bDeutsche Presse-Agentur\b",
    "EFE": r"\bEFE\b",
    "Europa Press": r"\bEuropa Press\b",
    "ANSA": r"\bANSA\b",
    "PA Media": r"\bPA Media\b|\bPress Association\b",
    "UPI": r"\bUPI\b",
    "Xinhua": r"\bXinhua\b",
    "TASS": r"\bTASS\b|\bТАСС\b",
    "Interfax": r"\bInterfax\b|\bИнтерфакс\b",
    "Kyodo": r"\bKyodo\b",
    "Yonhap": r"\bYonhap\b",
    "ANI": r"\bANI\b",
    "PTI": r"\bPTI\b",
    "APA": r"\bAPA\b",
    "Keystone-SDA": r"\bKeystone[-/]SDA\b|\bKeystone[-/]ATS\b|\bSDA\b",
    "Belga": r"\bBelga\b|\bBELGA\b",
    "ANP": r"\bANP\b",
    "Ritzau": r"\bRitzau\b",
    "NTB": r"\bNTB\b",
    "TT": r"\bTT\b",
    "STT": r"\bSTT\b",
    "PAP": r"\bPAP\b",
    "Lusa": r"\bLusa\b",
    "Agência Brasil": r"\bAgência Brasil\b",
    "Canadian Press": r"\bCanadian Press\b",
    "AAP": r"\bAAP\b",
    "Bloomberg": r"\bBloomberg\b",
    "The Conversation": r"\bThe Conversation\b",
}
# How running text names its source: "LONDON (AP) —", "AP - …", "— Reuters".
_IN_TEXT = r"\((?:[^()]{0,40}[\s/])?(?:%s)(?:[\s/][^()]{0,40})?\)|[—–-]\s*(?:%s)\s*$|^(?:%s)\s*[—–:-]"
_DATELINE = 120  # characters of the beginning in which a dateline stands
_SIGNED = 200  # characters of the end in which an agency signs


class Text(NamedTuple):
    """What is compared of an article."""

    id: int
    publication_id: int | None
    runs: frozenset[int]


def follow(db: Connection, count: int) -> int:
    """Bring sketches and clusters up to date with some texts that are new or changed; return how many.

    Triggers note which those are, whoever wrote them.
    """
    waiting = db.execute(
        """SELECT uncompared.article_id, body, publication_id
            FROM uncompared JOIN articles ON articles.id = uncompared.article_id
            ORDER BY uncompared.article_id LIMIT ?""",
        (count,),
    ).fetchall()
    for article_id, body, publication_id in waiting:
        _compare(db, article_id, body, publication_id)
        db.execute("DELETE FROM uncompared WHERE article_id = ?", (article_id,))
    return len(waiting)


def _compare(db: Connection, article_id: int, body: str, publication_id: int | None) -> None:
    _leave(db, article_id)
    runs = runs_of(body)
    if len(runs) < SHORTEST:
        return
    sketch = heapq.nsmallest(SKETCH, runs)
    this = Text(article_id, publication_id, runs)
    alike = [(other, shared) for other in _candidates(db, this, sketch) if (shared := _shared(this, other))]
    db.executemany(
        "INSERT OR IGNORE INTO sketches VALUES (?, ?)", [(run, article_id) for run in sorted(sketch)]
    )
    if alike:
        _join(db, article_id, [(other.id, shared) for other, shared in alike])


def _leave(db: Connection, article_id: int) -> None:
    """Take an article out of its cluster; one alone is no cluster."""
    left = db.execute(
        "DELETE FROM copies WHERE article_id = ? RETURNING cluster_id", (article_id,)
    ).fetchone()
    if left is None:
        return
    others = db.execute("SELECT count(*) FROM copies WHERE cluster_id = ?", left).fetchone()[0]
    if others > 1:
        _describe(db, left[0])
    else:
        db.execute("DELETE FROM clusters WHERE id = ?", left)


def runs_of(text: str) -> frozenset[int]:
    """Return hashes of the sampled five-word runs of a text; a character is a word where none is spaced."""
    words = WORDS.findall(text.casefold())
    begins = [at for at, word in enumerate(words[: 1 - RUN]) if len(word) % SAMPLED == 1]
    if len(begins) > len(words) / 2:  # a script without blanks, whose words are one sign long; or odd text
        begins = [at for at in begins if ord(words[at][0]) % SAMPLED == 1]
    return frozenset(_hash(" ".join(words[at : at + RUN])) for at in begins)


def origin_of(texts: list[tuple[str, str | None, str]]) -> tuple[str, str] | None:
    """Return the agency that any of these texts names, and the words that name it.

    Each text is the authors' names, the byline and the body.
    """
    named: Counter[tuple[str, str]] = Counter()
    for authors, byline, body in texts:
        for place in (authors, byline or "", body[:_DATELINE], body[-_SIGNED:]):
            named.update(dict.fromkeys(_agencies(place, whole=place in (authors, byline)), 1))
    return max(named, key=lambda pair: (named[pair], pair)) if named else None


def _agencies(place: str, *, whole: bool) -> list[tuple[str, str]]:
    """Return agencies named in a place; in running text only as a dateline or a signature does it."""
    found = []
    for name, pattern in AGENCIES.items():
        shapes = pattern if whole else _IN_TEXT % (pattern, pattern, pattern)
        if match := re.search(shapes, place):
            found.append((name, match[0].strip()))
    return found


def _hash(run: str) -> int:
    """Return some fifty bits: CRC-32 spreads them, Adler-32 tells apart what it takes for one."""
    data = run.encode("utf-8", "replace")
    return zlib.crc32(data) << 20 ^ zlib.adler32(data) & 0xFFFFF


def _candidates(db: Connection, this: Text, sketch: list[int]) -> list[Text]:
    """Return articles of other publications that share most of the sketch, with their runs."""
    shared: Counter[int] = Counter()
    for run in sketch:
        rows = db.execute(
            "SELECT article_id FROM sketches WHERE hash = ? ORDER BY article_id DESC LIMIT ?", (run, NEWEST)
        )
        shared.update(row[0] for row in rows)
    del shared[this.id]
    found: list[Text] = []
    for other, _ in shared.most_common(COMPARED):
        row = db.execute("SELECT publication_id, body FROM articles WHERE id = ?", (other,)).fetchone()
        if row is not None and (row[0] is None or row[0] != this.publication_id):
            found.append(Text(other, row[0], runs_of(row[1])))
    return found


def _shared(this: Text, other: Text) -> float:
    """Return the share of the shorter text's runs that the longer one has, 0 if that is too few to count."""
    shorter = min(len(this.runs), len(other.runs))
    share = len(this.runs & other.runs) / shorter if shorter >= SHORTEST else 0.0
    return share if share >= ALIKE else 0.0


def _join(db: Connection, article_id: int, alike: list[tuple[int, float]]) -> None:
    """Put an article and those like it into one cluster; clusters that it connects become one."""
    marks = ", ".join("?" * len(alike))
    ids = [other for other, _ in alike]
    known = db.execute(
        f"SELECT DISTINCT cluster_id FROM copies WHERE article_id IN ({marks}) ORDER BY 1", ids
    ).fetchall()
    if known:
        cluster = known[0][0]
    else:
        cluster = db.execute(
            "INSERT INTO clusters (origin, evidence, article_id, articles, publications) "
            "VALUES ('', '', ?, 0, 0) RETURNING id",
            (min(ids),),
        ).fetchone()[0]
    for (merged,) in known[1:]:
        db.execute("UPDATE copies SET cluster_id = ? WHERE cluster_id = ?", (cluster, merged))
        db.execute("DELETE FROM clusters WHERE id = ?", (merged,))
    members = [*alike, (article_id, max(shared for _, shared in alike))]
    db.executemany(
        "INSERT INTO copies VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET shared = max(shared, excluded.shared)",
        [(member, cluster, round(shared, 3)) for member, shared in members],
    )
    _describe(db, cluster)


def _describe(db: Connection, cluster: int) -> None:
    """Say where a cluster's text likely comes from: an agency that it names, else who published first."""
    rows = db.execute(
        """SELECT articles.id, coalesce(publications.name, ''), coalesce(byline, ''), body,
                coalesce((SELECT group_concat(name, '; ') FROM article_authors JOIN authors
                    ON authors.id = author_id WHERE article_id = articles.id), '')
            FROM copies JOIN articles ON articles.id = article_id
                LEFT JOIN publications ON publications.id = publication_id
            WHERE cluster_id = ? ORDER BY coalesce(published_at, saved_at), articles.id""",
        (cluster,),
    ).fetchall()
    first, publication = rows[0][0], rows[0][1]
    agency = origin_of([(authors, byline, body) for _, _, byline, body, authors in rows])
    origin, evidence = agency or (publication or "unknown", "published first")
    db.execute(
        """UPDATE clusters SET origin = ?, evidence = ?, article_id = ?, articles = ?, publications = ?
            WHERE id = ?""",
        (origin, evidence, first, len(rows), len({row[1] for row in rows}), cluster),
    )
