"""`python -m smswatch` is `smswatch`."""

from smswatch.cli import main

main()
