"""Every text that people read is there in Chinese too, and what is compiled is what is written."""

from babel.messages.catalog import Catalog

from tests.translations import MO, PO, ROOT, catalogue, in_python, in_template, missing, updated, written


def test_no_text_is_left_untranslated() -> None:
    assert missing(updated(catalogue(), {})) == []


def test_the_catalogue_holds_exactly_the_marked_texts() -> None:
    po, mo = written(updated(catalogue(), {}))

    assert PO.read_bytes() == po, "run `make messages`"
    assert MO.read_bytes() == mo, "run `make messages`"


def test_a_translation_keeps_the_places_for_values() -> None:
    # Babel takes "1.5 % or" for a place of a value, so only texts with named ones are looked at.
    named = [message for message in catalogue() if "%(" in str(message.id)]

    wrong = [(message.id, [str(error) for error in message.check()]) for message in named if list(message.check())]

    assert named
    assert wrong == []


def test_marked_texts_of_python_are_found() -> None:
    source = '_("one")\nngettext("%(n)d change", "%(n)d changes", n)\npgettext("of a ship", "mark")\nprint("no")'

    assert sorted(in_python(source), key=str) == [
        ("of a ship", "mark", None),
        (None, "%(n)d change", "%(n)d changes"),
        (None, "one", None),
    ]


def test_marked_texts_of_templates_are_found_however_deep() -> None:
    source = """{% load i18n %}{% if a %}{% translate "one" %}{% endif %}
        {% blocktranslate trimmed with name=c %}
            three for {{ name }}
        {% endblocktranslate %}{% for d in e %}{% empty %}{% translate "four" as f %}{% endfor %}"""

    assert {text for _, text, _ in in_template(source)} == {"one", "three for %(name)s", "four"}


def test_no_text_is_marked_where_it_would_be_translated_once_for_all_languages() -> None:
    # Django translates a constant of an expression when it reads the template.
    assert [path.name for path in (ROOT / "templates").rglob("*.html") if '_("' in path.read_text()] == []


def test_a_text_without_translation_is_told() -> None:
    catalog = Catalog(locale="zh_Hans")
    catalog.add("one", "一")
    catalog.add("two", "")

    assert missing(catalog) == ["two"]
