"""Access: what forty ways of saying who may read the whole text are taken for; the evidence is named."""

import pytest

from extractors import Access, Page, extract

LONG = "".join(
    f"<p>The board met again about sentence {n}, and nobody left before noon.</p>" for n in range(9)
)
SHORT = "".join(f"<p>The board met about sentence {n}, and left by noon.</p>" for n in range(3))


def _ld(access: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {access}}}</script>'


def _page(head: str = "", top: str = "", story: str = LONG, end: str = "", after: str = "") -> str:
    return (
        f"<html lang=en><head><title>Harbour board meets</title>{head}</head><body><nav><a href=/>Me</a> "
        f"<a href=/sub>Subscribe</a></nav><article><h1>Harbour board meets</h1>{top}{story}{end}</article>"
        f"{after}<footer><p>The Gazette. All rights reserved.</p></footer></body></html>"
    )


FREE, METERED, PAID, CUT, UNKNOWN = (
    Access.FREE,
    Access.METERED,
    Access.PAYWALLED,
    Access.TRUNCATED,
    Access.UNKNOWN,
)
PART = '"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".rest"}'
CASES = {
    "json-ld true": (_page(_ld('"isAccessibleForFree": true')), FREE),
    "json-ld True in quotes": (_page(_ld('"isAccessibleForFree": "True"')), FREE),
    "json-ld false, whole text": (_page(_ld('"isAccessibleForFree": false')), PAID),
    "json-ld False in quotes": (_page(_ld('"isAccessibleForFree": "False"')), PAID),
    "json-ld as schema.org's address": (
        _page(_ld('"isAccessibleForFree": "https://schema.org/False"')),
        PAID,
    ),
    "json-ld of a part": (_page(_ld(PART)), PAID),
    "json-ld of a list of parts": (_page(_ld(PART.replace(": {", ": [{") + "]")), PAID),
    "json-ld of the page object": (
        _page(
            '<script type="application/ld+json">{"@type": "WebPage", "isAccessibleForFree": false}</script>'
        ),
        PAID,
    ),
    "microdata": (_page(top='<meta itemprop="isAccessibleForFree" content="false">'), PAID),
    "microdata true": (_page(top='<meta itemprop="isAccessibleForFree" content="true">'), FREE),
    "tier free": (_page('<meta property="article:content_tier" content="free">'), FREE),
    "tier metered": (_page('<meta property="article:content_tier" content="metered">'), METERED),
    "tier locked": (_page('<meta property="article:content_tier" content="locked">'), PAID),
    "tier premium, other name": (_page('<meta name="content_tier" content="Premium">'), PAID),
    "tier locked and the text stops": (
        _page(
            '<meta property="article:content_tier" content="locked">',
            story=SHORT,
            end="<div><p>Subscribe to continue reading.</p></div>",
        ),
        CUT,
    ),
    "false and the text stops": (
        _page(
            _ld('"isAccessibleForFree": false'),
            story=SHORT,
            end="<p>To continue reading, log in or subscribe.</p>",
        ),
        CUT,
    ),
    "true, and a box that sells": (
        _page(_ld('"isAccessibleForFree": true'), end="<p>Subscribe now to read more like this.</p>"),
        FREE,
    ),
    "english stop": (_page(story=SHORT, end="<p>This story is for subscribers only.</p>"), CUT),
    "english stop, members": (
        _page(
            story=SHORT,
            end="<p>This post is for paid subscribers</p><p>Already a paid subscriber? Sign in</p>",
        ),
        CUT,
    ),
    "english, left of an allowance": (
        _page(after="<div><p>You have 2 free articles left this month.</p></div>"),
        METERED,
    ),
    "german stop": (_page(story=SHORT, end="<p>Jetzt weiterlesen mit Gazette Plus</p>"), CUT),
    "german stop, subscribers": (
        _page(story=SHORT, end="<p>Dieser Artikel ist nur für Abonnenten.</p>"),
        CUT,
    ),
    "french stop": (_page(story=SHORT, end="<p>Il vous reste 72 % de cet article à lire.</p>"), CUT),
    "french reserved": (_page(story=SHORT, end="<p>La suite est réservée à nos abonnés.</p>"), CUT),
    "spanish stop": (_page(story=SHORT, end="<p>Suscríbete para seguir leyendo</p>"), CUT),
    "italian stop": (_page(story=SHORT, end="<p>Per continuare a leggere abbonati</p>"), CUT),
    "portuguese stop": (_page(story=SHORT, end="<p>Conteúdo exclusivo para assinantes</p>"), CUT),
    "dutch stop": (_page(story=SHORT, end="<p>Verder lezen? Dit artikel is alleen voor abonnees</p>"), CUT),
    "swedish stop": (_page(story=SHORT, end="<p>Läs vidare – bli prenumerant</p>"), CUT),
    "polish stop": (_page(story=SHORT, end="<p>Dalszy ciąg dostępny dla prenumeratorów</p>"), CUT),
    "japanese stop": (_page(story=SHORT, end="<p>この記事は有料会員限定です</p>"), CUT),
    "a box called paywall": (
        _page(story=SHORT, end="<div class='c-paywall'><p>Support the Gazette from 2 a week.</p></div>"),
        CUT,
    ),
    "a label above the story": (_page(top="<span class='badge badge--premium'>Premium</span>"), PAID),
    "a label in words": (_page(top="<p class='flag'>Subscriber only</p>"), PAID),
    "german label": (_page(top="<span class='paid-marker'>Nur für Abonnenten</span>"), PAID),
    "nothing said": (_page(), UNKNOWN),
    "a call for support is no wall": (
        _page(end="<p>Our reporting is free for all. Please support it with a donation.</p>"),
        UNKNOWN,
    ),
    "a newsletter is no wall": (
        _page(
            end="<div class='newsletter'><p>Subscribe to our newsletter and get it every morning.</p></div>"
        ),
        UNKNOWN,
    ),
    "another story's label is not ours": (
        _page(
            after="<aside><h2>More</h2>"
            + "".join(
                f"<a href=/s{n}><h3>The ferry has its new bell number {n}</h3></a><p>Some text</p>"
                for n in range(4)
            )
            + "<a href=/x><h3>The dark lighthouse</h3></a><span>Subscribers only</span></aside>"
        ),
        UNKNOWN,
    ),
    "a story about paywalls": (
        _page(
            story=LONG
            + "<p>Readers will have to subscribe to continue, the publisher said, and those who will not "
            "pay may go to the library, where the paper lies on the table by the window since 1911, and "
            "where the librarian says that she will turn the pages for anyone whose hands are cold.</p>"
        ),
        UNKNOWN,
    ),
}


@pytest.mark.parametrize(("html", "expected"), CASES.values(), ids=CASES.keys())
def test_access(html: str, expected: Access) -> None:
    article = extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8"))
    assert article.access is expected, article.access_evidence
    assert bool(article.access_evidence) == (expected is not UNKNOWN)


def test_there_are_forty() -> None:
    assert len(CASES) >= 40


def test_what_makes_the_wall_leaves_the_body() -> None:
    html = _page(story=SHORT, end="<p>This story is for subscribers only.</p>")
    body = extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8")).body
    assert "subscribers" not in body
