"""Scenarios 17 to 20: what pages and lists say, wrongly declared, poisoned, or suddenly something else."""

import asyncio
import csv
import io
import json
import time
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from lxml import html

from scraper import discover
from scraper.config import Fetching
from scraper.fetch import DOCUMENT, Fetcher
from scraper.serve import application
from scraper.store import Store
from tests.scenarios import kits
from tests.scenarios.command import LONG, outcomes, query, run, settings, sized
from tests.scenarios.figures import note
from tests.scenarios.kits import KITS
from tests.scenarios.world import Answer, feed, response, serving
from tests.scraper.gazette import story
from tests.scraper.test_never_worse import WALLS
from tests.scraper.test_strings import FORMULAS, PAGES, TEXTS

# 17. XML

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
MARKER = "lighthouse-7391"


def hostile(canary: str, marker: Path) -> dict[str, bytes]:
    """Return documents that want to grow, to ask another server, or to read a file."""

    def rss(doctype: str, said: str) -> str:
        link = "<link>http://127.0.0.1/story/1</link>"
        return (f'<?xml version="1.0"?><!DOCTYPE r [{doctype}]><rss version="2.0"><channel><item>'
                f"<title>{said}</title>{link}</item></channel></rss>")  # fmt: skip

    return {
        "laughs": rss(f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;").encode(),
        "quadratic": rss(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 5_000).encode(),
        "file": rss(f'<!ENTITY x SYSTEM "{marker.as_uri()}">', "&x;").encode(),
        "server": rss(f'<!ENTITY x SYSTEM "{canary}/entity">', "&x;").encode(),
        "dtd": f'<?xml version="1.0"?><!DOCTYPE urlset SYSTEM "{canary}/dtd"><urlset/>'.encode(),
        "parameter": rss(f'<!ENTITY % x SYSTEM "{canary}/parameter"> %x;', "x").encode(),
        "hidden in UTF-16": rss(f'<!ENTITY x SYSTEM "{marker.as_uri()}">', "&x;").encode("utf-16"),
        "include": f'<urlset xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{canary}/include"/>'
                   "</urlset>".encode(),
        "nested": b"<urlset>" + b"<url>" * 200_000,
    }  # fmt: skip


def test_17_xml_expands_nothing_and_asks_nobody(tmp_path: Path) -> None:
    """Each document as a feed, as a sitemap and as a page; the canary is a host of its own."""
    marker = tmp_path / "marker.txt"
    marker.write_text(MARKER)
    site: dict[str, Answer] = {}
    with serving(site) as world:
        documents = hostile(world.origin("127.0.0.9"), marker)
        if LONG and KITS:
            documents |= {file.name: file.read_bytes() for file in sorted((KITS / "xml").glob("*.xml"))}
        paths = {name: f"/{number}.xml" for number, name in enumerate(documents)}
        for name, body in documents.items():
            site[paths[name]] = response(body, content_type="application/xml")
            site[f"/page{paths[name]}"] = response(body, content_type="text/html")
            site[f"/xhtml{paths[name]}"] = response(body, content_type="application/xhtml+xml")
        site["/story/1"] = response(story(1, world.origin()))
        pages = [f"{world.origin()}{path}" for path in site if path.startswith(("/page", "/xhtml", "/story"))]
        site["/feed.xml"] = feed(*pages)
        lists = [f"{world.origin()}{path}" for path in paths.values()]
        settings(tmp_path, {"g": {"url": f"{world.origin()}/", "sitemaps": lists, "include": ["."],
                                  "feeds": [f"{world.origin()}/feed.xml", *lists]}})  # fmt: skip
        done = run(tmp_path)
        canary = world.asked("127.0.0.9").total()
    longest = max(map(seconds_to_read, documents.values()))
    assert canary == 0
    assert longest < 1.0 or not LONG  # a busy machine may take longer; the order of magnitude is what counts
    assert longest < 5.0
    assert outcomes(tmp_path)["/story/1"] == ("saved", None)
    assert MARKER.encode() not in (tmp_path / "articles.db").read_bytes()
    assert MARKER not in done.stderr
    assert "Traceback" not in done.stderr
    note("17. XML", documents=len(documents), canary_hits=canary, longest_ms=round(1000 * longest))


def seconds_to_read(body: bytes) -> float:
    """Return how long the slower of our two readers of XML takes for it."""
    spent = []
    for read in (discover.sitemap, discover.feed):
        started = time.perf_counter()
        with suppress(ValueError):
            read(body, "application/xml", "http://gazette.example/")
        spent.append(time.perf_counter() - started)
    return max(spent)


@pytest.mark.skipif(not (LONG and KITS), reason="the labelled kits are not here")
def test_17_the_sitemaps_and_xml_of_the_kit() -> None:
    scores = kits.scored("xml", "sitemaps")
    assert [score.kit for score in scores if not score.passed] == []
    note("17. XML, kit", rows=sum(score.total for score in scores), right=sum(score.good for score in scores))


# 18. Charsets

LETTERS = {
    "windows-1252": "Der Müller im Dorf sagte „schön“ und ging über die Brücke, café à la crème für 3 €.",
    "koi8-r": "Последний паром ушёл вечером, и деревня ждала утра на пристани у старой мельницы.",
    "windows-1251": "Учительница открыла школу на острове, и дети пришли с другого берега реки.",
    "iso-8859-2": "Żółta łódź wróciła wieczorem, a młynarz już czekał na nią przy starym moście.",
    "shift_jis": "島の分校で最後の運動会が開かれ、町の人たちが久しぶりに集まった。",
    "euc-jp": "春の海に出た船が夕方に戻り、港では子どもたちが待っていた。",
    "gb18030": "老城最后一家钟表铺决定再开十年，街坊们都以为老师傅会就此退休。",
    "big5": "老城最後一家鐘錶鋪決定再開十年，街坊們都以為老師傅會就此退休。",
    "euc-kr": "섬의 마지막 배가 저녁에 떠나고 마을 사람들은 아침을 기다렸다.",
    "utf-8": "Ο μυλωνάς είδε το πλοίο το βράδυ και περίμενε στην παλιά γέφυρα.",
}


def test_18_text_is_read_in_its_charset(tmp_path: Path) -> None:
    """Each language with its charset in the header, in a meta tag, and nowhere."""
    site: dict[str, Answer] = {}
    said: dict[str, str] = {}
    with serving(site) as world:
        for number, (charset, sentence) in enumerate(LETTERS.items()):
            for way in ("header", "meta", "nowhere"):
                meta = f'<meta charset="{charset}">' if way == "meta" else ""
                text = f"{way[0]} {number}. {sentence}"
                paragraphs = "".join(f"<p>{part}. {text} {sentence}</p>" for part in range(5))
                page = (
                    f"<html>{meta}<title>{text}</title><meta property='og:type' content='article'><meta "
                    "property='article:published_time' content='2026-03-02T08:00:00Z'>"
                    f"<article><h1>{text}</h1>{paragraphs}</article></html>"
                )
                header = f"text/html; charset={charset}" if way == "header" else "text/html"
                path = f"/story/{way}/{charset}"
                site[path] = response(page.encode(charset), content_type=header)
                said[path] = text
        site["/feed.xml"] = feed(*(f"{world.origin()}{path}" for path in said))
        settings(tmp_path, {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"]}})
        run(tmp_path)
    stored = dict(query(tmp_path, """SELECT path, headline || char(10) || body FROM articles
        JOIN urls ON article_id = articles.id"""))  # fmt: skip
    wrong = [path for path, text in said.items() if text not in stored.get(path, "")]
    assert wrong == []
    assert not any("\ufffd" in text for text in stored.values())
    note("18. charsets", pages=len(said), wrong=len(wrong))


@pytest.mark.skipif(not (LONG and KITS), reason="the labelled kits are not here")
def test_18_the_charsets_of_the_kit() -> None:
    """The bytes come over the wire, so that what a header loses on its way would be seen."""
    rows = [row for row in kits.rows("encodings/encodings.jsonl") if row["kind"] == "html-prescan"]
    bare = kits.rows("encodings/undeclared.jsonl")
    bodies = [(b64decode(row["bytes_b64"]), row.get("content_type") or "text/html") for row in (*rows, *bare)]
    site: dict[str, Answer] = {
        f"/{number}": response(body, content_type=kind) for number, (body, kind) in enumerate(bodies)
    }

    async def same(port: int) -> bool:
        async with Fetcher(Fetching(allow_private=(f"127.0.0.1:{port}",))) as fetcher:
            fetched = [
                await fetcher.fetch(f"http://127.0.0.1:{port}{path}", wanted=DOCUMENT) for path in site
            ]
        return [(one.body, one.content_type) for one in fetched] == bodies

    with serving(site) as world:
        assert asyncio.run(same(world.port))
    scores = kits.scored("encodings")
    assert [score.kit for score in scores if not score.passed] == []
    note(
        "18. charsets, kit",
        **{score.kit.partition(", ")[2]: f"{score.good} of {score.total}" for score in scores},
    )


# 19. Poisoned text

SECRET = "canary-secret-5127"


def test_19_poisoned_text_stops_nobody_and_is_never_live(tmp_path: Path) -> None:
    """Every text as headline, author, tag and body of a page of one crawl; stored, shown and exported."""
    site: dict[str, Answer] = {}
    texts = [*TEXTS, *FORMULAS, *PAGES] if LONG else [*TEXTS[:21], *FORMULAS[:10], *PAGES[:7]]
    with serving(site) as world:
        for number, text in enumerate(texts):
            site[f"/story/{number}"] = response(poisoned(number, text))
        odd = [
            "/story/%00",
            "/story/..%2f..%2fetc%2fpasswd",
            "/story/%3Cscript%3E",
            "/story/=cmd",
            "/story/" + "x" * 900,
        ]
        for path in odd:
            site[path] = response(story(len(site), world.origin()))
        site["/feed.xml"] = feed(*(f"{world.origin()}{path}".replace("&", "&amp;") for path in site))
        settings(tmp_path, {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"],
                                  "include": ["."]}})  # fmt: skip
        file = tmp_path / "config.toml"
        file.write_text(f'{file.read_text()}headers = {{ Authorization = "Bearer {SECRET}" }}\n')
        done = run(tmp_path)
    states = outcomes(tmp_path)
    assert len(states) == len(site) - 1
    assert {state for state, _ in states.values()} == {"saved"}, states
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr
    assert SECRET.encode() not in (tmp_path / "articles.db").read_bytes()
    archived = query(tmp_path, "SELECT DISTINCT file FROM pages")
    assert all((tmp_path / "archive" / name).parent == tmp_path / "archive" for (name,) in archived)
    assert {path.name for path in (tmp_path / "archive").iterdir()} == {name for (name,) in archived}

    run(tmp_path, "export", "--format", "csv", "-o", str(tmp_path / "out.csv"))
    cells = [
        cell for row in csv.reader(io.StringIO((tmp_path / "out.csv").read_bytes().decode())) for cell in row
    ]
    raw = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert len(cells) > len(texts)
    assert raw == []
    shown = asyncio.run(pages_of_the_browser(tmp_path / "articles.db"))
    live = [tag for page in shown for tag in live_parts(page)]
    assert live == []
    note("19. poisoned text", stories=len(texts), lost=0, live_parts=0, raw_formulas=0, secrets_told=0)


def poisoned(number: int, text: str) -> bytes:
    """Return a story that says the text in its JSON-LD, where any character can stand, and in its markup."""
    escaped = json.dumps(f"{text} ({number})").replace("<", "\\u003c")
    about = (f'{{"@type": "NewsArticle", "headline": {escaped}, "keywords": [{escaped}], '
             f'"author": {{"@type": "Person", "name": {escaped}}}}}')  # fmt: skip
    visible = text.encode("utf-8", "replace").decode().replace("&", "&amp;").replace("<", "&lt;")
    page = story(number, "http://gazette.example")
    page = page.replace("</head>", f'<script type="application/ld+json">{about}</script></head>')
    page = page.replace("</article>", f"<p>Somebody wrote on the wall of the mill: {visible}</p></article>")
    return page.encode("utf-8", "replace")


async def pages_of_the_browser(database: Path) -> list[str]:
    datasette = application(database)
    await datasette.invoke_startup()
    numbers = [f"/article/{number}" for number in range(1, 40)]
    lists = ["/articles/articles_flat?_size=1000", "/articles/tags?_size=1000", "/articles/urls?_size=1000"]
    return [(await datasette.client.get(address)).text for address in (*lists, *numbers)]


def live_parts(page: str) -> list[str]:
    """Return what would run or load in a page of ours and cannot be ours."""
    tree = html.document_fromstring(page)
    scripts = [text for text in tree.xpath("//script[not(@src)]/text()") if "alert" in text or "ldap" in text]
    handlers = [
        name for element in tree.iter(html.etree.Element) for name in element.attrib if name[:2] == "on"
    ]
    tags = tree.xpath("//iframe | //object | //embed | //*[starts-with(@href, 'javascript:')]")
    return [*scripts, *handlers, *(element.tag for element in tags)]


# 20. Redesign and walls


CALM = sized(2, 4)  # runs in which only news come
REPLACED_BY = ("consent", "soft 404", "log in")[: sized(1, 3)]


def test_20_a_redesign_and_walls_are_told_and_cost_no_article(tmp_path: Path) -> None:
    """Five calm runs; then other templates; then walls, a soft 404 and half a story in place of each page."""
    site: dict[str, Answer] = {}
    published = 0

    def publish(count: int, page: Callable[[int], str | bytes] | None = None) -> None:
        """Put more stories on the site, made by ``page`` if not in the usual way."""
        nonlocal published
        for number in range(published, published + count):
            site[f"/story/{number}"] = response((page or dressed)(number))
        published += count
        site["/feed.xml"] = feed(
            *(f"{world.origin()}/story/{number}" for number in reversed(range(published)))
        )

    def crawl_again() -> tuple[int, list[str]]:
        """Let every address be due, crawl, and return the exit code and the alarms."""
        with Store(tmp_path / "articles.db") as store, store.transaction() as db:
            db.execute("UPDATE urls SET due_at = 1 WHERE due_at IS NOT NULL")
            db.execute("UPDATE documents SET checked_at = 0")
        done = run(tmp_path)
        said = [line["message"] for line in done.lines]
        return done.code, [message for message in said if message.startswith("alarm: g: ")]

    with serving(site) as world:
        publish(12)
        settings(tmp_path, {"g": {"url": f"{world.origin()}/", "feeds": [f"{world.origin()}/feed.xml"]}})
        assert run(tmp_path).code == 0
        calm = []
        for _ in range(CALM):
            publish(6)
            calm.append(crawl_again())
        assert calm == [(0, [])] * CALM
        good = dict(query(tmp_path, "SELECT headline, body FROM articles"))
        assert len(good) == published

        publish(8, redesigned)
        code, alarms = crawl_again()
        assert code == 3
        assert any("authors" in alarm for alarm in alarms), alarms

        stored = query(tmp_path, "SELECT count(*) FROM articles")
        for name in REPLACED_BY:
            for path in list(site):
                if path.startswith("/story/"):
                    site[path] = response(WALLS[name])
            publish(6, lambda _, name=name: WALLS[name])
            code, alarms = crawl_again()
            assert code == 3, name
            assert any("article" in alarm for alarm in alarms), (name, alarms)
            assert query(tmp_path, "SELECT count(*) FROM articles") == stored, name
        for number in range(len(good)):
            site[f"/story/{number}"] = response(paywalled(number))
        crawl_again()
    after = dict(query(tmp_path, "SELECT headline, body FROM articles"))
    assert {name: after.get(name) for name in good} == good, "no good article was exchanged for less"
    note("20. redesign and walls", calm_runs=1 + CALM, alarms_in_them=0, walls_stored=0, good_articles_lost=0)


def dressed(number: int) -> str:
    """Return a story in the usual template, with all its fields."""
    name = ("Ana Roe", "Bo Lind", "Cy Dahl")[number % 3]
    link = f'<p class="byline">By <a rel="author" href="/by">{name}</a></p>'
    return story(number, "http://gazette.example").replace('<p class="byline">By Ana Roe</p>', link)


def redesigned(number: int) -> str:
    """Return a story of which a reader cannot tell who wrote it any more."""
    return story(number, "http://gazette.example").replace(
        '<p class="byline">By Ana Roe</p>', "<div data-top></div>"
    )


def paywalled(number: int) -> str:
    page = dressed(number)
    first = page.index("<p>Paragraph 1")
    return page[:first] + "<p>To read the rest, subscribe.</p></article></main></body></html>"
