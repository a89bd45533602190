"""Dask's cluster as an executor. The home of distributed, which is an extra."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager

from scraper.errors import ScrapeError

try:
    from distributed import Client, LocalCluster
except ImportError as error:
    raise ScrapeError("--engine dask needs distributed: pip install 'cleancopy[dask]'") from error


@contextmanager
def cluster(workers: int, scheduler: str | None) -> Iterator[tuple[Executor, Callable[[], int], str | None]]:
    """Give an executor, how many tasks it can run at a time, and the address of its dashboard.

    Without a ``scheduler`` a cluster of so many ``workers`` is made on this machine. Raises ScrapeError when
    the scheduler cannot be reached.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its workers' lives are told by their parts
    with ExitStack() as stack:
        place: object = scheduler
        if scheduler is None:
            place = stack.enter_context(
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=":0",  # any free port
                    silence_logs=logging.CRITICAL,
                )
            )
        try:
            client = stack.enter_context(Client(place, timeout="30s"))
        except (OSError, ValueError) as error:
            raise ScrapeError(f"{scheduler}: no Dask scheduler answers there: {error}") from error
        executor = client.get_executor(pure=False)
        yield executor, lambda: sum(client.nthreads().values()), client.dashboard_link
        executor.shutdown(wait=False)
