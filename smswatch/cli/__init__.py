"""The command line: argv in, exit code out; the only place that wires objects together."""
