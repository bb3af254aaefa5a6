"""A run as one trace of OpenTelemetry. The collector is the one that OpenTelemetry's own variables name.

The ids of trace and spans follow from the log, so a second export sends the same spans and no others.
"""

import hashlib
import os
from typing import TYPE_CHECKING, Any

from ...agents.messages import RunStarted
from ...storage.event import Event
from ..errors import TrackerError
from ..projections.decoding import readable
from ..projections.spans import Span, Spans
from .base import PROJECT, load
from .names import identity_of
from .otel_attributes import SpanWords

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter

_BATCH = 500
"""Spans of one request to the collector."""
_TITLE, _EXTRA = "OpenTelemetry", "otel"


class TraceFollower:
    """Sends each span of a run when it has ended; the span of the run comes last.

    `exporter` is by default that of OTLP over HTTP. With `content` the texts of requests and replies are
    sent, too.
    """

    def __init__(self, *, content: bool = False, exporter: "SpanExporter | None" = None) -> None:
        self._sdk = load("opentelemetry.sdk.trace", _TITLE, _EXTRA)
        self._api = load("opentelemetry.trace", _TITLE, _EXTRA)
        self._exporting = load("opentelemetry.sdk.trace.export", _TITLE, _EXTRA)
        resources = load("opentelemetry.sdk.resources", _TITLE, _EXTRA)
        name = os.environ.get("OTEL_SERVICE_NAME") or PROJECT
        self._resource = resources.Resource.create({"service.name": name})
        self._scope = load("opentelemetry.sdk.util.instrumentation", _TITLE, _EXTRA).InstrumentationScope(
            PROJECT
        )
        self._exporter = exporter or self._otlp()
        self._content = content
        self._spans = Spans()
        self._identity = ""
        self._words: SpanWords | None = None
        self._ready: list[ReadableSpan] = []

    @staticmethod
    def _otlp() -> "SpanExporter":
        module = load("opentelemetry.exporter.otlp.proto.http.trace_exporter", _TITLE, _EXTRA)
        made: SpanExporter = module.OTLPSpanExporter()
        return made

    def apply(self, event: Event) -> None:
        """Take in the next event, and send spans whenever many are ready."""
        if self._words is None:
            opening = readable(event)
            self._identity = identity_of(event)
            started = opening if isinstance(opening, RunStarted) else None
            self._words = SpanWords(event.run, started, content=self._content)
        words = self._words
        self._ready += [self._span(span, words) for span in self._spans.apply(event)]
        if len(self._ready) >= _BATCH:
            self.update()

    def update(self) -> None:
        """Send the spans that have ended."""
        for start in range(0, len(self._ready), _BATCH):
            result = self._exporter.export(self._ready[start : start + _BATCH])
            if result is not self._exporting.SpanExportResult.SUCCESS:
                raise TrackerError(
                    "The collector did not take the spans. OTEL_EXPORTER_OTLP_ENDPOINT names its address, by "
                    "default http://localhost:4318."
                )
        self._ready.clear()

    def close(self) -> None:
        """Close the connection to the collector."""
        self._exporter.shutdown()

    def _span(self, span: Span, words: SpanWords) -> "ReadableSpan":
        call, status = self._api.SpanKind.CLIENT, self._api.Status
        failed = status(self._api.StatusCode.ERROR)
        made: ReadableSpan = self._sdk.ReadableSpan(
            name=words.title(span),
            context=self._context(span.id),
            parent=None if span.parent is None else self._context(span.parent),
            resource=self._resource,
            attributes=words.attributes(span),
            kind=call if span.kind == "call" else self._api.SpanKind.INTERNAL,
            status=failed if span.failed else status(),
            start_time=1000 * span.began,
            end_time=1000 * span.ended,
            instrumentation_scope=self._scope,
        )
        return made

    def _context(self, id_: str) -> Any:
        digest = hashlib.sha256(f"{self._identity}/{id_}".encode()).digest()
        return self._api.SpanContext(
            trace_id=int(self._identity, 16),
            span_id=int.from_bytes(digest[:8], "big"),
            is_remote=False,
            trace_flags=self._api.TraceFlags(self._api.TraceFlags.SAMPLED),
        )
