"""What crawlers ask the demo publication for: robots.txt, sitemaps, feeds."""

from email.utils import format_datetime
from html import escape

from scraper.demo.stories import NAME, stories

IN_FEED = 12  # as many stories as a feed shows; the sitemap has them all
MOVED = "/night-ferry-to-sail-again/"  # the address that the newest story had first
RETRACTED = "/mayor-to-wed-lighthouse/"  # still in the sitemap, as such things are


def robots(root: str) -> str:
    """Return robots.txt: one folder is closed, and there is no need to wait."""
    return f"User-agent: *\nDisallow: /drafts/\nDisallow: /search\nCrawl-delay: 0\n\nSitemap: {root}/sitemap.xml\n"


def sitemap_index(root: str) -> str:
    """Return the sitemap that names the sitemap."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"<sitemap><loc>{root}/sitemap-stories.xml</loc></sitemap></sitemapindex>"
    )


def sitemap(root: str) -> str:
    """Return every story, and two addresses that stayed behind: one that moved, one that was retracted."""
    dated = [(s.path, s.modified_at or s.published_at) for s in stories()]
    dated += [(path, stories()[-1].published_at) for path in (MOVED, RETRACTED)]
    entries = (
        f"<url><loc>{root}{path}</loc><lastmod>{when.isoformat()}</lastmod></url>" for path, when in dated
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{''.join(entries)}</urlset>"
    )


def rss(root: str) -> str:
    """Return the newest news stories as RSS 2.0; links carry the usual campaign parameters."""
    news = [story for story in stories() if not story.in_magazine][:IN_FEED]
    items = (
        f"<item><title>{escape(s.headline)}</title><link>{root}{s.path}?utm_source=rss&amp;utm_medium=feed</link>"
        f'<guid isPermaLink="false">larkmere-{s.number}</guid><pubDate>{format_datetime(s.published_at)}</pubDate>'
        f"<description>{escape(s.dek or '')}</description></item>"
        for s in news
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{NAME}</title><link>{root}/</link>'
        f"<description>News from both shores</description>{''.join(items)}</channel></rss>"
    )


def atom(root: str) -> str:
    """Return the newest magazine stories as Atom (RFC 4287)."""
    magazine = [story for story in stories() if story.in_magazine][:IN_FEED]
    entries = (
        f'<entry><title>{escape(s.headline)}</title><link href="{root}{s.path}"/><id>{root}/?p={s.number}</id>'
        f"<published>{s.published_at.isoformat()}</published><updated>{s.published_at.isoformat()}</updated></entry>"
        for s in magazine
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{NAME}: Magazine</title>'
        f"<id>{root}/magazine/</id><updated>{magazine[0].published_at.isoformat()}</updated>{''.join(entries)}</feed>"
    )
