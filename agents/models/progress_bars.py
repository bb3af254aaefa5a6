"""Loading without progress bars: the screen belongs to the program's own display."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_progress() -> Iterator[None]:
    """Switch the progress bars of transformers and of its hub client off, and on again if they were."""
    from transformers import modeling_gguf_pytorch_utils as gguf_reader
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    # The GGUF reader draws with tqdm itself; it is lent the variant that obeys the switch.
    own_bar = gguf_reader.tqdm
    gguf_reader.tqdm = logging.tqdm
    logging.disable_progress_bar()
    try:
        yield
    finally:
        gguf_reader.tqdm = own_bar
        if shown:
            logging.enable_progress_bar()
