"""Notices that hardly any answer of a run can be read, so that the run stops instead of comparing nothing."""

from dataclasses import dataclass, field

from ...agents.messages import CallFinished, PromptScored, ProposalsMade, RunResumed, StageStarted
from ...agents.messages.codec import decode
from ...agents.models.kinds import ModelKind
from ...agents.programs.request import read_executed
from ...agents.programs.trace import CUT_OFF
from ...agents.search.settings import SearchSettings
from ...storage.event import Event
from ...storage.hints import command
from ..projections.executions import is_execution, is_inner_request

CAUSE = "unreadable"
"""Cause of the failure with which such a run stops."""
_ENOUGH = 20
"""Number of replies, and of answers, that a judgement needs."""
_PROMPTS = 3
"""Number of prompts besides the user's that a judgement needs. One may suit no small model."""
_UNREADABLE, _HALF = 0.1, 0.5
"""Shares of readable answers below which a stage stops: always, and if most replies are cut off."""
MOSTLY = 0.8
"""Share of replies at the token limit above which most are cut off."""
_RAISED: dict[ModelKind, int] = {"local": 512, "endpoint": 8192, "thinking": 32768}
"""Token limits to try instead of the automatic ones."""
_QUOTED = 200
"""Number of characters of a reply that are quoted."""
_OPENINGS, _EVIDENCE = ("stage.started", "run.resumed"), ("prompt.scored", "proposals.made")
_REPLY, _SCORER = "call.finished", "model/scorer"


@dataclass
class _Stage:
    """The answers of a stage since the run was started or resumed."""

    users: frozenset[str] = frozenset()
    """The user's own prompts in the opening population."""
    others: int = 0
    """Number of other prompts in the opening population."""
    prompts: set[str] = field(default_factory=set)
    """Prompts of which answers were scored."""
    answers: int = 0
    readable: int = 0
    replies: int = 0
    cut: int = 0
    """Replies that ended at the token limit."""
    program: bool = False
    """Whether the answers are outputs of a program."""
    stuck: bool = False
    """Whether a request for proposals brought none."""

    def restarted(self) -> "_Stage":
        """Return the same stage without its answers."""
        return _Stage(self.users, self.others)

    @property
    def mostly_cut(self) -> bool:
        return self.cut >= MOSTLY * self.replies

    @property
    def settled(self) -> bool:
        """True once the stage has enough answers, to enough prompts, to be judged.

        The user's prompts may all demand a wrong format. So the stage is judged by other prompts as well:
        those of the library, promoted ones, or proposals, unless none can be had.
        """
        if min(self.answers, self.replies) < _ENOUGH:
            return False
        others = len(self.prompts - self.users)
        if others:
            # A single promoted prompt may hold the user's own words, so it is not enough.
            return self.stuck or others >= _PROMPTS
        return not self.others and self.prompts >= self.users and (self.stuck or self.mostly_cut)

    @property
    def hopeless(self) -> bool:
        share = self.readable / self.answers
        return share < _UNREADABLE or (self.mostly_cut and share < _HALF)


class ReadabilityWatch:
    """Judges the opening of each stage by its answers, in the order of the log.

    `problem` is the reason to stop. A stage whose opening could be read is not judged again, and a resumed
    run is judged by its new replies alone.
    """

    def __init__(self, search: SearchSettings, run: str) -> None:
        self._search = search
        self._run = run
        self._stage = _Stage()
        self._judged = False
        self._quoted = ""
        self._seq = 0
        """Seq of the quoted output of a program."""
        self._inner: set[str] = set()
        """Open calls of programs, which are no answers: the outputs of the programs are."""
        self.problem: str | None = None

    def apply(self, event: Event) -> None:
        """Take in the next event of the run."""
        if event.kind in _OPENINGS or (event.kind in _EVIDENCE and not self._judged):
            self._apply_message(event)
        elif is_inner_request(event):
            self._inner.add(event.id)
        elif event.kind == _REPLY and event.cause in self._inner:
            self._inner.discard(event.cause or "")
        elif event.kind == _REPLY and not self._judged and (event.sender == _SCORER or is_execution(event)):
            self._count_reply(event)

    def _count_reply(self, event: Event) -> None:
        message = decode(event)
        assert isinstance(message, CallFinished)
        self._stage.replies += 1
        if is_execution(event):
            executed = read_executed(message.reply)
            self._stage.program = True
            self._stage.cut += any(step.error == CUT_OFF for step in executed.trace[-1:])
            self._quoted, self._seq = executed.text, event.seq
        else:
            self._stage.cut += message.reply.finish == "length"
            self._quoted = message.reply.text

    def _apply_message(self, event: Event) -> None:
        match decode(event):
            case StageStarted(population=population):
                users = frozenset(c.id for c in population if c.operator == "initial")
                self._stage, self._judged = _Stage(users, len(population) - len(users)), False
            case RunResumed():
                self._stage = self._stage.restarted()
                self._judged, self.problem = self._judged and self.problem is None, None
            case ProposalsMade(candidates=()):
                self._stage.stuck = True
                self._judge()
            case PromptScored() as message if message.purpose != "final":
                self._count(message)
                self._judge()

    def _count(self, message: PromptScored) -> None:
        stage = self._stage
        stage.prompts.add(message.candidate)
        stage.answers += len(message.outcomes)
        stage.readable += sum(outcome.answer is not None for outcome in message.outcomes)

    def _judge(self) -> None:
        self._judged = self._stage.settled
        if self._judged and self._stage.hopeless:
            self.problem = self._explanation(self._stage)

    def _explanation(self, stage: _Stage) -> str:
        limit = self._search.max_tokens
        more = _RAISED[self._search.scorer_kind] if limit == "auto" else max(512, 8 * limit)
        raised = f"tp resume {self._run} --set search.max_tokens={more}"
        if stage.mostly_cut:
            advice = (
                f"{stage.cut} of {stage.replies} replies ended at the token limit: raise search.max_tokens "
                f"(now {limit}), as in `{raised}`, or switch off the model's reasoning."
            )
        elif stage.program:
            advice = (
                f"`{command('show', self._run, self._seq)}` shows what led to that output. Let the texts "
                "of the program say in which form the answer must be, or have the program return that form."
            )
        else:
            advice = (
                "Look at that reply. If the model thinks before it answers, raise search.max_tokens (now "
                f"{limit}), as in `{raised}`. If it does not keep to the form of answers, another model, or "
                f'search.answer (now "{self._search.answer}") = "likelihood" where the model supports it, '
                "needs no form."
            )
        what = "An output" if stage.program else "A reply"
        return (
            f"Of the first {stage.answers} answers to {len(stage.prompts)} prompts {stage.readable} could be "
            f"read, so the prompts cannot be compared. {what}: {quoted(self._quoted)}. {advice} "
            "To go on all the same, add --accept-unreadable."
        )


def quoted(text: str) -> str:
    """Return the beginning of a reply on one line, in quotation marks and without control characters."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f'"{plain[:_QUOTED]}{"..." if len(plain) > _QUOTED else ""}"'
