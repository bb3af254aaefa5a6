"""Races under way: their candidates, and how many of the requested examples have been answered."""

from ...agents.messages import (
    CandidateStopped,
    Message,
    PromptScored,
    Purpose,
    RaceFinished,
    ScoringRequested,
    Stage,
    StageFinished,
)
from ...storage.event import Event


class RaceProgress:
    """One race: candidates of a step that answer the same examples until one is the best.

    The best prompt so far, the incumbent, runs along and cannot be stopped; it is not counted among the
    candidates. Another may become the incumbent during the race. The final comparison is a race without
    candidates.
    """

    def __init__(self, stage: Stage, step: int, purpose: Purpose) -> None:
        self.stage, self.step, self.purpose = stage, step, purpose
        self.entered: dict[str, int] = {}
        """Candidate -> examples requested of it in this race."""
        self.stopped: set[str] = set()
        self.expected = 0
        """Examples requested, including those of the incumbent."""
        self.finished = 0
        """Requested examples that have been answered."""
        self._left: dict[str, int] = {}
        self._incumbents: set[str] = set()

    @property
    def field(self) -> set[str]:
        """Candidates that are still in the race."""
        return self.entered.keys() - self.stopped

    @property
    def asked(self) -> int:
        """Examples requested of each candidate that is still in the race."""
        return max((self.entered[id_] for id_ in self.field), default=0)

    def request(self, event: Event, message: ScoringRequested, incumbent: str | None) -> None:
        """Request more examples of a prompt; `incumbent` is the best prompt at that moment."""
        count, id_ = len(message.examples), message.candidate.id
        self._left[event.id] = count
        self.expected += count
        if incumbent is not None and incumbent not in self.entered:
            self._incumbents.add(incumbent)
        if self.purpose == "search" and id_ not in self._incumbents:
            self.entered[id_] = self.entered.get(id_, 0) + count

    def answer(self, request: str) -> None:
        """Count one answered example of the request with the event id `request`."""
        if self._left.get(request):
            self._left[request] -= 1
            self.finished += 1

    def complete(self, request: str) -> None:
        """Count all examples of a request as answered, even if its calls were not applied here."""
        self.finished += self._left.pop(request, 0)


class OpenRaces:
    """Races that have begun and not ended, in the order in which they began.

    Races of later steps may begin while that of an earlier one goes on.
    """

    def __init__(self) -> None:
        self._races: dict[tuple[Stage, int, Purpose], RaceProgress] = {}
        self._by_request: dict[str, RaceProgress] = {}

    @property
    def under_way(self) -> list[RaceProgress]:
        """The open races."""
        return list(self._races.values())

    @property
    def field(self) -> set[str]:
        """Candidates that are still in an open race."""
        return {id_ for race in self._races.values() for id_ in race.field}

    @property
    def expected(self) -> int:
        """Examples requested in all open races."""
        return sum(race.expected for race in self._races.values())

    @property
    def finished(self) -> int:
        """Requested examples of all open races that have been answered."""
        return sum(race.finished for race in self._races.values())

    def apply(self, event: Event, message: Message, incumbent: str | None) -> None:
        """Take in a message; `incumbent` is the best prompt of its stage at that moment."""
        match message:
            case ScoringRequested():
                self._request(event, message, incumbent)
            case PromptScored():
                if race := self._by_request.pop(event.cause or "", None):
                    race.complete(event.cause or "")
            case CandidateStopped():
                if race := self._races.get((message.stage, message.step, "search")):
                    race.stopped.add(message.candidate)
            case RaceFinished():
                self._races.pop((message.stage, message.step, "search"), None)
            case StageFinished():
                self._races = {key: race for key, race in self._races.items() if key[0] != message.stage}

    def apply_reply(self, request: str | None) -> None:
        """Count the reply to a call that the event with the id `request` caused."""
        if race := self._by_request.get(request or ""):
            race.answer(request or "")

    def _request(self, event: Event, message: ScoringRequested, incumbent: str | None) -> None:
        key = (message.stage, message.step, message.purpose)
        race = self._races.setdefault(key, RaceProgress(*key))
        race.request(event, message, incumbent)
        self._by_request[event.id] = race
