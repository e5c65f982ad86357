"""Words of templates are in the language of the moment, whatever was asked before."""

from flask_babel import force_locale

WORDS = (
    "{{ _('Observers') }} {{ ngettext('%(num)s observer', '%(num)s observers', 2) }} "
    "{% trans %}Status{% endtrans %}"
)


def test_a_page_may_hold_letters_in_several_languages(app):
    words = app.jinja_env.from_string(WORDS)
    with app.test_request_context("/", headers={"Accept-Language": "ru"}):
        first = words.render()
        with force_locale("kk"):
            kazakh = words.render()
        with force_locale("en"):
            english = words.render()
        assert words.render() == first
    assert len({first, kazakh, english}) == 3
    assert english == "Observers 2 observers Status"
    assert first.startswith("Наблюдатели 2 наблюдателя ")


def test_what_is_put_into_a_sentence_is_escaped(app):
    page = app.jinja_env.from_string(
        "{% autoescape true %}{{ _('%(name)s is said', name='<b>') }}{% endautoescape %}"
    )
    with app.test_request_context("/"):
        assert page.render() == "&lt;b&gt; is said"
