"""Library of all operators."""

from .all_texts import AllTexts
from .base import Edit, Writer
from .crossover import Crossover
from .demonstrations import Demonstrations
from .format_repair import FormatRepair
from .history import History
from .merge import Merge
from .names import OperatorName
from .paraphrase import Paraphrase
from .reflection import Reflection
from .sentences import Cross, Extend, Replace, Shorten
from .simplification import Simplification
from .task_words import Describe, NameOptions

_ALL: tuple[Edit | Writer, ...] = (
    AllTexts(),
    Cross(),
    Crossover(),
    Demonstrations(),
    Describe(),
    Extend(),
    FormatRepair(),
    History(),
    Merge(),
    NameOptions(),
    Paraphrase(),
    Reflection(),
    Replace(),
    Shorten(),
    Simplification(),
)

OPERATORS: dict[OperatorName, Edit | Writer] = {operator.name: operator for operator in _ALL}
"""Name -> operator."""
