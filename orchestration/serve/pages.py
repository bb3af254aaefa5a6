"""The pages of the server as HTML. All but `now_part` may take seconds for a long log."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from ..report.contents import contents_of
from ..report.now import now_of
from ..report.page import LIMITS, filled, report_in
from ..report.study_page import study_in
from .frame import served_frame
from .library import Library

_POLL = 3
"""Seconds after which a page that lists runs asks for news."""
_MOST_RUNS, _MOST_SENTENCES, _MOST_KEPT = 500, 20, 16


class Pages:
    """Makes the pages of a library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.frame = served_frame(library.shown)
        self._finished: dict[tuple[str, str | None, str], str] = {}
        """Run, target and hash of the last event -> page."""

    def runs(self) -> str:
        """Return the list of runs."""
        runs = self.library.runs()
        return filled("runs.html.jinja", self.frame, runs=runs, most=_MOST_RUNS, live={"poll": _POLL})

    def run(self, run: str, target: str | None) -> str:
        """Return the report of a run. While the run goes on it also says what happens now."""
        if target is None and (targets := self.library.targets(run)):
            return filled("targets.html.jinja", self.frame, run=run, targets=targets)
        with self.library.history(run, target) as (history, reader):
            key = (run, target, history.hash)
            if key in self._finished:
                return self._finished[key]
            contents = contents_of(history, reader)
            now = None if history.state.ended else now_of(history)
        if now is None:
            return self._keep(key, report_in(self.frame, contents))
        address = f"/runs/{quote(run, safe='')}"
        chosen = {"target": target} if target is not None else {}
        live = {
            "events": f"{address}/events?{urlencode({'after': now.seq, **chosen})}",
            "now": f"{address}/now?{urlencode(chosen)}",
        }
        return report_in(self.frame, contents, now=now, live=live)

    def _keep(self, key: tuple[str, str | None, str], html: str) -> str:
        """Keep the page of a run that has ended; of many the one that was made first is forgotten."""
        self._finished[key] = html
        if len(self._finished) > _MOST_KEPT:
            del self._finished[next(iter(self._finished))]
        return html

    def now_part(self, run: str, target: str | None) -> str:
        """Return what a run is doing now, as the part of its page."""
        with self.library.history(run, target) as (history, _):
            now = now_of(history)
        return filled("now.html.jinja", self.frame, n=now)

    def compared(self, runs: Sequence[str], target: str | None) -> str:
        """Return several runs side by side."""
        found = self.library.side_by_side(runs, target)
        return filled("compare.html.jinja", self.frame, c=found, linked=True)

    def experience(self) -> str:
        """Return what the runs have taught."""
        most = {**LIMITS, "sentences": _MOST_SENTENCES}
        return filled("experience.html.jinja", self.frame, e=self.library.experience(), most=most)

    def studies(self) -> str:
        """Return the list of studies."""
        return filled("studies.html.jinja", self.frame, names=list(self.library.studies))

    def study(self, name: str) -> str:
        """Return the table of a study, with links to its runs."""
        return study_in(self.frame, self.library.study(name), linked=True, live={"poll": _POLL})

    def problem(self, title: str, text: str) -> str:
        """Return a page that says why another cannot be shown."""
        return filled("problem.html.jinja", self.frame, title=title, text=text)
