"""A payload that was blanked on purpose is told as that, and not as a broken document."""

import pytest

from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.upcasting import UPCASTERS
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.redaction import PayloadRedacted


def redacted(seq: int, version: int) -> Event:
    return Event(seq, "demo", version, "id", "run.finished", 1, "curator/main", (), None, 0, b"", b"")


def test_decoding() -> None:
    """There is no message in it."""
    with pytest.raises(PayloadRedacted, match=r"payload of seq 7 \(run\.finished\) was redacted"):
        decode(redacted(7, 7))


def test_lifting() -> None:
    """There are no fields to look at in it either."""
    with pytest.raises(PayloadRedacted, match=r"payload of seq 7 \(run\.finished\) was redacted"):
        UPCASTERS.payload(redacted(7, 7))


def test_unknown_kind() -> None:
    """A kind that this version does not know is no reason to ask for a later one: nothing is left to read."""
    with pytest.raises(PayloadRedacted):
        decode(redacted(7, 7)._replace(kind="from.tomorrow"))


@pytest.mark.parametrize(("seq", "version", "advice"), [(7, 7, "replay demo --to 6"), (9, 2, "--to 8")])
def test_what_can_be_done(seq: int, version: int, advice: str) -> None:
    """Up to the event before it the run can be re-enacted."""
    assert advice in str(PayloadRedacted(redacted(seq, version)))


@pytest.mark.parametrize("seq", [1, 400])
def test_the_first_event(seq: int) -> None:
    """Before the first event of a run there is nothing to re-enact, wherever in the log it lies."""
    text = str(PayloadRedacted(redacted(seq, 1)))
    assert "--to" not in text
    assert f"tp show demo {seq}" in text
    assert "tp verify demo" in text
