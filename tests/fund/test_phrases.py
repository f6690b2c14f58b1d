"""Phrases: said in the right voice, never with a blank, and refused when a file is broken or says less on one side."""

from pathlib import Path

import pytest

from fund.phrases import LANGUAGES, PhraseError, load_phrases, placeholders, speak

DATA = Path(__file__).resolve().parents[2] / "data"
GOOD = {
    "nl": "greeting: Dag {name}, [je hebt|u hebt] [je|uw] saldo.\nbare: Goed.\n",
    "fr": "greeting: Bonjour {name}, voici votre solde.\nbare: Bien.\n",
}


@pytest.fixture
def data(tmp_path):
    """Writes phrase files: data(nl="…", fr="…") → the directory; what is not given is good."""

    def write(**files: str | bytes | None) -> Path:
        for language in LANGUAGES:
            directory = tmp_path / language / "phrases"
            directory.mkdir(parents=True, exist_ok=True)
            content = files.get(language, GOOD[language])
            if content is not None:
                raw = content if isinstance(content, bytes) else content.encode()
                (directory / "chat.yml").write_bytes(raw)
        return tmp_path

    return write


class TestVoice:
    @pytest.mark.parametrize(
        ("text", "je", "u"),
        [
            ("[Je hebt|U hebt] gelijk.", "Je hebt gelijk.", "U hebt gelijk."),
            ("[je|u] en [jouw|uw]", "je en jouw", "u en uw"),
            ("[|nu]x[ook|]", "xook", "nux"),
            ("geen merk", "geen merk", "geen merk"),
            ("[los]", "[los]", "[los]"),
            ("", "", ""),
        ],
    )
    def test_each_mark_gives_one_of_its_sides(self, text, je, u):
        assert speak(text, address="je") == je
        assert speak(text, address="u") == u
        assert speak(text, address="vous") == u

    def test_a_phrase_is_said_in_its_language_and_form_of_address(self, data):
        phrases = load_phrases(data())
        said = {
            (language, address): phrases.in_voice(language=language, address=address)("chat.greeting", name="An")
            for language, address in (("nl", "je"), ("nl", "u"), ("fr", "vous"))
        }
        assert said == {
            ("nl", "je"): "Dag An, je hebt je saldo.",
            ("nl", "u"): "Dag An, u hebt uw saldo.",
            ("fr", "vous"): "Bonjour An, voici votre solde.",
        }

    @pytest.mark.parametrize("value", ["[je|u]", "{name}", "{0}", "%s", "a]b|c[", "{", "}}"])
    def test_what_is_filled_in_stays_as_it_is(self, data, value):
        say = load_phrases(data()).in_voice(language="nl", address="je")
        assert say("chat.greeting", name=value) == f"Dag {value}, je hebt je saldo."

    def test_a_missing_value_or_phrase_is_an_error_and_never_a_blank(self, data):
        say = load_phrases(data()).in_voice(language="nl", address="je")
        with pytest.raises(KeyError, match="name"):
            say("chat.greeting")
        for key in ("chat.nothing", "greeting", "other.greeting", ""):
            with pytest.raises(KeyError):
                say(key)
        assert say("chat.bare", more="than needed") == "Goed."

    def test_there_is_no_third_language(self, data):
        with pytest.raises(KeyError):
            load_phrases(data()).in_voice(language="de", address="je")

    def test_a_section_leaves_its_placeholders_to_the_page(self, data):
        section = load_phrases(data()).section("chat", language="nl", address="u")
        assert section == {"greeting": "Dag {name}, u hebt uw saldo.", "bare": "Goed."}
        assert load_phrases(data()).section("cha", language="nl", address="u") == {}


class TestPlaceholders:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("", set()),
            ("geen", set()),
            ("{a} en {b} en {a}", {"a", "b"}),
            ("[{a}|{b}]", {"a", "b"}),
            ("{{a}}", set()),
            ("{amount:>9}", {"amount"}),
        ],
    )
    def test_names_between_braces(self, text, names):
        assert placeholders(text) == names

    @pytest.mark.parametrize("text", ["{", "}", "{a", "a}", "{}", "{0}", "{a b}", "{a.b}", "{a[0]}"])
    def test_braces_that_hold_no_name_are_an_error(self, text):
        with pytest.raises(ValueError):  # noqa: PT011  (the words are those of Python)
            placeholders(text)


class TestFiles:
    @pytest.mark.parametrize(
        ("files", "words"),
        [
            ({"fr": "greeting: Bonjour {name}.\n"}, ["data/fr/phrases/chat.yml", "bare"]),
            ({"nl": "greeting: Dag {name}.\n"}, ["data/nl/phrases/chat.yml", "bare"]),
            ({"fr": None}, ["data/fr/phrases/chat.yml", "bare"]),
            ({"fr": "greeting: Bonjour.\nbare: Bien.\n"}, ["chat.yml", "greeting", "placeholders", "name"]),
            ({"fr": "greeting: Bonjour {nom}.\nbare: Bien.\n"}, ["greeting", "placeholders", "name", "nom"]),
            ({"nl": "greeting: Dag {name\nbare: Goed.\n"}, ["chat.yml", "greeting", "brace"]),
            ({"nl": "greeting: Dag {}\nbare: Goed.\n"}, ["chat.yml", "greeting", "brace"]),
            ({"nl": ""}, ["chat.yml", "key: text"]),
            ({"nl": "- een\n- twee\n"}, ["chat.yml", "key: text"]),
            ({"nl": "zomaar tekst\n"}, ["chat.yml", "key: text"]),
            ({"nl": "greeting: [je|u] hebt\n"}, ["chat.yml"]),
            ({"nl": "greeting: yes\nbare: Goed.\n"}, ["chat.yml", "greeting", "quotes"]),
            ({"nl": "greeting: 12\nbare: Goed.\n"}, ["chat.yml", "greeting", "quotes"]),
            ({"nl": "greeting:\nbare: Goed.\n"}, ["chat.yml", "greeting", "quotes"]),
            ({"nl": "no: Nee.\nbare: Goed.\n"}, ["chat.yml", "quotes"]),
            ({"nl": "greeting: [een\n"}, ["chat.yml", "YAML"]),
            ({"nl": 'greeting: "open\n'}, ["chat.yml", "YAML"]),
            ({"nl": b"greeting: \xff\n"}, ["chat.yml", "UTF-8"]),
        ],
    )
    def test_a_broken_file_is_named_with_what_is_wrong(self, data, files, words):
        with pytest.raises(PhraseError) as refusal:
            load_phrases(data(**files))
        for word in words:
            assert word in str(refusal.value)

    def test_texts_are_trimmed_and_keep_their_paragraphs(self, data):
        phrases = load_phrases(data(nl="greeting: |\n  Dag {name}\n\n  - een\n\nbare: ' Goed. '\n"))
        assert phrases.texts["nl"] == {"chat.greeting": "Dag {name}\n\n- een", "chat.bare": "Goed."}

    def test_the_real_phrases_load_in_both_languages(self):
        texts = load_phrases(DATA).texts
        assert len(texts["nl"]) == len(texts["fr"]) > 100
        assert {key.partition(".")[0] for key in texts["nl"]} >= {"chat", "errors", "hand_over"}
