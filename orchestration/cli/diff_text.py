"""A text with the changes from another text marked in it."""

from collections.abc import Iterable, Sequence

from rich.text import Text

from ..console.visible import harmless
from ..projections.family_tree import WordChange, text_changes, word_diff

_STYLES: dict[WordChange, str] = {"same": "", "gone": "red strike", "new": "green underline"}


def diff_text(before: str, after: str) -> Text:
    """Return `after` with the words that are new and the words that are gone, marked by signs and colours."""
    return _marked(word_diff(before, after))


def diff_prompts(before: str, after: str, names: Sequence[str], seam: str = "\n") -> Text:
    """Return the changes between two prompts: of several texts `names`, only those that differ.

    Each has its name before it; `seam` stands between two.
    """
    parts = [
        Text.assemble((f"[{harmless(part.name)}] ", "dim"), _marked(part.changes))
        if part.name
        else _marked(part.changes)
        for part in text_changes(before, after, names)
    ]
    return Text(seam).join(parts)


def _marked(changes: Iterable[tuple[WordChange, str]]) -> Text:
    text = Text()
    for change, piece in changes:
        words = harmless(piece)
        signs = {"gone": f"[-{words}-]", "new": f"{{+{words}+}}"}
        text.append(signs.get(change, words), _STYLES[change])
    return text
