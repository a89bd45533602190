"""Which of the publications are this machine's to crawl."""

from collections.abc import Sequence

from scraper import addresses, share
from scraper.config import Config, Publication


def own(config: Config, wanted: Sequence[Publication]) -> tuple[Publication, ...]:
    """Return those of the publications that politeness.share gives to this machine.

    Publications on one host go to one machine, so that the delay between requests to it is kept.
    """
    number, machines = share.parse(config.politeness.share)
    return tuple(one for one in wanted if share.machine_of(_host(one), machines) == number)


def _host(publication: Publication) -> str:
    return addresses.host(publication.url).removeprefix("www.")
