"""How marks, periods, unknown values, the fund's details, facets, lengths and sources come out."""

import re
from datetime import date

import pytest

from fund.answers.content import NoAnswerError, load_answers, read_answers
from fund.answers.render import MOST_SOURCES, render_answer
from tests.fund.answers.conftest import HEADER

NOW = date(2026, 11, 20)


@pytest.fixture
def shown(own_answer, law, profiles):
    """The first paragraph of a text as a member of a fund reads it, with ordinary spaces."""

    def show(nl: str, fr: str | None = None, *, language: str = "nl", fund: str = "liantis", on: date = NOW) -> str:
        marks = " ".join(re.findall(r"\{[^}]*\}", nl))
        answers = own_answer(nl, marks if fr is None else fr)
        profile = profiles[fund]
        answer = render_answer(
            "contributions.tax", answers=answers, law=law, profile=profile, language=language, on=on, length="short"
        )
        return answer.text.rpartition("\n\n")[0].replace("\u00a0", " ").replace("\u202f", " ")

    return show


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        ("Minstens {quarterly_min_main}.", NOW, "Minstens 890,42 euro (2026)."),
        ("Minstens {quarterly_min_main}.", date(2025, 3, 1), "Minstens 871,71 euro (2025)."),
        ("Het is {rate_band1}.", NOW, "Het is 20,5 % (2026)."),
        ("Tegen {due_q1}.", NOW, "Tegen 31 maart 2026."),
        ("Dat is {revaluation_coefficient_n3}.", date(2025, 1, 1), "Dat is 1,09233053 (2025)."),
        ("Prijs: {study_year_flat_price@2020-05-01}.", NOW, "Prijs: 1.560,60 euro (sinds 1 maart 2020)."),
        (
            "Pensioen: {min_pension_single_month}.",
            date(2024, 6, 1),
            "Pensioen: 1.773,35 euro (van 1 mei 2024 tot en met 31 januari 2025).",
        ),
        ("Binnen {exemption_appeal_months}.", NOW, "Binnen 1 maand."),
        ("Binnen {exemption_hearing_request_days}.", NOW, "Binnen 12 werkdagen."),
        ("Code {tax_code_profits@2025-12-31}.", NOW, "Code 1632-17 / 2632-84 (inkomen verdiend in 2025)."),
        (
            "Vanaf {survivor_pension_min_age@2024-12-31}.",
            NOW,
            "Vanaf 49 jaar en 6 maanden (overlijden in 2024).",
        ),
        ("{rate_band1} is het tarief.", NOW, "20,5 % (2026) is het tarief."),
        # A term without an end bears no year, unless it is new.
        ("Binnen {fund_change_min_years}.", date(2022, 6, 1), "Binnen 4 jaar (2022)."),
        ("Bel ({contact.sfp}), kijk ({contact.rsvz}).", NOW, "Bel (sfpd.fgov.be, telefoon 1765), kijk (rsvz.be)."),
    ],
)
def test_known_value_has_its_unit_and_its_period(shown, text, on, expected):
    assert shown(text, on=on) == expected


@pytest.mark.parametrize(
    ("text", "language", "on", "expected"),
    [
        (
            "Het inkomen is {min_income_main}.",
            "nl",
            NOW,
            "Het inkomen is een bedrag dat voor 2026 nog niet bevestigd is (laatst bekend, 2025: 17.008,88 euro).",
        ),
        (
            "C'est {min_income_main}.",
            "fr",
            NOW,
            "C'est un montant qui n'est pas encore confirmé pour 2026 "
            "(dernière valeur connue, 2025 : 17 008,88 euros).",
        ),
        (
            "Inkomen: {min_income_main}.",
            "nl",
            NOW,
            "Inkomen: voor 2026 nog niet bevestigd (laatst bekend, 2025: 17.008,88 euro).",
        ),
        (
            "Revenu : {min_income_main}.",
            "fr",
            NOW,
            "Revenu : pas encore confirmé pour 2026 (dernière valeur connue, 2025 : 17 008,88 euros).",
        ),
        (
            "Een pensioen van {min_pension_single_month}.",
            "nl",
            date(2025, 11, 20),
            "Een pensioen van een bedrag dat voor 20 november 2025 nog niet bevestigd is "
            "(laatst bekend, van 1 mei 2024 tot en met 31 januari 2025: 1.773,35 euro).",
        ),
        (
            "Dat is {min_pension_single_month}.",
            "fr",
            date(2025, 11, 20),
            "Dat is un montant qui n'est pas encore confirmé pour le 20 novembre 2025 "
            "(dernière valeur connue, du 1er mai 2024 au 31 janvier 2025 inclus : 1 773,35 euros).",
        ),
        (
            "Het is {quarterly_min_pension_age_new}.",
            "nl",
            date(2024, 5, 1),
            "Het is een bedrag dat voor 2024 niet bekend is.",
        ),
        (
            "C'est {tax_code_profits}.",
            "fr",
            date(2024, 5, 1),
            "C'est un code qui n'est pas connu pour revenus gagnés en 2024.",
        ),
    ],
)
def test_unknown_value_says_so_and_gives_the_last_known_one(shown, text, language, on, expected):
    mark = re.search(r"\{.*\}", text).group()
    texts = {"nl": (text, f"A {mark}"), "fr": (f"A {mark}", text)}[language]

    assert shown(*texts, language=language, on=on) == expected


