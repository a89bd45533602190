"""A small web on loopback: many hosts on one port, each request noted, answers scripted where need be.

Every address of 127.0.0.0/8 leads here, so a test has as many hosts as it likes. The server runs in a thread
of its own, so that the program under test can be this process or another.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]
Answer = bytes | Script


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the host without its port, the path with its query, and when, in monotonic seconds."""

    host: str
    path: str
    headers: dict[str, str]  # names in lower case
    at: float


@dataclass
class World:
    """``answer`` decides what is sent; ``log`` has every request, in order."""

    port: int
    answer: Callable[[Asked], Answer]
    log: list[Asked] = field(default_factory=list)
    open: int = 0  # connections

    def origin(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}"

    def asked(self, host: str | None = None) -> Counter[str]:
        """Return how often each path was asked for."""
        return Counter(one.path for one in list(self.log) if host in (None, one.host))


def response(body: bytes | str = b"", status: int = 200, **headers: str) -> bytes:
    """Return a whole answer; ``content_type="text/html"`` becomes ``content-type``."""
    body = body.encode() if isinstance(body, str) else body
    named = {"content_type": "text/html; charset=utf-8", "content_length": str(len(body))} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status} -\r\n{lines}\r\n".encode() + body


def feed(*links: str) -> bytes:
    items = "".join(f"<item><title>{link[-40:]}</title><link>{link}</link></item>" for link in links)
    return response(
        f'<rss version="2.0"><channel>{items}</channel></rss>', content_type="application/rss+xml"
    )


NOT_FOUND = response("<h1>Not here</h1>", 404)


@contextmanager
def serving(answer: Callable[[Asked], Answer] | dict[str, Answer]) -> Iterator[World]:
    """Serve until the block ends. ``answer`` may be a table: "127.0.0.2/path", or "/path" for every host."""

    def look_up(asked: Asked) -> Answer:
        assert isinstance(answer, dict)
        return answer.get(f"{asked.host}{asked.path}", answer.get(asked.path, NOT_FOUND))

    world = World(0, look_up if isinstance(answer, dict) else answer)
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        world.open += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked = _parsed(head)
                world.log.append(asked)
                answer = world.answer(asked)
                if not isinstance(answer, bytes):
                    await answer(asked, writer)
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            world.open -= 1
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "0.0.0.0", 0, backlog=512)
        world.port = server.sockets[0].getsockname()[1]
        ready.set()
        with suppress(asyncio.CancelledError):
            await server.serve_forever()

    def work() -> None:
        asyncio.set_event_loop(loop)
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(run())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield world
    finally:
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(10)


def _parsed(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").split("\r\n")
    named = (line.partition(":") for line in lines if line)
    headers = {name.lower(): value.strip() for name, _, value in named}
    return Asked(headers.get("host", "").partition(":")[0], first.split()[1], headers, time.monotonic())
