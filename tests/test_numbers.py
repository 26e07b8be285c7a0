"""Numbers become E.164 where the payload lets us know it, and are left alone elsewhere."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smswatch.model import ReceivedNumber
from smswatch.numbers import NumberReader, calling_code, country, digits_key, display, regions


@pytest.mark.parametrize(
    ("text", "is_integer", "region", "stored"),
    [
        pytest.param("+40722334455", False, None, "+40722334455", id="E.164"),
        pytest.param("  +40722334455 ", False, None, "+40722334455", id="trimmed"),
        pytest.param("+40 722-334.455", False, None, "+40722334455", id="separators"),
        pytest.param("+44 (0)7700 900123", False, None, "+447700900123", id="written zero"),
        pytest.param("0040722334455", False, None, "+40722334455", id="00"),
        pytest.param("00 40 722 334 455", False, "US", "+40722334455", id="00 with a region"),
        pytest.param("+447700900123", False, None, "+447700900123", id="reserved range"),
        pytest.param("+1234567", False, None, "+1234567", id="too short for a plus"),
        pytest.param("+0722334455", False, None, "+0722334455", id="no country begins with 0"),
        pytest.param("+1234567890123456", False, None, "+1234567890123456", id="too long"),
        pytest.param("+40+722334455", False, None, "+40+722334455", id="two plusses"),
        pytest.param("40722334455", False, None, "40722334455", id="text without plus"),
        pytest.param("40722334455", True, None, "+40722334455", id="integer"),
        pytest.param("12025550123", True, None, "+12025550123", id="integer of eleven digits"),
        pytest.param("99999999999", True, None, "99999999999", id="integer of no plan"),
        pytest.param("407223344", True, None, "407223344", id="integer too short"),
        pytest.param("0722334455", False, None, "0722334455", id="national, no region"),
        pytest.param("0722 334 455", False, "RO", "+40722334455", id="national"),
        pytest.param("0722334455", False, "ro", "+40722334455", id="region in small letters"),
        pytest.param("722334455", True, "RO", "+40722334455", id="integer that lost its zero"),
        pytest.param("(202) 555-0123", False, "US", "+12025550123", id="national US"),
        pytest.param("0122334455", False, "RO", "0122334455", id="national, not valid"),
        pytest.param("0722334455", False, "XX", "0722334455", id="unknown region"),
        pytest.param("1234", False, "RO", "1234", id="short code"),
        pytest.param("1234", True, "RO", "1234", id="short code as integer"),
        pytest.param("VODAFONE", False, "RO", "VODAFONE", id="sender name"),
        pytest.param("1-800-FLOWERS", False, "US", "1-800-FLOWERS", id="vanity"),
        pytest.param("Shop 24", False, "RO", "Shop 24", id="name with digits"),
        pytest.param("\uff0b40722334455", False, "RO", "\uff0b40722334455", id="full-width plus"),
        pytest.param("-5", True, "RO", "-5", id="negative"),
        pytest.param("", False, "RO", "", id="empty"),
        pytest.param("7" * 5000, True, "RO", "7" * 5000, id="very long"),
    ],
)
def test_a_number_is_stored_as_far_as_it_is_known(
    text: str, is_integer: bool, region: str | None, stored: str
) -> None:
    assert NumberReader(region).normalise(ReceivedNumber(text, is_integer)) == stored


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        pytest.param("+40722334455", "+40 722 334 455 RO", id="Romania"),
        pytest.param("+12025550123", "+1 202-555-0123 US", id="United States"),
        pytest.param("+447700900123", "+44 7700 900123", id="a reserved number of a shared code"),
        pytest.param("+40100000000", "+40 100000000 RO", id="not valid, but of one country"),
        pytest.param("+80012345678", "+800 1234 5678", id="of no country"),
        pytest.param("+99912345678", "+99912345678", id="of no plan"),
        pytest.param("1234", "1234", id="short code"),
        pytest.param("VODAFONE", "VODAFONE", id="name"),
        pytest.param("0722334455", "0722334455", id="national"),
        pytest.param(None, "", id="none"),
    ],
)
def test_a_number_is_shown_grouped_with_its_country(number: str | None, shown: str) -> None:
    assert display(number) == shown


def test_the_country_of_a_name_is_not_guessed() -> None:
    assert country("+40722334455") == "RO"
    assert country("0722334455") is None
    assert country("VODAFONE") is None


@pytest.mark.parametrize(
    ("typed", "region", "forms"),
    [
        pytest.param("+40722", None, ("+40722",), id="E.164"),
        pytest.param("0040722", None, ("0040722", "+40722"), id="00"),
        pytest.param("40722", None, ("40722", "+40722"), id="without plus"),
        pytest.param("0722", "RO", ("0722", "+40722"), id="national"),
        pytest.param("0722", None, ("0722",), id="national, no region"),
        pytest.param("0722", "XX", ("0722",), id="unknown region"),
        pytest.param("202", "US", ("202", "+1202", "+202"), id="no trunk prefix typed"),
        pytest.param("VODA", "RO", ("VODA",), id="name"),
    ],
)
def test_the_beginning_of_a_number_is_read_every_way_it_may_be_meant(
    typed: str, region: str | None, forms: tuple[str, ...]
) -> None:
    assert NumberReader(region).beginnings(typed) == forms


def test_an_exact_number_is_found_with_and_without_its_plus() -> None:
    assert NumberReader("RO").readings("0722 334 455") == ("0722 334 455", "+40722334455")
    assert NumberReader(None).readings("40722334455") == ("40722334455", "+40722334455")


@given(st.text(max_size=60) | st.from_regex(r"[+0-9() .-]{0,24}", fullmatch=True), st.booleans())
def test_reading_a_number_is_stable_and_never_raises(text: str, is_integer: bool) -> None:
    for region in (None, "RO", "US", "XX"):
        reader = NumberReader(region)
        stored = reader.normalise(ReceivedNumber(text, is_integer))
        assert reader.normalise(ReceivedNumber(stored)) == stored or is_integer
        assert display(stored) is not None
        assert reader.readings(text)
        reader.beginnings(text)
        assert digits_key(stored) == "" or digits_key(stored).isdecimal()


def test_the_numbering_plans_are_not_imported_for_a_number_in_full() -> None:
    program = (
        "import sys\n"
        "from smswatch.model import ReceivedNumber\n"
        "from smswatch.numbers import NumberReader\n"
        "NumberReader('RO').normalise(ReceivedNumber('+40722334455'))\n"
        "NumberReader('RO').normalise(ReceivedNumber('VODAFONE'))\n"
        "sys.exit('phonenumbers' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    ("beginning", "code", "first_regions"),
    [
        pytest.param("+407", "40", ("RO",), id="two digits"),
        pytest.param("+120", "1", ("US", "AG"), id="shared by many, the main one first"),
        pytest.param("+353", "353", ("IE",), id="three digits"),
        pytest.param("+40 ", "40", ("RO",), id="as it was written"),
        pytest.param("+882", "882", (), id="of no country"),
        pytest.param("+999", None, (), id="nobody's"),
        pytest.param("+4", None, (), id="too short"),
        pytest.param("0722", None, (), id="national"),
        pytest.param("VODA", None, (), id="a name"),
        pytest.param("", None, (), id="nothing"),
    ],
)
def test_the_beginning_of_a_number_tells_its_country(
    beginning: str, code: str | None, first_regions: tuple[str, ...]
) -> None:
    assert calling_code(beginning) == code
    assert code is None or regions(code)[:2] == first_regions
