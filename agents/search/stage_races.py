"""The races of a stage that are under way, and what those that ended have shown."""

from dataclasses import dataclass, replace

from ...prompts.sums import summed
from .race import ROUND, Race
from .standings import Standings
from .transitions import require


@dataclass(frozen=True, slots=True)
class StageRaces:
    """The races of a stage at one moment. Each transition returns the races after it."""

    under_way: tuple[Race, ...] = ()
    opening: Race | None = None
    """The race without a prompt to beat, as long as it is under way."""
    front_runner: str | None = None
    """The leader of the opening race, once few candidates are left in it."""
    losers: int = 0
    """Number of proposals in races without a winner."""

    def round_size(self, concurrent_steps: int) -> int:
        """Return the number of examples in a race's next round: the fewer races, the larger."""
        return ROUND * concurrent_steps // max(1, len(self.under_way))

    def evaluations_to_come(self, usual: int) -> int:
        """Return the number of examples that the races will still ask if each asks as many as is `usual`."""
        return sum(max(0, usual - race.cost) for race in self.under_way)

    def leave_room(self, concurrent_steps: int) -> bool:
        """Return whether another step may begin while the races are under way.

        At most half of the steps may be in races whose candidates were not compared yet, that of the new
        one included; and the opening race must have a front runner, from which new prompts are written.
        """
        uncompared = sum(not race.compared for race in self.under_way)
        has_start = self.opening is None or self.front_runner is not None
        return has_start and uncompared <= max(0, concurrent_steps // 2 - 1)

    def provisional_best(self, standings: Standings) -> str | None:
        """Return the best prompt if the races under way end as they stand now."""
        for race in reversed(self.under_way):
            if race.field and race.compared and race.incumbent is not None:
                runners = (race.incumbent, *race.field)
                seen = race.seen[: race.compared]
                totals = {id_: summed(standings.utilities(id_, seen)) for id_ in runners}
                if (first := max(totals, key=totals.__getitem__)) != race.incumbent:
                    return first
        return standings.best

    def open(self, race: Race) -> "StageRaces":
        """Put a race under way."""
        require(race not in self.under_way and not race.over, "the race was opened before")
        opening = race if race.incumbent is None else self.opening
        return replace(self, under_way=(*self.under_way, race), opening=opening)

    def note_front_runner(self, race: Race, standings: Standings, few: int) -> "StageRaces":
        """Note who leads a race, if it is the opening race and at most `few` candidates are left in it."""
        if race is not self.opening or not race.field or len(race.field) > few:
            return self
        leader = max(race.field, key=lambda id_: summed(standings.utilities(id_, race.seen)))
        return replace(self, front_runner=leader)

    def finish(self, race: Race, standings: Standings) -> "StageRaces":
        """Remove a race that is over. What the user began with counts as no proposal that lost."""
        require(race in self.under_way, "the race is not under way")
        require(race.over, "the race is not over")
        proposed = (
            [id_ for id_ in race.entered if standings[id_].operator != "initial"] if race.typical else []
        )
        return StageRaces(
            under_way=tuple(other for other in self.under_way if other is not race),
            opening=None if race is self.opening else self.opening,
            front_runner=self.front_runner,
            losers=self.losers if race.winner else self.losers + len(proposed),
        )
