from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from smswatch.errors import SettingsError
from smswatch.settings import (
    ConfigFile,
    Places,
    Settings,
    check_providers,
    load,
    loading,
    read_file,
    read_settings,
)

PLACES = Places(Path("/home/ana/data"), Path("/home/ana/config"))
FILE = Path("/home/ana/config/config.toml")


def loaded(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    tables: dict[str, Any] | None = None,
) -> Settings:
    file = None if tables is None else ConfigFile(FILE, tables)
    return load(flags or {}, environ or {}, file, PLACES)


def test_with_nothing_given_the_defaults_stand() -> None:
    assert loaded() == Settings(
        database=Path("/home/ana/data/smswatch.db"),
        data_directory=Path("/home/ana/data"),
        host="127.0.0.1",
        port=7670,
        stuck_after_ms=3_600_000,
    )


@pytest.mark.parametrize(
    ("flags", "environ", "tables", "port"),
    [
        pytest.param({"port": "1"}, {"SMSWATCH_PORT": "2"}, {"port": 3}, 1, id="a flag beats all"),
        pytest.param({"port": None}, {"SMSWATCH_PORT": "2"}, {"port": 3}, 2, id="environment beats the file"),
        pytest.param({}, {"SMSWATCH_PORT": ""}, {"port": 3}, 3, id="an empty variable is not given"),
        pytest.param({}, {}, {}, 7670, id="the default is last"),
        pytest.param({"port": "0"}, {}, {"port": 3}, 0, id="0 is a value"),
    ],
)
def test_flags_before_environment_before_file_before_defaults(
    flags: dict[str, Any], environ: dict[str, str], tables: dict[str, Any], port: int
) -> None:
    assert loaded(flags, environ, tables).port == port


def test_everything_can_come_from_the_file() -> None:
    found = loaded(
        tables={
            "db": "here.db",
            "host": "0.0.0.0",  # noqa: S104 - what a person may write
            "port": 8000,
            "public_url": "https://example.ngrok.app/",
            "open": True,
            "default_region": "ro",
            "stuck_after": "30m",
            "keep_for": "30d",
            "keep_newest": 100_000,
            "providers": {"webcom": {"zone": "Europe/Moscow", "stuck_after": "5m"}},
        }
    )
    assert found == Settings(
        database=Path("/home/ana/config/here.db"),
        data_directory=Path("/home/ana/data"),
        config=FILE,
        host="0.0.0.0",  # noqa: S104 - as above
        port=8000,
        public_url="https://example.ngrok.app",
        open=True,
        default_region="RO",
        stuck_after_ms=1_800_000,
        keep_for_ms=30 * 86_400_000,
        keep_newest=100_000,
        zones={"webcom": "Europe/Moscow"},
        stuck_after_by_provider_ms={"webcom": 300_000},
    )
    assert found.zone("webcom") == ZoneInfo("Europe/Moscow")
    assert found.zone("smso") is None


def test_everything_but_zones_can_come_from_the_environment() -> None:
    found = loaded(
        environ={
            "SMSWATCH_DB": "/tmp/x.db",  # noqa: S108 - a name only
            "SMSWATCH_HOST": "[::1]",
            "SMSWATCH_PORT": "0",
            "SMSWATCH_PUBLIC_URL": "http://example.org/hooks",
            "SMSWATCH_OPEN": "yes",
            "SMSWATCH_DEFAULT_REGION": "DE",
            "SMSWATCH_STUCK_AFTER": "2d",
        }
    )
    assert (found.database, found.host, found.port) == (Path("/tmp/x.db"), "::1", 0)  # noqa: S108 - a name only
    assert (found.public_url, found.open) == ("http://example.org/hooks", True)
    assert (found.default_region, found.stuck_after_ms) == ("DE", 172_800_000)


