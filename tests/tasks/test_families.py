"""Every operation has a task, and what passes between tasks survives the way there."""

from __future__ import annotations

import pickle

from pressroom.operations import ALL
from pressroom.services.finish_run import Settlement
from pressroom.services.run_node import NodeResult
from tasks.context import HomeRef
from tasks.families import FAMILIES
from tasks.node import NodeRef, only_retryable
from tasks.preflight import Begun, Step

NODE = NodeRef(home=HomeRef(folder="/campaigns/launch", home="/state"), run_id="r1", node_id="big[1]", label="big[1]")


def test_every_operation_belongs_to_a_family_that_has_a_task() -> None:
    assert {operation.family for operation in ALL} <= set(FAMILIES)


def test_a_familys_task_bears_its_name() -> None:
    assert {family: task.name for family, task in FAMILIES.items()} == {family: family for family in FAMILIES}


def test_every_familys_task_retries_what_is_retryable_only_and_keeps_no_result() -> None:
    for task in FAMILIES.values():
        assert task.retries == len(task.retry_delay_seconds)
        assert task.retry_condition_fn is only_retryable
        assert not task.persist_result
        assert task.task_run_name == "{node.label}"


def test_what_passes_between_tasks_survives_pickling() -> None:
    settled = Settlement(
        run_id="r1",
        account_id=1,
        state="completed",
        held_micros=4,
        captured_micros=3,
        released_micros=1,
        balance_micros=6,
        usd_micros=2,
        nodes={"done": 2},
    )
    step = Step(node=NODE, family="image", upstream=("photo",))
    begun = Begun(run_id="r1", home=NODE.home, campaign="launch", plan_table="|", steps=(step,))
    result = NodeResult("big[1]", "done", ("a1",), 2_000_000, 20_000, 0.5)

    for value in (NODE, settled, begun, result):
        assert pickle.loads(pickle.dumps(value)) == value


def test_a_reference_to_a_node_is_small() -> None:
    assert len(pickle.dumps(NODE)) < 500
