"""The command line: argv in, exit code out; the only place that wires objects together."""

from smswatch.cli.loading import without_a_word

with without_a_word():
    from smswatch.cli.main import main

__all__ = ["main"]
