"""The curator's side of reviews: whom to ask about which prompt, and what has come of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..prompts.candidate import Candidate
from .messages import Moment, ReviewGiven


@dataclass(slots=True)
class Review:
    """One prompt on its way from reviewer to reviewer."""

    original: Candidate
    current: Candidate
    left: list[str] = field(default_factory=list)
    """Who is still to be asked; the first of them has been."""
    veto: str | None = None

    @property
    def outcome(self) -> Candidate | None:
        """What goes on; None after a veto."""
        return None if self.veto is not None else self.current


class Reviews:
    """The reviews under way. Which reply comes first makes no difference to what comes out."""

    def __init__(self, reviewers: Mapping[Moment, Sequence[str]]) -> None:
        self._reviewers = reviewers
        self._open: list[Review] = []
        self.moment: Moment = "admission"

    def begin(self, moment: Moment, candidates: Iterable[Candidate]) -> list[Review]:
        """Begin to review `candidates`; returns those of which somebody must be asked.

        What a user wrote for a task is scored there without a review.
        """
        self.moment = moment
        reviewers = self._reviewers.get(moment, ())
        own = "initial" if moment == "admission" else None
        self._open = [Review(c, c, [] if c.operator == own else list(reviewers)) for c in candidates]
        return [review for review in self._open if review.left]

    def take(self, message: ReviewGiven) -> Review | None:
        """Take in a word; returns the review if somebody else must be asked about it now.

        A word that nobody asked for changes nothing.
        """
        review = next((review for review in self._open if self._is_about(message, review)), None)
        if review is None:
            return None
        review.left.pop(0)
        if message.verdict == "vetoed":
            review.veto = f"{message.reviewer}: {message.reason or 'no reason given'}"
            review.left.clear()
        elif message.amended is not None:
            review.current = message.amended
        return review if review.left else None

    def finished(self) -> list[Review] | None:
        """What has come of all of them, in their order; None while a word is awaited, or nothing is open."""
        if not self._open or any(review.left for review in self._open):
            return None
        done, self._open = self._open, []
        return done

    def _is_about(self, message: ReviewGiven, review: Review) -> bool:
        asked = review.left[:1] == [message.reviewer] and message.moment == self.moment
        return asked and review.current.id == message.candidate
