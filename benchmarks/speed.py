"""What a whole Article costs: ours, trafilatura with metadata, and a bare parse, in one run on one core.

    python -m benchmarks.speed --corpus DIR    # 150 of the labelled pages, about a minute
    python -m benchmarks.speed                 # without: pages of the demo and of the tests

Each page is given to the three in turn, so that whatever else the machine does hits all alike; ratios within
a run are what counts. Time is the process's own CPU time. Two ways to look at it:

- **first sight**: the first time that the process meets the page. Every tool has warmed up on other pages,
  but no cache knows this one. This is what a crawl pays, and what we judge ourselves by.
- **best**: the least of several repetitions, with the page known to every cache. Steadier, kinder to all.

Ours starts from bytes (decoding included) and gives every field with provenance and removals, second
opinions included where they are asked. trafilatura is ``bare_extraction(text, url, with_metadata=True)`` on
decoded text. The parse is selectolax's Lexbor alone: no tool that stands on it can be faster.
"""

import argparse
import gc
import hashlib
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import fmean, median

import trafilatura
from selectolax.lexbor import LexborHTMLParser

from benchmarks import corpus
from extractors import Page, attempt
from extractors.decode import decode
from scraper.demo.pages import site

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures" / "pages"
WARM_UP = 10
SAMPLE = 150

Tool = Callable[[Page, str], object]


def _ours(page: Page, _: str) -> object:
    return attempt(page)


def _trafilatura(page: Page, text: str) -> object:
    return trafilatura.bare_extraction(text, url=page.url, with_metadata=True)


def _parse(_: Page, text: str) -> object:
    return LexborHTMLParser(text)


TOOLS: Mapping[str, Tool] = {"ours": _ours, "trafilatura": _trafilatura, "parse": _parse}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    corpus.add_option(parser)
    parser.add_argument("--pages", type=int, default=SAMPLE, help=f"size of the sample ({SAMPLE})")
    parser.add_argument("--repeat", type=int, default=3, help="times that each page is read (3)")
    said = parser.parse_args()
    if said.corpus is not None and not corpus.is_there(said.corpus):
        print(corpus.ABSENT.format(place=said.corpus))
    pages = labelled(said.corpus, WARM_UP + said.pages) if corpus.is_there(said.corpus) else committed()
    warm_up(pages[:WARM_UP])
    print("\n".join(report(pages[WARM_UP:], measure(pages[WARM_UP:], said.repeat))))


def labelled(folder: Path, count: int) -> list[tuple[Page, str]]:
    """Return ``count`` pages of the dev split, the same every time: of all sources, by a hash of the id."""
    score = corpus.scorer(folder)
    cases = score.load(str(folder), "dev").values()
    chosen = sorted(cases, key=lambda case: hashlib.sha256(case["id"].encode()).digest())[:count]
    texts = [score.page_html(str(folder), case) for case in chosen]
    bodies = [text.encode("utf-8", "replace") for text in texts]
    pages = [
        Page(case["url"], body, "text/html; charset=utf-8") for case, body in zip(chosen, bodies, strict=True)
    ]
    return list(zip(pages, texts, strict=True))


def committed() -> list[tuple[Page, str]]:
    """Return the pages that come with the project: those of the demo and the fixtures of the tests."""
    answers = site("https://courier.example")
    bodies = {path: answer.body for path, answer in answers.items() if b"<html" in answer.body}
    bodies |= {f"/{file.stem}": file.read_bytes() for file in sorted(FIXTURES.glob("*.html"))}
    return [
        (Page(f"https://courier.example{path}", body, "text/html"), decode(body, "text/html"))
        for path, body in bodies.items()
    ]


def warm_up(pages: Sequence[tuple[Page, str]]) -> None:
    """Let every tool load its tables on pages that are not measured."""
    for page, text in pages:
        for tool in TOOLS.values():
            tool(page, text)
    gc.collect()
    gc.freeze()  # what this left behind is not collected on anyone's time


def measure(pages: Sequence[tuple[Page, str]], repeat: int) -> dict[str, list[list[float]]]:
    """Return, of each tool and each page, the seconds of each repetition in order."""
    taken: dict[str, list[list[float]]] = {name: [[] for _ in pages] for name in TOOLS}
    for _ in range(repeat):
        for number, (page, text) in enumerate(pages):
            for name, tool in TOOLS.items():
                started = time.process_time()
                tool(page, text)
                taken[name][number].append(time.process_time() - started)
    return taken


def report(pages: Sequence[tuple[Page, str]], taken: Mapping[str, list[list[float]]]) -> Iterator[str]:
    """Yield the lines: what was measured on what, milliseconds a page, and the two ratios."""
    sizes = sum(len(page.body) for page, _ in pages) / len(pages) / 1000
    tools = ", ".join(f"{name} {version(name)}" for name in ("trafilatura", "selectolax"))
    yield f"{len(pages)} pages of {sizes:.0f} kB; Python {platform.python_version()}, {tools}; one core"
    yield ""
    yield "| ms a page | ours | trafilatura | parse | trafilatura / ours | ours / parse |"
    yield "| --- | --- | --- | --- | --- | --- |"
    ways: dict[str, Callable[[Sequence[float]], float]] = {"first sight": lambda times: times[0], "best": min}
    for way, pick in ways.items():
        picked = {name: [pick(times) * 1000 for times in taken[name]] for name in TOOLS}
        yield _line(f"{way}, mean", *(fmean(picked[name]) for name in TOOLS))
        yield _line(f"{way}, median", *(median(picked[name]) for name in TOOLS))


def _line(name: str, ours: float, peer: float, parse: float) -> str:
    return f"| {name} | {ours:.2f} | {peer:.1f} | {parse:.2f} | {peer / ours:.1f} | {ours / parse:.1f} |"


if __name__ == "__main__":
    main()
