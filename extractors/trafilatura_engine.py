"""The second opinion on the body. Home of trafilatura.

Asked when the project's own model finds no story on a page that has text, or for every page with
``engine = "trafilatura"``. Its deduplication keeps state between pages and its dates read the clock: neither is used.
"""

from extractors.article import Block


def blocks(html: str) -> tuple[Block, ...]:
    """Return the body as trafilatura sees it: a paragraph a line, list items with their dash. Empty when it sees none."""
    import trafilatura  # here, because loading it takes longer than most runs of this program need it

    text = trafilatura.extract(
        html,
        output_format="txt",
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        with_metadata=False,
    )
    return tuple(Block("paragraph", line) for line in (text or "").splitlines() if line.strip())
