"""How pages are best compressed for the archive: size and time by method, on pages of the same sites.

    python -m benchmarks.archiving --corpus DIR

On sites with five pages or more: the first three are "earlier pages", the others are measured. A dictionary
is stored once a file, whatever number of pages follows. Time is CPU time of one core, without making
dictionaries.
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
from scraper import addresses, packing

PER_SITE = 8  # pages at most, so that no site counts for all
EARLIER = 3
Method = Callable[[Sequence[bytes]], tuple[Callable[[bytes], bytes], int]]
# earlier pages → how a page is compressed, and the bytes of its dictionary as stored


def _gzip(_: Sequence[bytes]) -> tuple[Callable[[bytes], bytes], int]:
    def compress(body: bytes) -> bytes:
        deflater = zlib.compressobj(6, zlib.DEFLATED, 31)
        return deflater.compress(body) + deflater.flush()

    return compress, 0


def _isal(_: Sequence[bytes]) -> tuple[Callable[[bytes], bytes], int]:
    def compress(body: bytes) -> bytes:
        deflater = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
        out: bytes = deflater.compress(body) + deflater.flush()
        return out

    return compress, 0


def _zstd(level: int, siblings: int = 0) -> Method:
    def prepared(earlier: Sequence[bytes]) -> tuple[Callable[[bytes], bytes], int]:
        if not siblings:
            return zstandard.ZstdCompressor(level=level).compress, 0
        shared = packing.dictionary(earlier[:siblings])
        stored = len(zstandard.ZstdCompressor(level=packing.LEVEL).compress(shared.as_bytes()))
        return zstandard.ZstdCompressor(level=level, dict_data=shared).compress, stored

    return prepared


METHODS: Mapping[str, Method] = {
    "gzip, zlib level 6": _gzip,
    "gzip, isal level 2": _isal,
    "zstd level 3": _zstd(3),
    "zstd level 9": _zstd(9),
    **{
        f"zstd level {level}, {said} in its dictionary": _zstd(level, siblings)
        for siblings, said in ((1, "an earlier page"), (2, "two earlier pages"), (3, "three earlier pages"))
        for level in (3, 9)
    },
}


def sites(folder: object) -> list[list[bytes]]:
    """Return the pages of each site that has enough."""
    score = corpus.scorer(corpus.required(folder))  # type: ignore[arg-type]
    by_site: dict[str, list[bytes]] = defaultdict(list)
    for case in score.load(str(folder), "dev").values():
        found = by_site[addresses.host(case["url"])]
        if len(found) < PER_SITE:
            body = score.page_html(str(folder), case).encode("utf-8", "replace")
            if 10_000 < len(body) < LARGEST:
                found.append(body)
    return [pages for _, pages in sorted(by_site.items()) if len(pages) >= EARLIER + 2]


def table(found: Sequence[Sequence[bytes]]) -> Iterator[str]:
    count = sum(len(pages) - EARLIER for pages in found)
    raw = sum(len(body) for pages in found for body in pages[EARLIER:])
    yield f"{count} pages of {len(found)} sites, {raw / count / 1000:.0f} kB each"
    yield ""
    yield "| method | kB a page | of the page | kB a dictionary | ms a page |"
    yield "| --- | --- | --- | --- | --- |"
    for name, method in METHODS.items():
        stored = dictionaries = 0
        seconds = 0.0
        for pages in found:
            compress, size = method(pages[:EARLIER])
            dictionaries += size
            started = time.process_time()
            stored += sum(len(compress(body)) for body in pages[EARLIER:])
            seconds += time.process_time() - started
        yield (
            f"| {name} | {stored / count / 1000:.1f} | 1/{raw / stored:.1f} "
            f"| {dictionaries / len(found) / 1000:.0f} | {1000 * seconds / count:.2f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    for line in table(sites(parser.parse_args().corpus)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
