"""A provider emulator: stories, disorder, duplicates, retries, over real HTTP.

It stands where the providers stand, so it shares no code with the rooms that read what it writes:
an emulator built from the parsers would repeat their mistakes and prove nothing.
"""
