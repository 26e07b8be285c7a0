"""Widgets read a `str` as markup, and an SMS may hold markup: this looks through the dashboard's own source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smswatch.tui

SOURCES = sorted(Path(smswatch.tui.__file__).parent.glob("*.py"))
TAKES_MARKUP = {"Static", "Label", "Option", "Selection", "Link", "Button", "notify", "update", "Markdown"}
SET_TO_MARKUP = {"border_title", "border_subtitle", "tooltip", "title", "sub_title"}
MAKES_CONTENT = {"Content", "line", "styled", "assemble"}
NO_WIDGETS = {"self._rows"}
"""What has an `update` of its own: dictionaries."""


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Subscript):
        return name_of(function.value)
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_safe(argument: ast.expr) -> bool:
    """Tell whether it is a literal without markup, or content."""
    if isinstance(argument, ast.Constant):
        return not isinstance(argument.value, str) or "[" not in argument.value
    return isinstance(argument, ast.Call) and name_of(argument.func) in MAKES_CONTENT


def findings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            if name in {"from_markup", "render_markup"}:
                yield f"{node.lineno}: markup is made on purpose"
            has_markup_off = any(
                keyword.arg == "markup"
                and isinstance(keyword.value, ast.Constant)
                and keyword.value.value is False
                for keyword in node.keywords
            )
            owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if name not in TAKES_MARKUP or has_markup_off or owner in NO_WIDGETS:
                continue
            if node.args and not is_safe(node.args[0]):
                yield f"{node.lineno}: {name}({ast.unparse(node.args[0])}) may be markup"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                is_title = isinstance(target, ast.Attribute) and target.attr in SET_TO_MARKUP
                if is_title and not is_safe(node.value):
                    yield f"{node.lineno}: {ast.unparse(target)} = {ast.unparse(node.value)} may be markup"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_widget_gets_a_str_that_could_be_markup(path: Path) -> None:
    assert list(findings(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("Static(text)", id="a variable"),
        pytest.param("Static(f'{text}', id='x')", id="an f-string"),
        pytest.param("self.notify(str(error))", id="a notice"),
        pytest.param("self.query_one(Static).update(safe_line(words))", id="safe text is still markup"),
        pytest.param("self.border_title = text", id="a border's title"),
        pytest.param("Content.from_markup(text)", id="markup on purpose"),
        pytest.param("Static('[b]x', markup=True)", id="markup switched on"),
        pytest.param("SelectionList(Selection[str](text, 1))", id="inside another widget"),
    ],
)
def test_the_search_finds(source: str) -> None:
    assert list(findings(source))


@pytest.mark.parametrize(
    "source", ["Static('Copy')", "Static(Content(text))", "notify(text, markup=False)", "update(line(text))"]
)
def test_the_search_lets_through(source: str) -> None:
    assert not list(findings(source))
