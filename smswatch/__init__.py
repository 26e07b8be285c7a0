"""smswatch: receive, answer, keep and watch SMS delivery reports and inbound SMS."""

__version__ = "0.1.0"