def test_french_words_are_elided_before_a_value_that_is_not_known(shown):
    text = "Vous payez plus de {min_income_main}, moins que {rate_band1}."

    assert shown("{min_income_main} {rate_band1}", text, language="fr") == (
        "Vous payez plus d'un montant qui n'est pas encore confirmé pour 2026 "
        "(dernière valeur connue, 2025 : 17 008,88 euros), "
        "moins que 20,5 % (2026)."
    )


def test_unverified_value_is_never_shown(shown):
    """The employees' limit of 2026 stands in the law files as unverified."""
    assert "24.289" not in shown("Grens: {income_limit_emp_survivor_before_age_no_child}.")


def test_table_lists_every_value_of_its_axis(shown):
    assert shown("Leeftijd:\n    {legal_pension_age_by_birth_date:table}").splitlines() == [
        "Leeftijd:",
        "- 65 jaar (geboren tot en met 31 december 1959)",
        "- 66 jaar (geboren van 1 januari 1960 tot en met 31 december 1963)",
        "- 67 jaar (geboren vanaf 1 januari 1964)",
    ]


@pytest.mark.parametrize(
    ("fund", "expected"),
    [
        ("liantis", "Je leest het. Vraag het aan je klantverantwoordelijke."),
        ("securex", "U leest het. Vraag het aan iemand die uw dossier kent."),
        ("partena", "Je leest het. Vraag het aan een medewerker van het fonds."),
        ("entraide", "U leest het. Vraag het aan een medewerker van het fonds."),
    ],
)
def test_fund_decides_the_form_of_address_and_the_contact_person(shown, fund, expected):
    assert shown("[Je|U] leest het. Vraag het aan {fund.contact_person}.", fund=fund) == expected


@pytest.mark.parametrize(
    ("fund", "on", "expected"),
    [
        ("liantis", date(2024, 5, 1), "Kosten: 3,95 % (2024)."),
        ("liantis", NOW, "Kosten: voor 2026 nog niet bevestigd (laatst bekend, 2024: 3,95 %)."),
        ("securex", date(2025, 5, 1), "Kosten: 4,1 % (2025)."),
        ("partena", NOW, "Kosten: een percentage dat op je vervaldagbericht van het eerste kwartaal staat."),
    ],
)
def test_management_fee_is_that_of_the_fund_on_the_date(shown, fund, on, expected):
    assert shown("Kosten: {fund.fee}.", fund=fund, on=on) == expected


def test_unknown_details_of_a_fund_refer_to_its_website(shown):
    text = shown("Bel ons ({fund.telephone}) of schrijf ({fund.email}). Kijk hier: {fund.website}.", fund="entraide")

    assert text == (
        "Bel ons (het nummer staat op de website van het fonds) of schrijf (het adres staat op de website van het "
        "fonds). Kijk hier: de website van het fonds."
    )
    assert shown("Schrijf ({fund.email}).", fund="securex") == "Schrijf (integrity@securex.be)."


def test_mark_that_starts_a_sentence_gets_a_capital(shown):
    assert shown("Vraag hulp. {fund.contact_person} helpt.") == "Vraag hulp. Je klantverantwoordelijke helpt."


