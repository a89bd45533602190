"""A page that can be edited, as its publication would, and what the database makes of each version."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape

from extractors import Page, attempt
from scraper.archive import Archive
from scraper.fetch import Fetched
from scraper.outcome import Outcome
from scraper.store import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STORY = (
    "The ferry across the lower bay will run through the night from June, the harbour board said on Monday.",
    "Until now the last boat left the quay at 22:40, and people who worked late shifts had to take the bus "
    "around the bay, which takes ninety minutes and stops eleven times on the way.",
    "“We have asked for this since the mill closed,” said Ines Aldana, who cleans offices on the far shore.",
    "The board expects 140 passengers a night and will pay for three more crews out of the harbour dues.",
    "A trial in the autumn of 2024 ended early because the landing stage on the far side could not be lit.",
    "New lamps were put up in February, and the board has recieved no complaints about them so far.",
)


@dataclass(frozen=True)
class Version:
    """What an editor can change, and what changes around the story without one."""

    url: str = "https://gazette.example/2026/03/night-ferry"
    headline: str = "Night ferry to run from June"
    dek: str = "Harbour board pays for three more crews"
    author: str = "Marta Quill"
    section: str = "Region"
    tags: tuple[str, ...] = ("ferries", "harbour")
    story: tuple[str, ...] = STORY
    credit: str = "Photo: Tove Lindahl"
    published: str = "2026-03-02T09:00:00Z"
    modified: str = "2026-03-02T09:00:00Z"
    related: tuple[str, ...] = ("Mill to become flats", "Tram vote put off again")
    furniture: str = "Follow us on social"


def html(version: Version) -> bytes:
    """Return the page."""
    tags = "".join(f'<meta property="article:tag" content="{escape(tag)}">' for tag in version.tags)
    story = "".join(f"<p>{escape(text)}</p>" for text in version.story)
    related = "".join(f'<li><a href="/r/{n}">{escape(one)}</a></li>' for n, one in enumerate(version.related))
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{escape(version.headline)} | The Gazette</title>
<link rel="canonical" href="{version.url}"><meta property="og:type" content="article">
<meta property="og:title" content="{escape(version.headline)}">
<meta property="og:description" content="{escape(version.dek)}">
<meta property="article:section" content="{escape(version.section)}">{tags}
<meta property="article:published_time" content="{version.published}">
<meta property="article:modified_time" content="{version.modified}">
<meta name="author" content="{escape(version.author)}"></head><body>
<header><nav><a href="/">Home</a> <a href="/region/">Region</a> <a href="/sport/">Sport</a></nav></header>
<main><article><h1>{escape(version.headline)}</h1><p class="dek">{escape(version.dek)}</p>
<p class="byline">By <a rel="author" href="/by/1">{escape(version.author)}</a></p>
<figure><img src="/ferry.jpg" alt="A ferry at a quay"><figcaption>A ferry at the old quay at dusk.
<span class="credit">{escape(version.credit)}</span></figcaption></figure>
{story}</article>
<div class="social-share"><p>{escape(version.furniture)}</p></div>
<aside class="related-stories"><h3>Related</h3><ul>{related}</ul></aside></main>
<footer><p>© 2026 The Gazette. All rights reserved.</p></footer></body></html>""".encode()


def replay(store: Store, versions: list[Version]) -> list[Outcome]:
    """Store each version, one a day, as a crawl would."""
    first = versions[0].url
    return [
        store.save(first, attempt(Page(first, html(version))), now=NOON + timedelta(days=day))
        for day, version in enumerate(versions)
    ]


def archived(store: Store, archive: Archive, version: Version, *, day: int = 0, **said: int) -> Outcome:
    """Store a version with its page in the archive, as a crawl does."""
    now = NOON + timedelta(days=day)
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    fetched = Fetched(version.url, version.url, 200, headers, html(version), now, 0.1)
    result = attempt(fetched.page())
    return store.save(version.url, result, fetched=fetched, pointer=archive.write(fetched), now=now, **said)


def another(number: int, **values: object) -> Version:
    """Return another story: its own address, headline and words."""
    story = tuple(f"{text} That was report number {number}." for text in STORY)
    own = {"url": f"https://gazette.example/2026/03/story-{number}", "story": story}
    own |= {"headline": f"Report {number} is out", "dek": f"What report {number} says"}
    return replace(Version(), **(own | values))  # type: ignore[arg-type]


Edit = Callable[[Version], Version]


def history(*edits: Edit) -> list[Version]:
    """Return the first version, and one more after each edit."""
    versions = [Version()]
    for edit in edits:
        versions.append(edit(versions[-1]))
    return versions


def paragraph(number: int, old: str, new: str) -> Edit:
    """Exchange some words in a paragraph."""

    def edit(version: Version) -> Version:
        assert old in version.story[number]
        story = list(version.story)
        story[number] = story[number].replace(old, new)
        return replace(version, story=tuple(story))

    return edit


def insert(number: int, text: str) -> Edit:
    """Put a paragraph before the one with this number."""
    return lambda version: replace(version, story=(*version.story[:number], text, *version.story[number:]))


def drop(number: int) -> Edit:
    """Take a paragraph out."""
    return lambda version: replace(version, story=(*version.story[:number], *version.story[number + 1 :]))


def put(**values: object) -> Edit:
    """Change facts of the page."""
    return lambda version: replace(version, **values)  # type: ignore[arg-type]


def both(*edits: Edit) -> Edit:
    """Make several edits in one version."""

    def edit(version: Version) -> Version:
        for one in edits:
            version = one(version)
        return version

    return edit
