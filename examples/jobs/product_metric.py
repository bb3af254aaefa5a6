"""A metric of one's own: is the output a usable product name?"""

from transfer_prompting import Score


def good_name(example, output):  # type: ignore[no-untyped-def]
    """Return 1 for one short, capitalised word; less, with the reason, for anything else."""
    name = output.text.strip()
    parts = {
        "one word": len(name.split()) == 1,
        "short": len(name) <= example.columns["longest"],
        "capitalised": name[:1].isupper(),
    }
    missing = [part for part, holds in parts.items() if not holds]
    return Score(
        sum(parts.values()) / len(parts),
        feedback=f"{name!r} should be: {', '.join(missing)}." if missing else "",
        parts={part: float(holds) for part, holds in parts.items()},
    )
