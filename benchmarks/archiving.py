"""How pages are best compressed for the archive: size and time by method, on pages of the same sites.

    python -m benchmarks.archiving --corpus DIR

A method that uses an earlier page of the same site as its dictionary is measured on sites with three pages or
more, on all pages but the first. Time is CPU time of one core.
"""

import argparse
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import zstandard
from isal import isal_zlib

from benchmarks import corpus
from benchmarks.loopback import LARGEST
from scraper import addresses

PER_SITE = 6  # pages at most, so that no site counts for all
Method = Callable[[bytes, bytes], bytes]  # body, earlier page → stored bytes


def _gzip(body: bytes, _: bytes) -> bytes:
    deflater = zlib.compressobj(6, zlib.DEFLATED, 31)
    return deflater.compress(body) + deflater.flush()


def _isal(body: bytes, _: bytes) -> bytes:
    deflater = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
    out: bytes = deflater.compress(body) + deflater.flush()
    return out


def _zstd(level: int) -> Method:
    return lambda body, _: zstandard.ZstdCompressor(level=level).compress(body)


def _zstd_sibling(level: int) -> Method:
    def compress(body: bytes, earlier: bytes) -> bytes:
        shared = zstandard.ZstdCompressionDict(earlier, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        return zstandard.ZstdCompressor(level=level, dict_data=shared).compress(body)

    return compress


METHODS: Mapping[str, Method] = {
    "gzip, zlib level 6": _gzip,
    "gzip, isal level 2": _isal,
    "zstd level 3": _zstd(3),
    "zstd level 9": _zstd(9),
    "zstd level 3, an earlier page as dictionary": _zstd_sibling(3),
    "zstd level 9, an earlier page as dictionary": _zstd_sibling(9),
}


def sites(folder: object) -> list[list[bytes]]:
    """Return the pages of each site that has three or more."""
    score = corpus.scorer(corpus.required(folder))  # type: ignore[arg-type]
    by_site: dict[str, list[bytes]] = defaultdict(list)
    for case in score.load(str(folder), "dev").values():
        found = by_site[addresses.host(case["url"])]
        if len(found) < PER_SITE:
            body = score.page_html(str(folder), case).encode("utf-8", "replace")
            if 10_000 < len(body) < LARGEST:
                found.append(body)
    return [pages for _, pages in sorted(by_site.items()) if len(pages) >= 3]


def table(found: Sequence[Sequence[bytes]]) -> Iterator[str]:
    pairs = [(body, pages[0]) for pages in found for body in pages[1:]]
    raw = sum(len(body) for body, _ in pairs)
    yield f"{len(pairs)} pages of {len(found)} sites, {raw / len(pairs) / 1000:.0f} kB each"
    yield ""
    yield "| method | kB a page | of the page | ms a page |"
    yield "| --- | --- | --- | --- |"
    for name, method in METHODS.items():
        started = time.process_time()
        stored = sum(len(method(body, earlier)) for body, earlier in pairs)
        seconds = time.process_time() - started
        yield (
            f"| {name} | {stored / len(pairs) / 1000:.1f} | 1/{raw / stored:.1f} "
            f"| {1000 * seconds / len(pairs):.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    for line in table(sites(parser.parse_args().corpus)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
