"""The repository keeps its promises: tables, commands, packaging."""

import re
import runpy
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import click

import smswatch
from smswatch.cli.main import group
from smswatch.model import Status, WebhookRequest
from smswatch.settings.file import ConfigFile, FileSettings, ProviderSettings
from smswatch.settings.loading import Places, load
from smswatch.settings.record import NotifyRule

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_tables_of_the_readme_come_from_the_code() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "readme_tables.py"), "--check"]
    assert subprocess.run(script, check=False, timeout=60).returncode == 0


def test_the_figures_of_the_security_page_are_those_that_were_kept() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "security_figures.py"), "--check"]
    assert subprocess.run(script, check=False, timeout=60).returncode == 0


def test_the_figures_of_the_readme_are_those_that_were_measured() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "scale_figures.py"), "--check"]
    assert subprocess.run(script, check=False, timeout=60).returncode == 0


def test_ci_runs_the_very_test_command_of_the_readme() -> None:
    (command,) = re.findall(r"^python3 -m venv .*pytest.*$", README, re.MULTILINE)
    assert command in CI


def test_every_direct_dependency_is_locked() -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    locked = {
        line.partition("==")[0].lower().replace("_", "-") for line in constraints.splitlines() if "==" in line
    }
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"]
    named = {re.split(r"[<>=]", one)[0].lower().replace("_", "-") for one in wanted}
    assert named <= locked


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for dependency in PROJECT["project"]["dependencies"]:
        name = re.split(r"[<>=]", dependency)[0]
        assert f"| {name} |" in reasons


def test_the_changelog_has_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{smswatch.__version__}]" in changelog


def test_the_settings_of_the_readme_can_be_read_and_none_is_missing() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    file = ConfigFile(Path("/etc/smswatch/config.toml"), tomllib.loads(block))
    read = load({}, {}, file, Places(Path("/data"), Path("/config")))
    assert read.database == Path("/etc/smswatch/deliveries.db")
    assert file.tables.keys() == set(FileSettings.__struct_fields__)
    assert file.tables["providers"]["webcom"].keys() == set(ProviderSettings.__struct_fields__)
    assert file.tables["notify"][0].keys() == set(NotifyRule.__struct_fields__)


def test_every_command_is_in_the_readme() -> None:
    told = README.partition("## Commands")[2].partition("##")[0]
    here = click.Context(group)
    for name in group.list_commands(here):
        assert re.search(rf"`(smswatch )?{name}\b", told), name


def test_the_picture_of_the_readme_exists() -> None:
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size > 1000


def test_the_provider_in_the_guide_reads_its_own_example(tmp_path: Path) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^ *```python\n(.*?)^ *```", guide, re.MULTILINE | re.DOTALL)
    file = tmp_path / "acme.py"
    file.write_text(textwrap.dedent(code), encoding="utf-8")
    provider = runpy.run_path(str(file))["PROVIDER"]
    assert provider.name == file.stem
    request = WebhookRequest(
        method="POST",
        path=provider.path,
        query="",
        headers=(),
        body=provider.example.encode(),
        arrived_ms=0,
    )
    (report,) = provider.parse(request).reports
    assert report.status is Status.DELIVERED


def test_the_security_page_names_tests_that_exist() -> None:
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|benchmarks)/[\w/]+\.py)", page)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).is_file()] == []
    # Those of the same folder stand behind it by their names alone.
    for line in page.splitlines():
        folders = {Path(name).parent for name in re.findall(r"`(tests/[\w/]+\.py)", line)}
        for name in re.findall(r"`(test_\w+\.py)`", line):
            assert any((ROOT / folder / name).is_file() for folder in folders), name


def test_only_the_simulator_calls_anybody() -> None:
    calls = re.compile(
        r"urllib\.request|http\.client|ClientSession|create_connection|open_connection|import httpx|sendto\("
    )
    found = {
        path.relative_to(ROOT).parts[1]
        for path in (ROOT / "smswatch").rglob("*.py")
        if calls.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"simulate"}


def test_no_sql_numbers_its_placeholders() -> None:
    """With a sequence of values Python 3.12 warns of `?1`, and 3.14 refuses it."""
    numbered = re.compile(r"[ =(,]\?\d")
    sources = [path for path in (ROOT / "smswatch").rglob("*.py") if numbered.search(path.read_text())]
    assert sources == []
