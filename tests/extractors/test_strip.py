"""The strippers' files, what they know, and what they may never take."""

# ruff: noqa: E501  markup and tables read best with an element on one line

import tomllib
from collections import Counter
from importlib.resources import files
from typing import Any

import pytest

from extractors import Article, Page, extract
from extractors.phrases import ORDER, STRIPPERS, by_name, by_words
from extractors.strip import LONGEST_CUT

LANGUAGES = ("en", "de", "fr", "es", "pl", "pt", "it", "nl", "ru", "zh", "ja")
OTHERS = ("ko", "sv", "tr")
TABLES = ("starts", "leads", "lines", "words", "expands", "answers")
FILES = {file.name.removesuffix(".toml"): file for file in files("extractors.strippers").iterdir() if file.name.endswith(".toml")}  # fmt: skip
PROSE = (
    "The harbour council voted late on Tuesday to lift the old timber sluice out of the river mouth, ending an "
    "argument that has divided the town since the spring floods carried away two jetties and half of the market."
)
MORE = (
    "Engineers had warned for years that the gate, built when the harbour still shipped slate, could no longer hold "
    "back a tide of more than four metres, and that repair would cost more than a new one made of steel."
)


def told(name: str) -> dict[str, Any]:
    return tomllib.loads(FILES[name].read_text("utf-8"))


def phrases(name: str, table: str) -> list[str]:
    return [phrase for listed in told(name).get(table, {}).values() for phrase in listed]


def page_with(line: str) -> Article:
    body = f"<!doctype html><title>Sluice to be lifted</title><article><h1>Sluice to be lifted</h1><p>{PROSE}</p>{line}<p>{MORE}</p></article>"
    return extract(Page("https://gazette.example/a", body.encode(), "text/html; charset=utf-8"))


