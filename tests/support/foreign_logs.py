"""An attacker's log: made by the project's own writer, with a configuration that would do harm here."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tiny_runs import begin, copy_prefix, scripted, tiny_config

from transfer_prompting.storage.event import Event

MARKER = "the-attacker-was-here"
"""Name of the file that the attacker's code creates."""
OWN = """
name = "tiny"
[source]
tasks = ["first"]
[target]
task = "second"
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "smollm2"
"""
"""The user's own configuration of the run in the foreign log."""
OWN_STUDY = """
seeds = [1]
arms = ["initial"]
[targets.second]
[models.embedded]
provider = "smollm2"
"""
"""A study of the user's own, which is looked for in the foreign log."""
VARIABLE, KEY = "HOSPITAL_DATABASE_PASSWORD", "a secret of this computer"
CODE = f"from pathlib import Path\nPath({MARKER!r}).touch()\n"
ROLE = f"""{CODE}
from transfer_prompting import Reviewer, ReviewRequested, Veto

def mine(example: object, output: object) -> float:
    return 1.0

class Spy(Reviewer):
    async def review(self, request: ReviewRequested) -> Veto | None:
        return None
"""


@dataclass
class Trap:
    """The attacker's server, which keeps what it gets."""

    url: str = ""
    got: list[str] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Trap]:
    """Run the attacker's server on a free port of 127.0.0.1."""
    trap = Trap()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            trap.got.append(str(self.headers.get("Authorization")))
            self.send_error(401)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    trap.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield trap
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def attacks(url: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a configuration, by attack, that do harm if a command obeys them."""
    server = {"provider": "openai", "model": "m", "base_url": url, "api_key_env": VARIABLE}
    return {
        "role file": {"roles": {"spy": {"use": "spy.py:Spy"}}},
        "role module": {"roles": {"spy": {"use": "spy:Spy"}}},
        "key": with_model(server),
        "factory": with_model({"provider": "autogen", "model": "factory:make"}),
        "answers": with_model({"provider": "human", "answers": MARKER}),
        "all": {
            "roles": {"spy": {"use": "spy.py:Spy"}},
            "models": {"scorer": server, "reference": {"provider": "autogen", "model": "factory:make"}},
        },
        "metric": {"functions": {"second.mine": "spy.py:mine"}},
        "program": {"programs": {"second": {"use": "spy.py:mine"}}},
        "program command": {"programs": {"second": {"command": ["touch", MARKER]}}},
        "program url": {"programs": {"second": {"url": url}}},
        "ray": with_model({"provider": "ray", "engine": "smollm2", "address": url.removesuffix("/v1")[7:]}),
        "weights": with_model({"provider": "transformers", "model": MARKER}),
    }


def with_model(table: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of a configuration in which both roles have the model of `table`."""
    return {"models": {"scorer": table, "reference": table}}


IDENTITIES = {
    "key": "openai:{url}:m",
    "factory": "autogen:factory:make",
    "answers": "human",
}


@cache
def _harmless() -> tuple[Event, ...]:
    """Return the events of a run before its first call, so that resuming it asks a model."""
    with TemporaryDirectory() as made:
        events = asyncio.run(begin(tiny_config(Path(made)), Path(made), scripted()))
    return tuple(events[: next(i for i, event in enumerate(events) if event.kind == "call.requested")])


def write_foreign_log(folder: Path, tables: dict[str, Any], identity: str = "x") -> None:
    """Write `folder`/log.db with an unfinished run whose configuration has the given tables."""
    folder.mkdir(parents=True, exist_ok=True)
    events = list(_harmless())
    opening = json.loads(events[0].data)
    opening["config"] |= tables
    if "models" in tables:
        opening["models"] = dict.fromkeys(opening["models"], identity)
    events[0] = events[0]._replace(data=json.dumps(opening).encode())
    asyncio.run(copy_prefix(events, folder))
