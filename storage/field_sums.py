"""Sums over fields of the payload, computed by the database."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

FieldPath = tuple[str, ...]
"""Keys that lead from the root of a JSON payload to one of its fields."""
_MOST = 2**40
"""Largest amount of one event that counts, so that no payload can make a sum overflow."""


class SummedField(NamedTuple):
    """A field of whole numbers to add up. A missing field counts as zero.

    With `equals`, the events in which the field is this text are counted instead.
    """

    path: FieldPath
    at_most: FieldPath | None = None
    """Path of the field that limits this one, event by event."""
    equals: str | None = None


class GroupSums(NamedTuple):
    """Sums over the events of one sender and schema. A redacted event is counted and adds nothing."""

    sender: str
    schema: int
    present: bool
    """True for the events that have the field by which they are grouped."""
    events: int
    """Number of events in the group."""
    sums: tuple[int, ...]
    """One sum for each field, in the order of the query."""


def sums_query(
    field: Callable[..., str], kind: str, fields: Sequence[SummedField], present: FieldPath
) -> str:
    """Return the query for `Reader.sum_fields`; its values are a run and a version.

    `field` returns the SQL expression of a field of the payload, and `kind` is an SQL literal.
    """
    names: dict[FieldPath, str] = {}
    texts = {each.path: each.equals for each in fields if each.equals is not None}
    for path in (path for each in fields for path in (each.path, each.at_most) if path is not None):
        names.setdefault(path, f"field_{len(names)}")
    numbers = "".join(f", {_number(field(*path), texts.get(path))} AS {name}" for path, name in names.items())
    sums = "".join(f", {_sum(each, names)}" for each in fields)
    return (
        # Materialised, so that each field is extracted only once from each payload.
        "WITH found AS MATERIALIZED"
        f" (SELECT sender, schema, {field(*present)} IS NOT NULL AS present{numbers} FROM event"
        f" WHERE run = ? AND version <= ? AND kind = {kind})"
        f" SELECT sender, schema, present, COUNT(*){sums}"
        " FROM found GROUP BY sender, schema, present ORDER BY sender, schema, present"
    )


def _number(value: str, equals: str | None) -> str:
    if equals is None:
        return f"CAST({value} AS BIGINT)"
    quoted = equals.replace("'", "''")
    return f"CASE WHEN {value} = '{quoted}' THEN 1 ELSE 0 END"


def _sum(field: SummedField, names: dict[FieldPath, str]) -> str:
    value = _bounded(names[field.path])
    if field.at_most is not None:
        limit = _bounded(names[field.at_most])
        value = f"CASE WHEN {value} > {limit} THEN {limit} ELSE {value} END"
    # PostgreSQL returns a decimal for a sum of whole numbers.
    return f"CAST(COALESCE(SUM({value}), 0) AS BIGINT)"


def _bounded(value: str) -> str:
    return (
        f"(CASE WHEN {value} > {_MOST} THEN {_MOST} WHEN {value} < -{_MOST} THEN -{_MOST} ELSE {value} END)"
    )
