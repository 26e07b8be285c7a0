"""Webcom: what each body says, and which ids its answer names."""

import pytest

from smswatch.errors import PayloadError
from smswatch.model import ChannelStatus, Reading, Status, WebhookRequest
from smswatch.providers.webcom import MOST_CHANNELS, PROVIDER


def read(body: str | bytes) -> Reading:
    raw = body.encode() if isinstance(body, str) else body
    return PROVIDER.parse(
        WebhookRequest(method="POST", path=PROVIDER.path, query="", headers=(), body=raw, arrived_ms=0)
    )


def answer(body: str | bytes) -> str:
    return PROVIDER.acknowledge(read(body)).body.decode()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("send", Status.SENT),
        ("deliver", Status.DELIVERED),
        ("read", Status.READ),
        ("not_deliver", Status.UNDELIVERED),
        ("expired", Status.EXPIRED),
        ("partly_deliver", Status.UNKNOWN),
        (" DELIVER\n", Status.DELIVERED),
        ("REJECTED", Status.UNMAPPED),
    ],
)
def test_a_word_means_the_same_in_json_and_xml(word: str, status: Status) -> None:
    in_json = read(f'[{{"id_sms":1,"time":"","state":{word!r}}}]'.replace("'", '"'))
    in_xml = read(f'<response><state id_sms="1" time="">{word}</state></response>'.replace("\\n", "\n"))
    assert in_json.reports[0].status is in_xml.reports[0].status is status


@pytest.mark.parametrize(
    ("body", "acknowledged"),
    [
        pytest.param('[{"id_sms":3234,"time":"","state":"send"}]', '[{"id_sms":3234}]', id="number"),
        pytest.param('[{"id_sms":"3234","time":"","state":"send"}]', '[{"id_sms":"3234"}]', id="text"),
        pytest.param(
            '[{"id_sms":" 3236 ","time":null,"state":"send"}]', '[{"id_sms":" 3236 "}]', id="untrimmed"
        ),
        pytest.param(
            '[{"id_sms":3234,"state":"deliver"},{"id_sms":"3234","state":"send"}]',
            '[{"id_sms":3234}]',
            id="once, as it came first",
        ),
        pytest.param(
            '[{"id_sms":18446744073709551616,"state":"send"}]',
            '[{"id_sms":18446744073709551616}]',
            id="beyond 64 bits",
        ),
        pytest.param(
            '[null,{"state":"send"},{"id_sms":true,"state":"send"},{"id_sms":3237,"state":"deliver"}]',
            '[{"id_sms":3237}]',
            id="good among bad",
        ),
        pytest.param(
            '[{"id_sms":1,"state":"send"},{"id_sms":2,"state":null}]',
            '[{"id_sms":1}]',
            id="no state, no answer",
        ),
        pytest.param('{"id_sms":3235,"state":"expired"}', '[{"id_sms":3235}]', id="single object"),
        pytest.param(
            '{"state":[{"id_sms":"82216","time_change_state":"2021-04-26 15:15:03","state":"deliver"}]}',
            '[{"id_sms":"82216"}]',
            id="poll shape",
        ),
        pytest.param("[]", "[]", id="nothing to do"),
        pytest.param(
            '<response>.<state id_sms="3237" time="" sms="send">send</state></response>',
            '<?xml version="1.0" encoding="utf-8"?><response><id_sms>3237</id_sms></response>',
            id="the documented dot",
        ),
        pytest.param(
            '<request><state id_sms="1" time="">send</state><state id_sms="2" time="">read</state></request>',
            '<?xml version="1.0" encoding="utf-8"?><response><id_sms>1</id_sms><id_sms>2</id_sms></response>',
            id="white-label root",
        ),
        pytest.param(
            "<response/>", '<?xml version="1.0" encoding="utf-8"?><response></response>', id="empty response"
        ),
    ],
)
def test_the_answer_names_exactly_what_is_kept(body: str, acknowledged: str) -> None:
    assert answer(body) == acknowledged


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param('[{"id_sms":3238,"time":"","state":"send"},]', "line 1", id="trailing comma"),
        pytest.param('[{"id_sms":3239,"time":"2024-03-05 14:02', "line 1", id="truncated"),
        pytest.param('[{"id_sms":1.5,"state":"send"}]', "element 1", id="only bad elements"),
        pytest.param("", "empty", id="empty"),
        pytest.param("<other/>", "root element", id="another root"),
        pytest.param('<!DOCTYPE r [<!ENTITY a "x">]><response/>', "DOCTYPE", id="doctype"),
        pytest.param("<response><state", "line 1", id="unclosed"),
        pytest.param('<response><state time="">send</state></response>', "id_sms is missing", id="no id"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(body: str, reason: str) -> None:
    with pytest.raises(PayloadError, match=reason):
        read(body)


def test_an_attribute_is_a_channel_and_the_text_is_the_overall_status() -> None:
    (report,) = read(
        '<response><state id_sms="1" time="2024-03-05 14:05:40" sms="deliver" viber="expired">deliver</state></response>'
    ).reports
    assert report.overall_stated
    assert report.channels == (
        ChannelStatus("sms", Status.DELIVERED, "deliver"),
        ChannelStatus("viber", Status.EXPIRED, "expired"),
    )


def test_without_a_text_the_channels_speak() -> None:
    (report,) = read('<response><state id_sms="1" time="" viber="expired" max="send"/></response>').reports
    assert (report.status, report.provider_status, report.overall_stated) == (Status.SENT, "send", False)


def test_fields_of_the_poll_are_no_channels() -> None:
    (report,) = read(
        '<response><state id_sms="1" time="" num_parts="2" price="1.15" whatsapp="deliver">deliver</state></response>'
    ).reports
    assert [named.channel for named in report.channels] == ["whatsapp"]


def test_windows_1251_is_read_and_an_unknown_word_kept() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?><response><state id_sms="1" time="">доставлено</state></response>'
    (report,) = read(body.encode("windows-1251")).reports
    assert (report.status, report.provider_status) == (Status.UNMAPPED, "доставлено")


def test_times_state_no_offset_and_an_empty_one_is_none() -> None:
    timed, untimed = read(
        '[{"id_sms":1,"time":"2024-03-05 14:02:11","state":"deliver"},{"id_sms":1,"time":"","state":"send"}]'
    ).reports
    assert timed.occurred_at is not None
    assert timed.occurred_at.offset_minutes is None
    assert untimed.occurred_at is None


def test_the_same_report_in_another_order_of_channels_is_the_same() -> None:
    one = read('<response><state id_sms="1" time="" sms="send" viber="expired">send</state></response>')
    two = read('<response><state viber=" expired" time=" " sms="send" id_sms=" 1 "> send </state></response>')
    assert one.reports[0].identity == two.reports[0].identity
    assert one.reports[0].message_id == two.reports[0].message_id


def test_one_report_names_only_so_many_channels() -> None:
    def body(channels: int) -> bytes:
        named = " ".join(f'c{number}="deliver"' for number in range(channels))
        return f'<response><state id_sms="1" time="" {named}/></response>'.encode()

    few = read(body(MOST_CHANNELS))
    assert len(few.reports[0].channels) == MOST_CHANNELS
    with pytest.raises(PayloadError, match=f"more than {MOST_CHANNELS} channels"):
        read(body(9_000))
