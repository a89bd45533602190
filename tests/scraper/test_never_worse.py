"""Thirty walls, soft 404s and cut pages after good versions: thirty articles unchanged, thirty outcomes."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from extractors import Page, attempt
from scraper.config import Publication
from scraper.store import Store
from tests.scraper.replay import NOON, STORY, Version, html

URL = Version().url


def shell(title: str, body: str, *, head: str = "") -> bytes:
    """Return a page of the same site with something else in the story's place."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        '<header><nav><a href="/">Home</a> <a href="/region/">Region</a></nav></header>'
        f"<main>{body}</main><footer><p>© 2026 The Gazette</p></footer></body></html>"
    ).encode()


def cut(text: bytes, share: float) -> bytes:
    """Return the page as it comes when the connection breaks."""
    start, end = text.index(b"<p>The ferry"), text.index(b"</article>")
    return text[: start + int((end - start) * share)]


GOOD = html(Version())
FIRST_TWO = "".join(f"<p>{text}</p>" for text in STORY[:2])
PAID = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Night ferry to run from June","isAccessibleForFree":false}</script>'
HEADLINE = "<h1>Night ferry to run from June</h1>"
WALLS = {
    "consent": shell("The Gazette", "<h1>Before you continue</h1><p>We and our 812 partners store and access cookies on your device. Accept all or manage your choices.</p><button>Accept all</button>"),
    "consent in German": shell("Cookie-Einstellungen", "<h1>Mit Werbung weiterlesen</h1><p>Besuchen Sie uns wie gewohnt mit Werbung und Tracking. Stimmen Sie der Nutzung von Cookies zu.</p><button>Alle akzeptieren</button>"),
    "consent in French": shell("Gestion des cookies", "<h1>Votre vie privée</h1><p>Nous et nos partenaires utilisons des cookies. Vous pouvez accepter ou refuser.</p><button>Tout accepter</button>"),
    "log in": shell("Log in | The Gazette", "<h1>Log in to continue reading</h1><form><label>Email <input type=email></label><label>Password <input type=password></label><button>Log in</button></form>"),
    "register": shell("Register", "<h1>Create a free account</h1><p>Register to keep reading. It takes a minute.</p><form><input type=email></form>"),
    "subscribe": shell("Subscribe", "<h1>Subscribe to read on</h1><p>Choose a plan: 1 euro for the first month.</p>"),
    "captcha": shell("Just a moment...", "<h1>Checking your browser</h1><p>Please verify you are a human. Enable JavaScript and cookies to continue.</p>"),
    "access denied": shell("Access Denied", "<h1>Access Denied</h1><p>You don't have permission to access this page on this server. Reference #18.2f</p>"),
    "age check": shell("The Gazette", "<h1>How old are you?</h1><p>Please confirm that you are over 18 to enter this site.</p>"),
    "region": shell("Unavailable", "<h1>Unavailable in your region</h1><p>This content is not available in your country for legal reasons.</p>"),
    "soft 404": shell("Page not found", "<h1>Page not found</h1><p>The page you are looking for does not exist or has moved.</p>"),
    "soft 404 in German": shell("Seite nicht gefunden", "<h1>Seite nicht gefunden</h1><p>Die gesuchte Seite existiert leider nicht mehr.</p>"),
    "soft 404 in Spanish": shell("Página no encontrada", "<h1>Página no encontrada</h1><p>Lo sentimos, la página que busca no existe.</p>"),
    "oops": shell("Oops!", "<h1>Oops! Something went wrong</h1><p>Error 500. Please try again later.</p>"),
    "maintenance": shell("Maintenance", "<h1>We will be back soon</h1><p>The site is down for maintenance.</p>"),
    "article removed": shell("The Gazette", "<h1>This article is no longer available</h1><p>It was removed at the request of the author.</p>"),
    "front page": shell("The Gazette", "<h1>The Gazette</h1>" + "".join(f'<article><h2><a href="/2026/03/{n}">Story number {n} of the day</a></h2><p>What happened in the town, in a line.</p></article>' for n in range(20))),
    "section page": shell("Region | The Gazette", "<h1>Region</h1><ul>" + "".join(f'<li><a href="/region/{n}">Region story {n} in a few words</a></li>' for n in range(30)) + "</ul>"),
    "empty application": b'<!doctype html><html><head><title>The Gazette</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>',
    "empty body": b"<!doctype html><html><head><title></title></head><body></body></html>",
    "nothing": b"",
    "headline alone": shell("Night ferry to run from June", HEADLINE),
    "preview": shell("Night ferry to run from June", f"<article>{HEADLINE}{FIRST_TWO}<p>To read the rest, subscribe.</p></article>", head=PAID),
    "first paragraph": shell("Night ferry to run from June", f"<article>{HEADLINE}<p>{STORY[0]}</p><p>{STORY[1][:40]}…</p></article>"),
    "cut after a third": cut(GOOD, 1 / 3),
    "cut after half": cut(GOOD, 1 / 2),
    "cut after four fifths": cut(GOOD, 4 / 5),
    "cut in the last paragraph": cut(GOOD, 0.97),
    "body not filled in": shell("Night ferry to run from June", f"<article>{HEADLINE}<div class=body></div></article>", head='<meta property="og:type" content="article">'),
    "lost headline": html(replace(Version(), headline="The Gazette", dek="")),
}  # fmt: skip


def test_there_are_thirty() -> None:
    assert len(WALLS) == 30


@pytest.mark.parametrize("name", WALLS)
def test_a_good_article_stays_and_the_visit_is_recorded(tmp_path: Path, name: str) -> None:
    with Store(tmp_path / "articles.db") as store:
        gazette = store.publication_id(Publication("gazette", "The Gazette", "https://gazette.example/"))
        store.save(URL, attempt(Page(URL, GOOD)), now=NOON, publication_id=gazette)
        before = store.db.execute("SELECT * FROM articles_flat").fetchall()
        outcome = store.save(URL, attempt(Page(URL, WALLS[name])), now=NOON + timedelta(days=1))
        assert store.db.execute("SELECT * FROM articles_flat").fetchall() == before
        assert store.db.execute("SELECT count(*) FROM revisions").fetchone() == (0,)
        assert outcome.state in ("skipped", "failed")
        last = store.db.execute("SELECT state, reason FROM fetches ORDER BY id DESC LIMIT 1").fetchone()
        assert last == (outcome.state, outcome.reason)
        assert outcome.reason
