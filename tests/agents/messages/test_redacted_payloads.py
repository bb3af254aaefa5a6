"""A redacted payload is reported as redacted, not as broken."""

import pytest

from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.upcasting import UPCASTERS
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.redaction import PayloadRedacted


def redacted(seq: int, version: int) -> Event:
    return Event(seq, "demo", version, "id", "run.finished", 1, "curator/main", (), None, 0, b"", b"")


def test_decoding() -> None:
    """A redacted payload cannot be decoded."""
    with pytest.raises(PayloadRedacted, match=r"payload of seq 7 \(run\.finished\) was redacted"):
        decode(redacted(7, 7))


def test_lifting() -> None:
    """A redacted payload cannot be lifted."""
    with pytest.raises(PayloadRedacted, match=r"payload of seq 7 \(run\.finished\) was redacted"):
        UPCASTERS.payload(redacted(7, 7))


def test_unknown_kind() -> None:
    """A redacted event of an unknown kind is reported as redacted, because a later version could not help."""
    with pytest.raises(PayloadRedacted):
        decode(redacted(7, 7)._replace(kind="from.tomorrow"))


@pytest.mark.parametrize(("seq", "version", "advice"), [(7, 7, "replay demo --to 6"), (9, 2, "--to 8")])
def test_what_can_be_done(seq: int, version: int, advice: str) -> None:
    """The error advises to re-enact the run up to the event before."""
    assert advice in str(PayloadRedacted(redacted(seq, version)))


@pytest.mark.parametrize("seq", [1, 400])
def test_the_first_event(seq: int) -> None:
    """For the first event of a run, wherever it lies in the log, the error advises no re-enactment."""
    text = str(PayloadRedacted(redacted(seq, 1)))
    assert "--to" not in text
    assert f"tp show demo {seq}" in text
    assert "tp verify demo" in text
