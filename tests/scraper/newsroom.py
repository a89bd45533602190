"""Twenty days of three small papers in one database: wire copy, edits, a redesign, a page that was deleted.

python -m tests.scraper.newsroom FOLDER    # makes FOLDER/articles.db, to look at
"""

import random
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from extractors import Page, attempt
from scraper import observations
from scraper.config import Publication
from scraper.demo.stories import stories
from scraper.errors import Permanent
from scraper.store import Store
from tests.scraper.replay import NOON, Version, html

PAPERS = ("The Gazette", "Bay Courier", "Upland Post")
DESKS = ("Region", "Harbour", "Culture", "Science", "Sport")
WRITERS = ("Marta Quill", "Odd Berger", "Ines Aldana", "Per Haldane", "Tove Lindahl")
SUBJECTS = (
    "the night ferry", "the old mill", "the hill tram", "the school roof", "the tide clock",
    "the fish market",     "the pier lamp", "the library bus", "the flood gate", "the quarry",
)  # fmt: skip
DEEDS = ("Council votes on", "What is left of", "Who pays for", "A second chance for", "Doubts about")
CORRECTION = "Correction, {day}: An earlier version of this story gave the wrong number of crews."
DAYS = 20


PROSE = [
    piece.text for one in stories() if one.language == "en" for piece in one.pieces if len(piece.text) > 150
]


def story(paper: int, day: int, number: int) -> Version:
    """Return a story of a paper as it first stood: five paragraphs of as many stories of the demo."""
    place = paper * 7 + day * 3 + number
    pick = random.Random(f"{paper} {day} {number}")
    published = NOON + timedelta(days=day, hours=number)
    return Version(
        url=f"https://p{paper}.example/{day:02}/{number}",
        headline=f"{DEEDS[(day + number) % len(DEEDS)]} {SUBJECTS[place % len(SUBJECTS)]}",
        dek=f"{WRITERS[(day + number) % 5]} asked {place + 3} people, and most had an opinion",
        author=WRITERS[(paper + day + number) % len(WRITERS)],
        section=DESKS[place % len(DESKS)],
        story=tuple(pick.sample(PROSE, 5)),
        credit=f"Photo: {WRITERS[place % 5]} / {('AP', 'Bay Pictures', 'Reuters')[place % 3]}",
        published=published.isoformat(),
        modified=published.isoformat(),
    )


def wire(paper: int, day: int) -> Version:
    """Return a story that an agency sent to all papers."""
    sent = story(0, day, 9)
    text = (f"PORT HALE (AP) — {sent.story[0]}", *sent.story[1:])
    url = f"https://p{paper}.example/{day:02}/wire"
    return replace(sent, url=url, story=text, author="Associated Press")


def publish(store: Store, *, days: int = DAYS) -> None:
    """Crawl the papers once a day; in the last two one of them has a new design without bylines."""
    ids = [
        store.publication_id(Publication(f"p{n}", name, f"https://p{n}.example/"))
        for n, name in enumerate(PAPERS)
    ]
    for day in range(days):
        now = NOON + timedelta(days=day, hours=8)
        run = store.begin_run(now)
        for paper, publication in enumerate(ids):
            versions = [story(paper, day, number) for number in range(5 - paper)]
            if day % 3 == 0:
                versions.append(wire(paper, day))
            versions += [edited(story(paper, day - 1, number), number, day) for number in range(day and 2)]
            for version in versions:
                page = html(version)
                if paper == 2 and day >= days - 2:
                    page = page.replace(b'class="byline"', b"").replace(b'name="author"', b'name="x"')
                    page = page.replace(f'By <a rel="author" href="/by/1">{version.author}</a>'.encode(), b"")
                result = attempt(Page(version.url, page))
                store.save(version.url, result, run=run, publication_id=publication, now=now)
            with store.transaction() as db:
                feed, count = f"https://p{paper}.example/feed", len(versions)
                observations.reading(
                    db, run=run, publication_id=publication, source=feed, leads=count, new=count
                )
        if day == 6:
            gone = story(1, 3, 2).url
            store.save(
                gone, Permanent(gone, "gone", "410", status=410), run=run, publication_id=ids[1], now=now
            )
        store.find_copies()
        store.end_run(run, "finished", {}, now + timedelta(minutes=4))


def edited(version: Version, number: int, day: int) -> Version:
    """Return yesterday's story as its editors left it: with another headline or end, or with a note."""
    if number == 0 and day % 2:
        return replace(version, headline=f"{version.headline}, again")
    if number == 0:
        return replace(version, story=version.story[:-1])
    if day % 3 == 0:
        note = CORRECTION.format(day=f"{2 + day} March")
        return replace(version, story=(*version.story, note))
    return version


def main() -> None:
    """Make the database in the folder that is named."""
    folder = Path(sys.argv[1])
    with Store(folder / "articles.db") as store:
        publish(store)


if __name__ == "__main__":
    main()
