"""FiveFilters site configs: what is taken, what is not and why; a hundred files with every directive and mistake."""

# ruff: noqa: E501  a table reads best with a row on one line

import pytest

from extractors import convert_ftr, read_rules
from extractors.ftr import _LEFT, TRUST, hosts


@pytest.mark.parametrize(
    ("line", "toml"),
    [
        pytest.param(
            "strip_id_or_class: share-bar",
            '[class*=\\"share-bar\\"], [id*=\\"share-bar\\"]',
            id="part of a name",
        ),
        pytest.param("strip: //div[@class='promo']", '"div.promo"', id="XPath of an attribute"),
        pytest.param("strip: //aside | //nav", '"nav"', id="a union"),
        pytest.param(
            "title: //h1[@class='head']", f'headline = [{{css = "h1.head", trust = {TRUST}}}]', id="title"
        ),
        pytest.param("author: //a[@rel='author']/text()", '[rel=\\"author\\"]', id="text()"),
        pytest.param("date: //meta[@name='date']/@content", '[name=\\"date\\"]@content', id="an attribute"),
        pytest.param("author: (//span[@class='by'])[1]", '"span.by"', id="the first"),
    ],
)
def test_a_line_is_taken(line: str, toml: str) -> None:
    imported = convert_ftr(line, "gazette.example.txt")
    assert imported.ignored == ()
    assert toml in imported.toml
    found, problems = read_rules(imported.toml, "gazette.example.toml")
    assert problems == ()
    assert found is not None
    assert found.hosts == ("gazette.example",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param("body: //div[@id='story']", "body rules have rotted more often than not", id="body"),
        pytest.param("titl: //h1", "there is no directive titl", id="a misspelt directive"),
        pytest.param("test_rul: https://gazette.example/a", "there is no directive test_rul", id="another"),
        pytest.param("strip: //p[", "is no XPath that CSS can say", id="broken XPath"),
        pytest.param("strip: //p[contains(text(), 'Ad')]", "is no XPath that CSS can say", id="beyond CSS"),
        pytest.param("strip_id_or_class: a b", "is no part of a class or id", id="two names"),
        pytest.param("strip:", "says nothing", id="no value"),
        pytest.param("//div[@class='x']", "is no key: value", id="no directive"),
        pytest.param("replace_string(<br>): <p>", "the page is not rewritten", id="with an argument"),
        pytest.param(
            "http_header(user-agent): Mozilla",
            "headers stand in the publication's own settings",
            id="a header",
        ),
    ],
)
def test_a_line_that_is_not_taken_is_told(line: str, why: str) -> None:
    imported = convert_ftr(f"# a comment\n\n{line}\n", "gazette.example.txt")
    assert [(one.line, one.text, one.why) for one in imported.ignored] == [(3, line, why)]
    assert imported.toml == ""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("gazette.example.txt", ("gazette.example",)),
        (".gazette.example.txt", ("gazette.example",)),
        ("www.gazette.example.txt", ("gazette.example",)),
        ("global.txt", ()),
    ],
)
def test_the_name_is_the_host(name: str, found: tuple[str, ...]) -> None:
    assert hosts(name) == found


TAKEN = (
    "strip: //div[@id='x{n}']",
    "strip_id_or_class: box-{n}",
    "title: //h1",
    "author: //b",
    "date: //time/@datetime",
)
MISTAKES = ("titl: //h1", "strip: //p[", "body", ": //x", "strip_id_or_class: two words", "\ufeffstrip: //a[1", "title(: //h1", "# only a comment", "\x00\x01", "strip: " + "/" * 5_000)  # fmt: skip


@pytest.mark.parametrize("number", range(100))
def test_a_hundred_files_give_rules_and_every_line_is_taken_or_told(number: int) -> None:
    lines = [one.format(n=number) for one in TAKEN]
    lines += [f"{key}{'(x)' if number % 2 else ''}: value {number}" for key in sorted(_LEFT)]
    lines += [MISTAKES[number % len(MISTAKES)], MISTAKES[number // 10]]
    end = "\r\n" if number % 3 else "\n"
    imported = convert_ftr(end.join(lines[number % 7 :] + lines[: number % 7]), f"paper{number}.example.txt")
    found, problems = read_rules(imported.toml, "x.toml")
    assert problems == ()
    assert found is not None
    assert (len(found.strip), sorted(found.select)) == (2, ["authors", "headline", "published_at"])
    told = [one for one in lines if one.strip("\ufeff\x00\x01") and not one.startswith("#")]
    assert len(imported.ignored) >= len(told) - len(TAKEN)
