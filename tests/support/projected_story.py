"""A run with everything that the tables show, including failed and reused calls and a resumption."""

from pathlib import Path

from console_script import CAREFUL, PLAIN, SCORER, SHORT, Script, open_stage, verdict, whole_run

from transfer_prompting.agents.messages import CallFailed, HandlerFailed, RunFailed, RunResumed
from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog

__all__ = ["CAREFUL", "PLAIN", "SHORT", "STORY", "Script", "open_stage", "write"]


def _story() -> list[Event]:
    script: Script = whole_run()
    script.events.pop()  # The verdict comes after the failures.
    asked = script.request(PLAIN, "far", stage="target", step=1)
    first, second = script.ask(asked), script.ask(asked)
    script.ask(asked)
    failed = CallFailed(key="k", cause="timeout", error="no answer", attempts=4)
    script.say("model/scorer", failed, SCORER, cause=first)
    script.say("runtime", RunFailed(cause="timeout", error="no answer", count=1))
    script.say("user", RunResumed(reissued=(first.id,), versions={}))
    script.reply(first)
    script.reply(second, reused=first.id)
    script.say("runtime", HandlerFailed(agent="scorer/main", event=asked.id, error="a slip", traceback=""))
    script.say("user", RunResumed(reissued=(), versions={}))
    script.say("model/scorer", failed, SCORER, cause=script.events[-8])
    script.say("curator/main", verdict())
    return script.events


STORY = _story()


async def write(path: Path, events: list[Event]) -> None:
    """Append those of `events` that are not yet in the log at `path`."""
    log = await EventLog.open(path)
    try:
        await log.append(
            [Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data) for e in events]
        )
    finally:
        await log.close()
