"""A page that is empty until its scripts run, in a browser that has no way out but through us."""

import asyncio
import shutil
import socket
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scraper import archive
from scraper.browser import NAMES
from scraper.config import Browsing, Config
from scraper.crawl import crawl
from scraper.events import Summary
from tests.scenarios.command import query
from tests.scraper.gazette import Gazette, served, story

pytestmark = pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="no Chromium is installed")

SHELL = """<html><head><title>Gazette</title></head><body><div id="root"></div>
<script src="/app.js"></script></body></html>"""
APP = """
fetch("/data").then(answer => answer.text()).then(
    text => { document.getElementById("root").innerHTML = text });
for (const way of ["http://127.0.0.1:CANARY/a", "http://localhost:CANARY/b", "/private/c"])
    fetch(way, {mode: "no-cors"}).catch(() => 0);
try { new WebSocket("ws://127.0.0.1:CANARY/d") } catch (error) {}
new Image().src = "http://127.0.0.1:CANARY/e";
navigator.sendBeacon("http://127.0.0.1:CANARY/f", "x");
"""


def crawled(gazette: Gazette, config: Config) -> Summary:
    port = int(gazette.origin.rpartition(":")[2])
    fetching = replace(config.fetching, allow_private=(f"127.0.0.1:{port}",))
    return asyncio.run(crawl(replace(config, fetching=fetching), config.publications))


def empty_site(gazette: Gazette, canary: int) -> None:
    gazette.publish(1)
    body = story(0, gazette.origin).partition("<main>")[2].partition("</main>")[0]
    gazette.put("/story/0", SHELL)
    gazette.put("/app.js", APP.replace("CANARY", str(canary)), kind="text/javascript")
    gazette.put("/data", body)


@pytest.mark.parametrize("how", ["render", "shells"])
def test_a_shell_is_rendered_and_nothing_leaves_but_through_us(how: str, tmp_path: Path) -> None:
    with closing(socket.create_server(("0.0.0.0", 0))) as canary, served() as gazette:
        canary.setblocking(False)
        empty_site(gazette, canary.getsockname()[1])
        publication = gazette.publication(render=how == "render")
        config = replace(
            gazette.config(tmp_path), publications=(publication,), browser=Browsing(how == "shells")
        )
        summary = crawled(gazette, config)
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert summary.counts == {("saved", None): 1}
    assert "/private/c" not in gazette.asked, "robots.txt holds for scripts, too"
    assert gazette.asked["/story/0"] == 1, "the page itself is not asked for again"
    ((body, file, offset, length, sha256),) = query(
        tmp_path, "SELECT body, file, offset, length, sha256 FROM articles JOIN pages ON pages.id = page_id"
    )
    assert "until the lamps went out" in body
    rendered = archive.read(tmp_path / "archive", archive.Pointer(file, offset, length, sha256))
    assert b"until the lamps" in rendered.body
    both = list(archive.pages(tmp_path / "archive" / file))
    assert [b"lamps" in page.body for page in both if isinstance(page, archive.Page)] == [False, True]


def test_a_script_without_end_costs_its_time_and_no_more(tmp_path: Path) -> None:
    with served() as gazette:
        gazette.publish(2)
        gazette.put("/story/0", "<title>x</title><h1>x</h1><script>while (true) {}</script>")
        config = replace(
            gazette.config(tmp_path),
            publications=(gazette.publication(render=True),),
            browser=Browsing(seconds=3.0),
        )
        summary = crawled(gazette, config)
    assert summary.count("saved") == 1


def test_without_permission_a_shell_is_a_shell(tmp_path: Path) -> None:
    with served() as gazette:
        empty_site(gazette, 9)
        summary = crawled(gazette, gazette.config(tmp_path))
    assert summary.counts == {("skipped", "shell"): 1}
    assert gazette.asked["/app.js"] == 0
