"""Launching on a deployment: what is sent, what is sent again, and what a server may answer."""

from __future__ import annotations

import pytest

from pressroom.domain.errors import Invalid, Permanent, Retryable
from pressroom.domain.identity import Principal
from pressroom.prefect_server.api import PAUSES_SECONDS, PrefectServer
from pressroom.prefect_server.deployment import PrefectDeployment
from pressroom.runs.records import named_id
from pressroom.services.run_request import RunRequest
from tests.support.prefect_answers import Server

REQUEST = RunRequest(file="/campaigns/launch.yaml")
ACME = Principal("acme", "ann")


def test_the_request_travels_with_its_account_and_a_run_id_that_is_the_key(prefect_answers: Server) -> None:
    prefect_answers.answers = [(200, {"id": "d1"}), (201, {"id": "f1"})]

    launched = PrefectDeployment(PrefectServer(prefect_answers.url)).launch(ACME, REQUEST)

    method, path, body, _ = prefect_answers.asked[1]
    assert (method, path) == ("POST", "/api/deployments/d1/create_flow_run")
    assert body["idempotency_key"] == f"pressroom:{named_id('acme', launched.run_id)}"
    assert body["idempotency_key"] != f"pressroom:{named_id('other', launched.run_id)}"
    assert {name: body["parameters"]["request"][name] for name in ("file", "account", "user", "run_id")} == {
        "file": "/campaigns/launch.yaml",
        "account": "acme",
        "user": "ann",
        "run_id": launched.run_id,
    }
    assert (launched.flow_run_id, launched.report) == ("f1", None)


def test_a_busy_server_is_asked_again_under_the_same_key(prefect_answers: Server) -> None:
    prefect_answers.answers = [(503, {}), (200, {"id": "d1"}), (503, {}), (503, {}), (200, {"id": "f1"})]
    paused: list[float] = []

    PrefectDeployment(PrefectServer(prefect_answers.url, sleep=paused.append)).launch(ACME, REQUEST)

    keys = {body["idempotency_key"] for method, _, body, _ in prefect_answers.asked if method == "POST"}
    assert len(keys) == 1
    assert paused == [PAUSES_SECONDS[0], *PAUSES_SECONDS[:2]]


def test_a_server_that_stays_busy_is_told_as_busy(prefect_answers: Server) -> None:
    prefect_answers.answers = [(503, {})] * (len(PAUSES_SECONDS) + 1)

    with pytest.raises(Retryable, match="busy"):
        PrefectDeployment(PrefectServer(prefect_answers.url, sleep=lambda seconds: None)).launch(ACME, REQUEST)


def test_a_server_that_is_not_there_is_told_so() -> None:
    with pytest.raises(Retryable, match="cannot be reached"):
        PrefectDeployment(PrefectServer("http://127.0.0.1:9/api", sleep=lambda seconds: None)).launch(ACME, REQUEST)


def test_a_deployment_that_is_not_there_is_named_with_what_to_do(prefect_answers: Server) -> None:
    prefect_answers.answers = [(404, {"detail": "Deployment not found"})]

    with pytest.raises(Invalid, match=r"no deployment 'campaign/nightly'.*prefect deploy"):
        PrefectDeployment(PrefectServer(prefect_answers.url), "campaign/nightly").launch(ACME, REQUEST)


def test_what_the_deployment_refuses_is_quoted(prefect_answers: Server) -> None:
    prefect_answers.answers = [(200, {"id": "d1"}), (409, {"detail": "'file' is too short"})]

    with pytest.raises(Invalid, match="refuses campaign/campaign: 'file' is too short"):
        PrefectDeployment(PrefectServer(prefect_answers.url)).launch(ACME, REQUEST)


def test_credentials_are_sent_and_never_shown(prefect_answers: Server) -> None:
    prefect_answers.answers = [(401, {"detail": "Unauthorized"})]
    launcher = PrefectDeployment(PrefectServer(prefect_answers.url, "me:correct-horse"))

    with pytest.raises(Permanent) as caught:
        launcher.launch(ACME, REQUEST)

    assert prefect_answers.asked[0][3].startswith("Basic ")
    assert "correct-horse" not in str(caught.value) + repr(launcher)


def test_a_run_that_was_begun_gets_another_flow_run_where_the_first_has_ended(prefect_answers: Server) -> None:
    ended, new = {"id": "f1", "state_type": "FAILED"}, {"id": "f2", "state_type": "SCHEDULED"}
    prefect_answers.answers = [(200, {"id": "d1"}), (200, ended), (201, new)] * 2
    begun = RunRequest(document="spring", run_id="r0123456789abcdef", begun=True)
    launcher = PrefectDeployment(PrefectServer(prefect_answers.url))

    first, again = launcher.launch(ACME, begun), launcher.launch(ACME, begun)

    assert (first.flow_run_id, again) == ("f2", first)
    keys = [body["idempotency_key"] for method, _, body, _ in prefect_answers.asked if method == "POST"]
    assert keys[1] == f"{keys[0]}:f1"
    assert keys[2:] == keys[:2]
