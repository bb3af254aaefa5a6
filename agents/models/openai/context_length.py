"""Recognition of a prompt that is too long, in the wordings of many servers."""

import re

_TOO_LONG = re.compile(
    r"""
      \bcontext[ _-]?(length|window|size|limit|overflow)
    | \bcontext\ shift\b
    | \bmax(imum|\.)?[ _](model|prompt|input|sequence|context)[ _]?len(gth)?\b
    | \b(prompt|inputs?|request|messages?|conversation|sequence)\b [^.;\n]{0,60}?
      \b(too\ (long|large)|longer\ than|exceed(s|ed|ing)?\b)
    | \b(prompt|input)\b [^.;\n]{0,40}? \bmust\ have\ less\ than\b
    | \binputs`?\ must\ have\ less\ than\b
    | \binputs?`?\ tokens\ (\+|plus)
    | \btoo\ many\ (input\ |prompt\ |total\ )?tokens\b
    | \btokens?\ (count|limit|number)\b [^.;\n]{0,60}? \bexceed
    | \bexceed(s|ed|ing)?\b [^.;\n]{0,60}? \b(token\ (count|limit)|tokens\ allowed|number\ of\ tokens)
    | \b(prompt|input)\b [^.;\n]{0,40}? \btokens\b [^.;\n]{0,40}?
      \b(only|at\ most|maximum|max|limit|more\ than|too\ many)\b
    | \btokens\ in\ (the\ |your\ )?(request|prompt|input)\b [^.;\n]{0,30}? \b(more\ than|above|over)\b
    | \b(length|size)\ of\ (the|your)\ (input|prompt|messages)\b [^.;\n]{0,40}?
      \b(over|above|beyond|more|greater|longer|limit)
    | \bsize\ limit\ exceeded\ by\ \d+\ tokens | \bmessages\[\d+\]\S*\ string\ too\ long | \bn_ctx\b
    | \breduce\ the\ (length|size)\ of\ (the|your)\b
    | \b(range\ of\ )?input\ length\ should\ be\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_RATE = re.compile(
    r"rate.?limit|per (minute|hour|day|second)|\bquota\b|\b[TR]PM\b|too many requests"
    r"|deadline|timed? ?out|requests? limit",
    re.IGNORECASE,
)
"""Words of limits on requests or on time, which are exceeded in the same wordings."""


def is_too_long(message: str) -> bool:
    """Return True if a server's message says that the prompt does not fit into the model's context."""
    return _TOO_LONG.search(message) is not None and _RATE.search(message) is None
