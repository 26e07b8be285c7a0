"""Names of providers that a person writes: who got one nearly right is told what was meant."""

from __future__ import annotations

from smswatch.errors import SmswatchError
from smswatch.safe_text import safe_line
from smswatch.wording import suggestion


def require_provider(name: str) -> None:
    """Raise SmswatchError, with the provider that may be meant, where none has this name."""
    from smswatch.providers import all_providers  # noqa: PLC0415 - only where they are asked for

    known = all_providers()
    if name not in known:
        raise SmswatchError(f"no provider is called {safe_line(name, 40)}; {suggestion(name, known)}")
