"""A loopback server that writes scripted bytes, so that a test decides what comes over the wire."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from scraper.config import Fetching

Script = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]  # names in lower case
    at: float  # seconds, monotonic


@dataclass
class Wire:
    """What was asked, and where. ``answers`` maps a path to the bytes that are written for it."""

    port: int
    answers: dict[str, bytes | Script] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    open: int = 0  # connections that the client has not closed yet
    scheme: str = "http"
    core: ClassVar[str] = "httpx"  # whose connections the client uses

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def fetching(self, **settings: object) -> Fetching:
        return Fetching(
            **(
                {
                    "allow_private": (self.endpoint,),
                    "attempts": 1,
                    "total_timeout": 5.0,
                    "transport": self.core,
                }
                | settings
            )
        )


def answer(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    """Return a whole response; ``content_type="text/html"`` becomes ``content-type``."""
    named = {"content_type": "text/html", "content_length": str(len(body))} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} -\r\n{lines}\r\n".encode() + body


@asynccontextmanager
async def wire(interface: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Serve on a free port until the block ends. What has no answer is a 404."""
    served = Wire(0, scheme="https" if tls else "http")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.open += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                named = (line.partition(":") for line in lines if line)
                headers = {name.lower(): value.strip() for name, _, value in named}
                request = Request(first.split()[1], headers, time.monotonic())
                served.requests.append(request)
                scripted = served.answers.get(request.path, answer(status=404))
                if not isinstance(scripted, bytes):
                    await scripted(request, writer)
                    break
                writer.write(scripted)
                await writer.drain()
                if b"ontent-length" not in scripted:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            served.open -= 1
            writer.close()

    server = await asyncio.start_server(serve, interface, 0, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
