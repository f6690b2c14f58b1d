"""The answers from the file on each story of the demo, in both languages."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from fund.database import Database
from fund.file.seed import STORIES, get_story
from fund.file.service import SUPPORTED_KINDS, FileBlocked, FileDisagrees, FileUnavailable, MemberUnknown
from fund.formats import format_money

LANGUAGES = ("nl", "fr")
SHUT = ("blocked", "deceased")
OPEN_STORIES = [story.name for story in STORIES if story.name not in (*SHUT, "disagrees")]
AS_OF = {"nl": "Stand van je dossier op 20 november 2026.", "fr": "Situation de votre dossier au 20 novembre 2026."}


def plain(said: str) -> str:
    """`said` with ordinary spaces."""
    return said.replace("\u00a0", " ").replace("\u202f", " ")


def notice_promises(language: str):
    """What a notice explained line by line keeps."""
    return [
        pytest.mark.charter("A3", "explains every amount on the member's own notices", language),
        pytest.mark.charter("D", "every notice explained line by line", language),
    ]


def balance_promises(language: str):
    """What a balance with all its open quarters keeps."""
    return [
        pytest.mark.charter("E", "statement of account at any time", language),
        pytest.mark.charter("B4", "explains the member's own amounts", language),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SUPPORTED_KINDS)
@pytest.mark.parametrize("story", OPEN_STORIES)
def test_every_open_story_answers_every_question(ask, story, kind, language):
    answer = ask(story, kind, language=language)
    assert answer.text.endswith(AS_OF[language])
    assert answer.as_of == date(2026, 11, 20)
    assert answer.queries[0] == "member"
    assert not re.search(r"[\[\]{}|*#<>]|None|Decimal", answer.text)
    assert all(source["url"].startswith("http") and source["date"] for source in answer.sources)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", OPEN_STORIES)
def test_the_balance_is_what_was_charged_less_what_was_paid(ask, demo: Database, story, language):
    with demo.read() as session:
        charged, paid, received = (
            session.execute(text(f"select coalesce(sum(amount), 0) from {query}"), {"id": get_story(story).id}).scalar()
            for query in (
                "contribution_line where contribution_id in (select id from contribution where member_id = :id)",
                "allocation where contribution_id in (select id from contribution where member_id = :id)",
                "payment where member_id = :id",
            )
        )
    open_, credit = (Decimal(f"{amount:.2f}") for amount in (charged - paid, received - paid))
    said = ask(story, "balance", language=language).text
    nothing = {"nl": "Je moet niets betalen.", "fr": "Vous ne devez rien payer."}[language]
    assert said.startswith(nothing) == (open_ == 0)
    assert (format_money(open_, language) in said.split("\n\n")[0]) == (open_ > 0)
    assert (("tegoed" in said) or ("en votre faveur" in said)) == (credit > 0)
    if credit:
        assert format_money(credit, language) in said


def test_a_dutch_member_with_an_open_quarter(ask):
    assert plain(ask("dutch_open", "balance").text) == (
        "Je moet nog 1.909,27 euro betalen voor het vierde kwartaal 2026. Het geld moet ten laatste op 31 december "
        "2026 op de rekening van het fonds staan.\n\n"
        "Je laatste betaling: 1.909,27 euro, ontvangen op 22 september 2026. Dat geld ging naar het derde kwartaal "
        "2026.\n\n"
        "Stand van je dossier op 20 november 2026."
    )


def test_the_fund_that_says_u_says_it_throughout(ask):
    for kind in SUPPORTED_KINDS:
        said = ask("overdue", kind, address="u").text
        assert not re.search(r"\b(je|jij|jou|jouw)\b", said, re.IGNORECASE)


def test_a_french_member_with_an_open_quarter(ask):
    # 44 980,30 × 1,07236269 = 48 235,20; 20,5 % of it by quarter 2 472,05; with 3,95 % 2 569,70
    said = plain(ask("french_open", "balance", language="fr").text)
    assert said.startswith(
        "Vous devez encore payer 2 569,70 euros pour le quatrième trimestre 2026. L'argent doit être sur le compte de "
        "la caisse au plus tard le 31 décembre 2026."
    )
    assert "Votre dernier paiement : 2 569,70 euros, reçu le" in said


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        pytest.param(
            "nl",
            ["de uiterste betaaldag was 31 maart 2026", "waarvan 132,54 euro verhoging", "komt er op het einde van"],
            marks=balance_promises("nl"),
        ),
        pytest.param(
            "fr",
            ["le dernier jour pour payer était le 31 mars 2026", "dont 132,54 euros de majoration", "s'ajoutent"],
            marks=balance_promises("fr"),
        ),
    ],
)
def test_overdue_quarters_are_listed_with_their_increases(ask, language, expected):
    answer = ask("overdue", "balance", language=language)
    said = plain(answer.text)
    # 3 % of 1.472,53 at the end of three, two and one quarters
    amounts = ["1.605,07", "1.560,89", "1.516,71", "1.472,53", "6.155,20", "265,08"]
    for amount in amounts if language == "nl" else [amount.replace(".", " ") for amount in amounts]:
        assert amount in said
    for words in expected:
        assert words in said
    assert "3 %" in said
    assert answer.sources


def test_the_notice_of_an_overdue_quarter_shows_what_came_after_it(ask):
    said = plain(ask("overdue", "due_notice", quarter="2026Q2").text)
    assert "samen: 1.472,53 euro" in said
    assert "Na het bericht veranderde dit:" in said
    assert "verhoging op 30 juni 2026: 3 % van 1.472,53 euro is 44,18 euro" in said
    assert "verhoging op 30 september 2026: 3 % van 1.472,53 euro is 44,18 euro" in said
    assert "Zo betaal je: schrijf 1.560,89 euro over" in said
    assert "Voor andere kwartalen staat nog 4.594,31 euro open." in said


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        pytest.param(
            "nl",
            [
                "inkomen dat telt: 35.838,47 euro per jaar. Dat is je netto belastbaar beroepsinkomen van 2023",
                "sociale bijdrage: 20,5 % van 35.838,47 euro per jaar, gedeeld door vier kwartalen, is 1.836,72 euro",
                "beheerskosten: 3,95 % van 1.836,72 euro is 72,55 euro",
                "samen: 1.909,27 euro",
                "rekening BE17 9991 2345 6721",
            ],
            marks=notice_promises("nl"),
        ),
        pytest.param(
            "fr",
            [
                "revenu qui compte : 35 838,47 euros par an. C'est votre revenu professionnel net imposable de 2023",
                "cotisation sociale : 20,5 % de 35 838,47 euros par an, divisés par quatre trimestres, font 1 836,72",
                "frais de gestion : 3,95 % de 1 836,72 euros font 72,55 euros",
                "ensemble : 1 909,27 euros",
                "compte BE17 9991 2345 6721",
            ],
            marks=notice_promises("fr"),
        ),
    ],
)
def test_a_notice_is_explained_line_by_line(ask, demo: Database, language, lines):
    said = plain(ask("dutch_open", "due_notice", language=language).text)
    for line in lines:
        assert line in said
    with demo.read() as session:
        digits = session.execute(
            text("select structured_communication from notice where member_id = :id and quarter = '2026Q4'"),
            {"id": get_story("dutch_open").id},
        ).scalar()
    assert f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++" in said


@pytest.mark.parametrize(("language", "said_there"), [("nl", "2.838,80 euro"), ("fr", "2 838,80 euros")])
def test_a_credit_is_said_though_nothing_is_due(ask, language, said_there):
    said = plain(ask("credit", "balance", language=language).text)
    assert said_there in said
    settled = plain(ask("credit", "due_notice", language=language, quarter="2024Q1").text)
    assert {
        "nl": "na de regularisatie van 2024: 709,70 euro minder",
        "fr": "régularisation de 2024 : 709,70 euros en moins",
    }[language] in settled
    assert {"nl": "niets meer betalen", "fr": "plus rien payer"}[language] in settled


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_supplement_after_a_settlement_is_explained_and_calculated_again(ask, language):
    notice = plain(ask("direct_debit", "due_notice", language=language, quarter="2024Q1").text)
    assert {"nl": "bijdragesupplement na de regularisatie van 2024: 396,8", "fr": "régularisation de 2024 : 396,8"}[
        language
    ] in notice
    calculated = plain(ask("direct_debit", "contribution_calculation", language=language, quarter="2024Q1").text)
    assert {"nl": "Ze is definitief", "fr": "Elle est définitive"}[language] in calculated
    assert {"nl": "83.420,90 euro", "fr": "83 420,90 euros"}[language] in calculated


def test_a_direct_debit_asks_for_no_transfer(ask):
    said = ask("direct_debit", "due_notice").text
    assert "Je hoeft niets over te schrijven." in said
    assert "Zo betaal je" not in said
    assert "Je hebt een domiciliëring." in ask("direct_debit", "balance").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_part_paid_quarter_says_what_is_left(ask, language):
    balance = plain(ask("part_paid", "balance", language=language).text)
    notice = plain(ask("part_paid", "due_notice", language=language).text)
    assert {"nl": "Van 1.539,67 euro is 770 euro al betaald.", "fr": "Sur 1 539,67 euros, 770 euros sont déjà payés."}[
        language
    ] in balance
    assert {"nl": "Je moet nog 769,67 euro betalen.", "fr": "Vous devez encore payer 769,67 euros."}[language] in notice


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", "In je dossier staat nog geen vervaldagbericht voor het vierde kwartaal 2026."),
        ("fr", "Votre dossier ne contient pas encore d'avis d'échéance pour le quatrième trimestre 2026."),
    ],
)
def test_no_notice_yet_is_said_with_the_last_day_and_the_latest_notice(ask, language, expected):
    answer = ask("secondary", "due_notice", language=language)
    said = plain(answer.text)
    assert said.startswith(expected)
    assert {"nl": "31 december 2026", "fr": "31 décembre 2026"}[language] in said
    assert "408,24" in said
    assert answer.sources


def test_the_notice_of_a_paid_quarter_asks_for_nothing(ask):
    said = ask("credit", "due_notice").text
    assert "Het bedrag van het bericht is volledig betaald." in said
    assert "Zo betaal je" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_account_manager_is_named_with_telephone_and_mail(ask, language):
    said = ask("dutch_open", "account_manager", language=language).text
    for part in ("An Peeters", "02 000 00 11", "an.peeters@example.com"):
        assert part in said
    assert {"nl": "in het Nederlands en in het Frans", "fr": "en néerlandais et en français"}[language] in ask(
        "part_paid", "account_manager", language=language
    ).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_named_as_account_manager_is_said(ask, language):
    said = ask("starter", "account_manager", language=language).text
    assert said.startswith({"nl": "In je dossier staat geen vaste", "fr": "Votre dossier ne contient pas de"}[language])


def test_a_starter_pays_the_minimum_and_hears_why(ask):
    said = plain(ask("starter", "contribution_calculation").text)
    assert said.startswith("Je bijdrage voor het vierde kwartaal 2026 is 925,59 euro")
    assert "Er is nog geen inkomen van drie jaar eerder." in said
    assert "890,42 euro" in plain(ask("starter", "due_notice").text)


def test_a_starting_student_pays_on_the_threshold_of_secondary_occupation(ask):
    said = plain(ask("student", "contribution_calculation").text)
    assert "De laatste is die voor het vierde kwartaal 2025." in said
    assert "100,25 euro" in said  # 20,5 % of 1.881,76 by quarter, 96,44, with 3,95 %


def test_a_pensioner_pays_at_the_rate_of_pensioners(ask):
    assert "14,7 %" in plain(ask("pensioner", "contribution_calculation", language="fr").text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_calculation_is_shown_step_by_step_and_is_checked(ask, language):
    answer = ask("dutch_open", "contribution_calculation", language=language)
    said = plain(answer.text)
    assert {"nl": "33.420,10 euro. Maal 1,07236269", "fr": "33 420,10 euros. Multiplié par 1,07236269"}[
        language
    ] in said
    assert {"nl": "het klopt met je dossier", "fr": "il correspond à votre dossier"}[language] in said
    assert answer.sources


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quarter_that_the_member_names_is_answered_first(ask, language):
    paid = ask("overdue", "balance", language=language, quarter="2025Q4").text
    assert paid.startswith(
        {"nl": "Voor het vierde kwartaal 2025 moet je niets", "fr": "Vous ne devez plus rien payer pour le quatrième"}[
            language
        ]
    )
    none = ask("overdue", "balance", language=language, quarter="2019Q1").text
    assert none.startswith({"nl": "In je dossier staat geen bijdrage", "fr": "Votre dossier ne contient pas"}[language])
    calculation = ask("overdue", "contribution_calculation", language=language, quarter="2019Q1").text
    assert "2019" in calculation
    assert len(calculation.split("\n\n")) == 2  # no other quarter is calculated in its place


@pytest.mark.parametrize("kind", SUPPORTED_KINDS)
@pytest.mark.parametrize("story", SHUT)
def test_a_blocked_file_and_that_of_a_deceased_member_say_nothing(ask, story, kind):
    with pytest.raises(FileBlocked) as caught:
        ask(story, kind)
    assert get_story(story).id not in str(caught.value)


@pytest.mark.parametrize("kind", ["balance", "due_notice", "contribution_calculation"])
def test_an_amount_that_is_wrong_by_the_law_is_not_said(ask, kind):
    with pytest.raises(FileDisagrees):
        ask("disagrees", kind)


def test_a_wrong_quarter_leaves_the_rest_of_the_file_open(ask):
    assert "Karim El Amrani" in ask("disagrees", "account_manager").text
    assert "volledig betaald" in ask("disagrees", "due_notice", quarter="2026Q3").text


@pytest.mark.parametrize("kind", SUPPORTED_KINDS)
def test_an_unknown_member_is_told_apart(demo, ask_in, kind):
    with pytest.raises(MemberUnknown):
        ask_in(demo)("M999999", kind)


def test_another_kind_of_question_is_refused(ask):
    with pytest.raises(ValueError, match="pension_years"):
        ask("dutch_open", "pension_years")


def test_a_file_that_does_not_answer_is_unavailable(tmp_path, ask_in):
    with pytest.raises(FileUnavailable):
        ask_in(Database(f"sqlite:///{tmp_path}/nowhere/file.db"))("M000101", "balance")
    with pytest.raises(FileUnavailable):
        ask_in(Database(f"sqlite:///{tmp_path}/without_tables.db"))("M000101", "balance")
    with pytest.raises(FileUnavailable):
        ask_in(Database("postgresql+psycopg://relais@127.0.0.1:1/file"))("M000101", "balance")


def test_the_file_is_only_read(demo, ask):
    with demo.read() as session:
        before = session.execute(text("select count(*), sum(amount) from contribution_line")).one()
    for kind in SUPPORTED_KINDS:
        ask("overdue", kind)
    with demo.read() as session:
        assert session.execute(text("select count(*), sum(amount) from contribution_line")).one() == before
