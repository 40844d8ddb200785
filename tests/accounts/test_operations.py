"""Joining and leaving a seller account: single use, expiring, never without an owner."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from accounts import memberships
from accounts.memberships import MembershipRefusal, MembershipRefused
from accounts.models import Invitation, Membership, Role, User
from accounts.signals import invited
from tests.accounts.conftest import NOW, Cast, make_cast

LAST_MOMENT = NOW + timedelta(days=7)
TICK = timedelta(microseconds=1)


def refusal(verb: Callable[..., object], *args: Any) -> MembershipRefusal:
    with pytest.raises(MembershipRefused) as refused:
        verb(*args)
    return refused.value.why


def test_invitation_keeps_no_secret_in_its_row(cast: Cast) -> None:
    invitation, token = memberships.invite(cast.blue, cast.alice, " Nina@Example.COM ", "member", NOW)
    assert (invitation.email, invitation.role, invitation.expires_at) == ("nina@example.com", "member", LAST_MOMENT)
    assert token == invitation.token
    secret = token.partition(".")[2]
    assert len(secret) > 40
    assert not any(secret in str(value) for value in Invitation.objects.values_list().get())


def test_secret_of_a_link_needs_the_portals_key(cast: Cast) -> None:
    _, token = memberships.invite(cast.blue, cast.alice, "nina@example.com", "member", NOW)
    with override_settings(SECRET_KEY="another key, after the first leaked"):
        assert refusal(memberships.join, token, "Nina", "a long password", NOW) == MembershipRefusal.UNKNOWN
    with override_settings(SECRET_KEY="a key that was rotated in", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert memberships.join(token, "Nina", "a long password", NOW).role == Role.MEMBER


def test_invitation_is_told_inside_its_transaction(cast: Cast) -> None:
    told: list[tuple[str, bool]] = []

    def listen(invitation: Invitation, **rest: object) -> None:
        told.append((invitation.email, connection.in_atomic_block))

    invited.connect(listen)
    try:
        memberships.invite(cast.blue, cast.alice, "nina@example.com", "member", NOW)
    finally:
        invited.disconnect(listen)
    assert told == [("nina@example.com", True)]


def test_second_invitation_of_an_address_takes_the_first_back(cast: Cast) -> None:
    _, first = memberships.invite(cast.blue, cast.alice, "nina@example.com", "member", NOW)
    _, second = memberships.invite(cast.blue, cast.alice, "nina@example.com", "viewer", NOW)
    assert refusal(memberships.join, first, "Nina", "a long password", NOW) == MembershipRefusal.REVOKED
    assert memberships.join(second, "Nina", "a long password", NOW).role == Role.VIEWER


@pytest.mark.parametrize("who", ["vera", "gus", "mallory", "nobody"])
def test_only_owners_invite(cast: Cast, who: str) -> None:
    assert (
        refusal(memberships.invite, cast.blue, getattr(cast, who), "nina@example.com", "member", NOW)
        == MembershipRefusal.NOT_OWNER
    )


def test_member_is_not_invited_again(cast: Cast) -> None:
    assert (
        refusal(memberships.invite, cast.blue, cast.alice, "VERA@seller-a.example", "member", NOW)
        == MembershipRefusal.ALREADY_MEMBER
    )


def test_new_person_joins_with_a_name_and_a_password(cast: Cast) -> None:
    _, token = memberships.invite(cast.blue, cast.alice, "nina@example.com", "owner", NOW)
    membership = memberships.join(token, " Nina ", "a long password", NOW)
    assert (membership.seller, membership.role, membership.user.name) == (cast.blue, Role.OWNER, "Nina")
    assert membership.user.check_password("a long password")
    assert Invitation.objects.get().accepted_by == membership.user


def test_invitation_works_to_its_last_moment(cast: Cast) -> None:
    _, token = memberships.invite(cast.blue, cast.alice, "nobody@elsewhere.example", "member", NOW)
    assert refusal(memberships.accept, token, cast.nobody, LAST_MOMENT + TICK) == MembershipRefusal.EXPIRED
    assert memberships.accept(token, cast.nobody, LAST_MOMENT).user == cast.nobody


def test_invitation_works_once(cast: Cast) -> None:
    _, token = memberships.invite(cast.blue, cast.alice, "nobody@elsewhere.example", "member", NOW)
    memberships.accept(token, cast.nobody, NOW)
    assert refusal(memberships.accept, token, cast.nobody, NOW) == MembershipRefusal.USED


def test_invitation_is_for_its_address_alone(cast: Cast) -> None:
    _, token = memberships.invite(cast.blue, cast.alice, "nobody@elsewhere.example", "member", NOW)
    assert refusal(memberships.accept, token, cast.mallory, NOW) == MembershipRefusal.OTHER_PERSON
    assert refusal(memberships.join, token, "Somebody", "a long password", NOW) == MembershipRefusal.HAS_ACCOUNT
    assert refusal(memberships.accept, "guessed", cast.nobody, NOW) == MembershipRefusal.UNKNOWN


def test_staff_accept_nothing(cast: Cast) -> None:
    _, token = memberships.invite(cast.blue, cast.alice, "hana@desk.example", "member", NOW)
    assert refusal(memberships.accept, token, cast.hana, NOW) == MembershipRefusal.STAFF
    assert not Membership.objects.filter(user=cast.hana).exists()


def test_revoked_invitation_works_no_more(cast: Cast) -> None:
    invitation, token = memberships.invite(cast.blue, cast.alice, "nobody@elsewhere.example", "member", NOW)
    memberships.revoke(invitation, cast.alice, NOW)
    assert refusal(memberships.accept, token, cast.nobody, NOW) == MembershipRefusal.REVOKED


def test_who_was_removed_comes_back_with_the_role_of_the_new_invitation(cast: Cast) -> None:
    memberships.remove_member(cast.membership(cast.gus, cast.blue), cast.alice, NOW)
    _, token = memberships.invite(cast.blue, cast.alice, cast.gus.email, "viewer", NOW)
    membership = memberships.accept(token, cast.gus, NOW)
    assert (membership.role, membership.is_active) == (Role.VIEWER, True)


def test_removal_takes_open_invitations_of_the_address_back(cast: Cast) -> None:
    _, token = memberships.invite(cast.blue, cast.alice, "nobody@elsewhere.example", "member", NOW)
    Membership.objects.create(user=cast.nobody, seller=cast.blue, role=Role.VIEWER)
    memberships.remove_member(cast.membership(cast.nobody, cast.blue), cast.alice, NOW)
    assert refusal(memberships.accept, token, cast.nobody, NOW) == MembershipRefusal.REVOKED


def test_last_owner_stays_owner(cast: Cast) -> None:
    own = cast.membership(cast.alice, cast.blue)
    assert refusal(memberships.change_role, own, cast.alice, "member") == MembershipRefusal.LAST_OWNER
    assert refusal(memberships.remove_member, own, cast.alice, NOW) == MembershipRefusal.LAST_OWNER
    memberships.change_role(cast.membership(cast.gus, cast.blue), cast.alice, "owner")
    assert memberships.change_role(own, cast.alice, "member").role == Role.MEMBER


def test_owner_who_is_switched_off_does_not_count(cast: Cast) -> None:
    memberships.change_role(cast.membership(cast.gus, cast.blue), cast.alice, "owner")
    User.objects.filter(pk=cast.gus.pk).update(is_active=False)
    assert (
        refusal(memberships.remove_member, cast.membership(cast.alice, cast.blue), cast.alice, NOW)
        == MembershipRefusal.LAST_OWNER
    )


def test_owner_of_another_seller_changes_nothing(cast: Cast) -> None:
    vera = cast.membership(cast.vera, cast.blue)
    assert refusal(memberships.change_role, vera, cast.mallory, "owner") == MembershipRefusal.NOT_OWNER
    assert refusal(memberships.remove_member, vera, cast.mallory, NOW) == MembershipRefusal.NOT_OWNER


def at_once(*verbs: Callable[[], object]) -> list[object]:
    """Run each verb in a thread of its own, all from the same moment; return what each gave or why it was refused."""
    gate = threading.Barrier(len(verbs))
    results: list[object] = [None] * len(verbs)

    def run(place: int, verb: Callable[[], object]) -> None:
        gate.wait()
        try:
            verb()
            results[place] = "done"
        except MembershipRefused as refused:
            results[place] = refused.why
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_join_by_one_link_and_one_does() -> None:
    cast = make_cast()
    _, token = memberships.invite(cast.blue, cast.alice, "nina@example.com", "member", NOW)
    results = at_once(*[lambda: memberships.join(token, "Nina", "a long password", NOW)] * 8)
    assert sorted(map(str, results)) == ["USED"] * 7 + ["done"]
    assert Membership.objects.filter(user__email="nina@example.com").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_leave_one() -> None:
    cast = make_cast()
    memberships.change_role(cast.membership(cast.gus, cast.blue), cast.alice, "owner")
    alice, gus = cast.membership(cast.alice, cast.blue), cast.membership(cast.gus, cast.blue)
    results = at_once(
        lambda: memberships.remove_member(gus, cast.alice, NOW),
        lambda: memberships.remove_member(alice, cast.gus, NOW),
    )
    assert sorted(map(str, results)) == ["NOT_OWNER", "done"]
    assert Membership.objects.filter(seller=cast.blue, role=Role.OWNER, is_active=True).count() == 1
