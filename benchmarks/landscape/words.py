"""The language of the simulated tasks: topics of messages, possible advice, and sentences of prompts."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

TOPICS = (
    "refund", "tide table", "lost parcel", "crane hire", "night arrival", "fuel slip", "crew change",
    "ice warning", "anchor fee", "fish auction", "school visit", "broken seal", "salvage claim",
    "noise complaint", "storm damage", "guest visa", "waste oil", "mooring line", "ferry ticket",
    "radio call", "cargo form", "cold store", "drone flight", "bridge opening",
)  # fmt: skip
"""Topics of messages. Each task has some of them, and each has one hidden rule."""

ADVICE = {
    "date": "go by the date on the paper",
    "signature": "go by who signed it",
    "flag": "go by the flag of the ship",
    "place": "go by the place named last",
    "amount": "go by the amount asked for",
    "deadline": "go by the nearest deadline",
}
"""Advice of a rule, by clue. An example underlines a clue, mostly that of its topic's rule."""

DESKS = ("pilots", "customs", "berths", "claims")
ARCHIVE = "archive"
"""A desk that gets no message in these landscapes, and to which shy answers send most."""
SENDERS = ("The mate", "The owner", "A clerk", "The cook", "An agent", "A passenger", "The pilot", "A driver")
SHIPS = ("Heron", "Linden", "Marta", "Ostrea", "Polaris", "Quill", "Saffron", "Tern", "Umbra", "Vesper")
ASIDES = (
    "Rain is expected.", "The quay is full.", "A copy was sent by post.", "An answer is wanted today.",
    "The phone was busy.", "The gate was shut.", "Two pages are attached.", "The ink has run.",
)  # fmt: skip

OPENINGS = (
    "Decide which desk of the harbour office gets the message.",
    "Read the message and name the desk that handles it.",
    "Sort the message to the right desk.",
    "Say which desk should answer the message.",
    "Choose the desk that this message belongs to.",
    "Find the desk responsible for the message.",
)
"""First sentences of a prompt. All are worth the same."""
TIPS = (
    "Stay calm and polite.", "Every message matters to someone.", "Take the time that you need.",
    "Be as helpful as you can.", "You have worked at this harbour for years.", "Check your answer twice.",
    "Do not let yourself be hurried.", "Think of the office as one team.",
)  # fmt: skip
"""General sentences for any task. In each landscape some of them help a little if a rule is missing. The
others change only the length.
"""
DEFECT = "Reply with the code number of the desk and nothing else."
"""A sentence that makes every answer unusable, because the desks have names and no code numbers."""
REFUSAL = "I would have to know more about this office first."
"""Reply of a proposer that gives no prompt. Used as a prompt, it is worth nothing."""
HEDGE = "Trust no first thought, and be sure of nothing."
"""A sentence that makes the answers shy: given with little confidence, and most of them the archive."""
MANNERS = {
    "greeting": ("Greet the writer by name.", "Good day to you."),
    "next step": ("Name the next step.", "As a next step we will call you."),
    "timing": ("Say how long it will take.", "This takes about two days."),
    "apology": ("Apologise for the trouble.", "We are sorry for the trouble."),
}
"""Manners of a judged reply: the sentence of a prompt that asks for each, and the reply's sentence."""


def rule(topic: str, clue: str) -> str:
    """Return the sentence that puts the advice of `clue` for `topic` into a prompt."""
    return f"For {topic} cases, {ADVICE[clue]}."


def clean(text: str) -> str:
    """Return `text` in lower case and with single spaces."""
    return re.sub(r"\s+", " ", text).strip().casefold()


def chance(*parts: object) -> float:
    """Return a number in [0, 1) that depends on `parts` alone."""
    digest = blake2b("\0".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


T = TypeVar("T")


def pick(options: Sequence[T], *parts: object) -> T:
    """Return one of `options`, chosen by `parts`."""
    return options[int(chance(*parts) * len(options))]
