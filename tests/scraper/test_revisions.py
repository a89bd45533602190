"""Twenty page histories give exactly the revisions that a person would list: whose, how much, said or not."""

from dataclasses import replace
from pathlib import Path

import pytest

from extractors import Page, Removal, attempt
from scraper.store import Store
from scraper.wording import Piece, differences, is_minor, note
from tests.scraper.replay import (
    NOON,
    Edit,
    Version,
    both,
    drop,
    history,
    html,
    insert,
    paragraph,
    put,
    replay,
)

CORRECTED = "Correction, 3 March: An earlier version of this story gave the wrong number of crews."
UPDATE = "On Tuesday the drivers' union said that it had not been asked, and called a meeting for Friday."

Listed = list[tuple[str, str, str, str | None]]  # fields, whose, weight, correction


@pytest.mark.parametrize(
    ("edits", "listed"),
    [
        pytest.param([put()], [], id="1 nothing"),
        pytest.param(
            [put(related=("Ferry fares rise", "Who owns the quay?"))], [], id="2 other related links"
        ),
        pytest.param([put(modified="2026-03-03T09:00:00Z")], [], id="3 only the date of the last change"),
        pytest.param(
            [put(furniture="Join our channel for breaking news")], [], id="4 another call to action"
        ),
        pytest.param(
            [paragraph(5, "recieved", "received")], [("body", "publisher", "minor", None)], id="5 a typo"
        ),
        pytest.param(
            [paragraph(3, "140 passengers", "410 passengers")],
            [("body", "publisher", "substantial", None)],
            id="6 a number, silently",
        ),
        pytest.param(
            [put(headline="Night ferry may run from June")],
            [("headline", "publisher", "substantial", None)],
            id="7 a weaker headline",
        ),
        pytest.param(
            [put(headline="Night Ferry To Run From June")],
            [("headline", "publisher", "minor", None)],
            id="8 a headline in capitals",
        ),
        pytest.param(
            [put(dek="Harbour board pays for four more crews")],
            [("dek", "publisher", "substantial", None)],
            id="9 the dek",
        ),
        pytest.param(
            [both(paragraph(3, "three more crews", "four more crews"), insert(6, CORRECTED))],
            [("body", "publisher", "substantial", CORRECTED)],
            id="10 a correction, said",
        ),
        pytest.param(
            [insert(1, UPDATE)], [("body", "publisher", "substantial", None)], id="11 a paragraph more"
        ),
        pytest.param([drop(4)], [("body", "publisher", "substantial", None)], id="12 a paragraph less"),
        pytest.param(
            [put(author="Marta Quill and Odd Berger")],
            [("byline, authors", "publisher", "substantial", None)],
            id="13 a second author",
        ),
        pytest.param(
            [put(credit="Photo: Tove Lindahl / Bay Pictures")],
            [("credits", "publisher", "substantial", None)],
            id="14 the photographer's agency",
        ),
        pytest.param(
            [put(section="Transport")], [("section", "publisher", "minor", None)], id="15 filed elsewhere"
        ),
        pytest.param(
            [
                paragraph(2, "cleans offices", "cleans offices,"),
                put(headline="Night ferry will run from June"),
            ],
            [("body", "publisher", "minor", None), ("headline", "publisher", "substantial", None)],
            id="16 two edits on two days",
        ),
        pytest.param(
            [both(put(headline="Night boats from June"), put(dek="Board pays crews"), insert(2, UPDATE))],
            [("headline, dek, body", "publisher", "substantial", None)],
            id="17 all at once is one revision",
        ),
        pytest.param(
            [insert(1, UPDATE), drop(1)],
            [("body", "publisher", "substantial", None), ("body", "publisher", "substantial", None)],
            id="18 there and back",
        ),
        pytest.param(
            [put(story=("Please log in to read on.",)), put()],
            [],
            id="19 a wall for a day",
        ),
        pytest.param(
            [
                both(put(published="2026-03-04T09:00:00Z"), put(modified="2026-03-04T09:00:00Z")),
                put(related=("Anything else",)),
            ],
            [("published_at", "publisher", "minor", None)],
            id="20 dated anew",
        ),
    ],
)
def test_a_history_gives_the_revisions_a_person_would_list(
    tmp_path: Path, edits: list[Edit], listed: Listed
) -> None:
    versions = history(*edits)
    if edits[-1:] and "Please log in" in "".join(versions[1].story):
        versions[2] = versions[0]
    with Store(tmp_path / "articles.db") as store:
        replay(store, versions)
        found = store.conn.execute(
            "SELECT changed, whose, weight, correction FROM revisions ORDER BY id"
        ).fetchall()
        assert found == listed


def test_another_edition_of_the_code_is_no_edit_of_the_publisher(tmp_path: Path) -> None:
    """The old page, read by this edition, tells what we changed; the rest is the publisher's."""
    old = html(Version())
    new = html(replace(Version(), headline="Night ferry may run from June"))
    url = Version().url
    with Store(tmp_path / "articles.db") as store:
        first = attempt(Page(url, old))
        store.save(url, replace(first, body=first.body + "\n\nFollow us on social"), now=NOON)
        store.conn.execute("UPDATE articles SET edition = 'earlier'")
        store.save(url, attempt(Page(url, new)), now=NOON, baseline=first)
        found = store.conn.execute("SELECT changed, whose, edition FROM revisions ORDER BY id").fetchall()
        assert [found[0], found[1][:2]] == [("body", "ours", "earlier"), ("headline", "publisher")]
        assert found[1][2] != "earlier"


