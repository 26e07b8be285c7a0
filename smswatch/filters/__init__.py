"""The filter language: text to terms, to SQL with bound parameters, to English.

Terms are ANDed, `OR` binds looser, a leading `-` negates, quotes keep words together. A term that a list
lacks matches nothing there; its negation, everything.
"""

from smswatch.errors import FilterError
from smswatch.filters.completion import Completion, completions
from smswatch.filters.condition import SQL_FUNCTIONS, Condition, FilterContext
from smswatch.filters.english import Reading, describe, shortcomings
from smswatch.filters.expression import MARKED, Everything, Expression, both
from smswatch.filters.operators import FILTER_HELP, FilterHelp
from smswatch.filters.parse import parse
from smswatch.filters.private import without_private
from smswatch.filters.sql import condition

__all__ = [
    "FILTER_HELP",
    "MARKED",
    "SQL_FUNCTIONS",
    "Completion",
    "Condition",
    "Everything",
    "Expression",
    "FilterContext",
    "FilterError",
    "FilterHelp",
    "Reading",
    "both",
    "completions",
    "condition",
    "describe",
    "parse",
    "shortcomings",
    "without_private",
]
