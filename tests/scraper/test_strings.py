"""Text that breaks programs: stored and read back equal, never live in a page, never run by a spreadsheet.

A few strings stand here; the kit of naughty strings, XSS pages and formulas is used where it is unpacked.
"""

import asyncio
import csv
import io
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from extractors import Article, Block, Image, Page, attempt
from scraper import export, render, rows, stored
from scraper.report import page as report_page
from scraper.search import Wanted
from scraper.serve import application
from scraper.store import Store
from tests.scraper.test_store import DAM, NOON

KIT = Path(os.environ.get("CORPUS", "/nowhere")).parent / "kits" / "strings"
OWN_TEXTS = [
    "", "NULL", "undefined", "1/0", "Ω≈ç√∫", "田中さんにあげて下さい", "‪‪test‪", "test⁠test‫", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗A̯L͙G̗̻̳O̼̗͔",
    "'; DROP TABLE articles; --", "${jndi:ldap://x}", "%s%n", "a\x00b", "\ufeffBOM", "\ud800 alone", "<script>alert(1)</script>",
    '"><svg onload=alert(1)>', "{{ 7 * 7 }}", "{% raw %}", "\ue000private\ue001", "../../etc/passwd", "\x1b[31mred",
]  # fmt: skip
OWN_PAGES = [
    "<img src=x onerror=alert(1)>", "<svg><script>alert(1)</script></svg>", '<a href="javascript:alert(1)">go</a>',
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>", "<iframe srcdoc='<script>1</script>'>",
    '<p onclick="alert(1)">Press here to be paid at once.</p>', "<noscript><p title='</noscript><img src=x onerror=1>'>",
]  # fmt: skip
OWN_FORMULAS = ["=1+1", "+1", "-1+cmd", "@SUM(1)", "\t=1", "\r=1", " =1", '"=1', "\n=1", "＝1"]
HARMLESS = {
    "html", "head", "meta", "title", "link", "body", "article", "h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote",
    "ul", "li", "table", "tr", "td", "pre", "code", "a",
}  # fmt: skip


def kit(name: str, key: str) -> list[str]:
    file = KIT / f"{name}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line)[key] for line in lines]


TEXTS = list(dict.fromkeys(OWN_TEXTS + kit("naughty", "text")))  # a text twice would be a story twice
PAGES = OWN_PAGES + kit("xss", "html")
FORMULAS = OWN_FORMULAS + kit("csv_formula", "text")


def documented(text: str) -> str:
    """Return a text as docs/database.md says that it is stored."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", whole.replace("\0", ""))


def naughty(number: int, text: str) -> Article:
    """Return an article that says the text wherever it can."""
    url = f"https://gazette.example/{number}"
    return replace(
        DAM,
        url=url,
        canonical_url=text,
        headline=text or "x",
        dek=text,
        section=text,
        authors=(text,),
        byline=text,
        body=f"{text}.",
        blocks=(Block("paragraph", f"{text}."),),
        tags=(text,),
        images=(Image(text, text, text, text),),
        lead_image=Image(text),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("strings") / "news.db") as store:
        for number, text in enumerate(TEXTS):
            article = naughty(number, text)
            store.save(article.url, article, now=NOON)
        yield store


def test_every_text_comes_back_as_documented(store: Store) -> None:
    assert store.conn.execute("SELECT count(*) FROM articles").fetchone() == (len(TEXTS),)
    ids = dict(store.conn.execute("SELECT url, id FROM articles"))
    for number, text in enumerate(TEXTS):
        article = stored.one(store.conn, ids[f"https://gazette.example/{number}"])
        kept = documented(text)
        assert (article.headline, article.dek, article.section) == (kept or "x", kept, kept)
        assert (article.authors, article.tags, article.body) == ((kept,), (kept,), f"{kept}.")
        assert article.images[0].caption == kept
        assert stored.checksum(article) == stored.checksum(naughty(number, text))


def test_every_text_can_be_searched_for(store: Store) -> None:
    for text in TEXTS:
        store.search(Wanted(text))
        store.search(Wanted("dam", publication=text, section=text, author=text))
    assert store.conn.execute("SELECT count(*) FROM articles").fetchone() == (len(TEXTS),)


def test_lossless_exports_lose_nothing(store: Store) -> None:
    out = io.StringIO()
    export.write_lines("nl", export.items(store.conn, Wanted()), out)
    lines = [json.loads(line) for line in out.getvalue().split("\n") if line]
    assert [line["dek"] for line in lines] == [documented(text) for text in TEXTS]


def alive(text: str) -> list[str]:
    """Return what is live in a page of ours though no page of ours has it: tags, handlers, addresses."""
    found = []
    for element in html.document_fromstring(text).iter(html.etree.Element):
        if element.tag not in HARMLESS:
            found.append(f"<{element.tag}>")
        found += [f"{element.tag} {name}" for name in element.attrib if name.startswith("on")]
        href = (element.get("href") or "").strip().casefold()
        if href and not href.startswith(("http://", "https://")):
            found.append(href)
    return found


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_no_text_is_live_in_what_is_written(form: str) -> None:
    for number, text in enumerate(TEXTS):
        written = render.FORMATS[form](naughty(number, documented(text)))
        if form == "html":
            assert alive(written) == [], text
        else:
            assert not re.search(r"(?<!\\)<(?!https?://)", written), text  # a backslash makes it text


def test_no_page_is_live_in_what_is_made_of_it() -> None:
    for number, markup in enumerate(PAGES):
        source = f"""<html><head><title>A page {number}</title></head><body><article><h1>A page with markup</h1>
            <p>The council met on Tuesday to hear what had been found in the old mill by the quay.</p>
            <p>{markup}</p><p>Nobody was surprised by what it heard, and most of them went home early.</p>
            </article></body></html>"""
        article = attempt(Page(f"https://gazette.example/{number}", source.encode("utf-8", "replace")))
        if isinstance(article, Article):
            assert alive(render.to_html(article)) == [], markup
            assert not re.search(r"(?<!\\)<(?!https?://)", render.to_markdown(article)), markup


def test_nothing_is_live_in_the_browser(store: Store) -> None:
    async def shown() -> list[str]:
        datasette = application(store.path)
        await datasette.invoke_startup()
        addresses = [
            "/news/articles_flat?_size=1000",
            "/news/articles?_size=1000",
            "/",
            "/news/tags?_size=1000",
        ]
        addresses += [f"/article/{number}" for number in range(1, len(TEXTS), 12)]
        return [(await datasette.client.get(address)).text for address in addresses]

    for text in asyncio.run(shown()):
        tree = html.document_fromstring(text)
        scripts = tree.xpath("//script[not(@src)]/text()")
        assert not [script for script in scripts if "alert" in script or "ldap" in script]
        assert not [
            name for element in tree.iter(html.etree.Element) for name in element.attrib if name[:2] == "on"
        ]
        assert not tree.xpath("//iframe | //object | //embed | //*[starts-with(@href, 'javascript:')]")
        assert not tree.xpath("//img[not(starts-with(@src, '/-/static'))]")


def test_nothing_is_live_in_the_report(store: Store) -> None:
    tree = html.document_fromstring(report_page(store.conn, now=NOON))
    assert not tree.xpath("//script | //img | //iframe | //a")


def test_no_formula_is_raw_in_csv() -> None:
    for write, separator in ((rows.write_csv, ","), (rows.write_tsv, "\t")):
        out = io.StringIO(newline="")
        write([{"text": text, "list": [text]} for text in FORMULAS], out)
        cells = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=separator))[1:]
        assert [cell[0] for cell in cells] == [f"'{text}" for text in FORMULAS]
