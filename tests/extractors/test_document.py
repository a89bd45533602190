"""The walk: the columns say what the tree says, whatever the page looks like."""

# ruff: noqa: E501  markup reads best with an element on one line

import random

import pytest
from selectolax.lexbor import LexborHTMLParser

from extractors.document import DROPPED_TAGS, Document, parse

BITS = (
    "<p>", "</p>", "<div", "<a href=x>", "</a>", "<b", ">", '"', "'", "=", "<!--", "-->", "<iframe>", "</iframe>",
    "text ", "<td>", "<table>", "</table>", "<select>", "<plaintext>", "<xmp>", "<svg>", "<math>", "<noscript>",
    "&lt;", "&amp;nbsp;", "<?x", "<![CDATA[", "]]>", "</", '<a<b c<d="e">', "<br>", "<li>", "<ul>", "<frameset>",
    '<body x="<">', "<image>", "<template>", "<title>", "<amp-img>", "\n ",
)  # fmt: skip


def soup(seed: int) -> str:
    """Return broken markup, the same for a seed."""
    chosen = random.Random(seed)
    return "".join(chosen.choice(BITS) for _ in range(chosen.randint(3, 60)))


def elements(html: str) -> list[tuple[str, int]]:
    """Return (tag, parent) of each element of the body by asking the tree itself."""
    tree = LexborHTMLParser(html)
    tree.strip_tags(DROPPED_TAGS)
    found: list[tuple[str, int]] = []
    numbers: dict[int, int] = {}
    for node in tree.body.traverse(include_text=False) if tree.body else ():
        inside = node.parent
        if not node.is_element_node or (inside is not None and inside.tag == "plaintext"):
            continue
        numbers[node.mem_id] = len(found)
        found.append((node.tag or "", numbers.get(node.parent.mem_id, -1) if found and node.parent else -1))
    return found


def columns(document: Document) -> list[tuple[str, int]]:
    return list(zip(document.tags, document.parents, strict=True))


@pytest.mark.parametrize("start", range(0, 2000, 200))
def test_the_columns_are_the_tree(start: int) -> None:
    """Of soup without elements that are pruned: each element once, in order, under its own parent."""
    for seed in range(start, start + 200):
        html = soup(seed)
        assert columns(parse(html, "https://a.example/")) == elements(html), html


@pytest.mark.parametrize("end", ["</iframe>", "</xmp>"])
def test_text_that_is_raw_is_no_text_and_holds_no_elements(end: str) -> None:
    html = f"<p>before</p><{end[2:]}<b>raw</b><p>{end}<p>after &lt; &amp;amp; &nbsp;all</p>"
    document = parse(html, "https://a.example/")
    assert [piece.text for piece in document.pieces] == ["before", "after < &amp; all"]
    assert "b" not in document.tags


def test_attributes_are_read_with_their_references() -> None:
    document = parse(
        '<p title="a &lt;b&gt; &quot;c&quot; &amp;amp;" hidden data-x=\'q"r\'>x</p>', "https://a.example/"
    )
    assert document.attributes(1) == {"title": 'a <b> "c" &amp;', "hidden": "", "data-x": 'q"r'}


def test_menus_feet_and_hidden_boxes_are_told_and_not_walked() -> None:
    document = parse(
        "<body><nav class=top><a href=/a>Europe</a><nav>Asia</nav></nav><main><h1>A title</h1><p>Text.</p>"
        "<footer>Credit of the story</footer></main><div style='display: none'>Secret</div><footer>Imprint</footer>",
        "https://a.example/",
    )
    assert [piece.text for piece in document.pieces] == ["A title", "Text.", "Credit of the story"]
    assert [(tag, text) for tag, _, text in document.chrome] == [
        ("nav", "Europe Asia"), ("div", "Secret"), ("footer", "Imprint"),
    ]  # fmt: skip
    assert document.hrefs == ["/a"]


@pytest.mark.parametrize(
    "box",
    [
        pytest.param("<nav class=breadcrumb><a href=/e>Europe</a></nav>", id="breadcrumb"),
        pytest.param("<nav><h1>A title in a menu</h1></nav>", id="holds the h1"),
        pytest.param("<nav><p>One.</p><p>Two.</p><p>Three.</p><p>Four.</p></nav>", id="holds paragraphs"),
    ],
)
def test_a_menu_that_may_say_something_is_walked(box: str) -> None:
    assert parse(f"<body>{box}<p>Text.</p>", "https://a.example/").chrome == []


def test_what_stands_inside_an_element_is_its_text() -> None:
    document = parse(
        "<div><p>One <b>two</b></p>three<ul><li>four</li></ul></div><p>five</p>", "https://a.example/"
    )
    assert document.text_of(1) == "One two three four"
    assert document.text_of(3) == "two"
    assert document.end(1) == 6
    assert document.is_inside(5, 1)
    assert not document.is_inside(6, 1)
