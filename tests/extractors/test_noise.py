"""Lines that recur on a publication's other pages are cut; what is the story's own stays."""

# ruff: noqa: E501  a table reads best with a row on one line

from collections import Counter
from dataclasses import replace
from itertools import permutations

import pytest

from extractors import Article, Block, Kind, Noise, Page, Removal, extract, sightings
from extractors.noise import LONGEST, cut, fingerprint

CTA = "Write to our reporters: the address of 1 Ferry Quay is always open"
LONG = (
    "The harbour council has met every Tuesday since the spring floods carried away two jetties and half "
    "of the fish market, and no end is in sight."
)


def prose(number: int) -> Block:
    words = (
        "gate",
        "sluice",
        "quay",
        "weir",
        "ferry",
        "mast",
        "net",
        "tide",
        "rope",
        "hull",
        "crane",
        "berth",
    )
    return Block(
        "paragraph", f"The {words[number]} was inspected by the harbour office and found to be sound."
    )


STORY = tuple(prose(number) for number in range(12))


def known(*lines: str, seen: int = 2, pages: int = 10) -> Noise:
    return Noise(pages=pages, counts={fingerprint(line): seen for line in lines})


@pytest.mark.parametrize(
    ("block", "place", "noise", "goes"),
    [
        pytest.param(Block("paragraph", CTA), 12, known(CTA), True, id="two other pages"),
        pytest.param(Block("paragraph", CTA), 12, known(CTA, seen=1), False, id="one other page"),
        pytest.param(Block("paragraph", CTA), 5, known(CTA), True, id="a short line in the middle"),
        pytest.param(Block("paragraph", CTA.replace("1", "27")), 12, known(CTA), True, id="digits are folded"),
        pytest.param(Block("paragraph", CTA.upper() + "!"), 12, known(CTA), True, id="case and marks, too"),
        pytest.param(Block("paragraph", LONG), 0, known(LONG, seen=3), False, id="a series' opening"),
        pytest.param(Block("paragraph", LONG), 6, known(LONG, seen=9, pages=99), False, id="background, repeated"),
        pytest.param(Block("paragraph", LONG), 6, known(LONG, seen=9), True, id="a sentence on most pages"),
        pytest.param(Block("paragraph", LONG), 12, known(LONG), True, id="a sentence at the end"),
        pytest.param(Block("heading", "Background", 2), 5, known("Background", seen=9), False, id="heads text"),
        pytest.param(Block("heading", "More of this", 2), 12, known("More of this"), True, id="heads nothing"),
        pytest.param(Block("table", CTA), 12, known(CTA, seen=9), False, id="a table"),
        pytest.param(Block("paragraph", "a" * LONGEST), 12, known("a" * LONGEST, seen=9), False, id="too long"),
        pytest.param(Block("paragraph", CTA), 12, replace(known(CTA), counted=True), False, id="its own sighting"),
        pytest.param(
            Block("paragraph", CTA), 12, replace(known(CTA, seen=9), kept=frozenset([fingerprint(CTA)])), False, id="kept"
        ),
        pytest.param(Block("paragraph", CTA), 12, Noise(dropped=frozenset([fingerprint(CTA)])), True, id="dropped"),
    ],
)  # fmt: skip
def test_what_goes(block: Block, place: int, noise: Noise, goes: bool) -> None:
    blocks = (*STORY[:place], block, *STORY[place:])
    kept, removals = cut(blocks, noise)
    assert kept == (STORY if goes else blocks)
    assert [one.text for one in removals] == [block.text] * goes
    assert all(one.stripper == "learned" for one in removals)


def test_of_a_list_single_items_go() -> None:
    block = Block("list", f"Rope\n{CTA}\nTar")
    kept, _ = cut((*STORY, block), known(CTA))
    assert kept[-1] == Block("list", "Rope\nTar")


def test_a_copy_of_another_story_stays_whole() -> None:
    noise = known(*(block.text for block in STORY), seen=5)
    assert cut(STORY, noise) == (STORY, ())


def test_the_order_of_pages_does_not_matter() -> None:
    pages = [
        Article("", Kind.ARTICLE, "", blocks=(STORY[number], Block("paragraph", CTA))) for number in range(4)
    ]
    results = {
        cut((*STORY, Block("paragraph", CTA)), Noise(pages=4, counts=Counter(m for p in order for m in sightings(p))))
        for order in permutations(pages)
    }  # fmt: skip
    assert results == {cut((*STORY, Block("paragraph", CTA)), known(CTA, seen=4, pages=4))}


def test_what_was_cut_is_still_seen() -> None:
    """Else a line would come back once it is no longer in any body."""
    kept, removals = cut((*STORY, Block("paragraph", CTA)), known(CTA))
    article = Article("", Kind.ARTICLE, "", blocks=kept, removals=removals)
    assert fingerprint(CTA) in sightings(article)


def test_each_line_of_a_removed_box_is_seen() -> None:
    box = Removal("related", "stands in <aside>", f"{CTA} · Rope and tar")
    assert set(sightings(Article("", Kind.ARTICLE, "", removals=(box,)))) == {
        fingerprint(CTA),
        fingerprint("Rope and tar"),
    }


def test_a_page_is_extracted_without_what_was_learned() -> None:
    body = "".join(f"<p>{block.text}</p>" for block in STORY)
    html = f"<title>Harbour found sound</title><article><h1>Harbour found sound</h1>{body}<p>{CTA}.</p></article>"
    page = Page("https://gazette.example/harbour", html.encode(), "text/html; charset=utf-8")
    assert CTA in extract(page).body, extract(page).removals
    article = extract(page, noise=known(CTA))
    assert CTA not in article.body
    assert article.body == "\n\n".join(block.text for block in STORY)
    assert [one.reason for one in article.removals if one.stripper == "learned"] == [
        "stands on 2 other pages"
    ]
