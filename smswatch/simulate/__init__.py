"""A provider emulator: lifecycles, disorder, duplicates, retries, over real HTTP."""
