"""For every fault of a server, the run reaches the same result or stops and says why."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web
from carried_runs import small_config
from hanging import no_hanging  # noqa: F401 - a fixture
from tenacity import wait_exponential, wait_none
from tiny_runs import ignore, said
from unreliable_server import SLOTS, completion, events_of

from transfer_prompting.agents.messages import PromptScored, RunFailed, RunFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.calls.circuit_breaker import LIMIT
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event

Misbehave = Callable[[int, web.Request], "str | None"]
"""Map the number of a request, from 1, to its fault, or to None."""


class Endpoint:
    """A server that can be killed and started again on the same port."""

    def __init__(self, misbehave: Misbehave = lambda _number, _request: None) -> None:
        self.misbehave = misbehave
        self.requests = 0
        self._port = 0
        self._let_go = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    async def start(self) -> None:
        """Listen, on the previous port if there was one."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse new connections, and close the open ones."""
        self._let_go.set()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        fault = self.misbehave(self.requests, request)
        body = await request.json()
        if fault is None:
            return web.json_response(completion(body))
        if fault == "hang":
            await self._let_go.wait()
        return await _fail(fault, request)


async def _fail(fault: str, request: web.Request) -> web.StreamResponse:
    if fault in ("reset", "hang"):
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"choices": [{"mess')
        if request.transport is not None:
            request.transport.abort()
        return response
    if fault in ("", "{", '{"choices": [{"message": {"con'):
        return web.Response(text=fault)
    headers = {"Retry-After": "0"} if fault == "429" else {}
    return web.json_response({"error": {"message": f"fault {fault}"}}, status=int(fault), headers=headers)


def config_for(folder: Path, url: str, timeout: float = 30.0) -> Config:
    """Configuration of a small run against the server at `url`."""
    folder.mkdir(exist_ok=True)
    model = {
        "provider": "openai",
        "model": "m",
        "base_url": url,
        "concurrency": SLOTS,
        "timeout": timeout,
    }
    config = small_config(folder).model_dump(mode="json", exclude_unset=True)
    return Config.model_validate({**config, "models": {"scorer": model, "reference": model}})


async def run(folder: Path, endpoint: Endpoint, patience: float = 30.0) -> list[Event]:
    """Run to the end."""
    config = config_for(folder, endpoint.url, patience)
    await lifecycle.start(config, folder, folder / "log.db", ignore)
    return events_of(folder / "log.db")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(retry, "WAIT", wait_none())
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """The log of a run without any fault."""

    async def go() -> list[Event]:
        endpoint = Endpoint()
        await endpoint.start()
        try:
            return await run(tmp_path_factory.mktemp("calm"), endpoint)
        finally:
            await endpoint.stop()

    return asyncio.run(go())


def same(events: list[Event], calm: list[Event]) -> bool:
    """Return True if a run has the messages of the faultless one, apart from the server's address."""
    return sorted(said(events)[1:]) == sorted(said(calm)[1:])


@pytest.mark.parametrize(
    ("fault", "when"),
    [
        ("429", lambda number: number % 40 < 4),
        ("500", lambda number: number % 20 == 0),
        ("reset", lambda number: number % 9 == 0),
        ("hang", lambda number: number in (5, 30)),
        ("", lambda number: number % 7 == 0),
        ("{", lambda number: number % 7 == 0),
        ('{"choices": [{"message": {"con', lambda number: number % 7 == 0),
    ],
    ids=["429-bursts", "five-percent-500", "reset", "hang", "empty", "one-brace", "truncated"],
)
async def test_a_fault_that_passes_changes_nothing(
    tmp_path: Path, calm: list[Event], fault: str, when: Callable[[int], bool]
) -> None:
    """Prompts, scores and verdict are those of a run without the fault, and no example is left out."""
    endpoint = Endpoint(lambda number, _request: fault if when(number) else None)
    await endpoint.start()
    try:
        events = await run(tmp_path / "rough", endpoint, patience=1.0 if fault == "hang" else 30.0)
    finally:
        await endpoint.stop()
    assert same(events, calm)


@pytest.mark.parametrize(
    ("fault", "cause", "said_so"),
    [("401", "authentication", "api_key_env"), ("402", "quota", "provider"), ("404", "not_found", "model")],
)
async def test_what_no_request_would_escape_stops_the_run_at_once(
    tmp_path: Path, fault: str, cause: str, said_so: str
) -> None:
    """A refused key, a used-up quota and a wrong model name stop the run before more calls than slots."""
    endpoint = Endpoint(lambda _number, _request: fault)
    await endpoint.start()
    try:
        with pytest.raises(RunStopped, match=said_so):
            await run(tmp_path / "refused", endpoint)
    finally:
        await endpoint.stop()
    assert endpoint.requests <= SLOTS
    stopped(tmp_path / "refused", cause)


def stopped(folder: Path, cause: str) -> None:
    """Assert that the run has stopped for `cause` and nothing was scored."""
    events = events_of(folder / "log.db")
    last = decode(events[-1])
    assert isinstance(last, RunFailed)
    assert last.cause == cause
    assert not {"call.finished", "prompt.scored"} & {event.kind for event in events}


@pytest.mark.parametrize(
    ("fault", "cause"), [("500", "server_error"), ("400", "bad_request"), ("", "malformed_reply")]
)
async def test_a_backend_that_fails_always_opens_the_breaker(tmp_path: Path, fault: str, cause: str) -> None:
    """If every call and the probe fail, the run stops within a few calls and says how to continue."""
    endpoint = Endpoint(lambda _number, _request: fault)
    await endpoint.start()
    try:
        with pytest.raises(RunStopped, match=r"does not answer: .* `tp resume"):
            await run(tmp_path / "dead", endpoint)
    finally:
        await endpoint.stop()
    assert endpoint.requests <= (LIMIT + SLOTS + 1) * retry.MAX_ATTEMPTS
    stopped(tmp_path / "dead", cause)


async def test_a_server_killed_for_good_is_waited_for_by_resume(tmp_path: Path, calm: list[Event]) -> None:
    """A server that dies stops the run; once it is back, the resumed run ends as one without faults."""

    def die(number: int, _request: web.Request) -> str | None:
        if number == 25:
            asyncio.get_running_loop().create_task(endpoint.stop())
        return "reset" if number >= 25 else None

    endpoint = Endpoint(die)
    await endpoint.start()
    folder = tmp_path / "killed"
    with pytest.raises(RunStopped, match="does not answer"):
        await run(folder, endpoint)
    await endpoint.stop()
    first = events_of(folder / "log.db")
    assert first[-1].kind == "run.failed"
    endpoint.misbehave = lambda _number, _request: None
    await endpoint.start()
    try:
        await lifecycle.resume(folder / "log.db", "last", ignore)
    finally:
        await endpoint.stop()
    assert same(events_of(folder / "log.db"), calm)


async def test_a_server_that_restarts_is_waited_for(
    tmp_path: Path, calm: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is gone for a moment costs some attempts, and the run goes through."""
    monkeypatch.setattr(retry, "WAIT", wait_exponential(multiplier=0.5))

    async def restart() -> None:
        await endpoint.stop()
        await endpoint.start()

    def hiccup(number: int, _request: web.Request) -> str | None:
        if number == 25:
            restarts.append(asyncio.get_running_loop().create_task(restart()))
            return "reset"
        return None

    restarts: list[asyncio.Task[None]] = []
    endpoint = Endpoint(hiccup)
    await endpoint.start()
    try:
        events = await run(tmp_path / "restarted", endpoint)
    finally:
        await endpoint.stop()
    assert restarts
    assert same(events, calm)


async def test_one_request_that_always_fails_leaves_out_its_example(tmp_path: Path) -> None:
    """A held-out example that the server never answers is excluded for all prompts, and counted."""

    async def asks_for(request: web.Request) -> bool:
        return b"second test 3" in await request.read()

    class Picky(Endpoint):
        async def _answer(self, request: web.Request) -> web.StreamResponse:
            self.requests += 1
            if await asks_for(request):
                return web.json_response({"error": {"message": "fault 500"}}, status=500)
            return web.json_response(completion(await request.json()))

    endpoint = Picky()
    await endpoint.start()
    try:
        events = await run(tmp_path / "picky", endpoint)
    finally:
        await endpoint.stop()
    verdict = decode(events[-1])
    assert isinstance(verdict, RunFinished)
    assert verdict.excluded == 1
    assert {comparison.n for comparison in verdict.comparisons} == {5}
    assert "1 further example could not be evaluated" in verdict.verdict
    finals = [m for e in events if isinstance(m := decode(e), PromptScored) and m.purpose == "final"]
    assert {m.excluded for m in finals} == {("test-3",)}
