"""A story over several pages: fetched, archived, stored as one, and made again from the archive."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from extractors import Article
from scraper import archived, stored
from scraper.cli import scrape
from scraper.crawl import crawl
from scraper.errors import Transient
from scraper.reextract import SAME, reextract
from scraper.store import Store
from scraper.visit import Visit, visit
from tests.scraper.gazette import Gazette, served, story


@pytest.fixture
def gazette() -> Iterator[Gazette]:
    """One story over three pages, and one that calls another its next."""
    with served() as gazette:
        gazette.publish(2)
        for number in (1, 2, 3):
            html = story(0, gazette.origin).replace("report 0", f"part {number}")
            links = "".join(f'<a href="/story/0?page={one}">{one}</a> ' for one in (1, 2, 3))
            path = "/story/0" if number == 1 else f"/story/0?page={number}"
            gazette.put(path, html.replace("</article>", f"<p>{links}</p></article>"))
        yield gazette


def bodies(store: Store) -> dict[str, str]:
    return dict(store.conn.execute("SELECT substr(url, -7), body FROM articles"))


def test_a_crawl_stores_one_article_and_the_archive_gives_it_again(gazette: Gazette, tmp_path: Path) -> None:
    config = gazette.config(tmp_path)
    summary = asyncio.run(crawl(config, (gazette.publication(),)))
    assert summary.contradictions == ()
    with Store(config.paths.database) as store:
        found = bodies(store)
        assert sorted(found) == ["story/0", "story/1"]
        for part in (1, 2, 3):
            assert f"of part {part}:" in found["story/0"]
        states = store.conn.execute("SELECT path, state, reason FROM urls JOIN hosts ON hosts.id = host_id")
        assert {row for row in states if "page=" in row[0]} == {
            (f"/story/0?page={number}", "skipped", "duplicate") for number in (2, 3)
        }
        assert reextract(store, config).counts == {SAME: 2}
        assert bodies(store) == found
        page_id = store.conn.execute("SELECT page_id FROM articles WHERE url LIKE '%/0'").fetchone()[0]
        known = archived.page_of(store.conn, page_id)
        assert known is not None
        page = archived.read_page(config.paths.archive, known)
        assert [more.url for more in page.more] == [f"{gazette.origin}/story/0?page={n}" for n in (2, 3)]
        assert page.fetched_at is not None
    asyncio.run(crawl(config, (gazette.publication(),)))
    assert gazette.asked["/story/0?page=2"] == 1


def test_an_export_is_verified_from_all_of_its_pages(gazette: Gazette, tmp_path: Path) -> None:
    config = gazette.config(tmp_path)
    asyncio.run(crawl(config, (gazette.publication(),)))
    places = [f"paths.database={config.paths.database}", f"paths.archive={config.paths.archive}"]
    arguments = [word for place in places for word in ("--set", place)]
    target = str(tmp_path / "articles.jsonl")
    exported = CliRunner().invoke(scrape, [*arguments, "export", "--format", "nl", "-o", target])
    assert exported.exit_code == 0, exported.output
    verified = CliRunner().invoke(scrape, [*arguments, "verify", f"{target}.manifest.jsonl"])
    assert verified.exit_code == 0, verified.output


def asked_for(gazette: Gazette, folder: Path, path: str) -> Visit:
    found: list[Visit] = []
    asyncio.run(visit(gazette.config(folder), [gazette.origin + path], found.append))
    return found[0]


def test_by_hand_it_is_one_article_too(gazette: Gazette, tmp_path: Path) -> None:
    found = asked_for(gazette, tmp_path, "/story/0")
    assert isinstance(found.result, Article)
    assert len(found.result.pages) == len(found.more) + 1 == 3
    assert "of part 3:" in found.result.body


def test_a_page_that_is_gone_ends_the_story(gazette: Gazette, tmp_path: Path) -> None:
    gazette.put("/story/0?page=3", "gone", status=404)
    found = asked_for(gazette, tmp_path, "/story/0")
    assert isinstance(found.result, Article)
    assert found.result.next_page == f"{gazette.origin}/story/0?page=3"
    assert len(found.result.pages) == 2


def test_half_a_story_is_not_stored(gazette: Gazette, tmp_path: Path) -> None:
    page = gazette.pages["/story/0?page=2"]
    gazette.put("/story/0?page=2", "down", status=503)
    assert isinstance(asked_for(gazette, tmp_path, "/story/0").result, Transient)
    config = gazette.config(tmp_path)
    asyncio.run(crawl(config, (gazette.publication(),)))
    with Store(config.paths.database) as store:
        assert sorted(bodies(store)) == ["story/1"]
    gazette.pages["/story/0?page=2"] = page
    asyncio.run(crawl(config, (gazette.publication(),)))
    with Store(config.paths.database) as store:
        assert sorted(bodies(store)) == ["story/0", "story/1"]
        article_id = store.conn.execute("SELECT id FROM articles WHERE url LIKE '%/0'").fetchone()[0]
        assert "of part 3:" in stored.one(store.conn, article_id).body


def test_a_loop_ends(gazette: Gazette, tmp_path: Path) -> None:
    html = story(1, gazette.origin)
    for path, following in (("/story/1", "/story/1?page=2"), ("/story/1?page=2", "/story/1?page=3")):
        gazette.put(path, html.replace("</head>", f'<link rel="next" href="{following}"></head>'))
    found = asked_for(gazette, tmp_path, "/story/1")
    assert isinstance(found.result, Article)
    assert found.result.pages == ()
    assert gazette.asked["/story/1?page=3"] == 0


def test_it_is_printed_with_its_pages(gazette: Gazette) -> None:
    done = CliRunner().invoke(
        scrape, ["--set", "fetching.allow_private=127.0.0.0/8", "url", f"{gazette.origin}/story/0"]
    )
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [url.removeprefix(gazette.origin) for url in said["pages"]] == [
        "/story/0",
        "/story/0?page=2",
        "/story/0?page=3",
    ]
