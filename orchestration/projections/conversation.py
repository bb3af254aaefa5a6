"""The conversation with its repetitions folded: a race of thirty prompts is a few blocks."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from ...agents.messages import (
    CallAttempted,
    CandidateRejected,
    CandidateStopped,
    GoldDoubted,
    Message,
    PromptScored,
    RaceFinished,
    ScoringRequested,
)
from ...storage.event import Event

_LONGEST = 300
"""Length to which the text of a prompt is kept, which can be a megabyte."""
Said = tuple[Event, Message | None]
"""An event with its message; None if it was redacted or this version cannot read it."""


@dataclass(eq=False)
class Block:
    """Messages that say the same about several prompts of one race; nearly always only one message."""

    key: Hashable
    said: list[Said]
    texts: Mapping[str, str]
    """Id -> beginning of the text, of the prompts that were asked for so far."""
    wanted: int | None = None
    """Number of scores that were asked for; None if it is not known, or if these are no scores."""
    confirms: bool = False
    """True if the race has left the best prompt in its place, although it names a winner."""

    @property
    def events(self) -> list[Event]:
        """Return the events of the block, in the order of the log."""
        return [event for event, _ in self.said]

    @property
    def messages(self) -> list[Message]:
        """Return the messages that can be read."""
        return [message for _, message in self.said if message is not None]


@dataclass
class Conversation:
    """Takes in all messages of a run and returns them in blocks; without `fold` each one is a block.

    Prompts that are asked for, stopped or rejected at one moment make a block. Scores make one until every
    prompt of the race that was asked for has its score.
    """

    fold: bool = True
    _open: list[Block] = field(default_factory=list)
    _asked: Counter[Hashable] = field(default_factory=Counter)
    """Race -> scores that were asked for and have not come."""
    _best: dict[str, str] = field(default_factory=dict)
    """Stage -> its best prompt."""
    _texts: dict[str, str] = field(default_factory=dict)

    @property
    def open(self) -> list[Block]:
        """Return the blocks to which further messages may belong, oldest first."""
        return list(self._open)

    def apply(self, event: Event, message: Message | None) -> list[Block]:
        """Take in a message, and return the blocks that are complete now, oldest first."""
        key = _key(message) if self.fold else None
        complete = self._interrupted(message, key)
        block = self._block(key, event, message)
        self._count(message)
        if key is None or self._is_full(block):
            self._open.remove(block)
            complete.append(block)
        return complete

    def note(self, message: Message | None) -> None:
        """Take in a message that is not shown."""
        self._count(message)

    def pause(self) -> list[Block]:
        """Return the blocks that were said at one moment, which is over: all but scores."""
        return self._take([block for block in self._open if not _is_scores(block.key)])

    def close(self) -> list[Block]:
        """Return the blocks that are still open."""
        return self._take(list(self._open))

    def _block(self, key: Hashable, event: Event, message: Message | None) -> Block:
        """Return the block to which a message belongs, with the message."""
        found = next((block for block in self._open if key is not None and block.key == key), None)
        if found is None:
            found = Block(key, [], self._texts, self._wanted(message), self._confirms(message))
            self._open.append(found)
        found.said.append((event, message))
        return found

    def _wanted(self, message: Message | None) -> int | None:
        return self._asked.get(_race(message)) if isinstance(message, PromptScored) else None

    def _confirms(self, message: Message | None) -> bool:
        if not isinstance(message, RaceFinished) or message.winner is None:
            return False
        return self._best.get(message.stage) == message.winner

    def _interrupted(self, message: Message | None, key: Hashable) -> list[Block]:
        """Return the blocks that a message of another kind ends.

        Scores wait for the rest of theirs, unless their race goes on or anything unexpected has happened.
        """
        ended = isinstance(message, ScoringRequested | CandidateStopped | RaceFinished)
        race = _race(message) if ended else None

        def goes_on(block: Block) -> bool:
            if block.key == key:
                return True
            if not _is_scores(block.key):
                return False
            return block.key != ("prompt.scored", race) and not _is_alarm(message)

        return self._take([block for block in self._open if not goes_on(block)])

    def _is_full(self, block: Block) -> bool:
        return block.wanted is not None and len(block.said) >= block.wanted

    def _count(self, message: Message | None) -> None:
        match message:
            case ScoringRequested(candidate=candidate):
                self._asked[_race(message)] += 1
                self._texts[candidate.id] = candidate.text[:_LONGEST]
            case PromptScored() if _race(message) in self._asked:
                self._asked[_race(message)] -= 1
                if self._asked[_race(message)] <= 0:
                    del self._asked[_race(message)]
            case RaceFinished() if best := message.winner or message.against:
                self._best[message.stage] = best

    def _take(self, blocks: list[Block]) -> list[Block]:
        self._open = [block for block in self._open if block not in blocks]
        return blocks


def _is_scores(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == "prompt.scored"


def _is_alarm(message: Message | None) -> bool:
    """Return whether a message ends the run, or this version cannot read it."""
    return message is None or message.kind in ("run.failed", "handler.failed", "run.finished", "run.resumed")


def _race(message: Message | None) -> Hashable:
    """Return what tells the race of a message from others."""
    match message:
        case ScoringRequested() | PromptScored():
            return message.stage, message.step, message.purpose
        case CandidateStopped() | RaceFinished():
            return message.stage, message.step, "search"
    return None


def _key(message: Message | None) -> Hashable:
    """Return what messages of one block have in common; None if a message stands for itself."""
    match message:
        case ScoringRequested() | PromptScored() | CandidateStopped():
            return message.kind, _race(message)
        case CandidateRejected():
            return message.kind, message.stage, message.step, message.reason
        case CallAttempted():
            return message.kind, message.model, message.cause, message.error
        case GoldDoubted():
            return message.kind, message.task
    return None
