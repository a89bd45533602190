"""What holds for every page, whatever is on it."""

# ruff: noqa: E501  markup and tables read best with an element on one line

import json
import pickle
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from labelled import NAMES, extracted, page

from extractors import Article, EmptyPage, ExtractError, NoContent, NotAPage, Page, attempt
from extractors.decode import decode

QUICK = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
"""Derandomised: a red run is the change's fault and can be repeated."""

LONG = 60  # characters from which a paragraph said twice is no refrain

_WORD = re.compile(r"\w+")

SENTENCES = [
    f"On day {n} the harbour council heard that the {what} would be lifted from the river mouth before the winter tide."
    for n, what in enumerate("sluice gate pier crane jetty bell lamp rope chain anchor bridge ferry".split())
]
NOISE = [
    "<nav><a href='/'>Home</a><a href='/sport'>Sport</a></nav>",
    "<p>Follow us on social</p>",
    "<aside class='related'><h3>Related</h3><a href='/b'>The salt road that nobody maintains</a></aside>",
    "<div class='newsletter'><p>Sign up for our newsletter</p></div>",
    "<figure><img src='/a.jpg' alt='A gate'><figcaption>A gate. Photo: Ana Roe</figcaption></figure>",
    "<script>var story = 'unseen words of a script';</script>",
    "<template><p>unseen words of a template</p></template>",
    "<!-- unseen words of a comment -->",
]

parts = st.lists(
    st.one_of(st.sampled_from([f"<p>{sentence}</p>" for sentence in SENTENCES]), st.sampled_from(NOISE)),
    max_size=16,
)
soup = st.lists(
    st.one_of(
        st.sampled_from(
            "<p> </p> <div> </div> <article> <h1> </h1> <a href='/x'> </a> <table><tr><td> <br><br> <!-- --> "
            "<script> </script> <template> <time datetime='2024-02-30'> <meta property='og:title' content='x'> "
            '<script type=\'application/ld+json\'>{"@type":"NewsArticle","author":[[{}]]}</script> & &#0; <'.split(
                " "
            )
        ),
        st.text(max_size=40),
        st.sampled_from(SENTENCES),
    ),
    max_size=40,
).map("".join)


def html(*pieces: str) -> Page:
    body = f"<!doctype html><title>Sluice to be lifted</title><body><h1>Sluice to be lifted</h1>{''.join(pieces)}</body>"
    return Page("https://gazette.example/a", body.encode(), "text/html; charset=utf-8")


@QUICK
@given(parts)
def test_no_word_in_the_body_that_the_page_does_not_show(pieces: list[str]) -> None:
    answer = attempt(html(*pieces))
    if isinstance(answer, Article):
        shown = re.sub(r"<(script|template)>.*?</\1>|<!--.*?-->|<[^>]*>", " ", "".join(pieces))
        assert set(_WORD.findall(answer.body)) <= set(_WORD.findall(shown + " Sluice to be lifted"))


@QUICK
@given(parts)
def test_no_long_paragraph_twice_and_paragraphs_in_page_order(pieces: list[str]) -> None:
    """Each sentence is on the page once here, so twice in the body would be the extractor's doing."""
    once = list(dict.fromkeys(pieces))
    answer = attempt(html(*once))
    if isinstance(answer, Article):
        kept = [line for line in answer.body.split("\n\n") if len(line) >= LONG]
        assert kept == [s for s in (re.sub(r"<[^>]*>", "", piece) for piece in once) if s in kept]


@pytest.mark.parametrize("name", NAMES)
def test_no_word_of_a_fixture_s_body_is_missing_on_its_page(name: str) -> None:
    answer = extracted(name)
    if isinstance(answer, Article):
        text = decode(page(name).body, page(name).content_type)
        assert {word for word in _WORD.findall(answer.body) if word not in text} == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_long_paragraph_of_a_fixture_twice(name: str) -> None:
    answer = extracted(name)
    if isinstance(answer, Article):
        long = [line for line in answer.body.split("\n\n") if len(line) >= LONG]
        assert len(long) == len(set(long))


