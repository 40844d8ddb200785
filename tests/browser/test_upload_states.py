"""Whose turn it is among files that go up, and what goes with the form: static/js/upload_states.js, without a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.modules import Run, running


@pytest.fixture(scope="module")
def module(browser: Browser) -> Iterator[Run]:
    with running(browser, "upload_states.js") as run:
        yield run


@pytest.fixture
def run(module: Run) -> Run:
    """A script with `states`, three files, `choose(field, …files)`, and `named` for what comes back."""

    def run(script: str) -> Any:
        return module(f"""
            const states = new UploadStates();
            const file = (name, size = 1) => ({{ name, size }});
            const [a, b, c] = [file("a.jpg"), file("b.jpg"), file("c.jpg")];
            const chosen = (field, file) => ({{ field, file, name: file.name }});
            const choose = (field, ...files) => states.choose(files.map((each) => chosen(field, each)));
            const named = (given) => Array.isArray(given) ? given.map(named) : given && given.name;
            const all = () => true;
            {script}
        """)

    return run


def test_files_go_up_one_after_the_other_in_their_order(run: Run) -> None:
    found = run("""
        const first = choose("photo", a, b);
        const second = choose("photo", c);
        return named([first, second, states.up([]), states.up([]), states.up([])]);
    """)
    assert found == ["a.jpg", None, "b.jpg", "c.jpg", None]


def test_nothing_chosen_sends_nothing(run: Run) -> None:
    assert run('return [choose("photo"), states.asks()]') == [None, False]


def test_after_the_last_the_next_choice_goes_at_once(run: Run) -> None:
    assert run('choose("photo", a); states.up([]); return named(choose("photo", b))') == "b.jpg"


def test_what_could_not_go_up_waits_for_the_form_and_the_next_has_its_turn(run: Run) -> None:
    found = run("""
        choose("photo", a, b);
        return [named(states.failed()), named(states.up([])), named(states.waiting(all)), states.done()];
    """)
    assert found == ["b.jpg", None, ["a.jpg"], {"arrived": True, "refused": []}]


def test_where_none_arrived_there_is_nothing_to_show(run: Run) -> None:
    assert run('choose("photo", a); states.failed(); return states.done()') == {"arrived": False, "refused": []}


def test_each_round_begins_anew(run: Run) -> None:
    found = run("""
        choose("photo", a);
        states.up(["a.jpg is a program"]);
        states.done();
        return states.done();
    """)
    assert found == {"arrived": False, "refused": []}


# What was refused


def test_a_refusal_is_said_of_its_file(run: Run) -> None:
    found = run("""
        choose("photo", a, b);
        states.up(["a.jpg is a program"]);
        states.up([]);
        return states.done().refused.map(({ chosen, words }) => [chosen.name, words]);
    """)
    assert found == [["a.jpg", "a.jpg is a program"]]


def test_a_problem_that_stands_there_since_before_is_said_once(run: Run) -> None:
    found = run("""
        choose("photo", a, b);
        states.up(["11 files are too many"]);
        states.up(["11 files are too many", "Say what happened"]);
        return states.done().refused.map(({ chosen, words }) => [chosen.name, words]);
    """)
    assert found == [["a.jpg", "11 files are too many"], ["b.jpg", "Say what happened"]]


def test_two_files_of_one_name_are_each_refused(run: Run) -> None:
    found = run("""
        choose("photo", a, file("a.jpg", 2));
        states.up(["a.jpg is a program"]);
        states.up(["a.jpg is a program"]);
        return states.done().refused.length;
    """)
    assert found == 2


# Chosen once more


def test_what_is_not_up_keeps_its_line_when_more_is_chosen(run: Run) -> None:
    found = run("""
        choose("photo", a, b, c);
        states.failed();
        return [named(states.again("photo", [file("d.jpg")])), named(states.again("other", []))];
    """)
    assert found == [["a.jpg", "b.jpg", "c.jpg"], []]


def test_the_same_file_chosen_again_is_tried_once_more_and_does_not_go_twice(run: Run) -> None:
    found = run("""
        choose("photo", a);
        states.failed();
        const kept = states.again("photo", [file("a.jpg")]);
        return [kept, named(choose("photo", a)), states.waiting(all)];
    """)
    assert found == [[], "a.jpg", []]


@pytest.mark.parametrize(("field", "chosen"), [("photo", 'file("a.jpg", 2)'), ("other", 'file("a.jpg")')])
def test_another_file_of_the_name_or_another_field_is_not_the_same(run: Run, field: str, chosen: str) -> None:
    found = run(f"""
        choose("photo", a);
        states.failed();
        states.again("{field}", [{chosen}]);
        return named(states.waiting(all));
    """)
    assert found == ["a.jpg"]


# Leaving and sending


def test_who_leaves_is_asked_while_one_is_on_its_way(run: Run) -> None:
    assert run('choose("photo", a); const before = states.asks(); states.up([]); return [before, states.asks()]') == [
        True,
        False,
    ]


def test_sending_is_no_leaving_until_the_page_comes_back(run: Run) -> None:
    found = run("""
        choose("photo", a, b);
        states.submit();
        const sending = states.asks();
        states.back();
        choose("photo", c);
        return [sending, states.asks()];
    """)
    assert found == [False, True]


def test_after_a_form_that_did_not_go_or_came_back_files_go_up_again(run: Run) -> None:
    found = run("""
        choose("photo", a, b);
        states.submit();
        states.back();
        return [states.asks(), named(choose("photo", c)), named(states.up([])), named(states.waiting(all))];
    """)
    assert found == [False, "c.jpg", None, ["a.jpg", "b.jpg"]]


def test_what_is_on_its_way_or_waits_goes_with_the_form(run: Run) -> None:
    found = run("""
        choose("photo", a, b, c);
        states.failed();
        return [named(states.submit()), named(states.waiting(all))];
    """)
    assert found == ["b.jpg", ["a.jpg", "b.jpg", "c.jpg"]]


def test_a_form_with_nothing_on_its_way_stops_nothing(run: Run) -> None:
    assert run("return [states.submit(), states.waiting(all)]") == [None, []]


def test_what_a_field_holds_or_has_no_line_any_more_does_not_go_along(run: Run) -> None:
    found = run("""
        choose("photo", a, b, c);
        states.submit();
        return named(states.along([b], (each) => each.file !== c));
    """)
    assert found == ["a.jpg"]
