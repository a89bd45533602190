"""Rules of a publication: how they are read, what they do to a page, and what is said of mistakes."""

# ruff: noqa: E501  markup and tables read best with an element on one line

from datetime import UTC, date, datetime
from importlib.resources import files

import pytest

from extractors import Article, Kind, Page, Rules, extract, read_rules, trial
from extractors.rules import css_of

STORY = "".join(
    f"<p>The {thing} was inspected by the harbour office on Tuesday and found to be sound, to nobody's surprise but the keeper's.</p>"
    for thing in ("gate", "sluice", "quay", "weir", "ferry", "mast")
)
HTML = f"""<!doctype html><html lang="en"><head><title>Harbour found sound</title></head><body><main><article>
<div class="kicker">Old town</div><h1>Harbour found sound</h1><h2 class="under">Every post was knocked on twice this week</h2>
<p class="who">Words: <b>Tomas Birk</b></p><time class="when" datetime="2024-05-02T07:30:00Z">Thursday</time>
<div class="text">{STORY}<div class="offer"><p>The harbour office sells its old charts on the quay each Saturday, and the keeper signs them there. Last year it sold forty of them, nearly all to visitors who had come for the ferry, missed it, and found the office open to sit in out of the rain.</p></div></div>
<p>Picture: Ana Roe</p></article></main></body></html>"""


def page(html: str = HTML, fetched: datetime | None = datetime(2025, 6, 1, tzinfo=UTC)) -> Page:
    return Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8", fetched)


def rules(text: str) -> Rules:
    found, problems = read_rules('hosts = ["gazette.example"]\n' + text, "gazette.toml")
    assert problems == ()
    assert found is not None
    return found


def ruled(text: str) -> Article:
    return extract(page(), rules=rules(text))


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        pytest.param('[select]\nheadline = ["h2.under"]', "headline", "Every post was knocked on twice this week", id="headline"),
        pytest.param('[select]\ndek = ["h2.under"]', "dek", "Every post was knocked on twice this week", id="dek"),
        pytest.param('[select]\nsection = [".none", ".kicker"]', "section", "Old town", id="the second that finds something"),
        pytest.param('[select]\nauthors = [".who b"]', "authors", ("Tomas Birk",), id="authors"),
        pytest.param('byline = ["^Words: (.+)"]', "authors", ("Tomas Birk",), id="a pattern for bylines"),
        pytest.param('[select]\npublished_at = ["time.when@datetime"]', "published_at", datetime(2024, 5, 2, 7, 30, tzinfo=UTC), id="an attribute"),
        pytest.param('[[kinds]]\nkind = "video"\ncss = ".offer"', "kind", Kind.VIDEO, id="kind by element"),
        pytest.param('[[kinds]]\nkind = "listing"\nurl = "/harbour$"', "kind", Kind.LISTING, id="kind by address"),
    ],
)  # fmt: skip
def test_a_rule_gives_a_field(text: str, field: str, value: object) -> None:
    article = ruled(text)
    assert getattr(article, field) == value
    assert article.provenance[field].method == "rule"


def test_a_pattern_gives_a_credit() -> None:
    assert "Ana Roe" in [credit.text for credit in ruled('credit = ["^Picture: (.+)"]').credits]


def test_strip_takes_a_box_and_says_so() -> None:
    assert "old charts" in ruled("").body
    article = ruled('strip = [".offer"]')
    assert "old charts" not in article.body
    assert "keeper's" in article.body
    assert [one.reason for one in article.removals if one.stripper == "rule"] == ["rule .offer"]


def test_keep_stands_above_strip() -> None:
    assert "old charts" in ruled('strip = [".offer"]\nkeep = [".offer p"]').body


def test_a_byline_that_a_rule_keeps_stays() -> None:
    assert "Words: Tomas Birk" in ruled('keep = [".who"]').body


def test_select_body_is_the_story() -> None:
    assert ruled('[select]\nbody = [".offer"]').body.startswith("The harbour office sells")


def test_a_rule_that_eats_the_story_is_refused() -> None:
    hungry = rules('strip = [".text", ".offer"]')
    article = extract(page(), rules=hungry)
    assert "sluice" in article.body
    assert "old charts" not in article.body
    tried = trial(page(), rules=hungry)
    assert [(one.rule, one.reason[:10]) for one in tried.article.refused] == [(".text", "would take")]
    assert tried.found == {".text": 1, ".offer": 1}


def test_a_trial_tells_what_became_of_each_piece() -> None:
    html = HTML.replace("<main>", "<nav><a href=/>Front</a></nav><main>")
    tried = trial(page(html), rules=rules('strip = [".offer"]\n[select]\ndek = ["h2.under"]'))
    parts = {line.text[:25]: (line.part, line.reason) for line in tried.lines}
    assert parts["Harbour found sound"] == ("headline", "")
    assert parts["The sluice was inspected "] == ("story", "")
    assert parts["The harbour office sells "] == ("rule", "rule .offer")
    assert parts["Front"] == ("navigation", "stands in <nav>")
    assert [line.text for line in tried.lines if line.part == "story"] == tried.article.body.split("\n\n")


