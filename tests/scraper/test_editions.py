"""Which code, rules and learned noise made a text: in articles, revisions, manifests and every process."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scraper import edition, export
from scraper.config import Config
from scraper.crawl import crawl
from scraper.reextract import reextract, roll_back
from scraper.reproduce import verify
from scraper.search import Wanted
from scraper.store import Store
from tests.scraper.gazette import Gazette, headline, served, story

STORIES = 3
RULE = 'hosts = ["127.0.0.1"]\n[select]\nsection = [".part"]\n'
PART = '<p class="part">Weirs</p>'


@pytest.fixture
def gazette() -> Iterator[Gazette]:
    with served() as gazette:
        gazette.publish(STORIES)
        for number in range(STORIES):
            gazette.put(f"/story/{number}", story(number, gazette.origin, more=PART))
        yield gazette


@pytest.fixture
def config(gazette: Gazette, tmp_path: Path) -> Config:
    settings = gazette.config(tmp_path, processes=2)
    return replace(settings, paths=replace(settings.paths, rules=tmp_path / "rules"))


def write_rule(config: Config, text: str = RULE) -> None:
    config.paths.rules.mkdir(exist_ok=True)
    (config.paths.rules / "gazette.toml").write_text(text)


def visit_all(config: Config) -> None:
    """Crawl, and ask for every page whether or not it is its time."""
    if config.paths.database.exists():
        with Store(config.paths.database) as store, store.transaction() as db:
            db.execute("UPDATE urls SET due_at = 0")
    asyncio.run(crawl(config, config.publications))


def editions(store: Store) -> set[str]:
    return {row[0] for row in store.conn.execute("SELECT edition FROM articles")}


def test_a_rule_reaches_a_crawl_and_its_version_the_article(config: Config) -> None:
    write_rule(config)
    visit_all(config)
    with Store(config.paths.database) as store:
        assert store.conn.execute("SELECT DISTINCT section FROM articles").fetchall() == [("Weirs",)]
        (made,) = editions(store)
        assert made.startswith(f"{edition.current()} rules:")


def test_a_new_rule_is_our_change_and_the_new_headline_the_publishers(
    gazette: Gazette, config: Config
) -> None:
    visit_all(config)
    write_rule(config)
    page = story(1, gazette.origin, more=PART)
    gazette.put("/story/1", page.replace(f"<h1>{headline(1)}</h1>", "<h1>The bakery of Mill Lane stays</h1>"))
    visit_all(config)
    with Store(config.paths.database) as store:
        found = store.conn.execute("SELECT changed, whose, edition FROM revisions ORDER BY id").fetchall()
        assert [row[:2] for row in found] == [("section", "ours"), ("headline", "publisher")]
        assert ["rules:" in row[2] for row in found] == [False, True]


def test_an_edit_is_the_publishers_where_the_new_rules_say_the_same_of_the_old_page(
    gazette: Gazette, config: Config
) -> None:
    visit_all(config)
    write_rule(config, 'hosts = ["127.0.0.1"]\nstrip = [".nowhere"]\n')
    page = story(1, gazette.origin, more=PART)
    gazette.put("/story/1", page.replace(f"<h1>{headline(1)}</h1>", "<h1>The bakery of Mill Lane stays</h1>"))
    visit_all(config)
    with Store(config.paths.database) as store:
        assert store.conn.execute("SELECT changed, whose FROM revisions").fetchall() == [
            ("headline", "publisher")
        ]


def test_rules_reach_reextract_and_verify_and_another_rule_is_named(config: Config, tmp_path: Path) -> None:
    visit_all(config)
    write_rule(config)
    with Store(config.paths.database) as store:
        before = editions(store)
        report = reextract(store, config)
        assert report.counts["field changed"] == STORIES
        (made,) = editions(store)
        assert "rules:" in made
        assert "noise:" in made  # lines that stand on every page
        done = export.export(store.conn, Wanted(), config, "nl", tmp_path / "a.jsonl")
        assert done.manifest is not None
        assert (verify(done.manifest, config).same, verify(done.manifest, config).notes) == (STORIES, [])

        write_rule(config, RULE.replace("section", "dek"))
        verdict = verify(done.manifest, config)
        assert verdict.notes == [
            "gazette.toml: this file of rules differs, texts of its publication may differ"
        ]
        assert len(verdict.wrong) == STORIES
        assert f"made by {made}, checked by " in verdict.wrong[0]

        assert roll_back(store, 1) == (STORIES, [])
        assert editions(store) == before


def test_a_text_that_new_rules_only_confirm_is_theirs_until_the_batch_is_taken_back(config: Config) -> None:
    visit_all(config)
    with Store(config.paths.database) as store:
        before = named(store)
        write_rule(config, 'hosts = ["127.0.0.1"]\nstrip = [".nowhere"]\n')
        report = reextract(store, config)
        # one has a line of noise that the crawl did not know
        assert report.counts["unchanged"] == STORIES - 1
        assert all("rules:" in made for made in editions(store))
        ((rewritten,),) = store.conn.execute("SELECT article_id FROM rewritten").fetchall()
        confirmed = store.conn.execute("SELECT articles FROM confirmed").fetchall()
        assert sorted(sum((json.loads(ids) for (ids,) in confirmed), [rewritten])) == list(before)
        assert roll_back(store, 1) == (1, [])
        assert named(store) == before


def test_what_is_only_confirmed_is_kept_in_one_row_for_all(config: Config) -> None:
    visit_all(config)
    with Store(config.paths.database) as store:
        reextract(store, config)
        before = named(store)
        for number in (2, 3):
            write_rule(config, f'hosts = ["127.0.0.1"]\nstrip = [".nowhere-{number}"]\n')
            assert reextract(store, config).counts == {"unchanged": STORIES}
            kept = store.conn.execute(
                "SELECT articles FROM confirmed WHERE batch_id = ?", (number,)
            ).fetchall()
            assert kept == [(json.dumps(list(before)).replace(" ", ""),)]
        urls = [row[0] for row in store.conn.execute("SELECT url FROM articles ORDER BY id")]
        assert roll_back(store, 2) == (0, urls)  # they are the third batch's by now
        assert roll_back(store, 3) == (0, [])
        assert editions(store).isdisjoint(before.values())


def named(store: Store) -> dict[int, str]:
    """Return the edition of each article."""
    return dict(store.conn.execute("SELECT id, edition FROM articles ORDER BY id").fetchall())
