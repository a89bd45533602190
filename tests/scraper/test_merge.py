"""Several crawlers share the publications; their databases become one, nothing lost, nothing doubled."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scraper import archive, share, stored, verify
from scraper import merge as merging
from scraper.archive import Pointer
from scraper.cli import scrape
from scraper.config import Config, Politeness, Publication, load
from scraper.crawl import crawl
from scraper.errors import ConfigError, ScrapeError
from scraper.merge import Part, merge
from scraper.store import Store
from tests.scraper.gazette import Gazette, headline, served, story

EIGHT = [3, 2, 2, 1, 2, 1, 2, 2]  # of HOSTS, among three machines; must never change
HOSTS = [f"paper-{number}.example" for number in range(1000)]


# Who crawls what


def test_hosts_are_shared_out_evenly_and_always_alike() -> None:
    shares = Counter(share.machine_of(host, 4) for host in HOSTS)
    assert set(shares) == {1, 2, 3, 4}
    assert all(200 < count < 300 for count in shares.values())
    assert [share.machine_of(host, 3) for host in HOSTS[:8]] == EIGHT


def test_another_machine_takes_its_part_and_no_other_host_moves() -> None:
    moved = {
        (share.machine_of(host, 4), share.machine_of(host, 5))
        for host in HOSTS
        if share.machine_of(host, 4) != share.machine_of(host, 5)
    }
    assert {new for _, new in moved} == {5}


def test_each_publication_is_one_machines_and_those_on_one_host_are_together() -> None:
    publications = tuple(
        Publication(f"p{number}-{section}", "P", f"https://{prefix}p{number}.example/{section}")
        for number in range(30)
        for section, prefix in (("news", "www."), ("sport", ""))
    )
    owners: dict[str, set[str]] = {}
    for machine in ("1/3", "2/3", "3/3"):
        config = Config(politeness=Politeness(share=machine), publications=publications)
        for one in share.own(config.politeness.share, publications):
            owners.setdefault(one.key, set()).add(machine)
    assert len(owners) == 60
    assert all(
        owners[f"p{n}-news"] == owners[f"p{n}-sport"] and len(owners[f"p{n}-news"]) == 1 for n in range(30)
    )


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", ""])
def test_a_share_that_is_none_is_an_error_with_its_place(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(f'[politeness]\nshare = "{text}"\n')
    with pytest.raises(ConfigError, match=r"config\.toml, line 2: politeness\.share.*second of three"):
        load(tmp_path / "config.toml")


def test_a_crawl_says_that_publications_are_another_machines(tmp_path: Path) -> None:
    host = next(host for host in HOSTS if share.machine_of(host, 2) == 1)
    (tmp_path / "config.toml").write_text(f'[publications.p]\nurl = "https://{host}/"\n')
    said = ["--config", str(tmp_path / "config.toml"), "-s", "politeness.share=2/2", "crawl"]
    done = CliRunner().invoke(scrape, said)
    assert done.exit_code == 0, done.output
    assert "1 publications are another machine's" in done.stderr


# What becomes of their databases


LAMPS = "<p>The lamps of the quay are lit by the guild.</p>"  # on every story


@pytest.fixture
def papers() -> Iterator[list[Gazette]]:
    """Four papers or more, of which each of two machines has one: their ports are chance."""
    with ExitStack() as stack:
        found: list[Gazette] = []
        while len(found) < 4 or len({_machine(paper) for paper in found}) < 2:
            paper = stack.enter_context(served())
            paper.publish(3 + len(found))
            for one in range(3 + len(found)):
                paper.put(f"/story/{one}", story(one, paper.origin, more=LAMPS))
            found.append(paper)
        yield found


def _machine(paper: Gazette) -> int:
    return share.machine_of(paper.origin.partition("//")[2], 2)


def crawled(folder: Path, papers: list[Gazette], machine: str = "1/1") -> Path:
    """Crawl those of the papers that are the machine's, and return the folder."""
    folder.mkdir(exist_ok=True)
    wanted = tuple(
        paper.publication(key=f"p{number}", name=f"P{number}") for number, paper in enumerate(papers)
    )
    config = replace(
        papers[0].config(folder), publications=wanted, politeness=Politeness(delay=0, share=machine)
    )
    summary = asyncio.run(crawl(config, share.own(config.politeness.share, wanted)))
    assert summary.contradictions == ()
    return folder


PUBLICATIONS = "publications ON publications.id = publication_id"


def said(database: Path) -> dict[str, Any]:
    """Return what a database says, but for its numbers and times."""
    queries = {
        "articles": "SELECT count(*) FROM articles",
        "urls": "SELECT id, state, reason FROM urls ORDER BY id",
        "noise": f"SELECT key, fingerprint, seen FROM noise JOIN {PUBLICATIONS} ORDER BY 1, 2",
        "fetches": "SELECT url_id, state, status FROM fetches ORDER BY 1, 2",
        "pages": "SELECT url_id, sha256 FROM pages ORDER BY 1, 2",
        "ledger": "SELECT * FROM ledger ORDER BY 1, 2, 3",
        "days": "SELECT * FROM articles_per_day ORDER BY 1, 2",
        "authors": "SELECT name FROM authors ORDER BY 1",
        "hosts": "SELECT origin FROM hosts ORDER BY 1",
        "documents": "SELECT url, named FROM documents ORDER BY 1",
        "found": "SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'council'",
        "quality": f"SELECT key, field, sum(pages) FROM field_quality JOIN {PUBLICATIONS} GROUP BY 1, 2",
    }
    with Store(database, read_only=True) as store:
        found: dict[str, Any] = {
            name: store.conn.execute(query).fetchall() for name, query in queries.items()
        }
        rows = list(stored.rows(store.conn, "true", ()))
        found["said"] = sorted((row["url"], stored.checksum(stored.article(store.conn, row))) for row in rows)
        assert store.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return found


