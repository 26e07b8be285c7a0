"""Ink: the styles of the detail pane and the small pieces that its pages are laid out of.

A page is a list of `Content`, one for each screen line, already wrapped to a width. Nothing here needs a
terminal, so that tests compare text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content, Span
from textual.style import Style

from smswatch.model import Flag, Outcome, Status
from smswatch.safe_text import SafeText

PLAIN = ""
LABEL = ".ink--label"
QUIET = ".ink--quiet"
STRONG = ".ink--strong"
HEADING = ".ink--heading"
GOOD = ".ink--good"
BAD = ".ink--bad"
WARNING = ".ink--warning"
OPEN = ".ink--open"
DOUBT = ".ink--doubt"
NAME = ".ink--name"
TEXT = ".ink--text"
DIGITS = ".ink--digits"
MARK = ".ink--mark"
LINK = ".ink--link"

STYLES = (
    LABEL,
    QUIET,
    STRONG,
    HEADING,
    GOOD,
    BAD,
    WARNING,
    OPEN,
    DOUBT,
    NAME,
    TEXT,
    DIGITS,
    MARK,
    LINK,
)
COMPONENT_CLASSES = frozenset(style.removeprefix(".") for style in STYLES)
"""Every style is a component class, so that the stylesheet gives it a colour in each theme."""

LABEL_WIDTH = 11
MARGIN = 1
Page = list[Content]

FLAG_MEANINGS: dict[Flag, str] = {
    Flag.CONFLICT: "one report says that it failed, another that it was delivered",
    Flag.OUT_OF_ORDER: "a report came after one that is further along",
    Flag.AFTER_FINAL: "a new report came after a final one",
    Flag.DUPLICATE: "the provider sent a report again",
}
OUTCOME_MEANINGS: dict[Outcome, tuple[str, str]] = {
    Outcome.STORED: (GOOD, "something in it was new, and is kept"),
    Outcome.DUPLICATE: (QUIET, "it repeats what is kept already"),
    Outcome.PARTIAL: (WARNING, "some of its elements could not be read"),
    Outcome.UNREADABLE: (BAD, "it could not be read; the bytes are kept"),
    Outcome.REFUSED: (BAD, "it was not let in"),
}


def status_ink(status: Status) -> str:
    """Return the style of a status; a glyph and a word always stand beside it."""
    if status.is_failure:
        return BAD
    if status in {Status.DELIVERED, Status.READ}:
        return GOOD
    if status in {Status.UNKNOWN, Status.UNMAPPED}:
        return DOUBT
    return OPEN


def line(*parts: str | tuple[str, str | Style] | Content) -> Content:
    """Join parts, each plain or with its style. A `str` from outside must be `SafeText` by now.

    In one piece: `Content.assemble` makes a `Content` of each part, which is half the cost of a page.
    """
    texts: list[str] = []
    spans: list[Span] = []
    end = 0
    for part in parts:
        start = end
        if isinstance(part, Content):
            text = part.plain
            spans += [Span(start + span.start, start + span.end, span.style) for span in part.spans]
            end = start + len(text)
        else:
            text, style = (part, PLAIN) if isinstance(part, str) else part
            end = start + len(text)
            if style and text:
                spans.append(Span(start, end, style))
        texts.append(text)
    joined = "".join(texts)
    return Content(joined, spans, strip_control_codes=not joined.isprintable())


def hang(content: Content, width: int, indent: int, first: Content | None = None) -> Page:
    """Wrap to `width` cells; every line is indented, the first one by `first` where it is given."""
    indent = min(indent, max(width - 8, 0))
    wrapped = _wrapped(content, max(width - indent, 1))
    blank = " " * indent
    room = "" if first is None else " " * max(indent - first.cell_length, 0)
    head: tuple[str | Content, ...] = (blank,) if first is None else (first, room)
    return [
        line(*((blank,) if number else head), piece.rstrip() if piece.plain.endswith(" ") else piece)
        for number, piece in enumerate(wrapped)
    ] or [line(*head)]


def _wrapped(content: Content, width: int) -> list[Content]:
    """Wrap what is too wide; almost nothing is, and to look is far quicker than to wrap."""
    if "\n" not in content.plain and content.cell_length <= width:
        return [content]
    return content.wrap(width)


def field(label: str, value: Content, width: int) -> Page:
    """Lay out a label and its value, wrapped beside it."""
    indent = MARGIN + LABEL_WIDTH
    return hang(value, width, indent, line(" " * MARGIN, (label, LABEL)))


def whole_field(label: str, value: Content, width: int, label_width: int = LABEL_WIDTH) -> Page:
    """Lay out a label and a value that a person copies: below the label where it would be cut beside it."""
    head, indent = line(" " * MARGIN, (label, LABEL)), MARGIN + label_width
    if indent + value.cell_length <= width:
        return hang(value, width, indent, head)
    return [head, *hang(value, width, 2 * MARGIN + 1)]


def fence(text: SafeText, width: int, indent: int) -> Page:
    """Lay out what a person wrote, with a bar before each line: nothing in it can pass for our own words."""
    bar = line(" " * indent, ("│ ", QUIET))
    room = max(width - indent - 2, 1)
    return [
        bar + piece.rstrip()
        for row in text.split("\n")
        for piece in _wrapped(Content(row), room) or [Content("")]
    ]


def rule(title: str, width: int) -> Content:
    """Draw a heading that spans the page."""
    lead = f"── {title} "
    return Content.styled(lead + "─" * max(width - len(lead), 0), HEADING).truncate(width, ellipsis=True)


def paragraph(text: str, width: int, style: str = PLAIN, indent: int = MARGIN) -> Page:
    """Wrap a sentence of ours."""
    return hang(line((text, style)), width, indent)


def join_pages(pages: Iterable[Sequence[Content]]) -> Page:
    """Put pages below each other."""
    return [row for page in pages for row in page]
