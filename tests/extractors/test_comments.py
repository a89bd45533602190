"""Readers' comments that no class name gives away."""

import pytest

from extractors import Article, Page, extract

STORY = [
    "The harbour board voted on Tuesday to keep the last ferry running in winter, by nine to four.",
    "Nobody on the quay had expected it, and the men who sail her had packed their bags by noon.",
]
COMMENT = (
    "My father sailed on her for thirty years and would have laughed at you all. She rolls, she leaks, "
    "she is late every morning, and nobody on this island would rather take the bridge. Number {n} says so."
)


def page(story: list[str], box: str, count: int = 8) -> Page:
    paragraphs = "".join(f"<p>{one}</p>" for one in story)
    comments = "".join(box.format(text=COMMENT.format(n=n), n=n) for n in range(count))
    html = (
        "<html lang=en><head><title>Ferry stays for the winter</title></head>"
        f"<body><h1>Ferry stays for the winter</h1><div>{paragraphs}</div><div>{comments}</div></body></html>"
    )
    return Page("https://gazette.example/ferry", html.encode(), "text/html; charset=utf-8")


def taken(article: Article) -> list[str]:
    return [one.text for one in article.removals if one.stripper == "comments"]


@pytest.mark.parametrize(
    "box",
    [
        pytest.param(
            "<div><b>Ola</b> <span>3 March, 12:0{n}</span><p>{text}</p><a href=#r{n}>Reply</a></div>",
            id="a link",
        ),
        pytest.param("<div><p>{text}</p><span>Ola | 3 March |</span> <i>Antworten</i></div>", id="in a line"),
        pytest.param(
            "<div><div><p>{text}</p><a href=#>Reply</a></div>"
            "<div><div><p>Not so. {text}</p><a href=#>Reply</a></div></div></div>",
            id="answers to answers",
        ),
    ],
)
def test_comments_alike_are_no_story(box: str) -> None:
    article = extract(page(STORY, box))
    assert article.body == "\n\n".join(STORY)
    assert any("Number 0 says so" in text for text in taken(article))


def test_two_boxes_are_no_list_of_comments() -> None:
    assert not taken(extract(page(STORY, "<div><p>{text}</p><a href=#>Reply</a></div>", count=2)))


def test_a_thread_without_a_story_keeps_its_posts() -> None:
    body = extract(page([], "<div><p>{text}</p><a href=#>Reply</a></div>")).body
    assert all(f"Number {n} says so" in body for n in range(8))


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param(
            "<article>{more}<div><a href=#>Reply</a></div></article>"
            + "<div><p>{text}</p><a href=#>Reply</a></div>" * 2,
            id="the story's own box has the control too",
        ),
        pytest.param(
            "<div><p>{text}</p><p><b>Reply:</b> Do go, and take the dog.</p></div>" * 4, id="letters answered"
        ),
        pytest.param("<section><h3>Reply</h3><p>{text}</p></section>" * 4, id="sections called so"),
        pytest.param(
            '<script type="application/ld+json">{{"@type": "LiveBlogPosting"}}</script>'
            + "<div><p>{text}</p><a href=#>Reply</a></div>" * 4,
            id="posts of a live blog",
        ),
    ],
)
def test_what_only_looks_like_comments_stays(rest: str) -> None:
    more = "".join(f"<p>{line} And that was word number {n}.</p>" for n, line in enumerate(3 * STORY))
    html = rest.format(text=COMMENT.format(n=1), more=more)
    paragraphs = "".join(f"<p>{one}</p>" for one in STORY)
    body = f"<html lang=en><body><h1>Ferry stays for the winter</h1>{paragraphs}{html}</body></html>"
    article = extract(Page("https://gazette.example/ferry", body.encode(), "text/html; charset=utf-8"))
    assert not any("says so" in text or "word number" in text for text in taken(article))
