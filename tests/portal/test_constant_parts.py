"""Templates come out the same whether their constant parts are joined or not, in each language and with each prefix."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine, Template
from django.template.loaders import cached
from django.urls import set_script_prefix
from django.utils.translation import override

from safet_portal.constant_parts import ConstantPart, Loader

FILES = {
    "frame.html": (
        '{% load i18n %}<p>{% translate "Save" %}</p>{% block body %}{% endblock %}<i>{% translate "Close" %}</i>'
    ),
    "page.html": (
        '{% extends "frame.html" %}{% load i18n portal static %}{% block body %}'
        '{% if shown %}<b title="{% translate "Sign in" %}">{{ name }}</b>{% else %}{% icon "clock" %}{% endif %}'
        '{% for n in numbers %}<a href="{% url "claims:manage" %}?n={{ n }}">{% translate "Home" %}</a>{% endfor %}'
        '<img src="{% static "favicon.svg" %}">{% blocktranslate %}Yes{% endblocktranslate %}'
        "{% blocktranslate with who=name %}Dear {{ who }}{% endblocktranslate %}"
        '{% include "part.html" %}{% translate "No" as no %}{{ no }}{% endblock %}'
    ),
    "part.html": (
        '{% load i18n %}{% partialdef row inline %}<td>{% translate "Name" %} {{ name }}</td>{% endpartialdef %}'
    ),
    "words.txt": '{% load i18n %}{% autoescape off %}{% translate "It\'s & here" %} {{ name }}{% endautoescape %}',
}
GIVEN = {"shown": True, "name": "Ada & Co.", "numbers": [1, 2]}


def engine(folder: Path, loader: str) -> Engine:
    for name, source in FILES.items():
        (folder / name).write_text(source)
    options = settings.TEMPLATES[0]["OPTIONS"]
    inner = [("django.template.loaders.filesystem.Loader", [folder])]
    return Engine(
        loaders=[("template_partials.loader.Loader", [(loader, inner)])],
        builtins=options["builtins"],
        libraries={
            "i18n": "django.templatetags.i18n",
            "static": "django.templatetags.static",
            "portal": "claims.templatetags.portal",
        },
    )


@pytest.fixture
def joined(tmp_path: Path) -> Engine:
    return engine(tmp_path, "safet_portal.constant_parts.Loader")


@pytest.fixture
def plain(tmp_path: Path) -> Engine:
    return engine(tmp_path, "django.template.loaders.cached.Loader")


def rendered(template: Template) -> str:
    return template.render(Context(GIVEN))


@pytest.mark.parametrize("name", ["page.html", "part.html", "part.html#row", "words.txt"])
def test_pages_come_out_the_same(joined: Engine, plain: Engine, name: str) -> None:
    expected = rendered(plain.get_template(name))

    assert [rendered(joined.get_template(name)) for _ in range(3)] == [expected] * 3
    assert "Ada" in expected


def test_what_is_kept_is_kept_by_language_and_prefix(joined: Engine, plain: Engine) -> None:
    seen = set()
    for language in ("en", "de", "en"):
        for prefix in ("/", "/portal/", "/"):
            set_script_prefix(prefix)
            try:
                with override(language):
                    page = rendered(joined.get_template("page.html"))
                    assert page == rendered(plain.get_template("page.html"))
                    seen.add(page)
            finally:
                set_script_prefix("/")
    assert len(seen) == 4


def test_constant_nodes_are_one_node(joined: Engine) -> None:
    row = joined.get_template("part.html").nodelist
    kinds = [type(node).__name__ for node in every_node(row)]

    assert kinds.count("ConstantPart") == 2, kinds  # the load tag; the cell up to the name
    assert "TranslateNode" not in kinds


def test_no_template_changes_the_language_in_its_middle() -> None:
    templates = [*settings.BASE_DIR.glob("templates/**/*.html"), *settings.BASE_DIR.glob("*/templates/**/*.html")]

    assert len(templates) > 50
    assert [str(path) for path in templates if "{% language " in path.read_text()] == []


def every_node(nodes: object) -> Iterator[object]:
    for node in nodes:  # type: ignore[attr-defined]
        yield node
        if not isinstance(node, ConstantPart):
            for name in node.child_nodelists:
                yield from every_node(getattr(node, name, ()))


def test_the_portal_loads_its_templates_so() -> None:
    loader = Engine.get_default().template_loaders[0].loaders[0]

    assert isinstance(loader, Loader)
    assert isinstance(loader, cached.Loader)