def test_each_file_is_loaded_and_each_loaded_stripper_has_a_file() -> None:
    assert sorted(FILES) == sorted(ORDER) == sorted(stripper.name for stripper in STRIPPERS)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_says_what_it_is_about_and_nothing_unknown(name: str) -> None:
    content = told(name)
    assert content["about"].endswith(".")
    assert isinstance(content["cuts"], bool)
    assert set(content) <= {"about", "cuts", "names", *TABLES}
    assert all(set(content.get(table, {})) <= {*LANGUAGES, *OTHERS} for table in TABLES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_phrases_are_written_as_they_are_compared(name: str) -> None:
    """Lower case, straight apostrophes, one space: anything else would never match."""
    written = [*told(name)["names"], *(phrase for table in TABLES for phrase in phrases(name, table))]
    assert [phrase for phrase in written if phrase != phrase.lower().replace("’", "'")] == []
    assert [phrase for phrase in written if "  " in phrase or phrase != phrase.lstrip()] == []


@pytest.mark.parametrize("table", ["starts", "leads", "lines"])
def test_a_phrase_belongs_to_one_stripper(table: str) -> None:
    owners = Counter(phrase for name in FILES for phrase in set(phrases(name, table)))
    assert [phrase for phrase, count in owners.items() if count > 1] == []


def test_a_box_name_belongs_to_one_stripper() -> None:
    owners = Counter(name for stripper in FILES for name in set(told(stripper)["names"]))
    assert [name for name, count in owners.items() if count > 1] == []


@pytest.mark.parametrize(
    ("name", "language"),
    [
        pytest.param(name, language, id=f"{name}-{language}")
        for name in sorted(FILES)
        for language in LANGUAGES
    ],
)  # fmt: skip
def test_each_stripper_knows_words_in_each_language(name: str, language: str) -> None:
    content = told(name)
    assert content["leads"][language]
    assert content["lines"][language]


@pytest.mark.parametrize(
    ("line", "stripper"),
    [
        pytest.param("Follow us on social", "social", id="social"),
        pytest.param("FOLLOW US ON SOCIAL", "social", id="capitals"),
        pytest.param("google cta", "cta", id="picture description"),
        pytest.param("keep reading", "related", id="keep reading"),
        pytest.param("keep readingShow less", "related", id="two buttons glued"),
        pytest.param("Show less", "related", id="show less"),
        pytest.param("Want more of our stories on Google?", "cta", id="preferred source"),
        pytest.param("Sign up for our newsletter", "newsletter", id="newsletter"),
        pytest.param("Advertisement", None, id="advertisement, whoever knows it"),
        pytest.param("Folgen Sie uns auf Instagram", "social", id="German"),
        pytest.param("Inscrivez-vous à notre newsletter", "newsletter", id="French"),
        pytest.param("Lee también: La imprenta", "related", id="Spanish"),
        pytest.param("Czytaj także: Bobry", "related", id="Polish"),
        pytest.param("Leia também", "related", id="Portuguese"),
        pytest.param("Leggi anche: Le reti nuove", "related", id="Italian"),
        pytest.param("Lees ook: Dijk krijgt nieuwe steen", "related", id="Dutch"),
        pytest.param("Читайте также: На пристани", "related", id="Russian"),
        pytest.param("相关阅读", "related", id="Chinese"),
        pytest.param("関連記事", "related", id="Japanese"),
        pytest.param("Lea también", "related", id="Spanish, formal"),
        pytest.param("Don’t miss: the last ferry", "related", id="typographic apostrophe"),
        pytest.param("12 Comments", "comments", id="digits count as 0"),
        pytest.param("4 min read", "chrome", id="reading time"),
        pytest.param("About the author", "author", id="author"),
        pytest.param("Dieser Artikel enthält Affiliate-Links.", "advertising", id="a disclosure"),
        pytest.param("Jetzt Mitglied werden und mitreden", "cta", id="a lead opens a label"),
    ],
)
def test_a_line_is_known(line: str, stripper: str | None) -> None:
    known = by_words(line)
    assert known is not None
    assert stripper is None or known[0] == stripper


@pytest.mark.parametrize(
    "line",
    [
        PROSE,
        MORE,
        "He left.",
        "“No,” she said.",
        "The newsletter was late.",
        "Dona Maria sold the boat.",
        "Related to nobody in the village, she left it everything.",
    ],
)
def test_prose_is_not_known(line: str) -> None:
    assert by_words(line) is None


@pytest.mark.parametrize(
    ("name", "stripper"),
    [
        pytest.param("widget sidebar newsletter-box", "newsletter", id="part of a name"),
        pytest.param("jp-relatedposts", "related", id="whole name"),
        pytest.param("share-panel", "social", id="share"),
        pytest.param("breadcrumb", "navigation", id="breadcrumb"),
        pytest.param("comments-area", "comments", id="comments"),
    ],
)
def test_a_box_is_known_by_its_name(name: str, stripper: str) -> None:
    known = by_name(name)
    assert known is not None
    assert stripper in (known[0], "newsletter")


@pytest.mark.parametrize(
    "name", ["", "entry-content", "article__body", "shareholder-report", "commentary-text"]
)
def test_a_name_that_only_begins_like_one_is_not_known(name: str) -> None:
    assert by_name(name) is None


@pytest.mark.parametrize(
    "line",
    [
        "<p>Follow us on social</p>",
        "<p>google cta</p>",
        "<p>[CTA_MODULE]</p>",
        "<p>Sharing is caring!</p>",
        "<p>This post may contain affiliate links, for which the Gazette is paid. See our disclosure page.</p>",
        "<p>keep reading</p><p>Show less</p>",
        "<p>keep reading<span>Show less</span></p>",
        "<p>Sign up for our newsletter and never miss what the council decides.</p>",
        "<p><strong>Read more:</strong> <a href='/b'>The salt road that nobody maintains</a></p>",
        "<div class='newsletter-signup'><h3>Newsletter</h3><p>Get the best of the Gazette in your inbox.</p></div>",
    ],
)
def test_boilerplate_between_two_paragraphs_is_cut_and_written_down(line: str) -> None:
    article = page_with(line)
    assert article.body == f"{PROSE}\n\n{MORE}"
    assert article.removals


@pytest.mark.parametrize(
    "opening", ["Follow us on the way to the pier, the guide said", "Related: the word has two meanings here"]
)
def test_a_paragraph_is_never_taken_for_a_line(opening: str) -> None:
    """Longer than LONGEST_CUT it stays, whatever it begins with."""
    paragraph = f"{opening}, and then she told how the old gate was built. {PROSE} {MORE}"
    assert len(paragraph) > LONGEST_CUT
    assert paragraph in page_with(f"<p>{paragraph}</p>").body


def test_every_removal_names_a_stripper_a_reason_and_a_text() -> None:
    article = page_with("<p>Follow us on social</p><p>Advertisement</p>")
    assert all(removal.stripper and removal.reason and removal.text for removal in article.removals)
