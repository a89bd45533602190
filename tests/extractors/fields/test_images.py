"""Pictures: which stand in the story, what is caption and what is credit, and which of them leads."""

import pytest

from extractors import Article, Page, credit_lines, extract
from extractors.fields.lead_image import ids

STORY = "".join(
    f"<p>The harbour board met again about sentence {n}, and nobody of the nine left before noon.</p>"
    for n in range(9)
)


def _article(top: str = "", head: str = "", end: str = "") -> Article:
    html = (
        f"<html lang=en><head>{head}</head><body><header><img src=/img/masthead.png width=640></header>"
        f"<article><h1>Harbour board meets</h1>{top}{STORY}{end}</article></body></html>"
    )
    return extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8"))


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        pytest.param(
            "<figure><img src=/q/q.jpg><figcaption>The quay on Monday <span class=credit>Jo Roe</span>"
            "</figcaption></figure>",
            ["Jo Roe"],
            id="an element called credit",
        ),
        pytest.param(
            "<figure><img src=/q/q.jpg><figcaption>The quay on Monday. (Photo: Jo Roe)</figcaption></figure>",
            ["Jo Roe"],
            id="the caption's tail",
        ),
        pytest.param(
            "<figure><div class=x1><img src=/q/q.jpg></div><div class=x2>The quay lay empty on Monday</div>"
            "<div class=x3>Jo Roe/Tidewater</div></figure>",
            ["Jo Roe/Tidewater"],
            id="names that say nothing, a pair beside the caption",
        ),
        pytest.param(
            "<figure><img src=/q/q.jpg><figcaption>Am Kai <span class=copyright>dpa | Jo Roe</span>"
            "</figcaption></figure>",
            ["dpa", "Jo Roe"],
            id="a bar parts two",
        ),
        pytest.param(
            "<figure><img src=/q/q.jpg title='The quay on Monday | AFP/Jo Roe'></figure>",
            ["AFP/Jo Roe"],
            id="only in the picture's title",
        ),
        pytest.param(
            "<div><img src=/q/q.jpg data-copyright='Jo Roe'></div>",
            ["Jo Roe"],
            id="an attribute of its own",
        ),
        pytest.param("<p>Top photo credit: Jo Roe</p>", ["Jo Roe"], id="a line of its own"),
        pytest.param(
            "<figure><img src=/q/q.jpg></figure><p>Source: the board's minutes</p>",
            [],
            id="a source of text",
        ),
        pytest.param(
            "<figure><img src=/q/q.jpg><figcaption>The quay lay empty on Monday</figcaption></figure>",
            [],
            id="a caption without a credit",
        ),
    ],
)
def test_credits(top: str, expected: list[str]) -> None:
    article = _article(top)
    assert [credit.text for credit in article.credits] == expected
    assert not any(credit.text in article.body for credit in article.credits)


def test_the_json_ld_is_asked_where_the_page_shows_none() -> None:
    data = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Harbour board meets", '
        '"image": {"@type": "ImageObject", "url": "/q/q.jpg", "creditText": "Jo Roe"}}</script>'
    )
    shown = "<figure><img src=/q/q.jpg><figcaption>Photo: Al Bo</figcaption></figure>"
    assert [credit.text for credit in _article("<img src=/q/q.jpg>", data).credits] == ["Jo Roe"]
    assert [credit.text for credit in _article(shown, data).credits] == ["Al Bo"]


def test_a_picture_has_its_own_caption_and_credit() -> None:
    top = (
        "<figure><img src=/q/q.jpg alt=Quay><figcaption>The quay <cite>Jo Roe</cite></figcaption></figure>"
        "<figure><img src=/q/hall.jpg><figcaption>The hall <cite>Al Bo</cite></figcaption></figure>"
    )
    first, second = _article(top).images
    assert (first.alt, first.caption, first.credit) == ("Quay", "The quay", "Jo Roe")
    assert (second.alt, second.caption, second.credit) == (None, "The hall", "Al Bo")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(
            "<img src=/q/a.jpg srcset='/q/a-300.jpg 300w, /q/a-900.jpg 900w'>", "/q/a-900.jpg", id="widest"
        ),
        pytest.param(
            "<img src=/q/a.jpg srcset='/f/c_fit,w_9/a.jpg 1x,/f/c_fit,w_18/a.jpg 2x'>",
            "/f/c_fit,w_18/a.jpg",
            id="commas inside",
        ),
        pytest.param(
            "<img src='data:image/gif;base64,R0' data-lazy-src=/q/a.jpg>", "/q/a.jpg", id="a lazy loader's"
        ),
        pytest.param(
            "<picture><source srcset='/q/a.webp 1200w'><img src=/q/a.jpg></picture>",
            "/q/a.webp",
            id="of a picture",
        ),
        pytest.param("<img src=/img/loader.gif>", None, id="a loader"),
        pytest.param("<img src=/q/a.jpg width=40 height=40>", None, id="too small"),
        pytest.param("<div class=author-box><img src=/q/jo.jpg></div>", None, id="the author's"),
        pytest.param("<a href=/other-story><img src=/q/other.jpg></a>", None, id="a link to another story"),
    ],
)
def test_addresses(image: str, expected: str | None) -> None:
    found = [
        one.url.removeprefix("https://gazette.example") for one in _article(f"<div>{image}</div>").images
    ]
    assert found == ([expected] if expected else [])


