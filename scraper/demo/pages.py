"""The demo publication's website: every address and what it answers.

Its news half is built like a RebelMouse site, its magazine half like a WordPress site; ``templates/`` holds
the markup. What a visitor's browser would show around a story (follow bars, "google cta" pictures, other stories
with the rest of their text in a <template>, newsletter boxes, share bars, comments) is all there, because
removing it is the point.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from scraper.demo.feeds import MOVED, RETRACTED, atom, robots, rss, sitemap, sitemap_index
from scraper.demo.stories import NAME, Piece, Story, stories

TEMPLATES = Path(__file__).parent / "templates"
SECTIONS = ("Town", "Harbour", "World", "Opinion", "Science", "Culture")
BY = {"de": "Von"}
PHOTO = {"de": "Foto"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says to one address."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    location: str | None = None


def site(root: str) -> dict[str, Answer]:
    """Return path → answer for the whole publication at ``root`` ("http://127.0.0.1:8000")."""
    answers = {story.path: Answer(_article(story, root).encode()) for story in stories()}
    answers |= {f"/{name.lower()}/": Answer(_listing(name, root).encode()) for name in SECTIONS}
    return answers | {
        "/": Answer(_listing("Home", root).encode()),
        "/about/": Answer(_standing("About us", ABOUT, root).encode()),
        "/privacy/": Answer(_standing("Privacy", PRIVACY, root).encode()),
        "/robots.txt": Answer(robots(root).encode(), "text/plain"),
        "/sitemap.xml": Answer(sitemap_index(root).encode(), "application/xml"),
        "/sitemap-stories.xml": Answer(sitemap(root).encode(), "application/xml"),
        "/feeds/feed.rss": Answer(rss(root).encode(), "application/rss+xml"),
        "/magazine/feed/": Answer(atom(root).encode(), "application/atom+xml"),
        "/drafts/regatta-preview/": Answer(b"<h1>Not yet</h1><p>robots.txt asked you not to read this.</p>"),
        MOVED: Answer(b"", status=301, location=root + stories()[0].path),
        RETRACTED: Answer(b"<h1>Gone</h1><p>This story was retracted.</p>", status=410),
    }


ABOUT = (
    "The Larkmere Courier has reported from both shores of the estuary since 1871.",
    "It belongs to its readers, of whom there are eleven thousand, and is printed on Thursdays.",
    "To reach the newsroom, write to the harbour office and mark the envelope with a fish.",
)
PRIVACY = (
    "We keep the address to which we send your letter, and nothing else.",
    "Our advertisers are told how many people live in Larkmere, which they could have counted themselves.",
)


def _article(story: Story, root: str) -> str:
    return _magazine_article(story, root) if story.in_magazine else _news_article(story, root)


def _facts(story: Story, root: str) -> dict[str, object]:
    """Return what every template says of a story, ready for markup."""
    opening = next(piece.text for piece in story.pieces if piece.kind == "paragraph")
    return {
        "site": NAME,
        "id": story.number,
        "url": root + story.path,
        "path": story.path,
        "language": story.language,
        "headline": escape(story.headline),
        "description": escape(story.dek or opening[:155] + "…"),  # a CMS falls back to the opening
        "section": story.section,
        "section_slug": story.section.lower(),
        "picture": f"{root}/media-library/{story.picture.name}.jpg?id={story.number % 100000}",
        "alt": escape(story.picture.alt),
        "caption": escape(story.picture.caption or ""),
        "authors": escape(", ".join(story.authors)),
        "published": story.published_at.isoformat(),
        "date": f"{story.published_at:%B %d, %Y}",
        "meta": "\n".join(_meta(story)),
        "json_ld": _json_ld(story, root) if _has_json_ld(story) else "",
        "menu": _menu(),
    }


def _meta(story: Story) -> Iterator[str]:
    yield f'<meta property="article:published_time" content="{story.published_at.isoformat()}">'
    if story.modified_at:
        yield f'<meta property="article:modified_time" content="{story.modified_at.isoformat()}">'
    yield f'<meta property="article:section" content="{story.section}">'
    yield from (f'<meta property="article:tag" content="{escape(tag)}">' for tag in story.tags)
    if not _has_json_ld(story):
        yield from (f'<meta name="author" content="{escape(name)}">' for name in story.authors)


def _has_json_ld(story: Story) -> bool:
    """Two stories in three carry it: a reader must not depend on it."""
    return story.number % 3 != 0


def _json_ld(story: Story, root: str) -> str:
    people = [{"@type": "Person", "name": name} for name in story.authors]
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.headline,
        "articleSection": story.section,
        "author": people[0] if len(people) == 1 else people,  # as RebelMouse does
        "datePublished": story.published_at.isoformat(),
        "dateModified": (story.modified_at or story.published_at).isoformat(),
        "keywords": list(story.tags),
        "mainEntityOfPage": {"@type": "WebPage", "@id": root + story.path},
        "publisher": {"@type": "Organization", "name": NAME},
    }
    if story.dek:
        data["description"] = story.dek
    text = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


# The news half


def _news_article(story: Story, root: str) -> str:
    dek = '<div class="widget__subheadline"><h2 class="widget__subheadline-text h2" data-type="text">{}</h2></div>'
    return _filled(
        "news-article",
        **_facts(story, root),
        dek=dek.format(escape(story.dek)) if story.dek else "",
        byline="\n".join(_news_author(name, root) for name in story.authors),
        body="\n".join(_news_piece(piece, root) for piece in story.pieces),
        credit_line=escape(f"Top {story.picture.role} credit: {story.picture.credit}"),
        teasers="\n".join(_news_teaser(other, root) for other in _others(story, 3)),
        google_cta=GOOGLE_CTA,
    )


GOOGLE_CTA = (
    '<a class="display-block image-element google-cta" href="https://search.example/preferences/source?q=larkmere">'
    '<img class="image-element__img" alt="google cta" width="300" height="96" src="/media-library/cta.png"></a>'
)


def _news_author(name: str, root: str) -> str:
    href = f"{root}/author/{name.lower().replace(' ', '-')}/"
    return f'<div class="social-author"><a class="social-author__name" rel="author" href="{href}">{escape(name)}</a></div>'


def _news_teaser(story: Story, root: str) -> str:
    paragraphs = [f"<p>{escape(piece.text)}</p>" for piece in story.pieces if piece.kind == "paragraph"]
    return _filled(
        "news-teaser",
        **_facts(story, root),
        credit_line=escape(f"Top {story.picture.role} credit: {story.picture.credit}"),
        brief="".join(paragraphs[:2]),
        rest="".join(paragraphs[2:]),
    )


def _news_piece(piece: Piece, root: str) -> str:
    match piece.kind:
        case "pull":
            return f'<p class="pull-quote">“{escape(piece.text)}”</p>'
        case "related":
            other = _story(piece.text)
            return (
                f'<p><strong>Related: <a href="{root}{other.path}">{escape(other.headline)}</a></strong></p>'
            )
        case "newsletter":
            return (
                '<div class="rm-embed newsletter-signup"><p>Enjoying this story? Get the Thursday letter from the '
                'quay, free, in your inbox.</p><a href="/newsletter">Sign up here</a></div>'
            )
        case "photo":
            return _news_photo(piece, root)
        case "post":
            return _post(piece, "rm-embed embed-media", "twitter-tweet")
    return _text_piece(piece)


def _news_photo(piece: Piece, root: str) -> str:
    name, alt, caption, credit = piece.parts
    return (
        '<p class="shortcode-media shortcode-media-rebelmouse-image">'
        f'<img class="rm-shortcode" src="{root}/media-library/{name}.jpg?id=77" alt="{escape(alt)}">'
        f'<small class="image-media media-caption">{escape(caption)}</small>'
        f'<small class="image-media media-photo-credit">{escape(credit)}</small></p>'
    )


# The magazine half


def _magazine_article(story: Story, root: str) -> str:
    before, after = _others(story, 2)
    names = [
        f'<span class="author vcard"><a class="url fn n" href="/author/{name.lower().replace(" ", "-")}/">'
        f"{escape(name)}</a></span>"
        for name in story.authors
    ]
    return _filled(
        "magazine-article",
        **_facts(story, root),
        by=BY.get(story.language, "By"),
        dek=f'<p class="entry-subtitle">{escape(story.dek)}</p>' if story.dek else "",
        byline=" and ".join(names),
        body="\n".join(_magazine_piece(piece) for piece in story.pieces),
        credit_line=escape(f"{PHOTO.get(story.language, 'Photo')}: {story.picture.credit}"),
        teasers="".join(_related_post(other) for other in _others(story, 3)),
        tags=", ".join(
            f'<a href="/tag/{tag.replace(" ", "-")}/" rel="tag">{escape(tag)}</a>' for tag in story.tags
        ),
        neighbours=f"{_neighbour(before, 'previous')}{_neighbour(after, 'next')}",
        recent="".join(f'<li><a href="{s.path}">{escape(s.headline)}</a></li>' for s in stories()[:5]),
    )


def _magazine_piece(piece: Piece) -> str:
    match piece.kind:
        case "pull":
            return f'<figure class="wp-block-pullquote"><blockquote><p>{escape(piece.text)}</p></blockquote></figure>'
        case "related":
            other = _story(piece.text)
            return f'<p class="related-link"><em>Related: <a href="{other.path}">{escape(other.headline)}</a></em></p>'
        case "newsletter":
            return (
                '<div class="wp-block-group newsletter-box"><h4>The Thursday letter</h4><p>The best of both shores, '
                "in your inbox before breakfast.</p><button>Subscribe</button></div>"
            )
        case "post":
            return _post(piece, "wp-block-embed__wrapper", "mastodon-embed")
    return _text_piece(piece)


def _related_post(story: Story) -> str:
    return (
        f'<div class="jp-relatedposts-post"><h4><a href="{story.path}">{escape(story.headline)}</a></h4>'
        f'<p class="jp-relatedposts-post-excerpt">{escape(story.body[0][:140])}…</p>'
        f'<p class="jp-relatedposts-post-context">In "{story.section}"</p></div>'
    )


def _neighbour(story: Story, side: str) -> str:
    return (
        f'<div class="nav-{side}"><a href="{story.path}" rel="{side[:4]}"><span class="nav-subtitle">'
        f'{side.capitalize()}:</span> <span class="nav-title">{escape(story.headline)}</span></a></div>'
    )


# Both halves


def _text_piece(piece: Piece) -> str:
    match piece.kind:
        case "heading":
            return f"<h3>{escape(piece.text)}</h3>"
        case "quote":
            return f"<blockquote><p>{escape(piece.text)}</p></blockquote>"
        case "list":
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in piece.parts)}</ul>"
    return f"<p>{escape(piece.text)}</p>"


def _post(piece: Piece, wrapper: str, kind: str) -> str:
    text, author, url = piece.parts
    return (
        f'<div class="{wrapper}"><blockquote class="{kind}"><p>{escape(text)}</p>&mdash; {escape(author)} '
        f'<a href="{url}">May 20, 2025</a></blockquote></div>'
    )


def _story(slug: str) -> Story:
    return next(story for story in stories() if story.slug == slug)


def _others(story: Story, count: int) -> list[Story]:
    """Return the next stories in the stream, which begins again at its end."""
    everything = stories()
    start = everything.index(story) + 1
    return [everything[(start + step) % len(everything)] for step in range(count)]


def _menu() -> str:
    return "".join(f'<li class="main-menu-item"><a href="/{n.lower()}/">{n}</a></li>' for n in SECTIONS)


def _listing(title: str, root: str) -> str:
    shown = [story for story in stories() if title in ("Home", story.section)]
    items = [
        _filled(
            "listing-item",
            **_facts(story, root) | {"dek": f'<p class="widget__subheadline">{escape(story.dek or "")}</p>'},
        )
        for story in shown
    ]
    draft = '<div class="widget"><a href="/drafts/regatta-preview/">Preview: the regatta (draft)</a></div>'
    path = "/" if title == "Home" else f"/{title.lower()}/"
    return _filled(
        "listing", site=NAME, title=title, url=root + path, menu=_menu(), items="\n".join([*items, draft])
    )


def _standing(title: str, paragraphs: tuple[str, ...], root: str) -> str:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    url = f"{root}/{title.split()[0].lower()}/"
    return _filled("about", site=NAME, title=title, url=url, menu=_menu(), text=text)


def _filled(name: str, **values: object) -> str:
    return _template(name).substitute(values)


@cache
def _template(name: str) -> Template:
    return Template((TEMPLATES / f"{name}.html").read_text(encoding="utf-8"))
