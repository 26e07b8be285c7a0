"""Two rules that this looks for in the program's own source.

Widgets read a `str` as markup, and an SMS may hold markup: what is not written in the source comes to them as content.
What a stranger filled in comes to a screen or to an output only through what makes it safe to see.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import smswatch

PACKAGE = Path(smswatch.__file__).parent
OF_THE_SCREEN = sorted((PACKAGE / "tui").glob("*.py"))
ALL_SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "simulate" not in path.parts)

TAKES_MARKUP = {
    "Static", "Label", "Option", "Selection", "Link", "Button", "notify", "update", "Markdown", "OptionList", "Tooltip",
    "add_option", "add_options", "add_row", "add_rows", "add_column", "add_columns", "update_cell", "update_cell_at",
    "DiscoveryHit", "Hit", "SystemCommand", "Checkbox", "RadioButton", "Tab", "TabPane", "Collapsible", "add_leaf",
    "replace_option_prompt", "set_options", "Placeholder", "Toast",
}  # fmt: skip
SET_TO_MARKUP = {"border_title", "border_subtitle", "tooltip", "title", "sub_title", "placeholder", "label"}
NO_TEXT = {
    "id",
    "classes",
    "name",
    "disabled",
    "compact",
    "callback",
    "key",
    "value",
    "severity",
    "timeout",
    "markup",
}
"""Arguments that are never shown."""
MAKES_CONTENT = {"Content", "line", "styled", "assemble"}
NO_WIDGETS = {"self._rows"}
"""What has an `update` of its own: dictionaries."""
FIRST_ARE_TEXTS = {"Option": 1, "Selection": 1, "SystemCommand": 2}
"""Of these only so many arguments are shown."""
LOOKED_AT_ELSEWHERE = {
    "options": "is a list of Option",
    "self._selections(self._choice.hidden)": "returns Selection",
    "self._selections(hidden)": "returns Selection",
    "binding.description": "stands in the source",
    "theme": "is one of ours",
}


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Subscript):
        return name_of(function.value)
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_safe(argument: ast.expr) -> bool:
    """Tell whether it is a literal without markup, content, or made of these alone."""
    match argument:
        case ast.Constant(value):
            return not isinstance(value, str) or "[" not in value
        case ast.JoinedStr(values) | ast.List(elts=values) | ast.Tuple(elts=values):
            return all(map(is_safe, values))
        case ast.FormattedValue(value=part) | ast.Starred(value=part) | ast.ListComp(elt=part):
            return is_safe(part)
        case ast.IfExp(body=body, orelse=orelse):
            return is_safe(body) and is_safe(orelse)
        case _:
            # Each widget inside another is looked at itself, where it is made.
            made_by = name_of(argument.func) if isinstance(argument, ast.Call) else ""
            is_made = made_by in MAKES_CONTENT | TAKES_MARKUP | {"_unmarked"}
            return is_made or ast.unparse(argument) in LOOKED_AT_ELSEWHERE


def texts_of(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the arguments that may be shown."""
    yield from call.args[: FIRST_ARE_TEXTS.get(name_of(call.func))]
    yield from (keyword.value for keyword in call.keywords if keyword.arg not in NO_TEXT)


def has_markup_off(call: ast.Call) -> bool:
    return any(
        keyword.arg == "markup" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in call.keywords
    )


def of_call(call: ast.Call) -> Iterator[str]:
    name = name_of(call.func)
    if name in {"from_markup", "render_markup"}:
        yield f"{call.lineno}: markup is made on purpose"
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name not in TAKES_MARKUP or has_markup_off(call) or owner in NO_WIDGETS:
        return
    for text in texts_of(call):
        if not is_safe(text):
            yield f"{call.lineno}: {name}({ast.unparse(text)}) may be markup"


def of_class(node: ast.ClassDef) -> Iterator[str]:
    """A widget that gives a `str` to the one it is made from, or draws one."""
    is_text = any(name_of(base) in TAKES_MARKUP for base in node.bases)
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name("super")), attr="__init__")) if (
                is_text
            ):
                if not has_markup_off(inner):
                    for text in texts_of(inner):
                        if not is_safe(text):
                            yield f"{inner.lineno}: super().__init__({ast.unparse(text)}) may be markup"
            case ast.FunctionDef(name="render", returns=returns) if returns is None or ast.unparse(
                returns
            ) not in {"Content", "Text", "Strip"}:
                yield f"{inner.lineno}: render may return markup"
            case _:
                pass


