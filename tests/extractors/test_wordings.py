"""What a page might be called: whole, and without a part that may not belong to the headline."""

import pytest

from extractors import Page, wordings
from extractors.document import parse
from extractors.reading import Reading
from extractors.wordings import Cut, Wording


def found(head: str, body: str = "<p>Rain fell.</p>") -> dict[str, Wording]:
    """Return the wordings of a page of the Gazette, by their text."""
    url = "https://www.the-harbourgazette.example/story"
    html = f'<meta property="og:site_name" content="Gazette">{head}<body>{body}'
    return {one.text: one for one in wordings.find(Reading(Page(url, b""), parse(html, url))).all}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Board meets", {"Board meets": Cut.NOTHING}, id="nothing to cut"),
        pytest.param(
            "Board meets | Gazette",
            {"Board meets": Cut.SITE},
            id="the site's name",
        ),
        pytest.param("Board meets - Harbour Gazette", {"Board meets": Cut.HOST}, id="like the host"),
        pytest.param("Board meets - Sport", {"Board meets": Cut.TAIL}, id="a short last part"),
        pytest.param(
            "Board meets - Sport - Gazette",
            {"Board meets - Sport": Cut.SITE, "Board meets": Cut.MORE},
            id="two parts",
        ),
    ],
)
def test_titles_are_taken_apart_at_glue(title: str, expected: dict[str, Cut]) -> None:
    cuts = {text: one.cut_kind for text, one in found(f"<title>{title}</title>").items()}
    assert cuts == expected


def test_the_end_of_a_title_counts_only_where_it_stands_on_the_page() -> None:
    title = "<title>Harbour: Board meets</title>"
    assert "Board meets" not in found(title)
    assert found(title, "<h1>Board meets</h1>")["Board meets"].cut_kind == Cut.KICKER


def test_a_kicker_inside_the_heading_is_set_apart() -> None:
    heading = "<h1><span>Harbour</span> <span>Board meets</span></h1>"
    assert set(found("", heading)) == {"Harbour Board meets", "Board meets"}
    assert set(found("<title>Board meets</title>", heading)) == {"Board meets"}


def test_the_same_words_are_one_wording_however_they_are_set() -> None:
    head = '<title>The board’s “day”</title><meta property="og:title" content="The Board\'s &quot;Day&quot;">'
    (one,) = found(head, "<h1>The board’s day!</h1>").values()
    assert one.text == "The board’s day!"
    assert one.whole.bit_count() == 2
    assert one.level == 1


def test_a_heading_far_below_is_a_wording_only_if_the_head_says_it() -> None:
    story = f"<p>{'The board spoke and nobody left before noon came. ' * 4}</p>" * 9
    body = (
        f"<h1>Board meets</h1>{story}{''.join(f'<h2>Part {n}</h2>{story}' for n in 'one two three'.split())}"
    )
    assert set(found("", body)) == {"Board meets"}
    assert set(found("<title>Part three</title>", body)) == {"Board meets", "Part three"}
    assert set(found("", body.replace("h1", "p"))) == {"Part one", "Part two"}


def test_one_wording_is_left_where_the_whole_head_agrees_with_the_only_h1() -> None:
    head = '<title>Board meets | Gazette</title><meta property="og:title" content="Board meets">'
    assert set(found(head, "<h1>Board meets</h1><h2>Most read</h2>")) == {"Board meets"}
    assert set(found(head, "<h1>Board meets</h1><h1>Most read</h1>")) == {"Board meets", "Most read"}


def test_hostile_titles_are_bounded() -> None:
    head = f"<title>{' | '.join(['a b'] * 60)}</title><title>x</title>"
    assert len(found(head)) < 40
    assert found(f"<title>{'word ' * 1000}</title>") == {}
