"""Wire copy is found across publications, and nothing else is taken for it."""

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from extractors import Article, Block, Kind
from scraper import copies
from scraper.config import Publication
from scraper.store import Store

WORDS = """
    harbour council vote ferry quay mill tram library budget school bridge tower market river storm flood
    report minister court judge trial witness police fire rescue hospital nurse doctor strike union wage
    housing winter summer spring season league match goal coach player referee stadium museum painting theatre
    festival concert singer album climate carbon wind solar power grid station train delay track signal engine
""".split()
LINKS = (
    "the a of in on for with from after before and but said that will would has had not more by at".split()
)


def prose(rng: random.Random, paragraphs: int) -> list[str]:
    """Return invented paragraphs of some sixty words."""
    return [
        " ".join(rng.choice(WORDS if number % 2 else LINKS) for number in range(rng.randint(40, 80))) + "."
        for _ in range(paragraphs)
    ]


def article(url: str, body: str, *, byline: str | None = None, headline: str | None = None) -> Article:
    return Article(
        url=url,
        kind=Kind.ARTICLE,
        canonical_url=url,
        headline=headline or url,
        byline=byline,
        authors=(byline,) if byline else (),
        body=body,
        blocks=tuple(Block("paragraph", text) for text in body.split("\n\n")),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "articles.db") as store:
        yield store


def publications(store: Store, count: int) -> list[int]:
    return [
        store.publication_id(Publication(f"p{n}", f"Paper {n}", f"https://p{n}.example/"))
        for n in range(count)
    ]


def put(store: Store, publication: int, name: str, body: str, **said: str) -> int:
    url = f"https://p{publication}.example/{name}"
    outcome = store.save(url, article(url, body, **said), publication_id=publication)
    assert outcome.article_id
    store.find_copies()
    return outcome.article_id


def printed(rng: random.Random, wire: list[str], number: int) -> str:
    """Return the wire text as a paper prints it: whole, trimmed, led in, or touched up by its desk."""
    text = list(wire)
    if number % 4 == 1:
        text = text[: rng.randint(5, 7)]
    elif number % 4 == 2:
        text = [*prose(rng, 2), *text]
    elif number % 4 == 3:
        text = [one.replace("ferry", "boat").replace("said", "told us") for one in text]
    return "\n\n".join(text)


