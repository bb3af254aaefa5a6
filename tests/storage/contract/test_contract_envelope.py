"""Contract of every store for the envelope: the columns of an event other than its payload."""

from typing import Any

import orjson
import pytest
from log_stores import Store, draft

from transfer_prompting.storage.errors import LogDamaged, LogUnreadable, RowRefused
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.field_sums import SummedField
from transfer_prompting.storage.opening import open_reader

BAD: dict[str, dict[str, Any]] = {
    "an escape": {"run": "a\x1b]52;c;x\x07"},
    "a path": {"run": "../../etc"},
    "a hidden run": {"run": ".."},
    "no run": {"run": ""},
    "a blank": {"run": "a b"},
    "a direction": {"sender": "scorer/\u202emain"},
    "an absolute sender": {"sender": "/etc/passwd"},
    "a sender above": {"sender": "a/../b"},
    "no sender": {"sender": ""},
    "a line": {"kind": "call\n.finished"},
    "a long kind": {"kind": "k" * 201},
    "NUL": {"id": "a\0b"},
    "a recipient": {"recipients": ("a/b", "\x9b31m")},
    "a long recipient": {"recipients": ("a/b", "c" * 201)},
    "a cause": {"cause": "<b>"},
    "a schema": {"schema": 2**70},
    "a negative schema": {"schema": -1},
    "a truth": {"schema": True},
}


@pytest.mark.parametrize("kind", BAD)
def test_refused_at_the_append(store: Store, kind: str) -> None:
    """An event with such an envelope is refused alone; the message holds nothing that a terminal obeys."""
    with store.writing() as log:
        log.submit([draft(1)]).result()
        refused = log.submit([draft(2)._replace(**BAD[kind])]).exception()
        assert isinstance(refused, RowRefused)
        assert str(refused).isprintable()
        assert len(str(refused)) < 400
        log.submit([draft(3)]).result()
    assert store.verify() == 2


FORGED: dict[str, tuple[str, object]] = {
    "run": ("run", "run-a/../../x"),
    "kind": ("kind", "k\x1b[2J"),
    "sender": ("sender", "a\u202eb"),
    "recipients": ("recipients", "a/b \x1b[31m"),
    "cause": ("cause", "\x07"),
    "id": ("id", "\u2028"),
    "schema": ("schema", -5),
    "version": ("version", -5),
    "at": ("at", 2**62),
}


@pytest.mark.parametrize("column", FORGED)
def test_refused_on_reading(store: Store, column: str) -> None:
    """A forged row is never returned: every way to read it raises an error that names its seq."""
    store.write(draft(1), draft(2))
    name, value = FORGED[column]
    store.hurt(f"UPDATE event SET {name} = ? WHERE seq = 2", value)
    run = str(value) if column == "run" else "run-a"
    with open_reader(store.place) as reader:
        for read in (lambda: list(reader.read(run)), lambda: reader.event(run, 2)):
            with pytest.raises(LogUnreadable, match="Seq 2 is no event") as refused:
                read()
            assert str(refused.value).isprintable()
        with pytest.raises((LogUnreadable, LogDamaged), match=r"(?i)seq 2") as found:
            reader.verify(run)
        assert str(found.value).isprintable()


def test_forged_names_in_lists(store: Store) -> None:
    """Lists of runs and sums by sender check the names that they read without the rest of a row."""
    store.write(draft(1), draft(1, "run-b"))
    store.hurt("UPDATE event SET run = ? WHERE seq = 2", "\x1b[2J")
    with open_reader(store.place) as reader:
        for read in (reader.runs, lambda: reader.resolve("last")):
            with pytest.raises(LogUnreadable, match="Seq 2") as refused:
                read()
            assert str(refused.value).isprintable()
    store.execute("UPDATE event SET run = 'run-b', sender = ? WHERE seq = 2", "\x1b[2J")
    with open_reader(store.place) as reader, pytest.raises(LogUnreadable, match="sender"):
        reader.sum_fields("run-b", "call.requested", 9, (), present=("x",))


def test_names_of_other_alphabets(store: Store) -> None:
    """Letters of every alphabet, the signs of AutoGen's topics and the old empty cause are allowed."""
    store.write(Draft("läuf-1", "id-1", "tee:gegossen=2", 1, "评分/main", ("ä/b",), None, b"{}"))
    store.hurt("UPDATE event SET cause = ''")
    [event] = store.events("läuf-1")
    assert (event.sender, event.cause) == ("评分/main", "")


TEXTS = ["a\0b", "\\u0000", "\\\0", "\0\0", "\ud83d\ude00"]
"""Texts with NUL, with what looks like its escape, and with a character that has two escapes."""


@pytest.mark.parametrize("text", TEXTS)
def test_sums_beside_any_text(store: Store, text: str) -> None:
    """Numbers are added up from payloads whose texts hold NUL or look as if they did."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    data = orjson.dumps({"text": text, "n": 3})
    store.write(*(Draft("run-a", f"id-{n}", "bill", 1, "a", (), None, data) for n in range(2)))
    with open_reader(store.place) as reader:
        [sums] = reader.sum_fields("run-a", "bill", 9, [SummedField(("n",))], present=("text",))
        assert sums.sums == (6,)
        assert sums.present
        assert len(reader.with_field_above("run-a", "bill", 9, ("n",), 2)) == 2
    assert {event.data for event in store.events()} == {data}


def test_half_a_surrogate_pair(store: Store) -> None:
    """Numbers are added up from a payload that holds the escape of half a character."""
    store.write(Draft("run-a", "id-1", "bill", 1, "a", (), None, b'{"text": "\\ud800", "n": 3}'))
    with open_reader(store.place) as reader:
        [sums] = reader.sum_fields("run-a", "bill", 9, [SummedField(("n",))], present=("gone",))
    assert sums.sums == (3,)


def test_huge_numbers(store: Store) -> None:
    """Numbers at the limit of the database do not make a sum overflow."""
    data = orjson.dumps({"n": 2**62, "m": 2**63 - 1})
    store.write(*(Draft("run-a", f"id-{n}", "bill", 1, "a", (), None, data) for n in range(4)))
    fields = [SummedField(("n",)), SummedField(("n",), at_most=("m",))]
    with open_reader(store.place) as reader:
        [sums] = reader.sum_fields("run-a", "bill", 9, fields, present=("gone",))
    assert sums.sums == (2**42, 2**42)
