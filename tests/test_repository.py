"""The repository keeps its promises: tables, commands, packaging."""

import re
import runpy
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import smswatch
from smswatch.model import Status, WebhookRequest

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
