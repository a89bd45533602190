"""A small publication on loopback: what the crawl tests visit. Pages can be changed while it serves."""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scraper.config import Config, Extracting, Fetching, Paths, Politeness, Publication

PLACES = ("Harbour", "Mill Lane", "Old Town", "Station Road", "Upper Weir", "Chapel Hill", "Ferry Quay")
DEEDS = ("reopens its library", "loses its last bakery", "votes on the tram", "digs up a Roman wall")


@dataclass
class Gazette:
    """Pages by path as (status, content type, body), and how often each was asked for."""

    origin: str
    pages: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)  # what was answered
    tags: bool = False  # send ETags and honour If-None-Match
    seconds: float = 0.0  # that each answer takes

    def publish(self, count: int) -> None:
        """Put ``count`` stories, a feed that names them, and a robots.txt on the site."""
        for number in range(count):
            self.put(f"/story/{number}", story(number, self.origin))
        items = "".join(
            f"<item><title>{headline(number)}</title><link>{self.origin}/story/{number}</link>"
            f"<pubDate>Mon, 02 Mar 2026 {number // 60:02}:{number % 60:02}:00 GMT</pubDate></item>"
            for number in range(count)
        )
        feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>G</title>{items}</channel></rss>'
        self.put("/feed.xml", feed, kind="application/rss+xml")
        self.put("/robots.txt", "User-agent: *\nDisallow: /private/\n", kind="text/plain")

    def put(self, path: str, body: str, *, status: int = 200, kind: str = "text/html; charset=utf-8") -> None:
        self.pages[path] = (status, kind, body)

    def publication(self, **changes: object) -> Publication:
        given = {"key": "gazette", "name": "The Gazette", "url": f"{self.origin}/"}
        return Publication(**(given | {"feeds": (f"{self.origin}/feed.xml",)} | changes))  # type: ignore[arg-type]

    def config(self, folder: Path, *, delay: float = 0.0, processes: int = 1) -> Config:
        return Config(
            paths=Paths(folder / "articles.db", folder / "archive"),
            fetching=Fetching(allow_private=("127.0.0.0/8",), attempts=1, total_timeout=10.0),
            politeness=Politeness(delay=delay),
            extracting=Extracting(processes=processes),
            publications=(self.publication(),),
        )


def headline(number: int) -> str:
    return f"{PLACES[number % len(PLACES)]} {DEEDS[number % len(DEEDS)]} in week {number}"


def story(number: int, origin: str, *, more: str = "") -> str:
    """Return a page with one story of five paragraphs, each its own."""
    paragraphs = "".join(
        f"<p>Paragraph {part} of report {number}: people of {PLACES[(number + part) % len(PLACES)]} met on "
        f"Tuesday to hear what the council decided, and most of them stayed until the lamps went out.</p>"
        for part in range(5)
    )
    return f"""<!doctype html><html lang="en"><head><title>{headline(number)}</title>
        <link rel="canonical" href="{origin}/story/{number}">
        <meta property="og:type" content="article">
        <meta property="article:published_time" content="2026-03-02T08:00:00Z">
        </head><body><nav><a href="/">Home</a></nav><main><article><h1>{headline(number)}</h1>
        <p class="byline">By Ana Roe</p>{paragraphs}{more}</article></main>
        <footer>The Gazette, Ferry Quay 1</footer></body></html>"""


@contextmanager
def served() -> Iterator[Gazette]:
    """Serve an empty Gazette on a free port of loopback."""
    gazette: Gazette

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path
            gazette.asked[path] += 1
            time.sleep(gazette.seconds)
            status, kind, body = gazette.pages.get(path, (404, "text/html", "<h1>Not here</h1>"))
            tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"' if gazette.tags else ""
            if tag and self.headers.get("If-None-Match") == tag:
                status, body = 304, ""
            gazette.statuses[status] += 1
            self.send_response(status)
            if tag:
                self.send_header("ETag", tag)
            if status in (301, 302):
                self.send_header("Location", body)
                body = ""
            self.send_header("Content-Type", kind)
            if status != 304:
                self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing: the counts say it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gazette = Gazette(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield gazette
    finally:
        server.shutdown()
        server.server_close()
