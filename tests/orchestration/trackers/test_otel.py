"""A run as a trace of OpenTelemetry, at a receiver of OTLP on 127.0.0.1."""

import gzip
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from foreign_logs import MARKER, attacks, listening, write_foreign_log
from tiny_runs import RUN
from tracked_runs import SECRET, extend, library, send

from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.errors import TrackerError
from transfer_prompting.orchestration.trackers.choice import follower_for
from transfer_prompting.storage.event import Event

pytestmark = pytest.mark.filterwarnings("ignore")


@dataclass
class Collector:
    """A receiver of OTLP over HTTP, with the bodies that it got."""

    url: str = ""
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Any]:
        """The spans of all requests, in order."""
        service = library("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
        requests = map(service.ExportTraceServiceRequest.FromString, self.bodies)
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Receive spans while the block runs."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            collector.bodies.append(gzip.decompress(body) if zipped else body)
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        collector.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield collector
        server.shutdown()
        thread.join()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Return the collector that OpenTelemetry's own variable names."""
    library("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setattr("sys.argv", ["tp", "--log", f"postgresql://me:{SECRET}@host/base"])
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        yield collector


def export(folder: Path, *, content: bool = False, follow: bool = False) -> None:
    send(folder, follower_for("otel", project=None, content=content), follow=follow)


def attributes(span: Any) -> dict[str, Any]:
    found = {}
    for one in span.attributes:
        kind = one.value.WhichOneof("value")
        found[one.key] = getattr(one.value, kind)
    return found


def calls(spans: list[Any]) -> list[Any]:
    return [span for span in spans if span.name.startswith("chat ")]


def test_a_run(tmp_path: Path, events: list[Event], collector: Collector) -> None:
    """A run is one trace: each span but that of the run has a parent in it, and each call has its tokens."""
    export(tmp_path / "run")
    spans = collector.spans
    ids = {span.span_id for span in spans}
    assert {span.trace_id.hex() for span in spans} == {events[0].hash.hex()[:32]}
    assert len(ids) == len(spans)
    roots = [span.name for span in spans if span.parent_span_id not in ids]
    assert roots == [f"run {RUN}"]
    asked = Counter(event.kind for event in events)["call.requested"]
    assert len(calls(spans)) == asked
    finished = [decode(event) for event in events if event.kind == "call.finished"]
    tokens = sum(one.reply.prompt_tokens for one in finished if one.reused is None)  # type: ignore[attr-defined]
    assert sum(attributes(span)["gen_ai.usage.input_tokens"] for span in calls(spans)) == tokens
    first = attributes(calls(spans)[0])
    assert first["gen_ai.operation.name"] == "chat"
    assert first["gen_ai.provider.name"] == "openai"
    assert first["gen_ai.request.model"] == "scripted"
    assert first["gen_ai.conversation.id"] == RUN


@pytest.mark.usefixtures("events")
def test_texts_only_on_demand(tmp_path: Path, collector: Collector) -> None:
    """Requests and replies are sent with --content and not without; nothing of this computer ever is."""
    prompt = b"Even or odd?"
    export(tmp_path / "run")
    assert not any(prompt in body or SECRET.encode() in body for body in collector.bodies)
    collector.bodies.clear()
    export(tmp_path / "run", content=True)
    assert any(prompt in body for body in collector.bodies)
    assert not any(SECRET.encode() in body for body in collector.bodies)
    for span in calls(collector.spans):
        assert "gen_ai.input.messages" in attributes(span)
        assert "gen_ai.output.messages" in attributes(span)


async def test_twice_and_in_parts(tmp_path: Path, events: list[Event], collector: Collector) -> None:
    """What is sent again is the same span; the span of a run is sent when the run has ended."""
    await extend(tmp_path / "copy", events[: len(events) // 2])
    export(tmp_path / "copy")
    early = {span.span_id: span.SerializeToString() for span in collector.spans}
    assert not any(span.name.startswith("run ") for span in collector.spans)
    collector.bodies.clear()
    await extend(tmp_path / "copy", events)
    export(tmp_path / "copy")
    late = {span.span_id: span.SerializeToString() for span in collector.spans}
    assert len(late) == len(collector.spans)
    assert early.items() < late.items()


async def test_live(tmp_path: Path, events: list[Event], collector: Collector) -> None:
    """With --follow the spans come while the run goes on, and the export ends with the run."""
    half = len(events) // 2
    await extend(tmp_path / "copy", events[:half])
    follower = threading.Thread(target=export, args=(tmp_path / "copy",), kwargs={"follow": True})
    follower.start()
    while not collector.bodies:
        follower.join(0.01)
        assert follower.is_alive()
    await extend(tmp_path / "copy", events)
    follower.join()
    spans = collector.spans
    assert len({span.span_id for span in spans}) == len(spans)
    assert spans[-1].name == f"run {RUN}"


@pytest.mark.usefixtures("collector")
def test_a_foreign_log(tmp_path: Path) -> None:
    """Nothing that a log from elsewhere names is asked, opened or sent anything."""
    with listening() as trap:
        write_foreign_log(tmp_path / "foreign", attacks(trap.url)["all"])
        export(tmp_path / "foreign", content=True)
        assert trap.got == []
    assert not list(tmp_path.rglob(f"{MARKER}*"))


@pytest.mark.usefixtures("events")
def test_a_collector_that_refuses(tmp_path: Path, collector: Collector) -> None:
    """Spans that were not taken are an error that names the variable with the address."""
    collector.status = 400
    with pytest.raises(TrackerError, match="OTEL_EXPORTER_OTLP_ENDPOINT"):
        export(tmp_path / "run")