@pytest.mark.parametrize(
    ("fetched", "dek"),
    [
        pytest.param(datetime(2023, 5, 31, 23, tzinfo=UTC), "Every post was knocked on twice this week", id="on the last day"),
        pytest.param(datetime(2023, 6, 1, tzinfo=UTC), None, id="the day after"),
    ],
)  # fmt: skip
def test_a_selector_holds_on_its_days(fetched: datetime, dek: str | None) -> None:
    html = HTML.replace("2024-05-02", "2023-05-02")
    found = extract(
        page(html, fetched), rules=rules('[select]\ndek = [{css = "h2.under", valid_until = 2023-05-31}]')
    )
    assert (
        found.dek if "dek" in found.provenance and found.provenance["dek"].method == "rule" else None
    ) == dek


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('strp = [".x"]', "gazette.toml, line 2: there is no key strp. Write strip, if you meant that.", id="a misspelt key"),
        pytest.param('[select]\nheadlin = ["h1"]', "gazette.toml, line 3: there is no key select.headlin. Write select.headline, if you meant that.", id="a misspelt field"),
        pytest.param('strip = ["p["]', "gazette.toml, line 2: strip: 'p[' is no CSS selector. Mend it or take it out.", id="a bad selector"),
        pytest.param("strip = [\"//div[@class='x']\"]", "gazette.toml, line 2: strip: \"//div[@class='x']\" is XPath. Rules are CSS: write 'div.x'.", id="XPath"),
        pytest.param('strip = ["//p[last()]/.."]', "gazette.toml, line 2: strip: '//p[last()]/..' is XPath. Rules are CSS; find the element by its class or id, or write {xpath = \"…\"}.", id="XPath that CSS cannot say"),
        pytest.param('[headers]\nCookie = "a=b"', "gazette.toml, line 3: headers: Cookie is not for a rule to say. Take it out; headers of your own stand with the publication in config.toml.", id="a header that says who asks"),
        pytest.param('[headers]\n"two words" = "a"', 'gazette.toml, line 3: headers: two words is no header. Write Accept-Language = "de" under [headers].', id="no header"),
        pytest.param('next_page = ["//a[@rel=\'next\']"]', "gazette.toml, line 2: next_page: \"//a[@rel='next']\" is XPath. Rules are CSS: write 'a[rel=\"next\"]'.", id="the next page in XPath"),
        pytest.param('byline = ["^By .+"]', "gazette.toml, line 2: byline: '^By .+' has 0 groups. Put brackets around what counts.", id="a pattern without a group"),
        pytest.param('[[kinds]]\nkind = "vido"', "gazette.toml, line 3: kinds: 'vido' is no kind of page. Choose one of article, live, video, listing, forum, product, reference, wall, missing, shell, other.", id="an unknown kind"),
        pytest.param('[select]\ndek = [{css = "h2", valid_until = "2023"}]', "gazette.toml, line 3: dek: valid_until must be a day. Write it as 2024-05-31, without quotes.", id="a day in quotes"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_and_the_rest_is_used(text: str, told: str) -> None:
    good = f'hosts = ["gazette.example"]\n{text}'
    found, problems = read_rules(good, "gazette.toml")
    assert [str(one) for one in problems] == [told]
    assert found is not None
    assert "keeper's" in extract(page(), rules=found).body


def test_a_file_that_is_no_toml_is_told_with_its_line() -> None:
    found, problems = read_rules('hosts = ["gazette.example"]\nstrip = [".x"', "gazette.toml")
    assert found is None
    assert len(problems) == 1
    assert str(problems[0]).startswith("gazette.toml, line 2: is not valid TOML: ")


def test_rules_cost_nothing_where_there_are_none() -> None:
    assert extract(page()) == extract(page(), rules=rules(""))


@pytest.mark.parametrize(
    ("xpath", "css"),
    [
        ("//div", "div"),
        ("//div[@class='story']//p", "div.story p"),
        ("//*[@id='main']/p", "#main > p"),
        ("//div[contains(@class, 'lead')]", 'div[class*="lead"]'),
        ("//p[1]", None),
        ("//p/text()", None),
    ],
)
def test_simple_xpath_as_css(xpath: str, css: str | None) -> None:
    assert css_of(xpath) == css


def test_what_ships_has_no_mistake() -> None:
    for file in files("extractors.publications").iterdir():
        if file.name.endswith(".toml"):
            found, problems = read_rules(file.read_text("utf-8"), file.name)
            assert problems == ()
            assert found is not None
            assert all(
                one.valid_until is None or one.valid_until > date(2000, 1, 1) for _, one in found.selectors()
            )
