"""Requests made of the OpenAPI document alone: no operation breaks, or answers what the document does not say.

A few of each, always the same. `just fuzz-api` asks for half an hour, with every check and in sequences.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Response, checks
from starlette.testclient import TestClient

from benchmarks.fuzz_hooks import ENDLESS
from tests.api.conftest import Caller

EACH = 2
CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
)
FETCHES = "/assets/fetched"  # asks other machines


@pytest.mark.parametrize("part", range(4))
def test_every_operation_answers_as_it_is_documented(app: FastAPI, client: TestClient, ask: Caller, part: int) -> None:
    schema = schemathesis.openapi.from_dict(app.openapi())
    operations = [each.ok() for each in schema.get_all_operations()]
    wanted = [each for each in operations if not each.path.endswith((ENDLESS, FETCHES))]
    headers = ask.headers

    for operation in wanted[part::4]:

        @settings(
            max_examples=EACH,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def asked(case: Any) -> None:
            if "wait" in case.query:
                case.query["wait"] = 0
            case.headers.update(headers)
            sent = case.as_transport_kwargs(base_url="http://testserver")
            del sent["cookies"]  # there are none
            answer = client.request(**{"content" if name == "data" else name: value for name, value in sent.items()})
            case.validate_response(Response.from_any(answer), checks=CHECKS)

        asked()

    assert len(wanted) > 80
