"""A stage led as the curator leads it, seen by the reference agent."""

from hashlib import sha256

from operator_making import PROMPTS, Stepped, entry, request

from transfer_prompting.agents.messages import (
    Failure,
    HistoryEntry,
    ProposalsMade,
    RaceFinished,
    RaceResult,
)
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.prompts.candidate import Candidate

FAILURES = [Failure(task="toy", example=f"dev-{n}", answered=None if n % 2 else "b") for n in range(4)]


START = [entry("Answer the question.", 20), entry(PROMPTS[0], 60, FAILURES)]


def few_ideas(request: ModelRequest) -> str:
    """Reply like a model that repeats itself, writes nonsense, or echoes: one reply in four is new."""
    digest = sha256(f"{request.messages[-1].text}/{request.sample}".encode()).digest()
    new = f"<instruction>Follow rule {digest.hex()[:6]} and answer.</instruction>"
    return ["", "<instruction>Answer the question.</instruction>", "%$ <instruction>", new][digest[0] % 4]


def score(candidate: Candidate) -> int:
    """Return a score that depends on the words alone."""
    return sha256(candidate.text.encode()).digest()[0] * 100 // 255


def search(reference: Stepped, steps: int) -> list[ProposalsMade]:
    """Lead a stage as the curator does: each proposal joins the history, each race is reported."""
    history, all_made = list(START), []
    for step in range(1, steps + 1):
        made = reference.propose(request(step, sorted(history, key=lambda e: e.score)[-20:]))
        all_made.append(made)
        best = max(e.score for e in history)
        results = [result_of(c, score(c) - best) for c in made.candidates]
        reference.hear(race_of(step, results))
        history += [_entry(c) for c in made.candidates]
    return all_made


def race_of(step: int, results: list[RaceResult]) -> RaceFinished:
    return RaceFinished(stage="target", step=step, against=None, winner=None, results=tuple(results), saved=0)


def result_of(candidate: Candidate, gain: int) -> RaceResult:
    return RaceResult(
        candidate=candidate.id,
        operator=candidate.operator,
        outcome="better" if gain > 0 else "stopped",
        gain=gain / 100,
        examples=9,
    )


def _entry(candidate: Candidate) -> HistoryEntry:
    return entry(candidate.text, score(candidate), FAILURES[: score(candidate) % 5])
