"""FiveFilters site configs: what is taken, what is not and why; a hundred files with every directive and mistake."""

# ruff: noqa: E501  a table reads best with a row on one line

import pytest

from extractors import Page, convert_ftr, extract, pipeline, read_rules, ruled
from extractors.document import parse
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
        pytest.param("strip_id_or_class: 'a b'", '[class*=\\"a b\\"]', id="two names in a row"),
        pytest.param(
            "strip: //p[contains(text(), 'Ad')]",
            "{xpath = \"//p[contains(text(), 'Ad')]\"}",
            id="what CSS cannot say",
        ),
        pytest.param(
            "author: substring-after(//p[@class='by'], 'By ')",
            f"{{xpath = \"substring-after(//p[@class='by'], 'By ')\", trust = {TRUST}}}",
            id="a function",
        ),
        pytest.param(
            "next_page_link: //a[@class='next']",
            f"next_page = [\n    {{xpath = \"(//a[@class='next'])/@href\", trust = {TRUST}}},\n]",
            id="the next page",
        ),
        pytest.param(
            "next_page_link: //a[@class='next']/@href",
            "{xpath = \"//a[@class='next']/@href\"",
            id="the next page's address",
        ),
        pytest.param(
            "http_header(Accept-Language): de", '[headers]\n"Accept-Language" = "de"', id="a header"
        ),
        pytest.param(
            "test_url: https://gazette.example/a\ntest_contains: the gate",
            'url = "https://gazette.example/a"\ncontains = ["the gate"]',
            id="a test",
        ),
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
        pytest.param("strip: //p[", "is no XPath: Invalid expression", id="broken XPath"),
        pytest.param("strip_id_or_class: ''", "is no part of a class or id", id="an empty name"),
        pytest.param("test_contains: the gate", "stands before any test_url", id="a text of no page"),
        pytest.param("test_url: gazette.example", "is no web address", id="no address"),
        pytest.param("title(x): //h1", "takes no argument", id="an argument too many"),
        pytest.param("http_header: x", "names no header", id="an argument too few"),
        pytest.param("strip:", "says nothing", id="no value"),
        pytest.param("//div[@class='x']", "is no key: value", id="no directive"),
        pytest.param("replace_string(<br>): <p>", "the page is not rewritten", id="with an argument"),
        pytest.param(
            "http_header(user-agent): Mozilla",
            "says who asks, which a rule must not change",
            id="a header that disguises",
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


PAGE = """<!doctype html><html><head><title>Sound | Gazette</title><meta name="author" content="Ana Roe"></head><body>
<div id="top" class="page wide"><p class="by">By Tomas Birk</p><h1 class="head big">Sound</h1><p>One</p>
<div class="share-bar bottom"><a href="/s">Share</a></div><p class="ad">Advert: tea</p><p>Two <b>bold</b></p>
<ul><li>a</li><li>b</li><li>c</li></ul><div><span>deep</span></div><aside role="note">Aside</aside><div>Read more about it</div>
<p class="pages"><a class="next" href="/2">Next</a></p></div></body></html>"""

CONSTRUCTS = (
    ("//h1", ["Sound"], "css"),
    ("//p[@class='ad']", ["Advert: tea"], "css"),
    ("//div[@id='top']/h1", ["Sound"], "css"),
    ("//*[@role='note']", ["Aside"], "css"),
    ("//div[contains(@class, 'share-bar')]", ["Share"], "css"),
    ('//div[contains(@class, "share") and contains(@class, "bottom")]', ["Share"], "xpath"),
    ("//p[@class='by'] | //aside", ["By Tomas Birk", "Aside"], "css"),
    ("//p[contains(text(), 'Advert')]", ["Advert: tea"], "xpath"),
    ("//div[contains(., 'Read more') and not(.//p)]", ["Read more about it"], "xpath"),
    ("//p[starts-with(., 'By ')]", ["By Tomas Birk"], "xpath"),
    ("//li[1]", ["a"], "xpath"),
    ("//li[last()]", ["c"], "xpath"),
    ("//li[position() > 1]", ["b", "c"], "xpath"),
    ("//b/..", ["Two bold"], "xpath"),
    ("//b/parent::p", ["Two bold"], "xpath"),
    ("//h1/following-sibling::p[1]", ["One"], "xpath"),
    ("//aside/preceding-sibling::ul", ["a b c"], "xpath"),
    ("//span/ancestor::div[1]", ["deep"], "xpath"),
    ("//div[not(@*)]/span", ["deep"], "xpath"),
    ("//p[.//b]", ["Two bold"], "xpath"),
    ("//p[string-length(.) = 3]", ["One"], "xpath"),
    ("//div[@id='top']//*[self::h1 or self::aside]", ["Sound", "Aside"], "xpath"),
    ("//a[@class='next' and @href]", ["Next"], "xpath"),
    ("//div[contains(concat(' ', normalize-space(@class), ' '), ' bottom ')]", ["Share"], "xpath"),
    ("id('top')/h1", ["Sound"], "xpath"),
    ("/html/body/div/h1", ["Sound"], "css"),
)  # fmt: skip
"""XPath as the format's files write it, what it finds on PAGE, and what it becomes."""


@pytest.mark.parametrize(
    ("expression", "texts", "form"), CONSTRUCTS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_each_construct_finds_what_lxml_finds(expression: str, texts: list[str], form: str) -> None:
    imported = convert_ftr(f"strip: {expression}", "gazette.example.txt")
    assert ("xpath" if "{xpath" in imported.toml else "css") == form
    rules, problems = read_rules(imported.toml, "x.toml")
    assert (imported.ignored, problems) == ((), ())
    chosen = ruled.uses(rules, None)
    document = parse(PAGE.encode(), "https://gazette.example/", pipeline.selections(PAGE.encode(), chosen))
    assert [text for found in document.matched for text in found] == texts
    for number in range(len(chosen)):
        marked = [document.text_of(node) for node in document.marked(number)]
        assert marked == document.matched[number]


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        pytest.param("author: substring-after(//p[@class='by'], 'By ')", "authors", ("Tomas Birk",), id="a part of a text"),
        pytest.param("author: //meta[@name='author']/@content", "authors", ("Ana Roe",), id="an attribute"),
        pytest.param("title: normalize-space(//h1)", "headline", "Sound", id="normalize-space"),
        pytest.param("title: substring-before(//title, ' |')", "headline", "Sound", id="before the bar"),
    ],
)  # fmt: skip
def test_fields_of_string_functions(line: str, field: str, value: object) -> None:
    rules, _ = read_rules(convert_ftr(line, "gazette.example.txt").toml.replace("0.6", "1"), "x.toml")
    page = Page("https://gazette.example/a", PAGE.encode(), "text/html")
    article = extract(page, rules=rules)
    assert getattr(article, field) == value
    assert article.provenance[field].method == "rule"


TAKEN = (
    "strip: //div[@id='x{n}']",
    "strip_id_or_class: box-{n}",
    "title: //h1",
    "author: //b",
    "date: //time/@datetime",
    "next_page_link: //a[text()='{n}']",
    "http_header(Accept-Language): de-{n}",
    "test_url: https://paper{n}.example.com/a",
    "test_contains: {n} gates",
)
MISTAKES = ("titl: //h1", "strip: //p[", "body", ": //x", "strip_id_or_class: ''", "\ufeffstrip: //a[1", "title(: //h1", "# only a comment", "\x00\x01", "strip: " + "/" * 5_000)  # fmt: skip


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
    assert (len(found.next_page), len(found.headers), len(found.tests)) == (1, 1, 1)
    told = [one for one in lines if one.strip("\ufeff\x00\x01") and not one.startswith("#")]
    assert len(imported.ignored) >= len(told) - len(TAKEN)
