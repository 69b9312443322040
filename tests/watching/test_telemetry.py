"""Telemetry: credits, cost, outcomes, latency and queue age as metrics; a run as one trace; and the way out by OTLP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pressroom.domain.events import RunEnded
from pressroom.domain.states import RunState
from pressroom.watching.telemetry import Telemetry, open_telemetry
from tests.support.studio import Studio
from tests.watching.paid import PAID

MESSAGES: dict[str, type[Any]] = {"/v1/metrics": ExportMetricsServiceRequest, "/v1/traces": ExportTraceServiceRequest}


class Watched:
    """Telemetry that keeps in memory what it would send."""

    def __init__(self) -> None:
        self.reader, self.spans = InMemoryMetricReader(), InMemorySpanExporter()
        self.telemetry = Telemetry(self.reader, SimpleSpanProcessor(self.spans), lambda: 12.5)

    def points(self) -> dict[str, list[Any]]:
        """Metric name -> its data points."""
        data = self.reader.get_metrics_data()
        assert data is not None
        metrics = [each for found in data.resource_metrics for scope in found.scope_metrics for each in scope.metrics]
        return {metric.name: list(metric.data.data_points) for metric in metrics}


def ended(run_id: str, **values: Any) -> RunEnded:
    told = {"state": RunState.COMPLETED, "captured_credits": 1, "released_credits": 0, "usd": 0.01, "seconds": 3.0}
    return RunEnded(account="acme", run=run_id, campaign="shop", **{**told, "nodes": {"done": 2}, **values})


def test_credits_cost_reuse_latency_and_queue_age_are_metrics(studio: Studio) -> None:
    watched = Watched()
    studio.context.events.subscribe(watched.telemetry)

    _, settled = studio.go(PAID)
    studio.go(PAID)

    points = watched.points()
    assert sum(point.value for point in points["pressroom.credits"]) * 1_000_000 == settled.captured_micros
    assert sum(point.value for point in points["pressroom.cost"]) * 1_000_000 == pytest.approx(settled.usd_micros)
    (order,) = points["pressroom.order.duration"]
    assert (order.count, order.attributes["vendor"], order.attributes["outcome"]) == (1, "simulated", "delivered")
    assert {point.attributes["state"]: point.value for point in points["pressroom.nodes"]} == {"done": 2, "reused": 2}
    assert sum(point.value for point in points["pressroom.runs"]) == 2
    assert [point.value for point in points["pressroom.queue.age"]] == [12.5]


def test_a_vendors_failure_is_an_outcome_and_an_error_in_the_trace(studio: Studio) -> None:
    watched, studio = Watched(), studio.with_faults("fail")
    studio.context.events.subscribe(watched.telemetry)

    studio.go(PAID)

    (order,) = watched.points()["pressroom.order.duration"]
    assert order.attributes["outcome"] == "failed"
    assert len(watched.spans.get_finished_spans()) == 4
    assert all(span.status.status_code.name == "ERROR" for span in watched.spans.get_finished_spans())


def test_a_run_is_one_trace_whoever_tells_of_it(studio: Studio) -> None:
    """Two processes know nothing of each other's spans, and yet they are of one trace under the run's."""
    one, other = Watched(), Watched()
    studio.context.events.subscribe(one.telemetry)

    _, settled = studio.go(PAID)
    other.telemetry(ended(settled.run_id))

    *nodes, own = one.spans.get_finished_spans()
    (run,) = other.spans.get_finished_spans()
    assert run.parent is own.parent is None
    assert run.context == own.context
    assert run.name == "run shop"
    assert {span.context.trace_id for span in nodes} == {run.context.trace_id}
    assert {span.parent.span_id for span in nodes} == {run.context.span_id}  # type: ignore[union-attr]
    assert {span.name for span in nodes} == {"scene", "dusk", "order simulated/metered"}
    assert run.end_time - run.start_time == 3_000_000_000  # type: ignore[operator]


@pytest.fixture
def received() -> Iterator[tuple[str, list[Any]]]:
    """The address of an OTLP receiver, and the messages that it gets."""
    messages: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            messages.append(MESSAGES[self.path].FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", messages
    server.shutdown()


def test_it_goes_out_by_otlp_to_where_opentelemetrys_variables_say(
    received: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, messages = received
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
    telemetry = open_telemetry(lambda: 0.0)

    telemetry(ended("r1"))
    telemetry.shut_down()

    spans = [
        span.name
        for message in messages
        if isinstance(message, ExportTraceServiceRequest)
        for found in message.resource_spans
        for scope in found.scope_spans
        for span in scope.spans
    ]
    assert spans == ["run shop"]
    assert any(isinstance(message, ExportMetricsServiceRequest) for message in messages)
