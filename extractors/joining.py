"""Pages of one story → one article. What later pages say again, as headlines, decks and boxes do, is not repeated."""

from collections.abc import Sequence
from dataclasses import replace

from extractors.article import Article, Block, Removal
from extractors.reading import squash

LONG = 30
"""Letters from which a paragraph that was already said is not said again. Shorter ones may be: "He agreed.\""""

TAIL = 3
"""Blocks at a page's end that are compared with those at the end of the next: a note on the author stands on each page
and belongs to the last."""


def is_same_story(first: Article, page: Article) -> bool:
    """Do two pages have one headline, or one canonical address?"""
    one, two = squash(first.headline or ""), squash(page.headline or "")
    return not two or one in two or two in one or first.canonical_url == page.canonical_url


def join(first: Article, page: Article) -> Article | None:
    """Return the story with a further page. None when the page says nothing new."""
    said = {squash(block.text) for block in first.blocks}
    fresh = _new(page.blocks, said)
    if not fresh:
        return None
    number = len(first.pages or ("",)) + 1
    ends = {squash(block.text) for block in page.blocks[-TAIL:]}
    kept = first.blocks[:-TAIL] + tuple(
        block for block in first.blocks[-TAIL:] if squash(block.text) not in ends
    )
    tail = [block for block in page.blocks[-TAIL:] if squash(block.text) in said]
    blocks = (*kept, *(block for block in page.blocks if block in fresh or block in tail))
    origin = first.provenance["body"]
    return replace(
        first,
        blocks=blocks,
        body="\n\n".join(block.text for block in blocks),
        images=tuple(dict.fromkeys((*first.images, *page.images))),
        credits=tuple(dict.fromkeys((*first.credits, *page.credits))),
        removals=(*first.removals, *(_of_page(one, number) for one in page.removals)),
        pages=(*(first.pages or (first.url,)), page.url),
        next_page=page.next_page,
        provenance=first.provenance | {"body": replace(origin, locator=_locator(origin.locator, number))},
    )


def _new(blocks: Sequence[Block], said: set[str]) -> list[Block]:
    """Return the blocks that the story does not have yet; short ones count as repeated only above the first new one."""
    fresh: list[Block] = []
    for block in blocks:
        text = squash(block.text)
        if text not in said or (fresh and len(text) < LONG):
            fresh.append(block)
    return fresh


def _locator(before: str, number: int) -> str:
    return f"{before.partition(', joined')[0]}, joined from {number} pages"


def _of_page(removal: Removal, number: int) -> Removal:
    return replace(removal, locator=f"page {number}, {removal.locator}")
