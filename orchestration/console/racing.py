"""The race that is being run: who is still in, and on how many examples."""

from ...agents.messages import CandidateStopped, RaceFinished, ScoringRequested


class RaceProgress:
    """The prompts of the current step that are asked the same examples until one is the best.

    The best prompt so far runs along and cannot be stopped; it is no entrant.
    """

    def __init__(self) -> None:
        self.entered: dict[str, int] = {}
        """Entrant -> examples that it was asked in this race."""
        self.stopped: set[str] = set()
        self.over = True

    @property
    def field(self) -> set[str]:
        """Who is still in; nobody once the race is over."""
        return set() if self.over else self.entered.keys() - self.stopped

    @property
    def asked(self) -> int:
        """How many examples those who are still in were asked."""
        return max((self.entered[id_] for id_ in self.field), default=0)

    def ask(self, message: ScoringRequested, incumbent: str | None) -> None:
        """A prompt is asked more examples; the first of them after a race begin the next."""
        if self.over:
            self.entered, self.stopped, self.over = {}, set(), False
        id_ = message.candidate.id
        if id_ != incumbent:
            self.entered[id_] = self.entered.get(id_, 0) + len(message.examples)

    def stop(self, message: CandidateStopped) -> None:
        """One is out."""
        self.stopped.add(message.candidate)

    def finish(self, message: RaceFinished) -> None:
        """The race is over."""
        self.over = True
