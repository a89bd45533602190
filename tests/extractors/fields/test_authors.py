"""Who wrote it: bylines as pages write them."""

import pytest

from extractors import Page, extract
from extractors.bylines import leads, names
from extractors.signatures import is_person


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("By Ana Roe", ["Ana Roe"], id="lead word dropped"),
        pytest.param("Von Ana Roe und Jan van Dorp", ["Ana Roe", "Jan van Dorp"], id="two joined by a word"),
        pytest.param("By Ana Roe December 2, 2025", ["Ana Roe"], id="date after the name"),
        pytest.param("October 19, 2019 by Ana Roe", ["Ana Roe"], id="date before the lead"),
        pytest.param("Ana Roe, Senior Reporter", ["Ana Roe"], id="role after a comma"),
        pytest.param("Ana Roe, London, Jan Dorp", ["Ana Roe", "Jan Dorp"], id="place between names"),
        pytest.param("Ana Roe, PhD", ["Ana Roe"], id="degree"),
        pytest.param(
            "Written by Ana Roe | Reviewed by Jan Dorp", ["Ana Roe"], id="who checked has not written"
        ),
        pytest.param("Text & photos: | Ana Roe", ["Ana Roe"], id="who wrote and drew has written"),
        pytest.param("Photo: Jan Dorp", [], id="who photographed has not"),
        pytest.param("Autor: Ana Roe | Abgelegt unter: Hafen", ["Ana Roe"], id="other facts on the line"),
        pytest.param("Eine Kolumne von Ana Roe", ["Ana Roe"], id="what it is, in front of the lead"),
        pytest.param("Christoph von Roe", ["Christoph von Roe"], id="a lead word inside a name"),
        pytest.param(
            "Posted by Ana Roe on Tuesday, August 29, 2023", ["Ana Roe"], id="a word that ends a name"
        ),
        pytest.param("記者／王小明", ["王小明"], id="Chinese"),
        pytest.param("本报记者 王小明 李华 摄影 陈默", ["王小明", "李华"], id="Chinese, spaces between"),
        pytest.param("홍길동 기자", ["홍길동"], id="Korean, the role behind"),
        pytest.param("Roe, Ana", ["Ana Roe"], id="surname first"),
        pytest.param("Ana Roe | Journalist", ["Ana Roe"], id="a role in a line of its own"),
        pytest.param("12 min read", [], id="no name at all"),
        pytest.param("How the harbour was won in the end?", [], id="a sentence"),
    ],
)
def test_names(line: str, expected: list[str]) -> None:
    assert names(line)[0] == expected


@pytest.mark.parametrize(
    ("line", "expected"), [("Written by", True), ("Author:", True), ("Photo by", False), ("Ana Roe", False)]
)
def test_leads(line: str, expected: bool) -> None:
    assert leads(line) is expected


def _authors(head: str, top: str) -> tuple[str, ...]:
    story = "".join(
        f"<p>The harbour board met again about sentence {n}, and nobody left before noon.</p>"
        for n in range(9)
    )
    page_head = f"<html lang=en><head>{head}</head>"
    html = f"{page_head}<body><article><h1>Harbour board meets</h1>{top}{story}</article></body></html>"
    return extract(Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8")).authors


@pytest.mark.parametrize(
    ("head", "top"),
    [
        pytest.param('<meta name="author" content="Ana Roe">', "", id="meta"),
        pytest.param("", '<p>By <a rel="author" href="/a">Ana Roe</a></p>', id="rel author"),
        pytest.param(
            "", '<div class="byline"><span>Ana Roe</span><span>Senior Reporter</span></div>', id="byline"
        ),
        pytest.param("", "<p>Written by</p><p>Ana Roe</p>", id="lead on a line of its own"),
    ],
)
def test_authors(head: str, top: str) -> None:
    assert _authors(head, top) == ("Ana Roe",)


def test_a_paper_files_its_author_surname_first() -> None:
    filed = '<meta name="citation_author" content="Roe, Ana M.">'
    assert _authors(filed, "<p>Ana M. Roe</p>") == ("Ana M. Roe",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("Ana Roe", True, id="given name and surname"),
        pytest.param("Jan-Peter van Dorp", True, id="two given names and a particle"),
        pytest.param("Harbour News", False, id="a section"),
        pytest.param("Ana", False, id="a given name alone"),
        pytest.param("Ana wins again", False, id="a sentence"),
    ],
)
def test_a_person_has_a_given_name(line: str, expected: bool) -> None:
    assert is_person(line) is expected


def test_a_name_spelled_as_people_write_it_wins() -> None:
    byline = '<p class="byline">By <a rel="author" href="/author/ana-roe">Ana Roe</a></p>'
    assert _authors('<meta name="author" content="ana-roe">', byline) == ("Ana Roe",)


def test_a_section_in_a_line_of_its_own_is_no_author() -> None:
    assert _authors("", "<div>Harbour News</div><div>9 March 2024</div>") == ()


def test_a_photographer_is_no_author() -> None:
    assert _authors("", "<p>Photo: Jan Dorp</p>") == ()


def test_a_desk_signs_only_where_nobody_else_does() -> None:
    desk = '<div class="byline">By <a rel="author" href="/author/desk">Gazette News Desk</a></div>'
    assert _authors('<meta name="author" content="Gazette News Desk">', desk) == ("Gazette News Desk",)
    person = '<a rel="author" href="/author/roe">Ana Roe</a>'
    both = f'<div class="byline">By {person} and <a rel="author" href="/desk">Gazette News Desk</a></div>'
    assert _authors('<meta name="author" content="Ana Roe, Gazette News Desk">', both) == ("Ana Roe",)


def test_who_stands_in_the_page_beats_another_account_in_the_head() -> None:
    byline = '<p class="byline">By <a rel="author" href="/author/ana-roe">Ana Roe</a></p>'
    assert _authors('<meta name="author" content="q_admin">', byline) == ("Ana Roe",)
