"""A crawl in words: its events for the progress line and the log, its summary as sentences."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator

from scraper.events import (
    Event,
    LeadFound,
    LeadsFound,
    Resting,
    SourceTrouble,
    Started,
    Stopping,
    Summary,
    Visited,
)
from scraper.terminal import Meter

log = logging.getLogger(__name__)
NAMED = 10  # failures that are named at the end; `scrape status` has all


def follow(meter: Meter, say: Callable[[str], None]) -> Callable[[Event], None]:
    """Return a receiver of events that moves ``meter``, logs each visit, and says at once what matters."""
    done, total = 0, 0

    def receive(event: Event) -> None:
        nonlocal done, total
        match event:
            case Started(due=due):
                total += due
            case LeadsFound(new=new):
                total += new
            case Visited(url=url, outcome=outcome):
                done += 1
                meter(done, max(done, total), url)
                facts = {"url": url, "state": outcome.state.value, "reason": outcome.reason}
                log.info("%s %s %s", outcome.state, url, outcome.reason or "", extra={"facts": facts})
            case SourceTrouble(source=source, detail=detail):
                log.info("source %s: %s", source, detail, extra={"facts": {"source": source}})
            case Resting(publication=publication, until=until):
                say(f"{publication} is in its quiet hours until {until:%Y-%m-%d %H:%M} UTC: left for later.")
            case Stopping(in_hand=in_hand):
                say(f"Stopping: {in_hand} pages in hand are being finished. Again to stop at once.")
            case LeadFound(lead=lead, new=True):
                done += 1
                meter(done, None, lead.url)

    return receive


def sentences(summary: Summary) -> Iterator[str]:
    """Yield how a crawl went: counts by state, what failed, and how to go on when it was stopped."""
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for (state, reason), count in summary.counts.items():
        states[state] += count
        reasons[f"{state} {reason}"] += count if reason else 0
    counted = ", ".join(f"{count} {state}" for state, count in states.items() if count) or "nothing new"
    yield f"{summary.outcome} in {summary.seconds:.1f} s: {counted}; {summary.due} due"
    named = [f"{reason} {count}" for reason, count in reasons.most_common() if count]
    if named:
        yield f"reasons: {', '.join(named)}"
    if summary.outside:
        yield f"left out: {summary.outside} addresses whose date is not in the window, or that have none"
    yield from failures(summary)
    yield from (f"{alarm.level}: {alarm}" for alarm in summary.alarms)
    if summary.outcome == "interrupted":
        yield "Nothing is lost: run the same command again to go on."


def failures(summary: Summary) -> Iterator[str]:
    """Yield a line for each source, and for the first addresses, that failed."""
    for failure in summary.sources_failed:
        yield f"source failed: {failure.url}: {failure.detail or failure.reason}"
    for failure in summary.failures[:NAMED]:
        yield f"failed: {failure.url}: {failure.detail or failure.reason}"
    if len(summary.failures) > NAMED:
        yield f"and {len(summary.failures) - NAMED} more: `scrape status` counts them by reason"
    yield from (f"the ledger does not add up: {text}" for text in summary.contradictions)
