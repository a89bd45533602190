"""A publication of any size on loopback, served from memory by a process of its own.

    python -m benchmarks.loopback --corpus DIR --port 8123 --pages 2000 --hosts 20

Every address of 127.0.0.0/8 is this server, so 127.0.0.1 … 127.0.0.200 are two hundred hosts. ``/p/N`` is
page N, ``/sitemap.xml`` names the pages of the host that is asked. Pages are the labelled ones, or those of
the demo and the tests where there are none; all are sent gzipped.
"""

import argparse
import asyncio
import gzip
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import corpus, speed
from extractors import Page

KINDS = 512  # different pages; page N shows the one at N modulo this
LARGEST = 400_000  # bytes: pages of usual size


class Server(asyncio.Protocol):
    """HTTP/1.1 with keep-alive; the answers are made beforehand, so that the server costs next to nothing."""

    def __init__(self, pages: Sequence[bytes], count: int, hosts: int) -> None:
        self._pages, self._count, self._hosts = pages, count, hosts
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while b"\r\n\r\n" in self._rest:
            head, _, self._rest = self._rest.partition(b"\r\n\r\n")
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1]
        if path.startswith(b"/p/"):
            return self._pages[int(path[3:]) % len(self._pages)]
        if path == b"/sitemap.xml":
            host = re.search(rb"(?mi)^host: *(127\.0\.0\.(\d+):\d+)", head)
            assert host
            mine = range(int(host[2]) - 1, self._count, self._hosts)
            rows = b"".join(b"<url><loc>http://%s/p/%d</loc></url>" % (host[1], number) for number in mine)
            return answer(b"<urlset>" + rows + b"</urlset>", b"application/xml")
        if path == b"/robots.txt":
            return answer(b"User-agent: *\nAllow: /\n", b"text/plain")
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def answer(body: bytes, kind: bytes, coding: bytes = b"") -> bytes:
    coded = b"Content-Encoding: %s\r\n" % coding if coding else b""
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n" % (kind, coded, len(body))
        + body
    )


def bodies(folder: Path | None) -> list[Page]:
    """Return the pages that are served, KINDS of the usual size."""
    found = speed.labelled(folder, 2 * KINDS) if folder and corpus.is_there(folder) else speed.committed()
    return [page for page, _ in found if len(page.body) < LARGEST][:KINDS]


async def serve(port: int, folder: Path | None, count: int, hosts: int) -> None:
    pages = [
        answer(gzip.compress(page.body, 6), page.content_type.encode() or b"text/html", b"gzip")
        for page in bodies(folder)
    ]
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(pages, count, hosts), "0.0.0.0", port, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


@contextmanager
def serving(folder: Path | None, count: int, hosts: int) -> Iterator[int]:
    """Serve inside the block and give the port."""
    command = [sys.executable, "-m", "benchmarks.loopback", "--pages", str(count), "--hosts", str(hosts)]
    command += ["--corpus", str(folder)] if folder else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=1)
    said = parser.parse_args()
    asyncio.run(serve(said.port, said.corpus, said.pages, said.hosts))