def test_two_crawlers_and_a_merge_know_what_one_crawler_knows(papers: list[Gazette], tmp_path: Path) -> None:
    for machine in ("1/2", "2/2"):
        crawled(tmp_path / machine[0], papers, machine)
    asked = [dict(paper.asked) for paper in papers]
    assert all(set(paths.values()) == {1} for paths in asked)  # nothing was asked by both
    crawled(tmp_path / "alone", papers)
    parts = [Part(name, tmp_path / name / "articles.db") for name in ("1", "2")]
    merged = merge(parts, tmp_path / "joined.db")
    alone, joined = said(tmp_path / "alone" / "articles.db"), said(tmp_path / "joined.db")
    assert joined == alone
    assert merged.articles == sum(count for ((count,),) in [joined["articles"]])
    assert (merged.met_articles, merged.met_addresses) == (0, 0)
    merge(parts, tmp_path / "joined.db")
    assert said(tmp_path / "joined.db") == alone


def test_pages_are_found_in_the_folder_of_their_crawler(papers: list[Gazette], tmp_path: Path) -> None:
    for name in ("north", "south"):
        crawled(tmp_path / name, papers[:2] if name == "north" else papers[2:])
    joined = tmp_path / "joined.db"
    merge([Part(name, tmp_path / name / "articles.db") for name in ("north", "south")], joined)
    (tmp_path / "archive").mkdir()
    for name in ("north", "south"):
        (tmp_path / "archive" / name).symlink_to(tmp_path / name / "archive")
    with Store(joined, read_only=True) as store:
        places = store.conn.execute("SELECT file, offset, length, sha256 FROM pages").fetchall()
        assert {place[0].partition("/")[0] for place in places} == {"north", "south"}
        for place in places:
            archive.read(tmp_path / "archive", Pointer(*place))
        assert not list(verify.verify(tmp_path / "archive", store.conn, lambda: None))


LATER = (("articles", "checked_at"), ("articles", "updated_at"), ("fetches", "fetched_at"))


def test_what_two_crawlers_saw_is_kept_as_it_was_seen_last_and_the_other_is_a_revision(
    papers: list[Gazette], tmp_path: Path
) -> None:
    (paper, *_) = papers
    early = crawled(tmp_path / "early", [paper])
    changed = story(1, paper.origin).replace("most of them stayed", "nearly all of them stayed")
    paper.put("/story/1", changed)
    late = crawled(tmp_path / "late", [paper])
    with Store(late / "articles.db") as store, store.transaction() as db:  # as if years had passed
        for table, column in LATER:
            db.execute(f"UPDATE {table} SET {column} = '2090' || substr({column}, 5)")
    for order in (("early", "late"), ("late", "early")):
        parts = [Part(name, {"early": early, "late": late}[name] / "articles.db") for name in order]
        merged = merge(parts, tmp_path / "joined.db")
        assert (merged.articles, merged.met_articles, merged.revisions) == (3, 3, 1)
        with Store(tmp_path / "joined.db", read_only=True) as store:
            found = "SELECT body FROM articles WHERE headline = ?"
            (body,) = store.conn.execute(found, (headline(1),)).fetchone()
            (old,) = store.conn.execute("SELECT old FROM revisions").fetchone()
            assert store.conn.execute("SELECT count(*) FROM fetches").fetchone() == (6,)
            assert store.conn.execute("SELECT max(seen) FROM noise").fetchone() == (3,)
        assert "nearly all of them" in body
        assert "most of them" in old


def test_every_table_is_merged_made_anew_or_left_on_purpose(tmp_path: Path) -> None:
    strict = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%'"
    with Store(tmp_path / "a.db") as store:
        tables = {name for (name,) in store.conn.execute(strict)}
    handled = (
        *merging.NAMED, *merging.NUMBERED, *merging.OF_ARTICLES, *merging.PLAIN, *merging.SUMMED,
        *merging.LATEST, *merging.DERIVED, *merging.LEFT, "articles", "urls",
    )  # fmt: skip
    assert set(handled) == tables
    assert len(handled) == len(tables)


def test_the_command_names_what_is_wrong(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with Store(tmp_path / name / "articles.db"):
            pass
    both = [str(tmp_path / name / "articles.db") for name in ("a", "b")]

    def merged(*parts: str) -> Any:
        return CliRunner().invoke(scrape, ["merge", *parts, "-o", str(tmp_path / "joined.db")])

    assert "write NAME=FILE" in merged(*both).stderr
    assert merged(f"a={both[0]}", f"b={both[1]}").exit_code == 0
    assert merged(f"a={tmp_path / 'gone.db'}").exit_code == 1
    with pytest.raises(ScrapeError, match="cannot be a part"):
        merge([Part("a", tmp_path / "joined.db")], tmp_path / "joined.db")
