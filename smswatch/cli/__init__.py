"""The command line: argv in, exit code out; the only place that wires objects together."""

from smswatch.cli.main import main

__all__ = ["main"]