def test_last_line_says_when_the_answer_was_checked_and_for_which_day_it_holds(own_answer, law, profiles):
    def last_line(on: date, language: str = "nl") -> str:
        answers = own_answer("Ja.", "Oui.")
        profile = profiles["liantis"]
        answer = render_answer("contributions.tax", answers=answers, law=law, profile=profile, language=language, on=on)
        return answer.text.partition("\n\n")[2]

    assert last_line(NOW) == "Gecontroleerd op 20 november 2026."
    assert last_line(date(2025, 11, 20)) == "Dit geldt op 20 november 2025. Gecontroleerd op 20 november 2026."
    assert last_line(date(2025, 11, 20), "fr") == "Valable au 20 novembre 2025. Vérifié le 20 novembre 2026."
    assert last_line(date(2027, 3, 1)).startswith("Deze informatie moest tegen 1 januari 2027 opnieuw gecontroleerd")


def render(answers, law, profiles, topic, **options):
    options = {"language": "nl", "on": NOW, **options}
    return render_answer(topic, answers=answers, law=law, profile=profiles["liantis"], **options)


def test_facet_is_given_alone_and_falls_back_on_the_answer(answers, law, profiles):
    deadline = render(answers, law, profiles, "contributions.exemption", facet="deadline").text
    no_such_part = render(answers, law, profiles, "contributions.increase_waiver", facet="duration").text
    short = render(answers, law, profiles, "contributions.increase_waiver", length="short").text

    assert "12\u00a0maanden" in deadline
    assert "Voorwaarden" not in deadline
    assert no_such_part == short


def test_lengths_choose_the_facets(answers, law, profiles):
    texts = {
        length: render(answers, law, profiles, "contributions.exemption", length=length).text
        for length in ("short", "normal", "full")
    }

    assert texts["short"].count("\n\n") == 1
    assert [line for line in texts["normal"].splitlines() if line.endswith(":")][:4] == [
        "Bedrag:",
        "Wat je nu doet:",
        "Termijn:",
    ]
    assert "Gevolg voor je pensioen:" in texts["full"]
    assert len(texts["short"]) < len(texts["normal"]) < len(texts["full"])


def test_version_is_the_one_of_the_date(answers, law, profiles):
    before = render(answers, law, profiles, "contributions.active_pensioner", on=date(2025, 9, 30))
    after = render(answers, law, profiles, "contributions.active_pensioner", on=date(2025, 10, 1))

    assert "opt-out" not in before.text
    assert "opt-out" in after.text
    assert before.trace["version"] != after.trace["version"]


def test_topic_and_date_without_answer_say_so(answers, law, profiles):
    with pytest.raises(NoAnswerError, match=r"no answer on nothing\.here yet"):
        render(answers, law, profiles, "nothing.here")
    with pytest.raises(NoAnswerError, match=r"contributions\.tax goes back to 2022-01-01, not to 2020-05-01"):
        render(answers, law, profiles, "contributions.tax", on=date(2020, 5, 1))
    assert answers.has_answer("contributions.tax")
    assert not answers.has_answer("nothing.here")


def test_only_source_of_a_figure_stays_among_the_few(answers, law, profiles):
    """Most figures of 2026 rest on one publisher: it must be named even where official sources fill the list."""
    answer = render(answers, law, profiles, "contributions.calculation")

    assert len(answer.sources) == MOST_SOURCES
    assert any(source["title"].startswith("TamTam") for source in answer.sources)
    assert any(host in answer.sources[0]["url"] for host in ("fgov.be", "rsvz.be", "inasti.be"))


def test_trace_names_the_version_and_every_parameter_with_its_dates(answers, law, profiles):
    trace = render(answers, law, profiles, "contributions.late_payment", length="short").trace

    assert trace["answer"] == "contributions.late_payment"
    assert re.fullmatch(r"2026-1\d-\d\d/[0-9a-f]{8}", trace["version"])
    assert trace["parameters"] == [
        {"id": "late_increase_quarter", "from": "2022-01-01", "to": None, "value": "3", "status": "verified"},
        {"id": "late_increase_year", "from": "2022-01-01", "to": None, "value": "7", "status": "verified"},
    ]


