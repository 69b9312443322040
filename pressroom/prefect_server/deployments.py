"""Make what is deployed on a Prefect server what the specifications say: create, update, retire. Told by labels of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pressroom.domain.errors import Invalid, Problem
from pressroom.prefect_server.api import PrefectServer
from pressroom.project import ENTER, project_root
from pressroom.services.deployment_spec import FLOW, QUEUES, TAG, UPKEEP, DeploymentSpec, Queue

SOURCE, GROUP, VERSION = "pressroom.source", "pressroom.group", "pressroom.version"
PROCESS_POOL: Final = Path("deployments", "pools", "process.json")
STANDARD_QUEUES: Final = frozenset({UPKEEP, *QUEUES.values()})
PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one deployment: created, updated, unchanged or retired."""

    name: str
    action: str
    deployment_id: str = ""


@dataclass(frozen=True)
class Deployments:
    """The campaigns' deployments on one server, run by the workers of one work pool."""

    server: PrefectServer
    pool: str

    def apply(
        self, specs: Sequence[DeploymentSpec], group: str, is_there: Callable[[str], bool], *, dry_run: bool = False
    ) -> list[Change]:
        """Make these the deployments of their files, and retire what the group has of files that are no longer there.

        Without any only the work pool is made: who makes it may have none of the files that others have deployed.
        Raises Invalid for names that two files or somebody else's deployment have, before anything is changed.
        """
        found = self._of_pressroom()
        _refuse_clashes(specs, [*found, *self._strangers(specs, found)])
        kept = {spec.name for spec in specs}
        sources = {spec.source for spec in specs}
        gone = [
            each
            for each in found
            if specs
            and each["labels"][GROUP] == group
            and each["name"] not in kept
            and (each["labels"][SOURCE] in sources or not is_there(each["labels"][SOURCE]))
        ]
        if not dry_run:
            self._make_pool({*STANDARD_QUEUES, *(spec.queue for spec in specs)})
        changes = [self._put(spec, found, dry_run) for spec in specs]
        for each in gone:
            if not dry_run:
                self.server.do(each["name"], "DELETE", f"/deployments/{each['id']}")
            changes.append(Change(each["name"], "retired", each["id"]))
        return changes

    def _of_pressroom(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            where = {"deployments": {"tags": {"all_": [TAG]}}, "offset": len(found), "limit": PAGE}
            page = self.server.do("the list of deployments", "POST", "/deployments/filter", where)
            found += page
            if len(page) < PAGE:
                return [each for each in found if SOURCE in (each.get("labels") or {})]

    def _strangers(self, specs: Sequence[DeploymentSpec], found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Deployments of these names that no campaign file made."""
        known = {each["name"] for each in found}
        strangers = []
        for spec in specs:
            if spec.name not in known:
                status, answer = self.server.ask("GET", f"/deployments/name/{FLOW}/{quote(spec.name, safe='')}")
                strangers += [answer] if status == 200 else []
        return strangers

    def _put(self, spec: DeploymentSpec, found: Sequence[Mapping[str, Any]], dry_run: bool) -> Change:
        before = next((each for each in found if each["name"] == spec.name), None)
        # An update deletes the runs that are scheduled: what is the same is left alone.
        if before is not None and before["labels"].get(VERSION) == spec.version and self._in_pool(before):
            return Change(spec.name, "unchanged", before["id"])
        action = "created" if before is None else "updated"
        if dry_run:
            return Change(spec.name, action, "" if before is None else before["id"])
        flow = self.server.do(spec.name, "POST", "/flows/", {"name": FLOW})
        body = {
            **spec.body,
            "name": spec.name,
            "flow_id": flow["id"],
            "work_pool_name": self.pool,
            "work_queue_name": spec.queue.name,
            "pull_steps": [{ENTER: {}}],
            "labels": {SOURCE: spec.source, GROUP: spec.group, VERSION: spec.version},
        }
        return Change(spec.name, action, self.server.do(spec.name, "POST", "/deployments/", body)["id"])

    def _in_pool(self, deployment: Mapping[str, Any]) -> bool:
        return bool(deployment.get("work_pool_name") == self.pool)

    def _make_pool(self, queues: Collection[Queue]) -> None:
        """The pool and its queues, where they are not there; what an operator has set is left as it is."""
        path = f"/work_pools/{quote(self.pool, safe='')}"
        if self.server.ask("GET", path)[0] == 404:
            template = json.loads((project_root() / PROCESS_POOL).read_text(encoding="utf-8"))
            body = {"name": self.pool, "type": "process", "base_job_template": template}
            self.server.do(f"work pool {self.pool}", "POST", "/work_pools/", body)
        for queue in sorted(queues, key=lambda queue: queue.priority):
            if self.server.ask("GET", f"{path}/queues/{quote(queue.name, safe='')}")[0] == 404:
                made = {"name": queue.name, "priority": queue.priority, "concurrency_limit": queue.most}
                self.server.do(f"work queue {queue.name}", "POST", f"{path}/queues", made)


def _refuse_clashes(specs: Sequence[DeploymentSpec], found: Sequence[Mapping[str, Any]]) -> None:
    owners: dict[str, str] = {each["name"]: (each.get("labels") or {}).get(GROUP, "") for each in found}
    sources: dict[str, str] = {}
    problems = []
    for spec in specs:
        other = sources.setdefault(spec.name, spec.source)
        if other != spec.source:
            problems.append(Problem("deployment", f"{other} and {spec.source} are both called {spec.name}", _RENAME))
        elif owners.get(spec.name, spec.group) != spec.group:
            owner = f"group {owners[spec.name]!r}" if owners[spec.name] else "somebody else"
            problems.append(Problem("deployment", f"{FLOW}/{spec.name} belongs to {owner}", _RENAME, spec.source))
    if problems:
        raise Invalid.of(problems)


_RENAME: Final = "give it another name: `deploy: { name: … }`"
