"""The filter language: text to terms, to SQL with bound parameters, to English."""