WRONG = [
    pytest.param({"port": "http"}, {}, None, "--port must be a number", id="flag: port is a word"),
    pytest.param({"port": "65536"}, {}, None, "--port must be a number", id="flag: port too high"),
    pytest.param({"port": "-1"}, {}, None, "--port must be a number", id="flag: port too low"),
    pytest.param({"host": " "}, {}, None, "--host must be an address", id="flag: host is blank"),
    pytest.param({"host": "http://x"}, {}, None, "--host must be an address", id="flag: host is a URL"),
    pytest.param({"db": ""}, {}, None, "--db is empty", id="flag: no database name"),
    pytest.param({"public_url": "example.org"}, {}, None, "--public-url is not an http", id="URL: no scheme"),
    pytest.param({"public_url": "ftp://x.org"}, {}, None, "--public-url is not an http", id="URL: ftp"),
    pytest.param({"public_url": "http://"}, {}, None, "--public-url is not an http", id="URL: no host"),
    pytest.param({"public_url": "http://[::1"}, {}, None, "--public-url is not a URL", id="URL: bracket"),
    pytest.param({"public_url": "http://x:99999"}, {}, None, "--public-url is not a URL", id="URL: port"),
    pytest.param(
        {"public_url": "http://x/?a=1"}, {}, None, "--public-url must have no query", id="URL: query"
    ),
    pytest.param({"public_url": "http://u@x/"}, {}, None, "--public-url must have no query", id="URL: user"),
    pytest.param({}, {"SMSWATCH_OPEN": "maybe"}, None, "SMSWATCH_OPEN must be true or false", id="open"),
    pytest.param({}, {"SMSWATCH_DEFAULT_REGION": "XX"}, None, "SMSWATCH_DEFAULT_REGION must be", id="region"),
    pytest.param(
        {}, {"SMSWATCH_STUCK_AFTER": "soon"}, None, "SMSWATCH_STUCK_AFTER must be a dur", id="stuck"
    ),
    pytest.param({}, {}, {"prot": 1}, f"{FILE}: unknown key `prot`; did you mean `port`?", id="file: key"),
    pytest.param({}, {}, {"zzz": 1}, f"{FILE}: unknown key `zzz`; known are db, default", id="file: far key"),
    pytest.param({}, {}, {"port": "80"}, f"{FILE}: port: expected `int", id="file: type"),
    pytest.param(
        {}, {}, {"keep_for": "0d"}, f"{FILE}: keep_for must be longer than 0; leave", id="file: keeps nothing"
    ),
    pytest.param({}, {}, {"keep_newest": 0}, f"{FILE}: keep_newest must be a whole", id="file: keeps none"),
    pytest.param({}, {"SMSWATCH_KEEP_NEWEST": "all"}, None, "SMSWATCH_KEEP_NEWEST must be a", id="keeps all"),
    pytest.param({}, {}, {"port": 70000}, f"{FILE}: port must be a number", id="file: value"),
    pytest.param({}, {}, {"providers": 3}, f"{FILE}: providers: expected `object`", id="file: table"),
    pytest.param(
        {},
        {},
        {"providers": {"webcom": {"zon": "UTC"}}},
        "unknown key `providers.webcom.zon`",
        id="file: nested",
    ),
    pytest.param(
        {},
        {},
        {"providers": {"webcom": {"zone": "Europe/Mosco"}}},
        f"{FILE}: providers.webcom.zone: unknown zone `Europe/Mosco`; did you mean `Europe/Moscow`?",
        id="file: zone",
    ),
    pytest.param(
        {},
        {},
        {"providers": {"webcom": {"stuck_after": "soon"}}},
        f"{FILE}: providers.webcom.stuck_after must be a duration",
        id="file: a provider's time",
    ),
]


