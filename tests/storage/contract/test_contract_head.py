"""Contract of every store for the head anchor."""

from log_stores import Store, draft

from transfer_prompting.storage.head import Head
from transfer_prompting.storage.opening import open_reader


def test_head(store: Store) -> None:
    """The head anchor is the last event of the log; a log in memory has none."""
    *_, last = store.write(draft(1), draft(2))
    with open_reader(store.place) as reader:
        head = reader.head()
    assert head == (Head(last.run, last.seq, last.hash.hex()) if store.remembers_head else None)
