"""When words that are being written are sent, and what an answer means: static/js/keeping_states.js, without a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.modules import Run, running

NOTHING = {"do": "nothing"}
SEND = {"do": "post", "act": "", "carried": False}


@pytest.fixture(scope="module")
def module(browser: Browser) -> Iterator[Run]:
    with running(browser, "keeping_states.js") as run:
        yield run


@pytest.fixture
def run(module: Run) -> Run:
    """A script with `states`, begun with the words "Old", and a clock that `at` sets."""

    def run(script: str) -> Any:
        return module(f"""
            let at = 1_000_000;
            const states = new KeepingStates(() => at);
            states.start("Old");
            const kept = () => states.answer("New", {{ status: 200, said: {{ words: "Draft saved" }} }}, "New");
            {script}
        """)

    return run


def test_words_as_the_server_has_them_are_not_sent(run: Run) -> None:
    assert run('return [states.keep("Old"), states.keep("New")]') == [NOTHING, SEND]


def test_kept_words_are_not_sent_again(run: Run) -> None:
    found = run('return [states.keep("New"), kept(), states.ended("New"), states.keep("New"), states.keep("Newer")]')
    assert found == [SEND, {"do": "answered", "ok": True}, None, NOTHING, SEND]


def test_a_button_sends_the_same_words_too(run: Run) -> None:
    assert run('return states.keep("Old", { act: "use" })') == {"do": "post", "act": "use", "carried": False}


def test_while_a_post_is_out_nothing_else_goes_and_the_newer_words_go_after_it(run: Run) -> None:
    assert run(
        'return [states.keep("New"), states.keep("Newer"), kept(), states.ended("Newer"), states.keep("Newer")]'
    ) == [
        SEND,
        NOTHING,
        {"do": "answered", "ok": True},
        "",
        SEND,
    ]


def test_a_button_pressed_while_a_post_is_out_has_its_turn_after_it(run: Run) -> None:
    found = run("""
        states.keep("New");
        const pressed = [states.keep("New", { act: "use" }), states.keep("New")];
        kept();
        return [...pressed, states.ended("New"), states.keep("New", { act: "use" }), states.ended("New")];
    """)
    assert found == [NOTHING, NOTHING, "use", {"do": "post", "act": "use", "carried": False}, None]


def test_of_two_buttons_pressed_meanwhile_the_last_counts(run: Run) -> None:
    found = run("""
        states.keep("New");
        states.keep("New", { act: "use" });
        states.keep("New", { act: "back" });
        return states.ended("New");
    """)
    assert found == "back"


def test_after_a_post_whose_form_is_gone_nothing_follows(run: Run) -> None:
    assert run('states.keep("New"); states.keep("New", { act: "use" }); return states.ended(null)') is None


# The page is hidden, left, and comes back


def test_a_hidden_page_does_not_wait_for_the_answer(run: Run) -> None:
    found = run("""
        states.keep("New");
        return [states.keep("Newer", { hidden: true }), states.keep("Newer", { hidden: true }), states.ended("Newer")];
    """)
    assert found == [{"do": "post", "act": "", "carried": True}, NOTHING, None]  # one is still out at the end


def test_a_page_that_goes_sends_once_more_what_may_not_have_arrived(run: Run) -> None:
    found = run('states.keep("New"); return [states.keep("New", { hidden: true }), states.keep("New", { gone: true })]')
    assert found == [NOTHING, {"do": "post", "act": "", "carried": True}]


def test_a_page_that_goes_says_nothing_where_all_is_kept(run: Run) -> None:
    assert run('return states.keep("Old", { gone: true })') == NOTHING


@pytest.mark.parametrize(("letters", "carried"), [(59_999, True), (60_000, False)])
def test_only_what_a_browser_delivers_for_a_page_that_is_gone_is_given_to_it(
    run: Run, letters: int, carried: bool
) -> None:
    step = run(f'return states.keep("a".repeat({letters}), {{ hidden: true }})')
    assert step == {"do": "post", "act": "", "carried": carried}


def test_bytes_are_counted_not_letters(run: Run) -> None:
    assert run('return states.keep("é".repeat(30_000), { hidden: true })')["carried"] is False


def test_a_form_on_its_way_is_not_kept_until_the_page_comes_back(run: Run) -> None:
    found = run("""
        const before = [states.submit("New", true), states.keep("New"), states.asks("New", false)];
        states.back();
        return [...before, states.keep("New")];
    """)
    assert found == ["", NOTHING, False, SEND]


# What can't be kept


@pytest.mark.parametrize(
    ("answer", "why", "again"),
    [
        ("{ status: 0 }", "notKept", 10_000),
        ("{ redirected: true }", "signedOut", 10_000),
        ("{ status: 413 }", "tooLarge", None),
        ("{ status: 500, said: undefined }", "broken", 10_000),
        ("{ status: 200, said: undefined }", "broken", 10_000),
    ],
)
def test_what_was_not_kept_is_said_and_tried_again(run: Run, answer: str, why: str, again: int | None) -> None:
    step = {"do": "unsaved", "why": why} | ({"ms": again} if again else {})
    found = run(f"""
        states.keep("New");
        const steps = [states.answer("New", {answer}, "New"), states.ended("New")];
        return [...steps, states.asks("New", true), states.keep("New")];
    """)
    assert found == [step, None, True, SEND]


def test_offline_words_that_changed_meanwhile_are_tried_at_once(run: Run) -> None:
    found = run("""
        states.keep("New");
        states.answer("New", { status: 0 }, "Newer");
        return [states.ended("Newer"), states.keep("Newer")];
    """)
    assert found == ["", SEND]


def test_an_answer_to_a_form_that_went_meanwhile_is_nobodys(run: Run) -> None:
    assert (
        run('states.keep("New"); states.submit("New", true); return states.answer("New", { status: 0 }, "New")')
        == NOTHING
    )


@pytest.mark.parametrize(("letters", "step"), [(1_000_000, SEND), (1_000_001, {"do": "unsaved", "why": "tooLarge"})])
def test_more_than_the_server_reads_is_not_sent(run: Run, letters: int, step: dict[str, Any]) -> None:
    assert run(f'return states.keep("a".repeat({letters}))') == step


def test_a_refusal_in_words_is_the_pages_and_the_words_are_not_kept(run: Run) -> None:
    found = run("""
        states.keep("New");
        const step = states.answer("New", { status: 409, said: { words: "A newer draft exists" } }, "New");
        return [step, states.ended("New"), states.asks("New", true), states.keep("New")];
    """)
    assert found == [{"do": "answered", "ok": False}, None, True, SEND]


def test_what_is_kept_after_all_ends_the_trouble(run: Run) -> None:
    found = run("""
        states.keep("New");
        states.answer("New", { status: 0 }, "New");
        states.ended("New");
        states.keep("New");
        kept();
        return [states.asks("New", true), states.asks("Newer", true)];
    """)
    assert found == [False, False]


# Too much in an hour


def test_too_much_in_an_hour_waits_as_long_as_the_server_says(run: Run) -> None:
    found = run("""
        states.keep("New");
        const step = states.answer("New", { status: 429, said: { again: 90, words: "Too much" } }, "New");
        states.ended("New");
        at += 30_000;
        const early = states.keep("New");
        at += 60_000;
        return [step, early, states.asks("New", true), states.keep("New")];
    """)
    assert found == [{"do": "wait", "ms": 90_000}, {"do": "later", "ms": 60_000}, True, SEND]


def test_a_button_does_not_wait(run: Run) -> None:
    found = run("""
        states.keep("New");
        states.answer("New", { status: 429, said: { again: 90, words: "Too much" } }, "New");
        states.ended("New");
        return states.keep("New", { act: "save" });
    """)
    assert found == {"do": "post", "act": "save", "carried": False}


# Signed out, and in again in another tab


def test_an_old_proof_is_fetched_anew_and_the_words_go_again(run: Run) -> None:
    found = run("""
        states.keep("New");
        const steps = [states.answer("New", { status: 403 }, "New"), states.renewed(true), states.ended("New")];
        return [...steps, states.keep("New")];
    """)
    assert found == [{"do": "renew"}, {"do": "later", "ms": 0}, None, SEND]


SIGNED_OUT = {"do": "unsaved", "why": "signedOut", "ms": 10_000}


def test_without_a_new_proof_one_is_signed_out(run: Run) -> None:
    found = run('states.keep("New"); return [states.answer("New", { status: 403 }, "New"), states.renewed(false)]')
    assert found == [{"do": "renew"}, SIGNED_OUT]


def test_a_new_proof_that_is_refused_too_is_not_fetched_again(run: Run) -> None:
    found = run("""
        const refused = () => {
            states.keep("New");
            const step = states.answer("New", { status: 403 }, "New");
            states.ended("New");
            return step;
        };
        return [refused(), states.renewed(true), refused(), refused()];
    """)
    assert found == [{"do": "renew"}, {"do": "later", "ms": 0}, SIGNED_OUT, SIGNED_OUT]


def test_an_answer_in_between_allows_the_next_renewal(run: Run) -> None:
    found = run("""
        states.keep("New");
        states.answer("New", { status: 403 }, "New");
        kept();
        return states.answer("New", { status: 403 }, "New");
    """)
    assert found == {"do": "renew"}


# Another post was later


def test_a_post_overtaken_by_a_later_one_changes_nothing(run: Run) -> None:
    found = run("""
        states.keep("New");
        states.keep("Newer", { hidden: true });
        return [states.answer("New", { status: 200, said: { n: 7 } }, "Newer"), states.keep("Old", { gone: true })];
    """)
    assert found == [{"do": "overtaken"}, NOTHING]  # "Old" is what the server is known to have


def test_a_page_from_the_history_is_overtaken_by_itself_and_sends_what_stands_in_it(run: Run) -> None:
    found = run("""
        states.keep("New");
        return [states.answer("New", { status: 200, said: { n: 7 } }, "New"), states.ended("New"), states.keep("New")];
    """)
    assert found == [{"do": "overtaken", "ms": 0}, None, SEND]


def test_overtaken_with_the_kept_words_in_the_form_there_is_nothing_to_send(run: Run) -> None:
    assert run('states.keep("New"); return states.answer("New", { status: 200, said: { n: 7 } }, "Old")') == {
        "do": "overtaken"
    }


# Leaving and sending


@pytest.mark.parametrize(
    ("text", "online", "asks"),
    [
        ('"Old"', "false", False),
        ('"New"', "true", False),  # it goes along on the way out
        ('"New"', "false", True),
        ('"a".repeat(60_000)', "true", True),
    ],
)
def test_who_leaves_is_asked_where_words_would_be_lost(run: Run, text: str, online: str, asks: bool) -> None:
    assert run(f"return states.asks({text}, {online})") is asks


@pytest.mark.parametrize(
    ("text", "online", "why"),
    [('"New"', "true", ""), ('"New"', "false", "notKept"), ('"a".repeat(1_000_001)', "true", "tooLarge")],
)
def test_a_form_that_can_not_arrive_stays(run: Run, text: str, online: str, why: str) -> None:
    found = run(f"return [states.submit({text}, {online}), states.keep({text}, {{ act: 'save' }}).do === 'nothing']")
    assert found == [why, why == ""]


def test_a_form_that_begins_anew_is_as_the_server_has_it(run: Run) -> None:
    found = run("""
        states.keep("New");
        states.answer("New", { status: 0 }, "New");
        states.ended("New");
        states.start("Theirs");
        return [states.keep("Theirs"), states.asks("Mine", true)];
    """)
    assert found == [NOTHING, False]