@pytest.mark.parametrize(("flags", "environ", "tables", "sentence"), WRONG)
def test_an_error_names_the_place_and_what_to_write(
    flags: dict[str, Any], environ: dict[str, str], tables: dict[str, Any] | None, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(sentence)) as caught:
        loaded(flags, environ, tables)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        pytest.param(
            {"bad": "status:delivred"}, "filters.bad: no status is called delivred", id="unreadable"
        ),
        pytest.param({"": "is:open"}, "filters.: a name has 1 to 40 characters", id="no name"),
        pytest.param({"a\x1bb": "is:open"}, r"filters.a\x1bb: a name has", id="a name nobody can see"),
        pytest.param({"bad": 5}, "filters", id="no text"),
    ],
)
def test_a_named_filter_that_cannot_be_is_refused_with_its_place(
    filters: dict[str, object], sentence: str
) -> None:
    with pytest.raises(SettingsError) as error:
        load({}, {}, ConfigFile(Path("/etc/config.toml"), {"filters": filters}), PLACES)
    assert str(error.value).startswith("/etc/config.toml: ")
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        pytest.param(
            {"filter": "is:failed"}, "filter of the 2nd [[notify]]: no state is called", id="unreadable"
        ),
        pytest.param({"filter": " "}, "filter of the 2nd [[notify]] is empty", id="empty"),
        pytest.param({"how": "bell"}, "the 2nd [[notify]]", id="no filter"),
        pytest.param(
            {"filter": "a", "how": "siren"}, "the 2nd [[notify]].how: must be bell or desktop", id="how"
        ),
        pytest.param(
            {"filter": "a", "list": "sms"},
            "the 2nd [[notify]].list: must be messages, inbound or requests",
            id="list",
        ),
        pytest.param(
            {"filter": "a", "lst": "inbound"},
            "the 2nd [[notify]]: unknown key `lst`; did you mean `list`?",
            id="key",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_place(rule: dict[str, str], sentence: str) -> None:
    tables = {"notify": [{"filter": "status:bad"}, rule]}
    with pytest.raises(SettingsError) as error:
        load({}, {}, ConfigFile(Path("/etc/config.toml"), tables), PLACES)
    assert str(error.value).startswith("/etc/config.toml: ")
    assert sentence in str(error.value)


def test_rules_come_from_the_file_and_there_are_none_at_first() -> None:
    assert load({}, {}, None, PLACES).notify == ()
    tables = {"notify": [{"filter": "status:bad", "how": "desktop"}]}
    (rule,) = load({}, {}, ConfigFile(Path("/etc/config.toml"), tables), PLACES).notify
    assert (rule.filter, rule.how, rule.list) == ("status:bad", "desktop", "messages")


def test_named_filters_come_from_the_file() -> None:
    file = ConfigFile(Path("/etc/config.toml"), {"filters": {"Bad ones": "status:bad"}})
    assert load({}, {}, file, PLACES).filters == {"Bad ones": "status:bad"}


def test_a_table_for_an_unknown_provider_is_found_out() -> None:
    found = loaded(tables={"providers": {"webcon": {"zone": "UTC"}}})
    with pytest.raises(SettingsError, match="unknown provider `webcon`; did you mean `webcom`"):
        check_providers(found, ["smso", "webcom"])
    found = loaded(tables={"providers": {"webcon": {"stuck_after": "1h"}}})
    with pytest.raises(SettingsError, match="unknown provider `webcon`; did you mean `webcom`"):
        check_providers(found, ["smso", "webcom"])


def test_a_directory_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--db names a directory"):
        loaded({"db": str(tmp_path)})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"port = \n", "is not valid TOML: .* line 1", id="not TOML"),
        pytest.param(b"\xff", "is not UTF-8", id="not text"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=re.escape(str(path)) + " " + sentence):
        read_file(path)


def test_a_named_file_must_exist_and_the_standard_one_need_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "standard_places", lambda: Places(tmp_path / "data", tmp_path / "config"))
    assert read_settings({}, {}).config is None
    with pytest.raises(SettingsError, match=r"cannot read .*missing\.toml"):
        read_settings({}, {"SMSWATCH_CONFIG": str(tmp_path / "missing.toml")})
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("port = 1234\n")
    assert read_settings({}, {}).port == 1234
    (tmp_path / "other.toml").write_text("port = 5678\n")
    assert read_settings({"config": str(tmp_path / "other.toml")}, {}).port == 5678


def test_a_database_that_is_a_symbolic_link_is_the_file_that_it_means(tmp_path: Path) -> None:
    link, loop = tmp_path / "link.db", tmp_path / "loop.db"
    link.symlink_to(tmp_path / "real.db")
    loop.symlink_to(loop)
    places = Places(data=tmp_path, config=tmp_path)
    assert load({"db": str(link)}, {}, None, places).database == (tmp_path / "real.db").resolve()
    with pytest.raises(SettingsError, match="a symbolic link that leads nowhere"):
        load({"db": str(loop)}, {}, None, places)
