"""What is masked however it is written, and what looks like it and stays. Every number here is invented."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, luhn

from fund.privacy.masking import mask

NATIONAL_NUMBER, ACCOUNT, CARD = "national_number", "account", "card"

NATIONAL_NUMBERS = [
    "85.07.30-033.28",
    "85.07.30-033-28",
    "85.07.30 033.28",
    "85.07.30 - 033.28",
    "85.07.30/033.28",
    "85/07/30-033.28",
    "85-07-30-033-28",
    "85 07 30 033 28",
    "850730-033.28",
    "850730-033-28",
    "850730 033 28",
    "850730-03328",
    "850730 03328",
    "850730033-28",
    "850 730 033 28",
    "85073003328",
    "85.07.30.033.28",
    "85_07_30_033_28",
    "85\u00a007\u00a030\u00a0033\u00a028",
    "85\u202f07\u202f30\u202f033\u202f28",
    "85.07.30–033.28",
    "85.07.30\u2011033.28",
    "85.07.30\u200b-033.28",
    "85.07.30-\n033.28",
    "17 07 30 033 84",  # born in this century
    "17073003384",
    "98.47.28-997.65",  # a number of somebody who lives abroad: the month raised by 40
    "98472899765",
    "٨٥٠٧٣٠٠٣٣٢٨",  # the digits of another script
]
WRONG_CHECK_DIGITS = [
    "85.07.30-033.29",
    "85.07.30-033-29",
    "85/07/30-033.29",
    "85-07-30-033-29",
    "85.07.30.033.29",
    "85.07.30 033.29",
    "85 07 30 033 29",
    "850730-033.29",
    "850730-033-29",
    "85.07.30 – 033.29",
    "98.47.28-997.66",
    "98.27.28-997.66",
    "00.00.00-001.00",
]
ACCOUNTS = [
    "BE68 5390 0754 7034",
    "BE68539007547034",
    "be68539007547034",
    "Be68 5390 0754 7034",
    "BE 68 5390 0754 7034",
    "BE68-5390-0754-7034",
    "BE68.5390.0754.7034",
    "BE68 539-0075470-34",
    "BE68  5390  0754  7034",
    "BE68\u00a05390\u00a00754\u00a07034",
    "BE68\n5390 0754 7034",
    "BE71 0961 2345 6769",
    "BE43 0689 9999 9501",
    "NL91 ABNA 0417 1643 00",
    "NL91ABNA0417164300",
    "nl91 abna 0417 1643 00",
    "DE89 3704 0044 0532 0130 00",
    "FR14 2004 1010 0505 0001 3M02 606",
    "LU28 0019 4006 4475 0000",
    "GB29 NWBK 6016 1331 9268 19",
    "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
]
CARDS = [
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111.1111.1111.1111",
    "4111111111111111",
    "4111\u00a01111\u00a01111\u00a01111",
    "41111111 11111111",
    "5555 5555 5555 4444",
    "2223 0031 2200 3222",
    "3782 822463 10005",
    "378282246310005",
    "3056 930902 5904",
    "6703 4444 4444 4449",
    "6703 0000 0000 0000 3",
    "4222222222222",
]
NUMBERS = [
    *((number, NATIONAL_NUMBER) for number in [*NATIONAL_NUMBERS, *WRONG_CHECK_DIGITS]),
    *((number, ACCOUNT) for number in ACCOUNTS),
    *((number, CARD) for number in CARDS),
]

STAYS = {
    "structured communications": [
        "+++123/4567/89002+++",
        "***123/4567/89002***",
        "123/4567/89002",
        "+++ 123 / 4567 / 89002 +++",
        "123456789002",
        "+++085/0730/03328+++",
        "mededeling +++123/4567/89002+++ 1500 euro",
    ],
    "telephone numbers": [
        "+32 475 12 34 56",
        "+32475123456",
        "0475 12 34 56",
        "0475/12.34.56",
        "0475123456",
        "0032 475 12 34 56",
        "0032475123456",
        "32 475 12 34 56",
        "+32 (0)2 555 12 34",
        "02 555 12 34",
        "+33 1 23 45 67 89",
        "+31 6 12345678",
        "0475 12 34 56 of 0476 65 43 21",
    ],
    "enterprise numbers": [
        "0123.456.749",
        "BE 0123.456.749",
        "BE0123456749",
        "BE0123456749 2025",
        "BE 0123.456.749 in 2025",
        "2.123.456.789",
    ],
    "amounts": [
        "907,45 euro",
        "1.234.567,89",
        "12 345 678,90 €",
        "€ 17.008,88",
        "1000 2000 3000 4000",
        "100.000 50.000 25.000",
        "10 20 30 40 50 60",
        "871,71 907,45 1.537,50 35,74",
        "1111 2222 3333 4444 euro",
    ],
    "dates and quarters": [
        "31/12/2025",
        "31.12.2025 tot 15.01.2026",
        "2025-12-31",
        "31/12/2025 15/01/2026",
        "31 12 2025 871,71",
        "31/12/2025 871,71 euro",
        "31/12/25 100.00",
        "31/12/25 10000",
        "2021 2022 2023 2024 2025 2026",
        "2025Q1 2025Q2 2025Q3 2025Q4",
        "20251231120000",
    ],
    "anything else": [
        "",
        "1",
        "R25-00000001-11",  # the reference of a request
        "R26-01234567-77",
        "ISBN 978-3-16-148410-0",
        "versie 1.2.3-456.78",
        "192.168.100.200",
        "12345678901",
        "00000000000",
        "85.13.30-033.29",  # no month
        "85.07.32-033.29",  # no day
        "850.730.0332.8",
        "BE00",
        "XX68 5390 0754 7034",
        "BE68 5390 0754 703",
        "FR00 2004 1010 0505 0001 3M02 606",
        "4111 1111 1111 1112",
        "1111 1111 1111 1117",
        "7" * 40,
        "een BE12 lokaal met 1234 stoelen",
    ],
}


def is_masked(number: str, found: str) -> bool:
    """Bullets, and the last two characters."""
    return found == "•" * (len(number) - 2) + number[-2:]


@pytest.mark.parametrize(("number", "kind"), NUMBERS)
def test_a_number_is_masked_alone(number, kind):
    text, kinds = mask(number)
    assert is_masked(number, text)
    assert kinds == {kind}


@pytest.mark.parametrize(
    "around",
    [
        "mijn nummer is {}.",
        "{} is mijn nummer",
        "{}, dank u",
        "{} voor mijn dossier",  # a word of four letters, as an IBAN has groups of four
        "{} 2 keer",
        "{} 31/12/2025",
        "31/12/2025 {}",
        "{} of 0475 12 34 56",
        "0475 12 34 56 of {}",
        "({})",
        "«\u00a0{}\u00a0»",
        "nr:{}",
        "nr/{}/",
        "n° {} !",
        "\n{}\n",
        "{} 12/27",
        "1. {}",
    ],
)
@pytest.mark.parametrize(("number", "kind"), NUMBERS)
def test_a_number_is_masked_whatever_stands_around_it(number, kind, around):
    text, kinds = mask(around.format(number))
    before, after = around.split("{}")
    assert text.startswith(before)
    assert text.endswith(after)
    assert is_masked(number, text.removeprefix(before).removesuffix(after))
    assert kinds == {kind}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in STAYS.items() for text in texts])
def test_what_only_looks_like_one_stays(kind, text):
    assert mask(text) == (text, frozenset())
    sentence = f"Ik vraag het over {text} en niets anders."
    assert mask(sentence) == (sentence, frozenset())


def test_several_numbers_in_one_message_are_all_masked_and_named():
    numbers = ["85.07.30-033.28", "BE68 5390 0754 7034", "4111 1111 1111 1111", "17073003384"]
    text, kinds = mask(" ".join(numbers))
    assert kinds == {NATIONAL_NUMBER, ACCOUNT, CARD}
    masked = "".join(" " + "•" * (len(number) - 2) + number[-2:] for number in numbers)
    assert text == masked.strip()


def test_a_number_glued_to_letters_is_masked():
    assert mask("NISS85073003328x").text == "NISS•••••••••28x"
    assert mask("rekeningBE68539007547034EUR").text == "rekening••••••••••••••34EUR"


def test_a_number_of_which_a_longer_one_is_made_stays():
    assert mask("185073003328").kinds == frozenset()
    assert mask("850730033281").kinds == frozenset()
    assert mask("94111111111111111119999").kinds == frozenset()


@given(st.text(max_size=300))
def test_any_text_is_masked_without_an_error_and_keeps_its_length(text):
    masked, kinds = mask(text)
    assert len(masked) == len(text)
    assert (masked == text) == (not kinds)
    assert kinds <= {NATIONAL_NUMBER, ACCOUNT, CARD}


@given(st.text(alphabet="0123456789 ./-+•BEbe\n\u00a0٣é", max_size=120))
def test_any_jumble_of_digits_is_masked_once(text):
    masked, _ = mask(text)
    assert len(masked) == len(text)
    assert all(new in (old, "•") for old, new in zip(text, masked, strict=True))
    assert mask(masked).text == masked


@given(
    st.dates(date(1920, 1, 1), date(1999, 12, 31)),
    st.integers(1, 998),
    st.sampled_from(["{}.{}.{}-{}.{}", "{}{}{}{}{}", "{} {} {} {} {}", "{}{}{}-{}-{}", "{}/{}/{}-{}.{}"]),
    st.sampled_from(["{}", "nr {} graag", "{} voor 31/12/2025", "{}\n"]),
)
def test_every_national_number_in_every_usual_writing_is_masked(born, counter, writing, around):
    first = f"{born:%y%m%d}{counter:03}"
    parts = (first[:2], first[2:4], first[4:6], first[6:9], f"{97 - int(first) % 97:02}")
    number = writing.format(*parts)
    text, kinds = mask(around.format(number))
    assert NATIONAL_NUMBER in kinds
    assert "•" * (len(number) - 2) + number[-2:] in text


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.integers(2, 4), st.sampled_from(["", " ", "-", "\u00a0"]))
def test_every_belgian_account_in_every_grouping_is_masked(digits, group, gap):
    bban = digits + f"{int(digits) % 97 or 97:02}"
    number = f"BE{iban.calc_check_digits('BE00' + bban)}{bban}"
    written = gap.join(number[i : i + group] for i in range(0, len(number), group))
    assert is_masked(written, mask(written).text)


@given(st.sampled_from(["4", "51", "55", "6703", "2221", "37"]), st.integers(0, 10**11))
def test_every_card_number_is_masked(issuer, rest):
    digits = f"{issuer}{rest:012}"[:15]
    number = digits + luhn.calc_check_digit(digits)
    assert mask(number).kinds == {CARD}
    assert mask(" ".join(number[i : i + 4] for i in range(0, 16, 4))).kinds == {CARD}


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    [
        "7",
        "1 ",
        "12 ",
        "BE12",
        "BE 12 ",
        "BE68 5390 ",
        "4111 ",
        "41111111 ",
        "1..-",
        "1-",
        "85.07.30-033.29 ",
        "aB1",
        "ab",
    ],
)
def test_no_message_however_long_keeps_the_door_busy(piece):
    """The longest message at the doors has 10,000 characters; work that grows with its square would not end here."""
    text = piece * (100_000 // len(piece))
    assert len(mask(text).text) == len(text)
