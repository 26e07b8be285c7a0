from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from smswatch.errors import SmswatchError
from smswatch.masking import FILE_NAME, load_or_create_secret, mask_number, mask_text

OURS, THEIRS = b"ours", b"theirs"


def test_a_pseudonym_is_stable_and_tells_numbers_apart_that_differ_in_the_middle() -> None:
    shown = mask_number("+40722334455", OURS)
    assert re.fullmatch(r"\+40•••55 [a-z2-7]{4}", shown)
    assert mask_number("+40722334455", OURS) == shown
    assert mask_number("+40722999955", OURS) != shown
    many = {mask_number(f"+407223{number:05}5", OURS) for number in range(500)}
    assert len(many) == 500


@pytest.mark.parametrize("number", ["+40722334455", "1234", "BANK", "", "\ud800"])
def test_whoever_lacks_the_secret_cannot_make_the_pseudonym(number: str) -> None:
    assert mask_number(number, OURS) != mask_number(number, THEIRS)


def test_a_short_code_and_a_name_hide_whole() -> None:
    assert re.fullmatch("•[a-z2-7]{4}", mask_number("1234", OURS))
    assert re.fullmatch("•[a-z2-7]{4}", mask_number("MAMA ANA SRL", OURS))
    assert re.fullmatch("•[a-z2-7]{4}", mask_number("+Ion Popescu", OURS))


def test_a_text_keeps_its_shape_alone() -> None:
    assert mask_text("Codul: 47, Ана!") == "•••••: ••, •••!"


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    secret = load_or_create_secret(folder)
    assert len(secret) == 32
    assert load_or_create_secret(folder) == secret
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert load_or_create_secret(tmp_path / "other") != secret


def test_a_secret_that_cannot_be_kept_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SmswatchError, match="cannot keep the secret"):
        load_or_create_secret(tmp_path / "file")
    (tmp_path / FILE_NAME).write_bytes(b"short")
    with pytest.raises(SmswatchError, match="delete it"):
        load_or_create_secret(tmp_path)


def test_vowel_signs_and_accents_are_hidden_with_their_letters() -> None:
    assert mask_text("\u0928\u092e\u0938\u094d\u0924\u0947 a\u0306 \u2764\ufe0f") == "•••••• •• \u2764\ufe0f"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Ⓘⓞⓝ", id="circles"),
        pytest.param("\U0001f178\U0001f17e\U0001f17d", id="squares"),
        pytest.param("\U0001f1ee\U0001f1f4", id="flags"),
        pytest.param("\u280a\u2815\u281d", id="braille"),
        pytest.param("\u2121\u337f\u338f", id="squared words"),
        pytest.param("\U000e0049\U000e006f", id="tags"),
        pytest.param("\ue000\uf8ff", id="private"),
        pytest.param("\U0003ffff", id="unassigned"),
        pytest.param("\ud800", id="surrogate"),
    ],
)
def test_letters_that_unicode_calls_something_else_are_hidden(text: str) -> None:
    assert mask_text(text) == "•" * len(text)


def test_pictures_punctuation_and_spaces_stay() -> None:
    assert mask_text("\U0001f44d (→ $ 5%) \u00a0\n…") == "\U0001f44d (→ $ •%) \u00a0\n…"
