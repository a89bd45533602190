"""A rule that would eat stories is refused, counted, said, and not tried any more; the stories stay whole."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from scraper import refusals
from scraper.cli import scrape
from scraper.config import Config
from scraper.crawl import crawl
from scraper.reextract import SAME, reextract
from scraper.store import Store
from tests.scraper.gazette import Gazette, served
from tests.scraper.test_learned import page

ADVERT = '<p class="lead">The harbour office sells its old charts on the quay, signed by the keeper.</p>'


@pytest.fixture
def gazette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gazette]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "g.toml").write_text('hosts = ["127.0.0.1"]\nstrip = ["article", ".lead"]\n')
    with served() as gazette:
        yield gazette


def configured(gazette: Gazette, folder: Path) -> Config:
    config = gazette.config(folder)
    return replace(config, paths=replace(config.paths, rules=folder / "rules"))


def crawled(gazette: Gazette, folder: Path, count: int) -> None:
    gazette.publish(count)
    for number in range(count):
        gazette.put(
            f"/story/{number}", page(number, gazette.origin).replace("</article>", f"{ADVERT}</article>")
        )
    asyncio.run(crawl(configured(gazette, folder), (gazette.publication(),)))


def test_a_hungry_rule_is_demoted_and_no_story_suffers(
    gazette: Gazette, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "scraper.refusals")
    crawled(gazette, tmp_path, 2)
    with Store(tmp_path / "articles.db") as store:
        (found,) = refusals.listed(store.conn)
        assert (found.rule, found.stories, found.demoted) == ("article", 2, False)
        assert found.reason == "would take 100% of the story"
        assert refusals.demoted(store.conn, 1) == frozenset()
    assert len([one for one in caplog.records if one.levelname == "INFO"]) == 2
    crawled(gazette, tmp_path, 3)
    warned = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert len(warned) == 1
    assert warned[0].startswith("rule 'article' was refused on 3 stories, last on ")
    crawled(gazette, tmp_path, 5)
    with Store(tmp_path / "articles.db") as store:
        (found,) = refusals.listed(store.conn)
        assert (found.stories, found.demoted) == (3, True)
        bodies = [body for (body,) in store.conn.execute("SELECT body FROM articles")]
        assert len(bodies) == 5
        assert all(len(body.split("\n\n")) == 5 and "charts" not in body for body in bodies)
        assert reextract(store, configured(gazette, tmp_path)).counts == {SAME: 5}


def test_what_was_refused_is_listed_and_forgotten(gazette: Gazette, tmp_path: Path) -> None:
    crawled(gazette, tmp_path, 3)
    (tmp_path / "config.toml").write_text(
        f'[paths]\ndatabase = "{tmp_path}/articles.db"\n[publications.gazette]\nurl = "{gazette.origin}/"\n'
    )
    arguments = ["--config", str(tmp_path / "config.toml"), "rules", "refused"]
    listed = CliRunner().invoke(scrape, arguments)
    assert listed.exit_code == 0, listed.output
    (row,) = json.loads(listed.stdout)
    assert (row["publication"], row["rule"], row["stories"], row["demoted"]) == (
        "gazette",
        "article",
        3,
        True,
    )
    assert CliRunner().invoke(scrape, [*arguments, "gazette", "--forget"]).exit_code == 0
    assert json.loads(CliRunner().invoke(scrape, arguments).stdout) == []
