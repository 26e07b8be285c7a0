"""The dashboard: the only room that knows Textual."""
