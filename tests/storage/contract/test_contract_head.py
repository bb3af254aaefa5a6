"""What every place remembers of the end of its log."""

from log_stores import Store, draft

from transfer_prompting.storage.head import Head
from transfer_prompting.storage.opening import open_reader


def test_head(store: Store) -> None:
    """A reader can be asked for the end of the log: the last event's, where the place outlives its users."""
    *_, last = store.write(draft(1), draft(2))
    with open_reader(store.place) as reader:
        head = reader.head()
    assert head == (Head(last.run, last.seq, last.hash.hex()) if store.remembers_head else None)