def findings(source: str) -> Iterator[str]:
    """Yield where a widget may be given markup."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call():
                yield from of_call(node)
            case ast.ClassDef():
                yield from of_class(node)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from of_target(target, value)
            case ast.AugAssign(target=target, value=value):
                yield from of_target(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from of_target(target, value)
            case _:
                pass


def of_target(target: ast.expr, value: ast.expr) -> Iterator[str]:
    is_title = isinstance(target, ast.Attribute) and target.attr in SET_TO_MARKUP
    if is_title and not is_safe(value):
        yield f"{target.lineno}: {ast.unparse(target)} = {ast.unparse(value)} may be markup"


@pytest.mark.parametrize("path", OF_THE_SCREEN, ids=lambda path: path.name)
def test_no_widget_gets_a_str_that_could_be_markup(path: Path) -> None:
    assert list(findings(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("Static(text)", id="a variable"),
        pytest.param("Static(f'{text}', id='x')", id="an f-string"),
        pytest.param("Static(content=text)", id="a variable by its name"),
        pytest.param("self.notify(str(error))", id="a notice"),
        pytest.param("self.notify(message=row.text, timeout=3)", id="a notice by its name"),
        pytest.param("self.notify('Gone', title=row.provider)", id="a notice's title"),
        pytest.param("self.notify(text, markup=is_markup)", id="markup perhaps"),
        pytest.param("self.query_one(Static).update(safe_line(words))", id="safe text is still markup"),
        pytest.param("self.query_one(Static).update(f'SMS of {row.number}')", id="an f-string later"),
        pytest.param("self.border_title = text", id="a border's title"),
        pytest.param("self.border_title += text", id="more of a border's title"),
        pytest.param("self.border_subtitle: str = text", id="a title with its type"),
        pytest.param("self.sub_title = f'{n} of {text}'", id="the window's title"),
        pytest.param("row.tooltip = row.text if row else ''", id="a tooltip, perhaps"),
        pytest.param("Content.from_markup(text)", id="markup on purpose"),
        pytest.param("Static('[b]x', markup=True)", id="markup switched on"),
        pytest.param("SelectionList(Selection[str](text, 1))", id="inside another widget"),
        pytest.param("table.add_row(line(when), row.number)", id="a cell of a table"),
        pytest.param("options.add_options([row.text for row in rows])", id="the options of a list"),
        pytest.param("OptionList('all', *names)", id="a list's own options"),
        pytest.param("options.add_option(Option(row.text))", id="one option"),
        pytest.param("SystemCommand(f'Filter: {name}', said, take)", id="a command of the palette"),
        pytest.param(
            "class A(Static):\n def __init__(self, t):\n  super().__init__(t)", id="through a class"
        ),
        pytest.param("class A(Widget):\n def render(self) -> str:\n  return self.t", id="a widget's drawing"),
    ],
)
def test_the_search_finds(source: str) -> None:
    assert list(findings(source))


@pytest.mark.parametrize(
    "source",
    [
        "Static('Copy', id=name)",
        "Static(Content(text))",
        "notify(text, markup=False)",
        "update(line(text))",
        "add_options([Option(line(text)) for text in texts])",
        "class A(Widget):\n def render(self) -> Content:\n  return self.t",
    ],
)
def test_the_search_lets_through(source: str) -> None:
    assert not list(findings(source))


# --- what a stranger filled in ----------------------------------------------------------------------------------

SHOWS = {
    "Content", "line", "styled", "assemble", "say", "echo", "secho", "style", "print", "write", "writelines", "notice",
}  # fmt: skip
MAKES_SAFE = {
    "safe_line", "safe_block", "private", "number_content", "own_word", "error_content", "json_line", "alert_words",
}  # fmt: skip
FILLED_IN = {
    "text", "body", "label", "number", "registered_number", "message_id", "provider_status", "error_text", "error_code",
    "device", "sim", "mcc", "mnc", "channel", "reply_to", "media_url", "query", "path", "headers", "content_type",
    "answer_body", "problem", "occurred_raw", "sent_raw", "received_raw", "method", "provider",
}  # fmt: skip
HARMLESS = {
    "echo(provider.path)": "stands in the source",
    "write(answer.body)": "goes to the sender, who is told nothing of what was sent",
    "line(turn.body)": "is only looked at for a keyword",
}


def filled_in(node: ast.AST) -> Iterator[ast.Attribute]:
    """Yield the fields whose value comes out of an expression as it is."""
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            if name_of(func) in MAKES_SAFE or name_of(func) == "len":
                return
            inner: list[ast.AST] = [*args, *(keyword.value for keyword in keywords)]
            inner += [func.value] if isinstance(func, ast.Attribute) else []
        case ast.IfExp(body=body, orelse=orelse):
            inner = [body, orelse]
        case ast.Compare():
            return
        case _:
            if isinstance(node, ast.Attribute) and node.attr in FILLED_IN:
                yield node
            inner = list(ast.iter_child_nodes(node))
    for one in inner:
        yield from filled_in(one)


def shown_as_it_is(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and name_of(node.func) in SHOWS:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                for field in filled_in(argument):
                    found = f"{name_of(node.func)}({ast.unparse(field)})"
                    if found not in HARMLESS:
                        yield f"{field.lineno}: {found}"


@pytest.mark.parametrize("path", ALL_SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nothing_that_a_stranger_filled_in_is_shown_as_it_is(path: Path) -> None:
    assert list(shown_as_it_is(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "click.echo(f'SMS of {row.number}')",
        "sys.stdout.write(row.text + '\\n')",
        "sys.stderr.write('no ' + provider.strip(row.message_id))",
        "print(*[row.body for row in rows])",
        "Content(message.error_text or '')",
        "line((f'{sms.device:>10}', QUIET))",
        "self.notices.say(f'Copied {row.label}')",
    ],
)
def test_the_second_search_finds(source: str) -> None:
    assert list(shown_as_it_is(source))


@pytest.mark.parametrize(
    "source",
    ["click.echo(safe_line(row.number))", "line('text' if row.text else '')", "echo(f'{len(row.text)}')"],
)
def test_the_second_search_lets_through(source: str) -> None:
    assert not list(shown_as_it_is(source))
