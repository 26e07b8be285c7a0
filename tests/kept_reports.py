"""Reports of one message as they are kept, with good defaults, for what is worked out from them."""

from smswatch.model import ChannelStatus, Status
from smswatch.summary import KeptReport


def report(status: Status, arrival: int = 1, **fields: object) -> KeptReport:
    """One report; `arrival` is its first-arrival number, and its second."""
    standard: dict[str, object] = {
        "id": arrival,
        "digest": arrival,
        "status": status,
        "provider_status": status.value,
        "arrived_ms": 1000 * arrival,
        "request_id": arrival,
    }
    return KeptReport(**{**standard, **fields})  # type: ignore[arg-type] # the fields are the test's


def channels(**statuses: Status) -> tuple[ChannelStatus, ...]:
    return tuple(ChannelStatus(name, status, status.value) for name, status in statuses.items())
