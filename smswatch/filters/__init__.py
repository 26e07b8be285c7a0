"""The filter language: text to terms, to SQL with bound parameters, to English."""

from smswatch.filters.condition import SQL_FUNCTIONS, Condition

__all__ = ["SQL_FUNCTIONS", "Condition"]