SOCIAL = "<meta property='og:image' content='/social/card-4711.jpg'>"
FIGURE = "<figure><img src=/q/q.jpg><figcaption>The quay lay empty on Monday</figcaption></figure>"


@pytest.mark.parametrize(
    ("top", "head", "end", "expected"),
    [
        pytest.param(FIGURE, SOCIAL, "", "/q/q.jpg", id="what stands above the story, not the card"),
        pytest.param("", SOCIAL, FIGURE, "/social/card-4711.jpg", id="the card, not a picture far below"),
        pytest.param("", SOCIAL, "", "/social/card-4711.jpg", id="the card where there is no picture"),
        pytest.param(
            f"{STORY.replace('sentence', 'point')}<figure><img src=/q/quay-harbour-900x600.jpg></figure>",
            "<meta property='og:image' content='/crop/quay-harbour-1200x630.jpg'>",
            "",
            "/q/quay-harbour-900x600.jpg",
            id="the first picture, however far below, where the head names it in another size",
        ),
        pytest.param(FIGURE, "", "", "/q/q.jpg", id="the picture where the head names none"),
        pytest.param(
            f"<figure><img src=/q/board.jpg></figure>{FIGURE}",
            "<meta property='og:image' content='https://cdn.example/crop/quay-harbour-1200x630.jpg'>",
            "",
            "/q/board.jpg",
            id="the first of several",
        ),
        pytest.param(
            "<figure><img src=/q/board.jpg></figure><figure><img src=/q/quay-harbour-900x600.jpg></figure>",
            "<meta property='og:image' content='https://cdn.example/crop/quay-harbour-1200x630.jpg'>",
            "",
            "/q/quay-harbour-900x600.jpg",
            id="the one that the head names in another size",
        ),
    ],
)
def test_lead_image(top: str, head: str, end: str, expected: str) -> None:
    lead = _article(top, head, end).lead_image
    assert lead is not None
    assert lead.url.removeprefix("https://gazette.example") == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("/a/harbour-quay-300x200.jpg", "/b/harbour-quay-1200x630.webp", True, id="sizes"),
        pytest.param("/i/5cf0f21b25f6/w300", "/i/5cf0f21b25f6/w900", True, id="a long number in the path"),
        pytest.param(
            "https://r.example/?url=https%3A%2F%2Fc.example%2Fharbour-quay.jpg",
            "/x/harbour-quay.jpg",
            True,
            id="inside a resizer",
        ),
        pytest.param(
            "/2024/20240309/quay.jpg", "/2024/20240309/hall.jpg", False, id="a day is no number of a picture"
        ),
    ],
)
def test_ids(one: str, other: str, same: bool) -> None:
    assert bool(ids(one) & ids(other)) == same


@pytest.mark.parametrize(
    ("raw", "role", "text", "person", "agency"),
    [
        pytest.param("Foto: Jo Roe/dpa", "photo", "Jo Roe/dpa", "Jo Roe", "dpa", id="German"),
        pytest.param("Illustration by Jo Roe", "illustration", "Jo Roe", "Jo Roe", None, id="a role"),
        pytest.param("Photo Jo Roe / AFP", "photo", "Jo Roe / AFP", "Jo Roe", "AFP", id="no colon"),
        pytest.param("© Jo Roe", "photo", "Jo Roe", "Jo Roe", None, id="a sign"),
        pytest.param("Фото: Анна Роу", "photo", "Анна Роу", "Анна Роу", None, id="Russian"),
        pytest.param(
            "Jo Roe/Copyright 2024 The Gazette. All rights reserved",
            "photo",
            "Jo Roe",
            "Jo Roe",
            None,
            id="a notice after the name",
        ),
    ],
)
def test_read(raw: str, role: str, text: str, person: str | None, agency: str | None) -> None:
    (found,) = credit_lines.read_all(raw)
    assert (found.role, found.text, found.person, found.agency) == (role, text, person, agency)


@pytest.mark.parametrize("raw", ["Copyright", "Foto:", "2024 The Gazette. All rights reserved.", "123"])
def test_what_names_nobody_is_no_credit(raw: str) -> None:
    assert not list(credit_lines.read_all(raw))


@pytest.mark.parametrize(
    "line",
    [
        "Photo: Jo Roe",
        "(Foto: Jo Roe",
        "Bild: Jo Roe",
        "Crédit photo: Jo Roe",
        "Crédit: Jo Roe",
        "© Jo Roe",
        "(c) Jo Roe",
        "Top photo credit: Jo Roe",
        "Fuente: Jo Roe",
        "Фото: Роу",
        "写真：ロー",
        "사진: 로",
        "Zdjęcie: Jo Roe",
        "Φωτογραφία: Ρόου",
        "Courtesy of Jo Roe",
        "Källa: Jo Roe",
        "Image by Jo Roe",
        "Illustrations: Jo Roe",
        "来源：罗",
        "Banner image: Jo Roe",
    ],
)
def test_lines_that_begin_as_a_credit(line: str) -> None:
    assert credit_lines.is_line(line)
