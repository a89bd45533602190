"""A Dask cluster gives the same data set as this process does, also when its workers are killed."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from scraper.bulk import inputs, keeper
from scraper.bulk.run import Asked, run
from scraper.errors import ScrapeError
from tests.scraper import archives
from tests.scraper.archives import record
from tests.scraper.test_bulk import CONFIG, make, rows


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A scheduler with two workers to whom pages with KILLER are deadly."""
    with pytest.MonkeyPatch.context() as patch:
        deadly = str(archives.deadly(tmp_path_factory.mktemp("deadly")))
        patch.setenv("PYTHONPATH", deadly, prepend=os.pathsep)
        patch.syspath_prepend(deadly)
        keeper.close()
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as started:
            yield started
        keeper.close()


def on(cluster: LocalCluster, folder: Path, *paths: Path, **asked: Any) -> Any:
    return make(folder, *paths, engine="dask", scheduler=cluster.scheduler_address, **asked)


def poisoned(folder: Path) -> Path:
    for one in range(4):
        records = [record(*archives.page(one * 100 + number)) for number in range(30)]
        if one < 3:
            killing = f"<p>{archives.KILLER.decode()}</p>"
            records[10] = record(*archives.page(one * 100 + 10, body=killing))
        archives.write(folder / f"crawl-{one}.warc.gz", records)
    return folder


def test_dask_gives_what_this_machine_gives_also_with_poison_and_killed_workers(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    poisoned(tmp_path / "in")
    here = make(tmp_path / "here", tmp_path / "in")

    def kill() -> None:
        """Kill a worker of the cluster when the first has something written."""
        while not over.wait(0.01):
            if list((tmp_path / "there" / "_run").glob("*.partial")):
                with Client(cluster.scheduler_address) as client:
                    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
                killed.append(True)
                return

    over, killed = threading.Event(), []  # type: ignore[var-annotated]
    killing = threading.Thread(target=kill)
    killing.start()
    there = on(cluster, tmp_path / "there", tmp_path / "in")
    over.set()
    killing.join()
    assert killed
    assert rows(tmp_path / "there") == rows(tmp_path / "here")
    assert (there.rows, there.counts, there.problems) == (here.rows, here.counts, here.problems)
    assert there.counts == {"article": 117, "parse_crash": 3}


def test_what_one_engine_began_the_other_ends(cluster: LocalCluster, tmp_path: Path) -> None:
    first, *_ = archives.stories(tmp_path / "in", 2, 3)
    make(tmp_path / "out", first)
    summary = on(cluster, tmp_path / "out", tmp_path / "in", learn=False)
    assert (summary.earlier, summary.rows) == (1, 6)


def test_a_scheduler_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    (file,) = archives.stories(tmp_path / "in", 1, 1)
    asked = Asked(inputs.find([str(file)]), tmp_path / "out", engine="dask", scheduler="nonsense://nowhere")
    with pytest.raises(ScrapeError, match="no Dask scheduler answers"):
        run(CONFIG, asked)
