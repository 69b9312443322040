"""Clusters that make the nodes of a flow run on machines of their own: Dask's and Ray's task runners, each an extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prefect.task_runners import TaskRunner

from pressroom.domain.errors import Invalid, Problem


@dataclass(frozen=True, slots=True)
class Cluster:
    """A connected cluster: its task runner, and how many nodes it can make at a time."""

    runner: TaskRunner[Any]
    threads: int


@contextmanager
def connected(address: str) -> Iterator[Cluster | None]:
    """The cluster at `dask://HOST:PORT` or `ray://HOST:PORT`, None without an address.

    Raises Invalid where the extra is not installed or nothing answers there.
    """
    if not address:
        yield None
        return
    opened = _dask if address.startswith("dask:") else _ray
    with opened(address) as cluster:
        yield cluster


@contextmanager
def _dask(address: str) -> Iterator[Cluster]:
    try:
        from prefect_dask import DaskTaskRunner
    except ImportError as exc:
        raise _not_installed("dask", exc) from exc
    with DaskTaskRunner(address=address.replace("dask://", "tcp://")) as runner:
        try:
            threads = sum(runner.client.nthreads().values())
        except OSError as exc:
            raise _unreachable(address, exc) from exc
        if not threads:
            raise _unreachable(address, "the scheduler has no worker")
        yield Cluster(runner, threads)


@contextmanager
def _ray(address: str) -> Iterator[Cluster]:
    try:
        import ray
        from prefect_ray import RayTaskRunner
    except ImportError as exc:
        raise _not_installed("ray", exc) from exc
    try:
        with RayTaskRunner(address=address) as runner:
            yield Cluster(runner, max(1, int(ray.cluster_resources().get("CPU", 1))))
    except ConnectionError as exc:
        raise _unreachable(address, exc) from exc


def _not_installed(extra: str, exc: ImportError) -> Invalid:
    return Invalid.of([Problem("setting", f"setting 'cluster': {exc}", f"pip install 'pressroom[{extra}]'")])


def _unreachable(address: str, why: object) -> Invalid:
    return Invalid.of(
        [Problem("setting", f"setting 'cluster': {address}: {why}", "start its workers, or leave it out")]
    )
