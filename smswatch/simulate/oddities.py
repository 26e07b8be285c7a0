"""What also reaches a public URL: bodies cut off on the way, words nobody documented, HTML, wrong posts."""

from __future__ import annotations

from smswatch.simulate import smsgateway24, smso, webcom
from smswatch.simulate.events import Callback, Event, Scene

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


def unreadable(scene: Scene) -> list[Event]:
    """Send a body that is not what its provider sends; nobody sends it again."""
    id_sms = 1_143_600_000 + scene.serial
    provider, content_type, body = scene.rng.choice(
        (
            (webcom.NAME, _JSON, f'[{{"id_sms":{id_sms},"time":"{scene.wall_clock(0)[:16]}'.encode()),
            (webcom.NAME, _JSON, f'[{{"id_sms":{id_sms},"time":"","state":"send"}},]'.encode()),
            (webcom.NAME, "text/xml", f'<response><state id_sms="{id_sms}" time="">send'.encode()),
            (smso.NAME, _FORM, b"uuid=8a5d2f89-90a1-4b65-b2cb-ffb78c4f65aa"),
            (smso.NAME, "text/html", b"<html><body><h1>502 Bad Gateway</h1></body></html>"),
            (smsgateway24.NAME, _JSON, f'{{"sms_id":{id_sms},"status_id":}}'.encode()),
        )
    )
    return [Callback(due=scene.after(0.5), provider=provider, body=body, content_type=content_type)]


def partly_readable(scene: Scene) -> list[Event]:
    """Send a batch in which one element has lost its id; the platform hears about the other one."""
    id_sms = 1_143_650_000 + scene.serial
    body = f'[{{"time":"","state":"send"}},{{"id_sms":{id_sms},"time":"","state":"send"}}]'.encode()
    return [Callback(due=scene.after(0.5), provider=webcom.NAME, body=body, content_type=_JSON)]


def undocumented_word(scene: Scene) -> list[Event]:
    """Report a state that no page of the platform mentions."""
    state = webcom.State(1_143_680_000 + scene.serial, scene.wall_clock(0.5), "moderation")
    return [webcom.json_batch(scene, 0.8, [state])]
