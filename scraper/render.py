"""An article as text for people: plain, Markdown, HTML, JSON.

The HTML is a whole page that says the article's facts where other programs look for them (title, canonical
link, meta tags), and its text is escaped: whatever a publisher wrote, no tag or script of theirs comes out.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from types import MappingProxyType

from extractors import Article, Block


def to_json(article: Article) -> str:
    """Return every field as indented JSON."""
    return json.dumps(article.to_dict(), ensure_ascii=False, indent=2)


def to_json_line(article: Article) -> str:
    """Return every field as JSON on one line."""
    return json.dumps(article.to_dict(), ensure_ascii=False, separators=(",", ":"))


def to_text(article: Article) -> str:
    """Return headline, dek, a line of facts, the body and the credits, a blank line between."""
    parts = [article.headline, article.dek, _facts(article), article.body, "\n".join(_credit_lines(article))]
    return "\n\n".join(part for part in parts if part)


def to_markdown(article: Article) -> str:
    """Return CommonMark; marks that the text itself contains are escaped."""
    parts = [
        f"# {_plain(article.headline)}" if article.headline else None,
        f"*{_plain(article.dek)}*" if article.dek else None,
        _plain(_facts(article)),
        *(MARKDOWN.get(block.kind, _markdown_paragraph)(block) for block in article.blocks),
        "  \n".join(_plain(line) for line in _credit_lines(article)),
    ]
    return "\n\n".join(part for part in parts if part)


def to_html(article: Article) -> str:
    """Return a whole HTML page."""
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{escape(article.language or "")}">' if article.language else "<html>",
        '<head><meta charset="utf-8">',
        *_head(article),
        "</head><body><article>",
        *_story(article),
        "</article></body></html>",
    ]
    return "\n".join(lines)


FORMATS: Mapping[str, Callable[[Article], str]] = MappingProxyType(
    {"json": to_json, "text": to_text, "markdown": to_markdown, "html": to_html}
)


def _facts(article: Article) -> str:
    """Return "By Ana Roe and Bo Lund · Europe · 2025-03-18 21:14 UTC", as far as it is known."""
    by = f"By {' and '.join(article.authors)}" if article.authors else None
    when = f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else None
    return " · ".join(fact for fact in (by, article.section, when) if fact)


def _credit_lines(article: Article) -> Iterator[str]:
    for credit in article.credits:
        yield f"{credit.role.capitalize()}: {credit.text}"


# Markdown


def _plain(text: str | None) -> str:
    """Escape what CommonMark would read as a mark (spec 2.4: backslash before ASCII punctuation)."""
    escaped = re.sub(r"([\\`*_\[\]<>])", r"\\\1", text or "")
    escaped = re.sub(r"(?m)^(\s*)([#+\-=~])", r"\1\\\2", escaped)
    return re.sub(r"(?m)^(\s*\d+)([.)])", r"\1\\\2", escaped)


def _markdown_paragraph(block: Block) -> str:
    return _plain(block.text)


def _markdown_heading(block: Block) -> str:
    return f"{'#' * max(2, block.level)} {_plain(block.text)}"  # the headline is the only first-level heading


def _markdown_quote(block: Block) -> str:
    return "\n".join(f"> {_plain(line)}" for line in block.text.splitlines())


def _markdown_list(block: Block) -> str:
    return "\n".join(f"- {_plain(line)}" for line in block.text.splitlines())


def _markdown_table(block: Block) -> str:
    cells = [[_plain(cell).replace("|", "\\|") for cell in row] for row in _cells(block)]
    width = max((len(row) for row in cells), default=0)
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in cells]
    return "\n".join([*lines[:1], f"|{' --- |' * width}", *lines[1:]])


def _markdown_code(block: Block) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
    return f"{fence}\n{block.text}\n{fence}"


def _markdown_embed(block: Block) -> str:
    url = web(block.url)
    return "\n>\n".join(part for part in (_markdown_quote(block), f"> <{url}>" if url else "") if part)


MARKDOWN: Mapping[str, Callable[[Block], str]] = MappingProxyType(
    {
        "heading": _markdown_heading,
        "quote": _markdown_quote,
        "list": _markdown_list,
        "table": _markdown_table,
        "code": _markdown_code,
        "embed": _markdown_embed,
    }
)


# HTML


def _head(article: Article) -> Iterator[str]:
    yield f"<title>{escape(article.headline or article.url)}</title>"
    if url := web(article.canonical_url):
        yield f'<link rel="canonical" href="{escape(url)}">'
    yield from (f'<meta name="author" content="{escape(name)}">' for name in article.authors)
    for name, value in (
        ("og:site_name", article.publication),
        ("article:section", article.section),
        ("article:published_time", article.published_at and article.published_at.isoformat()),
        ("article:modified_time", article.modified_at and article.modified_at.isoformat()),
        ("og:image", article.lead_image and web(article.lead_image.url)),
    ):
        if value:
            yield f'<meta property="{name}" content="{escape(value)}">'
    yield from (f'<meta property="article:tag" content="{escape(tag)}">' for tag in article.tags)


def _story(article: Article) -> Iterator[str]:
    yield f"<h1>{escape(article.headline or '')}</h1>"
    if article.dek:
        yield f'<p class="dek">{escape(article.dek)}</p>'
    if article.authors:
        yield f'<p class="byline">By {escape(" and ".join(article.authors))}</p>'
    yield from body_html(article)
    yield from (f'<p class="credit">{escape(line)}</p>' for line in _credit_lines(article))


def body_html(article: Article) -> Iterator[str]:
    """Yield the body's blocks as HTML, text escaped."""
    yield from (HTML.get(block.kind, _html_paragraph)(block) for block in article.blocks)


def _html_paragraph(block: Block) -> str:
    return f"<p>{escape(block.text)}</p>"


def _html_heading(block: Block) -> str:
    level = min(6, max(2, block.level))
    return f"<h{level}>{escape(block.text)}</h{level}>"


def _html_quote(block: Block) -> str:
    return f"<blockquote>{''.join(f'<p>{escape(line)}</p>' for line in block.text.splitlines())}</blockquote>"


def _html_list(block: Block) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in block.text.splitlines())}</ul>"


def _html_table(block: Block) -> str:
    rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in _cells(block))
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _html_code(block: Block) -> str:
    return f"<pre><code>{escape(block.text)}</code></pre>"


def _html_embed(block: Block) -> str:
    url = web(block.url)
    link = f'<p><a href="{escape(url)}">{escape(url)}</a></p>' if url else ""
    lines = "".join(f"<p>{escape(line)}</p>" for line in block.text.splitlines())
    return f'<blockquote class="embed">{lines}{link}</blockquote>'


HTML: Mapping[str, Callable[[Block], str]] = MappingProxyType(
    {
        "heading": _html_heading,
        "quote": _html_quote,
        "list": _html_list,
        "table": _html_table,
        "code": _html_code,
        "embed": _html_embed,
    }
)


def _cells(block: Block) -> list[list[str]]:
    return [line.split("\t") for line in block.text.splitlines()]


def web(url: str | None) -> str | None:
    """Return the address if following it is harmless: http or https, and nothing else (no javascript:)."""
    return url if url and re.match(r"https?://[^\s<>]+$", url) else None
