"""Policy files that can't be right: each is refused with a sentence, and nothing of it is kept."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import marketplaces
from claims.models import Claim, ClockRule, Order, PolicyRule, RefundLine
from claims.policy_loading import load as policy_loading_load
from claims.policy_loading.load import POLICIES
from claims.refunds import stored_windows
from claims.workflow import deadlines
from tests.cast import World

RULE = {
    "key": '"x"',
    "version": "1",
    "name": '"X"',
    "marketplace": '"JP"',
    "trigger": '"REFUND"',
    "closes_after": "20",
    "clause": '"Within 20 days."',
    "source": '"A page"',
}


def table(kind: str = "rule", **changes: str | None) -> str:
    row = {**RULE, **changes}
    return f"[[{kind}]]\n" + "".join(f"{key} = {value}\n" for key, value in row.items() if value is not None)


def load(tmp_path: Path, text: str | bytes, *options: str) -> str:
    path = tmp_path / "us.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = StringIO()
    call_command("load_policy", path, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


BAD = [
    (table(opens_after="45", name='"not returned 2026"'),
     'us.toml, rule "not returned 2026": closes (day 20) before it opens (day 45). No refund could ever be claimed.'),
    (table(closes_after=None, closes_afer="20"),
     'us.toml, rule "X": unknown key "closes_afer". Did you mean "closes_after"?\n'
     'us.toml, rule "X": "closes_after" is missing.'),
    (table(effective_from="2026-02-16", effective_to="2026-02-01"),
     'us.toml, rule "X": ends (2026-02-01) before it begins (2026-02-16). It would never be in force.'),
    (table(zone='"US/Nowhere"'), 'us.toml, rule "X": zone "US/Nowhere" is unknown.'),
    (table(percent_cap="140"), 'us.toml, rule "X": "percent_cap" is 140; it takes a whole number from 1 to 100.'),
    (table(marketplace='"Narnia"'), None),
    (table(trigger='"RETURN"'), None),
    (table(reason='"DAMAGED"', sub_reason='"EMPTY_BOX"'), 'us.toml, rule "X": EMPTY_BOX is no case of DAMAGED.'),
    (table(region='"EU"'), 'us.toml, rule "X": names a marketplace and a region. A rule is for one of them.'),
    (table(order_cap_minor="5000"),
     'us.toml, rule "X": a cap for one order takes both an amount and its currency.'),
    (table(order_cap_minor="5000", order_cap_currency='"USD"'),
     'us.toml, rule "X": the cap is in USD, but JP refunds in JPY.'),
    (table(required='["ITEM_PHOTO"]'),
     'us.toml, rule "X": asks for evidence but names no reason. Evidence differs by reason.'),
    (table(reason='"DAMAGED"', required='["SELFIE"]'), None),
    (table(closes_after="true"), None),
    (table(closes_after="99999999999999999999"), None),
    (table(name='"a\\u0000b"'), 'us.toml, rule "a\x00b": "name" holds a character that can\'t be kept (NUL).'),
    (table(effective_from="2026-02-16T00:00:00"), None),
    (table(version="2"), 'us.toml, rule "X", version 2, can\'t follow version 0. The next one is 1.'),
    (table() + table(key='"y"', name='"Y"'), 'us.toml: rules "X" and "Y" both apply to JP.'),
    (table(reason='"DAMAGED"', program='"SFP"', effective_to="2026-03-01")
     + table(key='"y"', name='"Y"', reason='"DAMAGED"', program='"SFP"', effective_from="2026-02-16"),
     'us.toml: rules "X" and "Y" both apply to JP, SFP, damaged, from 2026-02-16.'),
    ('[rule]\nkey = "x"\n', 'us.toml: "rule" is one table. Write [[rule]] above each.'),
    ("rule = 7\n", 'us.toml: "rule" is one table. Write [[rule]] above each.'),
    ("rule = [7]\n", "us.toml: rule: is no table."),
    ("[[rules]]\n", 'us.toml: unknown key "rules". Did you mean "rule"?'),
    ("key = ", None),
    (b"\xff\xfe\x00", None),
    ("[" * 5000, None),
    (table("clock"), None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), BAD, ids=range(len(BAD)))
def test_a_policy_file_that_cant_be_right_is_refused_whole(
    world: World, tmp_path: Path, text: str | bytes, sentence: str | None
) -> None:
    before = PolicyRule.objects.count(), ClockRule.objects.count()
    good = table(key='"good"', name='"Good"', marketplace='"AU"')
    with pytest.raises(CommandError) as refused:
        load(tmp_path, good + text if isinstance(text, str) and text.startswith("[[rule]]") else text)
    assert refused.value.returncode == 2
    assert str(refused.value).startswith("us.toml")
    if sentence is not None:
        assert str(refused.value) == sentence
    assert (PolicyRule.objects.count(), ClockRule.objects.count()) == before


def test_days_that_no_rule_governs_are_named(db: None, tmp_path: Path) -> None:
    old = table(effective_to="2025-12-31", marketplace='"US"', reason='"DAMAGED"')
    new = table(key='"y"', name='"Y"', effective_from="2026-02-16", marketplace='"US"', reason='"DAMAGED"')
    with pytest.raises(CommandError) as refused:
        load(tmp_path, old + new)
    assert str(refused.value) == "us.toml: between 2026-01-01 and 2026-02-15 no rule applies to US, damaged."
    with pytest.raises(CommandError) as refused:
        load(tmp_path, old)
    assert str(refused.value) == "us.toml: from 2026-01-01 on no rule applies to US, damaged."
    assert not PolicyRule.objects.exists()


def test_every_shipped_file_loads_once_and_again_changes_nothing(db: None, tmp_path: Path) -> None:
    said = []
    for _ in range(2):
        counts = {"new": 0, "unchanged": 0}
        for path in sorted(POLICIES.glob("*.toml")):
            out = StringIO()
            call_command("load_policy", path, "--json", stdout=out, stderr=StringIO())
            told = json.loads(out.getvalue())
            counts = {key: counts[key] + told[key] for key in counts}
        said.append(counts)
    rows = PolicyRule.objects.count() + ClockRule.objects.count()
    assert said == [{"new": rows, "unchanged": 0}, {"new": 0, "unchanged": rows}]


def test_marketplaces_can_be_checked(db: None, tmp_path: Path) -> None:
    assert "nothing wrong" in load(tmp_path, marketplaces.TABLE.read_text())
    with pytest.raises(CommandError) as refused:
        load(tmp_path, '[US]\nzone = "US/Nowhere"\n')
    assert 'us.toml, marketplace "US": zone "US/Nowhere" is unknown.' in str(refused.value)


def test_a_version_that_is_loaded_is_never_changed(world: World, tmp_path: Path) -> None:
    load(tmp_path, table())
    with pytest.raises(CommandError) as refused:
        load(tmp_path, table(closes_after="21"))
    assert str(refused.value) == (
        'us.toml, rule "X", version 1, is loaded with another closes_after. A changed rule is a new version.'
    )
    load(tmp_path, table(version="2", closes_after="21"))
    assert list(PolicyRule.objects.filter(key="x").values_list("version", "closes_after")) == [(1, 20), (2, 21)]


def closes(line: RefundLine) -> Any:
    return RefundLine.objects.values_list("closes_at", flat=True).get(pk=line.pk)


def test_a_new_version_moves_the_windows_of_refunds_and_not_those_of_claims(world: World, tmp_path: Path) -> None:
    line, claimed = world.refund(), world.refund()
    claim = world.claim(claimed)
    kept = claim.lines.get().closes_at
    before = closes(line)
    assert "5 new" not in load(tmp_path, table(marketplace='"US"', closes_after="40"), "--dry-run")
    assert closes(line) == before
    said = load(tmp_path, table(marketplace='"US"', closes_after="40"))
    assert said == "1 new, 0 unchanged.\nThe windows of 2 refund lines were recomputed.\n"
    assert (closes(line), closes(claimed)) == (before + timedelta(days=10),) * 2
    assert claim.lines.get().closes_at == kept
    rule = claim.lines.get().policy_rule
    assert rule is not None
    assert (rule.key, rule.version) == ("base", 1)


def test_recomputing_that_was_stopped_goes_on_where_it_was(world: World) -> None:
    lines = [world.refund() for _ in range(5)]
    policy_loading_load.new_version(
        PolicyRule,
        {
            "key": "us", "name": "US", "marketplace": "US", "trigger": "REFUND", "closes_after": 60,
            "clause": "Within 60 days.", "source": "A page",
        },
    )  # fmt: skip
    before = closes(lines[0])
    run = stored_windows.recompute_all(timezone.now(), batch=2)
    assert next(run) == 2
    run.close()  # stopped
    assert [closes(line) != before for line in lines] == [True, True, False, False, False]
    assert stored_windows.out_of_date(timezone.now()).count() == 3
    assert list(stored_windows.recompute_all(timezone.now(), batch=2)) == [2, 1]
    assert list(stored_windows.recompute_all(timezone.now())) == []


def test_one_window_that_ended_makes_way_for_the_next(world: World) -> None:
    """Brazil: most reasons close on day 30, not returned opens on day 45."""
    policy_loading_load.load({"rule": [{
        "key": "br", "version": 1, "name": "BR", "marketplace": "US", "reason": "NOT_RETURNED", "trigger": "REFUND",
        "opens_after": 45, "closes_after": 75, "clause": "c", "source": "s",
    }]})  # fmt: skip
    line = world.refund(days=-10)
    assert line.first_closes_at is not None
    assert line.closes_at is not None
    assert line.first_closes_at < line.closes_at
    assert list(stored_windows.recompute_all(line.first_closes_at)) == []
    later = line.first_closes_at + timedelta(microseconds=1)
    assert list(stored_windows.recompute_all(later)) == [1]
    line.refresh_from_db()
    assert line.opens_at is not None
    assert line.opens_at > later
    assert line.first_closes_at == line.closes_at


def test_every_marketplace_has_an_amount_above_which_two_decide(world: World) -> None:
    files = sorted(POLICIES.glob("*.toml"))
    call_command("load_policy", *files, stdout=StringIO(), stderr=StringIO())
    for place in marketplaces.by_code().values():
        order = Order(marketplace=place.code)
        claim = Claim(order=order, currency=place.currency, clock_rule=deadlines.clock_rule(place.code, None))
        above = deadlines.four_eyes_above(claim)
        assert above is not None and 10_000 < above < 10**7, place.code
    euros = Claim(order=Order(marketplace="AE"), currency="EUR", clock_rule=deadlines.clock_rule("AE", None))
    assert deadlines.four_eyes_above(euros) is None


def test_an_installation_with_the_first_version_gets_the_amount_as_the_second(db: None) -> None:
    both = tomllib.loads((POLICIES / "base.toml").read_text())
    policy_loading_load.load({"rule": both["rule"], "clock": both["clock"][:1]})
    assert policy_loading_load.load(both) == policy_loading_load.LoadedRules(new=1, unchanged=2)
    assert policy_loading_load.load(both) == policy_loading_load.LoadedRules(new=0, unchanged=3)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"four_eyes_by_currency": {"usd": 5}}, "names 'usd', which is no currency code like USD."),
        ({"four_eyes_by_currency": {"": 5}}, "names '', which is no currency code like USD."),
        ({"four_eyes_by_currency": {"USD": 1.5}}, "of USD is 1.5; it takes a whole number of minor units"),
        ({"four_eyes_by_currency": 5}, "is 5; it takes amounts by currency, as in {USD = 50000}."),
        (
            {"four_eyes_by_currency": {"USD": 5}, "four_eyes_above_minor": 5},
            "says twice above which amount a second handler confirms",
        ),
    ],
)
def test_amounts_by_currency_that_say_nothing_are_refused(world: World, row: dict[str, Any], sentence: str) -> None:
    full = {"key": "x", "version": 1, "name": "X", "marketplace": "US", "reply_days": 7, "appeal_days": 7,
            "answer_days": 7, "source": "x", **row}  # fmt: skip
    with pytest.raises(policy_loading_load.UnusablePolicy) as refused:
        policy_loading_load.load({"clock": [full]})
    assert sentence in refused.value.sentences[0]
