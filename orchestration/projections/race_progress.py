"""The races under way: of which steps, who is still in, and how far the examples are that they asked for."""

from ...agents.messages import CandidateStopped, Purpose, RaceFinished, ScoringRequested, Stage, StageFinished
from ...storage.event import Event


class RaceProgress:
    """The prompts of one step that are asked the same examples until one is the best.

    The best prompt so far runs along and cannot be stopped: it is no entrant. Another may take its place in
    the midst of the race. The final comparison is one without entrants.
    """

    def __init__(self, stage: Stage, step: int, purpose: Purpose) -> None:
        self.stage, self.step, self.purpose = stage, step, purpose
        self.entered: dict[str, int] = {}
        """Entrant -> examples that it was asked in this race."""
        self.stopped: set[str] = set()
        self.expected = 0
        """Examples asked, of all who run."""
        self.finished = 0
        """Of those, how many have a reply."""
        self._left: dict[str, int] = {}
        self._incumbents: set[str] = set()

    @property
    def field(self) -> set[str]:
        """Who is still in."""
        return self.entered.keys() - self.stopped

    @property
    def asked(self) -> int:
        """How many examples those who are still in were asked."""
        return max((self.entered[id_] for id_ in self.field), default=0)

    def ask(self, event: Event, message: ScoringRequested, incumbent: str | None) -> None:
        """A prompt is asked more examples; `incumbent` is the best one now."""
        count, id_ = len(message.examples), message.candidate.id
        self._left[event.id] = count
        self.expected += count
        if incumbent is not None and incumbent not in self.entered:
            self._incumbents.add(incumbent)
        if self.purpose == "search" and id_ not in self._incumbents:
            self.entered[id_] = self.entered.get(id_, 0) + count

    def answer(self, asker: str) -> None:
        """A call ended that was asked because of the event `asker`."""
        if self._left.get(asker):
            self._left[asker] -= 1
            self.finished += 1

    def scored(self, asker: str) -> None:
        """All examples of the event `asker` are done, even if their calls were not shown here."""
        self.finished += self._left.pop(asker, 0)


class OpenRaces:
    """All races that have begun and are not over, in the order of their beginning.

    While the race of one step goes on, those of later steps may begin.
    """

    def __init__(self) -> None:
        self._under_way: dict[tuple[Stage, int, Purpose], RaceProgress] = {}
        self._asked_by: dict[str, RaceProgress] = {}

    @property
    def under_way(self) -> list[RaceProgress]:
        """Each of them."""
        return list(self._under_way.values())

    @property
    def field(self) -> set[str]:
        """Who is still in one of them."""
        return {id_ for race in self._under_way.values() for id_ in race.field}

    @property
    def expected(self) -> int:
        """Examples asked in all of them."""
        return sum(race.expected for race in self._under_way.values())

    @property
    def finished(self) -> int:
        """Of those, how many have a reply."""
        return sum(race.finished for race in self._under_way.values())

    def ask(self, event: Event, message: ScoringRequested, incumbent: str | None) -> None:
        """A prompt is asked more examples; the first of a step begin its race."""
        key = (message.stage, message.step, message.purpose)
        race = self._under_way.get(key)
        if race is None:
            race = self._under_way[key] = RaceProgress(*key)
        race.ask(event, message, incumbent)
        self._asked_by[event.id] = race

    def answer(self, asker: str | None) -> None:
        """A call ended that was asked because of the event `asker`."""
        if race := self._asked_by.get(asker or ""):
            race.answer(asker or "")

    def scored(self, asker: str | None) -> None:
        """All examples of the event `asker` are done."""
        if race := self._asked_by.pop(asker or "", None):
            race.scored(asker or "")

    def stop(self, message: CandidateStopped) -> None:
        """One is out of its race."""
        if race := self._under_way.get((message.stage, message.step, "search")):
            race.stopped.add(message.candidate)

    def finish(self, message: RaceFinished) -> None:
        """A race is over."""
        self._under_way.pop((message.stage, message.step, "search"), None)

    def close(self, message: StageFinished) -> None:
        """A stage is over, and whatever was still raced in it."""
        self._under_way = {key: race for key, race in self._under_way.items() if key[0] != message.stage}
