"""Loading without progress bars, because the screen belongs to the program's own display."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_progress() -> Iterator[None]:
    """Hide the progress bars of transformers and of its hub client; restore them afterwards."""
    from transformers import modeling_gguf_pytorch_utils as gguf_reader
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    # The GGUF reader uses tqdm directly; replace it by the variant that obeys the switch.
    plain_tqdm = gguf_reader.tqdm
    gguf_reader.tqdm = logging.tqdm
    logging.disable_progress_bar()
    try:
        yield
    finally:
        gguf_reader.tqdm = plain_tqdm
        if shown:
            logging.enable_progress_bar()
