"""A message is read in its context: follow-ups without a subject, corrections, several questions, buttons."""

import pytest

pytestmark = pytest.mark.rasa

FIRST = {"nl": "hoe worden mijn sociale bijdragen berekend?", "fr": "comment sont calculées mes cotisations sociales ?"}


@pytest.mark.parametrize(
    ("language", "follow_up"),
    [
        ("nl", "en hoeveel is dat?"),
        ("nl", "tegen wanneer moet dat"),
        ("nl", "en mijn partner?"),
        ("fr", "et c'est combien ?"),
        ("fr", "pour quand au plus tard"),
        ("fr", "et pour mon conjoint ?"),
    ],
)
def test_a_follow_up_without_a_subject_is_read_in_the_topic_before_it(chat, language, follow_up):
    member = chat(language)
    member.say(FIRST[language])
    member.say(follow_up)
    assert (member.last()["topic"], member.last()["outcome"]) == ("contributions.calculation", "answered")


@pytest.mark.parametrize(
    ("language", "correction", "topic"),
    [
        ("nl", "nee, ik bedoel het overlevingspensioen", "pension.survivor"),
        ("fr", "non, je veux dire la pension de survie", "pension.survivor"),
        ("nl", "nee ik bedoelde een afbetalingsplan voor mijn bijdragen", "contributions.payment_plan"),
        ("fr", "non je voulais dire un plan de paiement pour mes cotisations", "contributions.payment_plan"),
    ],
)
def test_a_correction_replaces_the_topic(chat, language, correction, topic):
    member = chat(language)
    member.say(FIRST[language])
    member.say(correction)
    assert member.last()["topic"] == topic


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("nl", "Wanneer moet ik mijn bijdragen betalen? En wat is de pensioenbonus?", ("31 maart", "Pensioenbonus")),
        (
            "fr",
            "Quand dois-je payer mes cotisations ? Et c'est quoi le bonus de pension ?",
            ("31 mars", "Bonus de pension"),
        ),
    ],
)
def test_two_questions_in_one_message_are_both_answered(chat, language, text, words):
    member = chat(language)
    reply = member.say(text)
    for word in words:
        assert word in reply["text"]


@pytest.mark.parametrize("language", ["nl", "fr"])
@pytest.mark.parametrize("way", ["value", "title", "number"])
def test_a_button_is_chosen_by_its_value_its_title_or_its_number(chat, language, way):
    member = chat(language)
    reply = member.say("wat is het weer morgen" if language == "nl" else "quel temps fera-t-il demain")
    button = reply["buttons"][0]
    member.say("1" if way == "number" else button[way])
    assert (member.last()["outcome"], member.last()["reason"]) == ("handed_over", "wants_person")


@pytest.mark.parametrize(
    ("language", "person", "despair", "number"),
    [
        ("nl", "ik wil iemand spreken", "ik wil er een einde aan maken", "1813"),
        ("fr", "je veux parler à quelqu'un", "je veux en finir avec la vie", "0800 32 123"),
    ],
)
def test_despair_is_heard_while_the_member_waits_for_a_person(chat, language, person, despair, number):
    member = chat(language)
    member.say(person)
    assert number in member.say(despair)["text"]


@pytest.mark.parametrize("language", ["nl", "fr"])
def test_an_answer_that_is_rejected_twice_goes_to_a_person(chat, language):
    member = chat(language)
    member.say(FIRST[language])
    rejection = "dat is niet wat ik vroeg" if language == "nl" else "ce n'est pas ce que je demandais"
    member.say(rejection)
    assert member.last()["outcome"] == "asked_back"
    member.say(rejection)
    assert (member.last()["outcome"], member.last()["reason"]) == ("handed_over", "rejected_answer")


@pytest.mark.parametrize(
    ("language", "information", "advice"),
    [
        ("nl", "ik ben student en ik verdien wat bij, moet ik bijdragen betalen?",
         "ik ben student en ik verdien wat bij, zou ik beter student-zelfstandige worden of niet?"),
        ("fr", "je suis étudiant et je gagne un peu, dois-je payer des cotisations ?",
         "je suis étudiant et je gagne un peu, ferais-je mieux de prendre le statut d'étudiant-indépendant ou non ?"),
    ],
)  # fmt: skip
def test_first_person_alone_is_no_advice(chat, language, information, advice):
    member = chat(language)
    member.say(information)
    assert (member.last()["need"], member.last()["outcome"]) == ("information", "answered")
    member.say(advice)
    assert (member.last()["outcome"], member.last()["reason"]) == ("handed_over", "advice")


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        ("nl", "ik ga niet akkoord met jullie berekening van mijn regularisatie, dat klopt niet", "dispute"),
        ("fr", "je conteste le calcul de ma régularisation, il est faux", "dispute"),
    ],
)
def test_a_dispute_goes_to_a_person(chat, language, text, reason):
    member = chat(language)
    member.say(text)
    assert (member.last()["outcome"], member.last()["reason"]) == ("handed_over", reason)