def test_without_the_old_page_it_is_unclear_whose_change_it_was(tmp_path: Path) -> None:
    url = Version().url
    with Store(tmp_path / "articles.db") as store:
        store.save(url, attempt(Page(url, html(Version()))))
        store.conn.execute("UPDATE articles SET edition = 'earlier'")
        store.save(url, attempt(Page(url, html(replace(Version(), headline="Night boats from June")))))
        assert store.conn.execute("SELECT whose FROM revisions").fetchall() == [("unclear",)]


def test_a_paragraph_that_is_only_cut_now_is_our_change(tmp_path: Path) -> None:
    """It still stands on the page, among what was removed."""
    url = Version().url
    article = attempt(Page(url, html(Version())))
    noisy = replace(article, body=article.body + "\n\nSend tips to the desk")
    learned = replace(
        article, removals=(*article.removals, Removal("learned", "recurs", "Send tips to the desk"))
    )
    with Store(tmp_path / "articles.db") as store:
        store.save(url, noisy)
        store.save(url, learned)
        assert store.conn.execute("SELECT changed, whose FROM revisions").fetchall() == [("body", "ours")]


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        pytest.param("a b c", "a b c", "=a b c", id="nothing"),
        pytest.param("", "a b", "+a b", id="came from nothing"),
        pytest.param("a b", "", "-a b", id="went to nothing"),
        pytest.param("the dam opens", "the dam opened", "=the dam |-opens|+opened", id="one word"),
        pytest.param(
            "the old name stood", "the new word stood", "=the |-old name|+new word|= stood", id="two"
        ),
        pytest.param("alpha beta gamma", "alpha gamma", "=alpha |-beta |=gamma", id="word taken out"),
        pytest.param("One.\n\nTwo.", "One.\n\nTwo.\n\nThree.", "=One.\n\nTwo.|+\n\nThree.", id="paragraph"),
        pytest.param("北京地震", "上海地震", "-北京|+上海|=地震", id="no blanks: signs"),
    ],
)
def test_differences(old: str, new: str, pieces: str) -> None:
    found = differences(old, new)
    assert "|".join(f"{sign}{text}" for sign, text in found) == pieces
    assert "".join(text for sign, text in found if sign in "=-") == old
    assert "".join(text for sign, text in found if sign in "=+") == new


def test_differences_of_long_texts_take_no_minutes() -> None:
    old = " ".join(f"word{number % 97}" for number in range(20_000))
    assert differences(old, old.replace("word5 ", "other ", 3))[0] == Piece("=", old[: old.index("word5 ")])


@pytest.mark.parametrize(
    ("old", "new", "minor"),
    [
        pytest.param("will recieve it", "will receive it", True, id="two letters exchanged"),
        pytest.param("the comittee", "the committee", True, id="a letter missing"),
        pytest.param("Said yes", "said, “yes”", True, id="case and punctuation"),
        pytest.param("web site", "website", True, id="joined"),
        pytest.param("12 men", "13 men", False, id="a number"),
        pytest.param("a million", "a billion", False, id="another word with one letter else"),
        pytest.param("is now open", "is not open", False, id="short words"),
        pytest.param("guilty", "not guilty", False, id="a word more"),
        pytest.param("was convicted", "was convinced", False, id="two letters else"),
    ],
)
def test_is_minor(old: str, new: str, minor: bool) -> None:
    assert is_minor(old, new) is minor


@pytest.mark.parametrize(
    "text",
    [
        "Correction: The dam is 40 metres high.",
        "CLARIFICATION (4 May): The mill is not closed.",
        "This article was amended on 3 May to say who paid.",
        "An earlier version of this story misspelt a name.",
        "Korrektur: Der Damm ist 40 Meter hoch.",
        "In einer früheren Version stand ein falscher Name.",
        "Rectificatif : le barrage mesure 40 mètres.",
        "Fe de errores: la presa mide 40 metros.",
        "Errata corrige: la diga è alta 40 metri.",
        "Rectificatie: de dam is 40 meter hoog.",
        "Sprostowanie: tama ma 40 metrów.",
        "Уточнение: плотина высотой 40 метров.",
        "訂正：ダムの高さは40メートルです。",
        "更正：大坝高40米。",
    ],
)
def test_a_correction_is_heard_in_many_languages(text: str) -> None:
    assert note(["The dam opened.", text]) == text


@pytest.mark.parametrize(
    "text",
    [
        "Correctional officers met on Monday, and two of them spoke.",
        "The court ordered a correction of the minutes.",
        "Die Korrektur der Zahlen dauerte drei Wochen, sagte der Kämmerer.",
    ],
)
def test_a_story_about_corrections_is_none(text: str) -> None:
    assert note([text]) is None
