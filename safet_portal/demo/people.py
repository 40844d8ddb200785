"""The demo's people. Only the demo makes them, all with the same password."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.groups import CASE_HANDLER, SENIOR_HANDLER
from accounts.models import Membership, Role, Seller, User

PASSWORD = "demo"


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    name: str
    what: str
    zone: str = "America/New_York"


PEOPLE = (
    Person("alice@seller-a.example", "Alice Moreno", "owner of Blue Door Toys"),
    Person("vera@seller-a.example", "Vera Lind", "viewer of Blue Door Toys"),
    Person("mallory@seller-b.example", "Mallory Krause", "owner of Lichtkontor, a rival", "Europe/Berlin"),
    Person("gus@agency.example", "Gus Okafor", "member of both", "Europe/London"),
    Person("hana@desk.example", "Hana Sato", "case handler", "America/Los_Angeles"),
    Person("sam@desk.example", "Sam Whitfield", "senior handler", "America/Los_Angeles"),
    Person("admin@desk.example", "Ada Park", "superuser", "America/Los_Angeles"),
)


def make_people() -> dict[str, User]:
    """Make the people with their sellers and groups; return them by the part of the address before the @."""
    people = {}
    password = make_password(PASSWORD)  # one for all: each costs a third of a second, on purpose
    for person in PEOPLE:
        staff = person.email.endswith("@desk.example")
        people[person.email.partition("@")[0]] = User.objects.create(
            email=person.email,
            password=password,
            name=person.name,
            zone=person.zone,
            is_staff=staff,
            is_superuser=person.what == "superuser",
        )
    toys = Seller.objects.create(slug="seller-a", name="Blue Door Toys", marketplace="US")
    lamps = Seller.objects.create(slug="seller-b", name="Lichtkontor", marketplace="DE")
    for name, seller, role in (
        ("alice", toys, Role.OWNER),
        ("vera", toys, Role.VIEWER),
        ("mallory", lamps, Role.OWNER),
        ("gus", toys, Role.MEMBER),
        ("gus", lamps, Role.MEMBER),
    ):
        Membership.objects.create(user=people[name], seller=seller, role=role)
    people["hana"].groups.add(Group.objects.get(name=CASE_HANDLER))
    people["sam"].groups.add(Group.objects.get(name=SENIOR_HANDLER))
    return people