def test_the_same_page_gives_the_same_article_after_any_others() -> None:
    forward = {name: attempt(page(name)) for name in NAMES}
    backward = {name: attempt(page(name)) for name in reversed(NAMES)}
    assert {n: str(a) for n, a in forward.items()} == {n: str(a) for n, a in backward.items()}


@QUICK
@given(
    st.binary(max_size=400),
    st.sampled_from(["", "text/html", "text/plain", "text/html; charset=shift_jis", "\x00;charset="]),
)
def test_any_bytes_give_an_article_or_an_error(body: bytes, content_type: str) -> None:
    assert isinstance(attempt(Page("https://gazette.example/a", body, content_type)), Article | ExtractError)


@QUICK
@given(soup, st.sampled_from(["", "text/html", "text/plain"]))
def test_any_markup_gives_an_article_or_an_error(text: str, content_type: str) -> None:
    page = Page("https://gazette.example/a", text.encode("utf-8", "surrogatepass"), content_type)
    answer = attempt(page)
    assert isinstance(answer, Article | ExtractError)
    if isinstance(answer, Article):
        json.dumps(answer.to_dict(), allow_nan=False)


@QUICK
@given(st.text(max_size=60))
def test_any_address_gives_an_article_or_an_error(url: str) -> None:
    body = (
        f"<h1>Sluice to be lifted</h1><p>{SENTENCES[0]}</p><a href='//[x'>a</a><a href='b c'>b</a>".encode()
    )
    assert isinstance(attempt(Page(url, body, "text/html")), Article | ExtractError)


@QUICK
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=12), lambda more: st.lists(more, max_size=3) | st.dictionaries(
    st.sampled_from(["@type", "@graph", "headline", "author", "name", "datePublished", "articleSection", "image", "url",
                     "keywords", "description", "publisher", "isAccessibleForFree", "hasPart", "mainEntity",
                     "itemListElement", "inLanguage", "articleBody"]), more, max_size=6), max_leaves=20))  # fmt: skip
def test_any_json_ld_gives_an_article_or_an_error(value: object) -> None:
    told = json.dumps(
        [
            {"@type": "NewsArticle", "x": value},
            {"@type": "NewsArticle", **(value if isinstance(value, dict) else {})},
        ]
    )
    answer = attempt(
        html(f"<script type='application/ld+json'>{told.replace('<', '')}</script>", f"<p>{SENTENCES[0]}</p>")
    )
    assert isinstance(answer, Article | ExtractError)


@pytest.mark.parametrize("name", NAMES)
def test_an_article_pickles_and_goes_to_json(name: str) -> None:
    answer = extracted(name)
    again = pickle.loads(pickle.dumps(answer))
    assert str(again) == str(answer)
    assert type(again) is type(answer)
    if isinstance(answer, Article):
        assert again == answer
        assert json.loads(json.dumps(answer.to_dict(), allow_nan=False)) == answer.to_dict()


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        pytest.param(b"", "text/html", EmptyPage, id="no bytes"),
        pytest.param(b" \n\t ", "text/html", EmptyPage, id="white space"),
        pytest.param(
            b"<html><body><div></div></body></html>", "text/html", EmptyPage, id="markup without text"
        ),
        pytest.param(b"%PDF-1.7\n1 0 obj", "text/html", NotAPage, id="a PDF that calls itself HTML"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "image/png", NotAPage, id="a picture"),
        pytest.param(b"PK\x03\x04abc", "", NotAPage, id="an archive"),
    ],
)
def test_the_error_says_why_and_pickles(body: bytes, content_type: str, kind: type[ExtractError]) -> None:
    answer = attempt(Page("https://gazette.example/a", body, content_type))
    assert isinstance(answer, kind)
    again = pickle.loads(pickle.dumps(answer))
    assert (type(again), again.url, again.reason) == (kind, "https://gazette.example/a", answer.reason)


def test_no_content_pickles() -> None:
    error = NoContent("https://gazette.example/a", "no story")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (NoContent, "https://gazette.example/a: no story")
