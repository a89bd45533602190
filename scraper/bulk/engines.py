"""Who runs the keepers: threads of this process, each with a process of its own to keep, or a Dask cluster.

An engine is an executor as ``concurrent.futures`` describes it, so whatever hands one out can be another.
Tasks and what comes of them are small: workers open the archives themselves and write the parts themselves.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from scraper.bulk import keeper


@dataclass(frozen=True, slots=True)
class Engine:
    """``slots`` tells how many parts can be made at a time now; ``dashboard`` is an address to look at.

    ``in_the_making`` tells how many records are dealt with of parts that are not whole yet, as far as known.
    """

    executor: Executor
    slots: Callable[[], int]
    dashboard: str | None = None
    in_the_making: Callable[[], int] = lambda: 0


@contextmanager
def _local(workers: int, scheduler: str | None) -> Iterator[Engine]:  # noqa: ARG001  # this machine needs none
    many = workers or len(os.sched_getaffinity(0))
    executor = ThreadPoolExecutor(many, thread_name_prefix="keep")
    try:
        yield Engine(executor, lambda: many, in_the_making=keeper.in_the_making)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        keeper.close()
        executor.shutdown(wait=True)


@contextmanager
def _dask(workers: int, scheduler: str | None) -> Iterator[Engine]:
    from scraper.bulk import dask_engine

    many = workers or len(os.sched_getaffinity(0))
    with dask_engine.cluster(many, scheduler) as (executor, slots, dashboard):
        yield Engine(executor, slots, dashboard)


ENGINES: Mapping[str, Callable[[int, str | None], AbstractContextManager[Engine]]] = MappingProxyType(
    {"local": _local, "dask": _dask}
)
