"""Warnings of replies that were cut off at their token limit, with the settings that raise it."""

from .run_state import RunState

_TOLERATED = 0.05
"""Share of a role's replies up to which nothing is said: a prompt that makes a model ramble loses anyway."""
_NAMES = {"scorer": "answers", "reference": "proposals", "judge": "judgements"}
_SETTINGS = {
    "scorer": "search.max_tokens",
    "reference": "search.proposal_tokens",
    "judge": "search.judge.max_tokens",
}


def cut_warnings(view: RunState) -> list[str]:
    """Return a warning for each role of whose replies more than one in twenty were cut off."""
    return [
        _warning(role, count.cut, count.replies)
        for role, count in sorted(view.calls.by_role.items())
        if count.cut > _TOLERATED * count.replies
    ]


def _warning(role: str, cut: int, replies: int) -> str:
    setting = f"Raise {_SETTINGS[role]}" if role in _SETTINGS else f"Raise the limit of the role {role}"
    return (
        f"{cut:,} of {replies:,} {_NAMES.get(role, f'replies to {role}')} ended at the token limit, so their "
        f"last words are missing. {setting}, or set thinks = true in [models.{role}] if the model thinks "
        "before it answers."
    )
