"""A study as an HTML page: its table, its plots and its runs."""

from markupsafe import Markup

from ..studies.document import StudyTable
from ..studies.measure_titles import measure_title
from .frame import Frame, offline_frame
from .page import filled
from .study_plots import contrast_plot, gain_plot


def study_page(found: StudyTable) -> str:
    """Return a study as HTML."""
    return study_in(offline_frame(), found)


def study_in(frame: Frame, found: StudyTable, **values: object) -> str:
    """Return a study within a frame; `values` are further ones for the template."""
    gains = [row for row in found.rows if row.gain is not None]
    measured = [row for row in found.rows if row.measures]
    names = dict.fromkeys(pair.measure for row in measured for pair in row.measures)
    return filled(
        "study.html.jinja",
        frame,
        s=found,
        measured=measured,
        measures={name: title for name in names if (title := measure_title(name))},
        gains=Markup(gain_plot(gains)) if gains else None,
        contrasts=Markup(contrast_plot(found.contrasts)) if found.contrasts else None,
        **values,
    )
