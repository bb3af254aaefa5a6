"""Upcasting: lift old payloads to the current schema as they are read. The stored bytes never change.

When a message changes its shape, its `SCHEMA` goes up by one, and a step is registered here that turns a
payload of the previous schema into one of the next:

    @UPCASTERS.step("prompt.scored", 1)
    def _name_the_split(old: Payload) -> Payload:
        return {**old, "split": "dev"}

Steps are pure functions: the same payload always gives the same result. They use no clock and no file, and
they guess nothing.
"""

from collections.abc import Callable
from typing import Any

import orjson

from ..storage.errors import LogUnreadable
from ..storage.event import Event
from ..storage.redaction import PayloadRedacted, is_redacted

Payload = dict[str, Any]
Step = Callable[[Payload], Payload]


class Upcasters:
    """Registry of steps: (kind, schema) -> the function that lifts a payload of that schema to the next."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], Step] = {}
        self._newest: dict[str, int] = {}

    def step(self, kind: str, schema: int) -> Callable[[Step], Step]:
        """Register the decorated function as the only step of `kind` from `schema` to the next.

        Raises `ValueError` if another step is registered already.
        """

        def register(step: Step) -> Step:
            if self._steps.setdefault((kind, schema), step) is not step:
                raise ValueError(f"There is already a step for {kind} from schema {schema}. Remove one.")
            self._newest[kind] = max(self.newest(kind), schema + 1)
            return step

        return register

    def newest(self, kind: str) -> int:
        """Return the schema that the steps of `kind` lead to; 1 if it has no steps."""
        return self._newest.get(kind, 1)

    def lift(self, event: Event, wanted: int) -> Payload:
        """Return the payload of `event`, lifted to the schema `wanted`.

        Raises `LogUnreadable`, naming the seq, if the schema is later than `wanted`, if a step is missing, or
        if the data are no JSON object or do not fit their schema. Raises `PayloadRedacted` if the payload has
        been blanked.
        """
        if event.schema > wanted:
            raise LogUnreadable(
                f"Event seq {event.seq} ({event.kind}) has schema {event.schema}, and this version knows "
                f"schemas up to {wanted}. It was written by a later version: upgrade to read it."
            )
        payload = _parsed(event)
        for schema in range(event.schema, wanted):
            step = self._next(event, schema)
            try:
                payload = step(payload)
            except (LookupError, TypeError, ValueError) as error:
                raise LogUnreadable(
                    f"Event seq {event.seq} ({event.kind}) cannot be lifted from schema {schema}: {error!r}"
                ) from error
        return payload

    def payload(self, event: Event) -> Payload:
        """Return the payload of `event` in the newest schema, for readers that need no message object."""
        return self.lift(event, self.newest(event.kind))

    def _next(self, event: Event, schema: int) -> Step:
        step = self._steps.get((event.kind, schema))
        if step is None:
            raise LogUnreadable(
                f"Event seq {event.seq} ({event.kind}) has schema {event.schema}, and no step lifts "
                f"schema {schema} to {schema + 1}. Read it with the version that wrote it."
            )
        return step


def _parsed(event: Event) -> Payload:
    if is_redacted(event):
        raise PayloadRedacted(event)
    try:
        payload = orjson.loads(event.data)
    except ValueError as error:
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: {error}") from error
    if not isinstance(payload, dict):
        raise LogUnreadable(f"Event seq {event.seq} ({event.kind}) cannot be read: it is not a JSON object.")
    return payload


UPCASTERS = Upcasters()
"""Steps of this version."""


@UPCASTERS.step("proposals.requested", 1)
@UPCASTERS.step("task.loaded", 1)
def _one_right_answer(old: Payload) -> Payload:
    """Return the payload unchanged: an example without `alternatives` has one right answer."""
    return old


@UPCASTERS.step("task.loaded", 2)
def _usual_request(old: Payload) -> Payload:
    """Return the payload unchanged: older tasks have the usual request, and being right is their metric."""
    return old


@UPCASTERS.step("call.requested", 1)
def _texts_only(old: Payload) -> Payload:
    """Return the payload unchanged: each content is one text."""
    return old


@UPCASTERS.step("proposals.requested", 2)
def _no_comparisons(old: Payload) -> Payload:
    """Return the payload unchanged: older histories hold scores, without comparisons and tallies."""
    return old


@UPCASTERS.step("proposals.requested", 3)
def _no_traces(old: Payload) -> Payload:
    """Return the payload unchanged: older runs executed no programs."""
    return old


@UPCASTERS.step("prompt.scored", 1)
def _main_metric(old: Payload) -> Payload:
    """Add the main metric, which was the accuracy of every task."""
    measures = old["score"]["measures"]
    main = {"metric": measures["accuracy"]} if "accuracy" in measures else {}
    return {**old, "score": {**old["score"], "measures": {**main, **measures}}}


_TITLES = {"accuracy": ("metric", "accuracy"), "composite": ("composite", "composite score")}


@UPCASTERS.step("prompt.promoted", 1)
def _whole_prompts(old: Payload) -> Payload:
    """Return the payload unchanged: older runs promoted whole prompts, and weighed no single rules."""
    return old


@UPCASTERS.step("run.finished", 1)
def _main_metric_first(old: Payload) -> Payload:
    """Put the accuracy, which was the main metric of every task, before the composite score."""
    lists = ("comparisons", "against_control")
    test = None if old["p_value"] is None else "exact McNemar test"
    return {**old, "test": test} | {name: _titled(old[name]) for name in lists if name in old}


def _titled(comparisons: list[Payload]) -> list[Payload]:
    titled = []
    for old in comparisons:
        measure, title = _TITLES.get(old["measure"], (old["measure"], old["measure"]))
        titled.append({**old, "measure": measure, "title": title})
    return sorted(titled, key=lambda comparison: comparison["measure"] != "metric")


@UPCASTERS.step("task.loaded", 3)
@UPCASTERS.step("stage.started", 1)
@UPCASTERS.step("proposals.requested", 4)
@UPCASTERS.step("reply.unparsed", 1)
@UPCASTERS.step("gold.doubted", 1)
@UPCASTERS.step("proposals.made", 1)
@UPCASTERS.step("review.requested", 1)
@UPCASTERS.step("candidate.rejected", 1)
@UPCASTERS.step("scoring.requested", 1)
@UPCASTERS.step("prompt.scored", 2)
@UPCASTERS.step("candidate.stopped", 1)
@UPCASTERS.step("judgement.requested", 1)
@UPCASTERS.step("prompt.judged", 1)
@UPCASTERS.step("race.finished", 1)
@UPCASTERS.step("prompt.promoted", 2)
@UPCASTERS.step("experience.loaded", 1)
@UPCASTERS.step("experience.applied", 1)
@UPCASTERS.step("stage.finished", 1)
def _one_target(old: Payload) -> Payload:
    """Return the payload unchanged: older runs had one target, whose stages are named by their kind."""
    return old


@UPCASTERS.step("run.started", 1)
def _several_targets(old: Payload) -> Payload:
    """Put the one target into a list, in the place where it was."""
    named = {"target_task": "target_tasks"}
    lifted = {named.get(name, name): value for name, value in old.items()}
    return {**lifted, "target_tasks": [old["target_task"]]}


@UPCASTERS.step("task.loaded", 4)
def _no_headers(old: Payload) -> Payload:
    """Return the payload unchanged: older programs had no headers of their own."""
    return old


@UPCASTERS.step("budget.exhausted", 1)
def _no_shares(old: Payload) -> Payload:
    """Return the payload unchanged: in older runs several targets had no shares in the budget."""
    return old


@UPCASTERS.step("prompt.scored", 3)
def _no_shared_requests(old: Payload) -> Payload:
    """Return the payload unchanged: older runs counted each request of a program by itself."""
    return old
