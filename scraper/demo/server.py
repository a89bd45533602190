"""The demo publication on loopback: HTTP/1.1 with entity tags, from memory."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scraper.demo.pages import Answer, site
from scraper.errors import ScrapeError


@dataclass(frozen=True, slots=True)
class Served:
    """A running demo publication: its address and how often each path was asked for."""

    root: str
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.root.rpartition(":")[2])


@contextmanager
def serving(port: int = 0) -> Iterator[Served]:
    """Serve the publication inside the block; port 0 takes a free one. Raises ScrapeError for a taken one."""
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    except OSError as error:
        raise ScrapeError(f"port {port} of this machine cannot be used: {error.strerror}") from error
    served = Served(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = _handler(site(served.root), served.asked)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


def _handler(answers: dict[str, Answer], asked: Counter[str]) -> type[BaseHTTPRequestHandler]:
    missing = Answer(b"<h1>Not found</h1>", status=404)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            asked[path] += 1
            answer = answers.get(path, missing)
            tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            if answer.status == 200 and self.headers.get("If-None-Match") == tag:
                answer = Answer(b"", status=304)
            self.send_response(answer.status)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.location:
                self.send_header("Location", answer.location)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo's own output is on the terminal."""

    return Handler
