"""Events as OpenTelemetry metrics and traces. Imported only where they are switched on: `pip install 'pressroom[otel]'`.

A trace is one run. Its ids are made of the run's, so that what many processes and machines tell of it is one trace.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, set_span_in_context

from pressroom.domain.events import AssetStored, Event, NodeFailed, OrderEnded, RunEnded
from pressroom.domain.states import JobState, RunState

SCOPE: Final = "pressroom"
# What comes after one of these has been counted with it, and what is unknown yet will come to one of them.
_OUTCOMES: Final = (JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED)
_BAD_RUNS: Final = (RunState.FAILED, RunState.COMPLETED_WITH_FAILURES)
Told = Mapping[str, str | float | tuple[str, ...]]
_NANOSECONDS: Final = 1_000_000_000


class Telemetry:
    """A listener for one process. `queue_age` says for how many seconds the oldest order has waited to leave for its vendor."""

    def __init__(self, reader: MetricReader, processor: SpanProcessor, queue_age: Callable[[], float]) -> None:
        resource = Resource.create({"service.name": SCOPE})
        self._ids = _RunIds()
        self._spans = TracerProvider(resource=resource, id_generator=self._ids)
        self._spans.add_span_processor(processor)
        self._tracer = self._spans.get_tracer(SCOPE)
        self._metrics = MeterProvider([reader], resource=resource)
        meter = self._metrics.get_meter(SCOPE)
        self._credits = meter.create_counter("pressroom.credits", "{credit}", "Credits captured.")
        self._cost = meter.create_counter("pressroom.cost", "USD", "What orders at vendors cost.")
        self._nodes = meter.create_counter(
            "pressroom.nodes", "{node}", "Nodes of ended runs, by state: reused, done, failed."
        )
        self._runs = meter.create_counter("pressroom.runs", "{run}", "Runs that have ended, by state.")
        self._orders = meter.create_histogram(
            "pressroom.order.duration", "s", "From an order's leaving to its end, by outcome."
        )
        self._making = meter.create_histogram("pressroom.node.duration", "s", "Making and filing a node.")

        def observed(options: CallbackOptions) -> Iterable[Observation]:
            return [Observation(queue_age())]

        meter.create_observable_gauge(
            "pressroom.queue.age", [observed], "s", "How long the oldest order waits to leave."
        )

    def __call__(self, event: Event) -> None:
        if isinstance(event, AssetStored):
            maker = {"vendor": event.vendor, "model": event.model, "operation": event.operation}
            self._credits.add(event.credits, {"account": event.account, "campaign": event.campaign, **maker})
            self._making.record(event.seconds, maker)
            made: Told = {**maker, "assets": event.assets, "credits": event.credits}
            self._span(event, event.node, event.seconds, made)
        elif isinstance(event, NodeFailed):
            self._span(event, event.node, 0.0, {}, wrong=event.reason)
        elif isinstance(event, OrderEnded):
            maker = {"vendor": event.vendor, "model": event.model}
            if event.state in _OUTCOMES:
                self._orders.record(event.seconds, maker | {"outcome": event.state})
                self._cost.add(event.usd, maker | {"account": event.account})
            wrong = "" if event.state == JobState.DELIVERED else event.reason or event.state
            told: Told = {**maker, "order": event.order, "node": event.node, "usd": event.usd}
            self._span(event, f"order {event.vendor}/{event.model}", event.seconds, told, wrong=wrong)
        elif isinstance(event, RunEnded):
            self._ended(event)

    def _ended(self, event: RunEnded) -> None:
        whose = {"account": event.account, "campaign": event.campaign}
        self._runs.add(1, whose | {"state": event.state})
        for state, count in event.nodes.items():
            self._nodes.add(count, whose | {"state": state})
        self._ids.give(*_ids_of(event.run))
        wrong = (event.reason or event.state) if event.state in _BAD_RUNS else ""
        told: Told = {"credits": event.captured_credits, "usd": event.usd, "state": event.state}
        self._span(event, f"run {event.campaign}", event.seconds, told, wrong=wrong, is_root=True)

    def _span(
        self,
        event: Event,
        name: str,
        seconds: float,
        told: Told,
        *,
        wrong: str = "",
        is_root: bool = False,
    ) -> None:
        """A span that ends now; all but the run's own lie within that, whoever has begun it."""
        end = time.time_ns()
        trace, span = _ids_of(event.run)
        run = SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        parent = None if is_root else set_span_in_context(NonRecordingSpan(run))
        whose = {"account": event.account, "campaign": event.campaign, "run": event.run}
        attributes = {f"pressroom.{key}": value for key, value in (whose | dict(told)).items()}
        made = self._tracer.start_span(
            name, parent, attributes=attributes, start_time=end - round(seconds * _NANOSECONDS)
        )
        if wrong:
            made.set_status(Status(StatusCode.ERROR, wrong))
        made.end(end)

    def shut_down(self) -> None:
        """Send what has not been sent yet; at the end of a process it is done by itself."""
        self._spans.shutdown()
        self._metrics.shutdown()


def open_telemetry(queue_age: Callable[[], float]) -> Telemetry:
    """Telemetry that goes out by OTLP over HTTP, as OpenTelemetry's own variables say (OTEL_EXPORTER_OTLP_ENDPOINT, …)."""
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return Telemetry(
        PeriodicExportingMetricReader(OTLPMetricExporter()), BatchSpanProcessor(OTLPSpanExporter()), queue_age
    )


class _RunIds(IdGenerator):
    """Random ids, but for the span of a run: others name it before it is there."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self._given = threading.local()

    def give(self, trace_id: int, span_id: int) -> None:
        """What the next span that begins a trace in this thread is called."""
        self._given.ids = (trace_id, span_id)

    def generate_trace_id(self) -> int:
        trace, _ = getattr(self._given, "ids", (0, 0))
        return trace or self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        _, span = self._given.__dict__.pop("ids", (0, 0))
        return span or self._random.generate_span_id()


def _ids_of(run_id: str) -> tuple[int, int]:
    """The trace of a run and its span, of 128 and 64 bits."""
    digest = hashlib.sha256(run_id.encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])