def test_unknown_value_is_traced_without_value(answers, law, profiles):
    trace = render(answers, law, profiles, "contributions.starter", facet="amount").trace

    unknown = {"id": "quarterly_min_primostarter", "from": None, "to": None, "value": None, "status": None}
    assert unknown in trace["parameters"]


def test_parameter_that_no_file_holds_is_an_error(own_answer, law, profiles):
    answers = own_answer("Dat is {no_such_parameter}.", "C'est {no_such_parameter}.")

    with pytest.raises(KeyError, match="no_such_parameter"):
        render(answers, law, profiles, "contributions.tax")


def test_a_funds_own_page_and_its_own_rules_are_in_its_answer_alone(answers, law, profiles):
    by_fund = {
        fund: render_answer(
            "contributions.payment_plan", answers=answers, law=law, profile=profiles[fund], language="nl",
            on=date(2026, 12, 1), length="full",
        )
        for fund in profiles
    }  # fmt: skip
    assert "Bij Liantis mail je een haalbaar voorstel naar je klantverantwoordelijke." in by_fund["liantis"].text
    assert "voorschot van 20\u00a0%" in by_fund["liantis"].text.replace("20 %", "20\u00a0%")
    assert "Bij Securex betaalt u vooraf minstens een derde" in by_fund["securex"].text
    for fund in ("partena", "entraide"):
        assert "Liantis" not in by_fund[fund].text
        assert "Securex" not in by_fund[fund].text
    assert "+" in by_fund["liantis"].trace["version"]
    assert "+" not in by_fund["partena"].trace["version"]
    page = render_answer(
        "contributions.late_payment", answers=answers, law=law, profile=profiles["liantis"], language="nl", on=NOW
    ).sources[0]
    assert (page["title"], page["url"].partition("//")[2][:14]) == ("Liantis: Wettelijke verhoging", "www.liantis.be")


def test_a_funds_change_replaces_and_adds_and_can_start_later(own_data, law, profiles):
    for language, (text, more, instead) in {"nl": ("Ja.", "Bij ons.", "Nee."), "fr": ("Oui.", "Ici.", "Non.")}.items():
        folder = own_data / language / "answers"
        (folder / "liantis").mkdir()
        (folder / "contributions.tax.yml").write_text(f"{HEADER}  answer: {text}\n  deadline: {text}\n", "utf-8")
        changed = HEADER.replace("title: Titel\n", "effective_from: 2026-06-01\n").replace("facets:\n", "")
        (folder / "liantis" / "contributions.tax.yml").write_text(
            f"{changed}replace:\n  answer: {instead}\nadd:\n  deadline: {more}\n  example: {more}\n", "utf-8"
        )
    answers = load_answers(own_data)

    def text(fund, on, language="nl"):
        answer = render_answer(
            "contributions.tax", answers=answers, law=law, profile=profiles[fund], language=language, on=on,
            length="full",
        )  # fmt: skip
        return answer.text.rpartition("\n\n")[0]

    assert text("liantis", date(2026, 5, 31)) == text("securex", NOW) == "Ja.\n\nTermijn:\nJa."
    assert text("liantis", NOW) == "Nee.\n\nTermijn:\nJa.\n\nBij ons.\n\nVoorbeeld:\nBij ons."
    assert text("liantis", NOW, "fr").startswith("Non.")


def test_a_broken_change_of_a_fund_takes_the_answer_out_and_names_the_file(own_data):
    for language in ("nl", "fr"):
        folder = own_data / language / "answers"
        (folder / "liantis").mkdir()
        (folder / "contributions.tax.yml").write_text(f"{HEADER}  answer: Ja.\n", "utf-8")
    broken = own_data / "nl" / "answers" / "liantis" / "contributions.tax.yml"
    broken.write_text(HEADER.replace("title: Titel\n", "").replace("facets:\n", "add:\n  example: [Je hebt\n"), "utf-8")

    answers, problems = read_answers(own_data)

    assert not answers.has_answer("contributions.tax")
    assert str(broken) in str(problems[0])
    broken.write_text(broken.read_text("utf-8").replace("[Je hebt", "Ja."), "utf-8")
    assert "has no answer in “fr”" in str(read_answers(own_data)[1][0])