def test_wire_copy_is_found_and_other_stories_are_not(store: Store) -> None:
    """200 copies of 40 wire stories among 200 other stories, some of which quote one press release."""
    rng = random.Random(1)
    papers = publications(store, 6)
    wires = [prose(rng, rng.randint(9, 14)) for _ in range(40)]
    release = prose(rng, 1)
    story_of: dict[int, int] = {}
    for number in range(200):
        wire = number % 40
        name = f"w{number}"
        story_of[put(store, papers[number // 40], name, printed(rng, wires[wire], number))] = wire
        own = prose(rng, rng.randint(5, 12))
        put(
            store,
            papers[number % 6],
            f"own{number}",
            "\n\n".join([*own, *release] if number % 5 == 0 else own),
        )
    found = dict(store.conn.execute("SELECT article_id, cluster_id FROM copies"))
    pairs = {(a, b) for a, b in combinations(sorted(found), 2) if found[a] == found[b]}
    true = {(a, b) for a, b in combinations(sorted(story_of), 2) if story_of[a] == story_of[b]}
    assert len(pairs & true) / len(true) >= 0.90
    assert len(pairs & true) / len(pairs) >= 0.97


def test_a_publications_own_updates_are_no_syndication(store: Store) -> None:
    rng = random.Random(2)
    (paper,) = publications(store, 1)
    text = prose(rng, 8)
    put(store, paper, "a", "\n\n".join(text))
    put(store, paper, "b", "\n\n".join([*text, *prose(rng, 1)]))
    assert store.conn.execute("SELECT * FROM copies").fetchall() == []


@pytest.mark.parametrize(
    ("byline", "first", "last", "origin", "evidence"),
    [
        pytest.param("Associated Press", "", "", "Associated Press", "Associated Press", id="byline"),
        pytest.param("Ana Roe, AP", "", "", "Associated Press", "AP", id="short name in a byline"),
        pytest.param(None, "LONDON (AP) — ", "", "Associated Press", "(AP)", id="dateline"),
        pytest.param(None, "Berlin (dpa) - ", "", "dpa", "(dpa)", id="German dateline"),
        pytest.param(None, "", " — Reuters", "Reuters", "— Reuters", id="signature"),
        pytest.param(None, "The AP saw it. ", "", "Paper 0", "published first", id="named in passing"),
    ],
)
def test_the_likely_origin(
    store: Store, byline: str | None, first: str, last: str, origin: str, evidence: str
) -> None:
    text = first + "\n\n".join(prose(random.Random(3), 8)) + last
    one, two = publications(store, 2)
    said = {"byline": byline} if byline else {}
    put(store, one, "a", text, headline="The night", **said)
    put(store, two, "b", text, headline="A night")
    assert store.conn.execute("SELECT origin, evidence, articles, publications FROM clusters").fetchall() == [
        (origin, evidence, 2, 2)
    ]


def test_a_text_that_connects_two_clusters_makes_them_one(store: Store) -> None:
    rng = random.Random(4)
    one, two, three, four, five = publications(store, 5)
    left, right = prose(rng, 6), prose(rng, 6)
    for paper, text in ((one, left), (two, left), (three, right), (four, right)):
        put(store, paper, "a", "\n\n".join(text))
    assert store.conn.execute("SELECT count(*) FROM clusters").fetchone() == (2,)
    put(store, five, "a", "\n\n".join([*left, *right]))
    assert store.conn.execute("SELECT articles, publications FROM clusters").fetchall() == [(5, 5)]


def test_a_story_that_is_written_anew_leaves_its_cluster(store: Store) -> None:
    rng = random.Random(5)
    one, two = publications(store, 2)
    text, other = prose(rng, 8), prose(rng, 8)
    put(store, one, "a", "\n\n".join(text))
    put(store, two, "b", "\n\n".join(text))
    url = f"https://p{two}.example/b"
    store.save(url, article(url, "\n\n".join(other)), publication_id=two)
    store.find_copies()
    assert store.conn.execute("SELECT * FROM copies").fetchall() == []
    assert store.conn.execute("SELECT * FROM clusters").fetchall() == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "昨天北京发生地震，没有人受伤，学校第二天照常上课，市长说房屋都很坚固。" * 3, id="no blanks"
        ),
        pytest.param(
            "Вчера вечером паром снова вышел в море, и порт был освещён новыми фонарями. " * 3, id="Russian"
        ),
    ],
)
def test_every_script_leaves_a_sketch(text: str) -> None:
    assert len(copies.runs_of(text)) >= 3


def test_the_time_an_article_takes_does_not_grow_with_stock_phrases(store: Store) -> None:
    """Of a run that stands in every article only the newest few are looked at."""
    papers = publications(store, 2)
    stock = "\n\n".join(prose(random.Random(6), 3))
    with store.transaction() as db:
        sketch = sorted(copies.runs_of(stock))[: copies.SKETCH]
        rows = [(run, number) for run in sketch for number in range(1000, 6000)]
        db.executemany("INSERT INTO sketches VALUES (?, ?)", rows)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.conn.set_progress_handler(step, 100)
    put(store, papers[0], "a", stock)
    store.conn.set_progress_handler(None, 0)
    assert steps < 300  # 20,000 steps of SQLite's machine; reading all 40,000 rows takes ten times that


def test_a_text_of_long_words_is_sampled_like_any_other() -> None:
    long = " ".join(f"{chr(97 + number % 26)}{number:08}" for number in range(200))
    assert 10 < len(copies.runs_of(long)) < 100
