"""Every address × everybody × every method: a rival seller learns nothing and changes nothing.

The addresses come from the resolver. A route whose parameter this test can't fill fails it, so that a new route is
walked the day it is born.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4
from zlib import crc32

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.memberships import invite
from accounts.models import Invitation, Membership, Role, Seller, User
from claims.files import scan_queue
from claims.filing.batches import begin_drafts, work
from claims.models import Claim, Draft, EvidencePack, PolicyRule, RefundLine, Return
from claims.refunds.keys import key_of
from messaging import packs
from tests.cast import World, picture
from tests.messaging.correspondence.mails import mail, put_into

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ADMIN_METHODS = ("GET", "POST")  # the admin has one check for all who aren't staff: the rival tries every method
TAKEN = ("GET", "HEAD", "POST")  # what pages take; the others are tried where the address itself is the seller's
LOCAL_APPS = ("accounts", "claims", "messaging")
NO_UUID = ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b")
NOWHERE = 987654321

# What needs no sign-in, or has its own kind: signing in and out, health, help, an invitation's link.
PUBLIC = re.compile(r"^(home|favicon|healthz|readyz|status|metrics|help|join|account_.*|mfa_.*|login|logout|jsi18n)$")


@dataclass
class Ids:
    """The ids of one seller's things, as an address or a form would carry them."""

    slug: str = "no-such-seller"
    claim_id: str = "00000-00000-0000000"
    order_ids: tuple[str, str] = ("999-0000000-0000000", "999-0000000-0000001")
    rma: str = "NOSUCHTHINGRRMA"
    tracking: str = "NOSUCHTRACK1"
    asin: str = "B000NOSUCH"
    refund: str = "2020-01-01T00:00:00+00:00"
    draft: str = NO_UUID[0]
    batch: str = "00000000-0000-4000-8000-00000000000c"
    files: tuple[str, ...] = NO_UUID[1:]
    pks: tuple[int, ...] = (NOWHERE,)
    token: str = "no-such-token"
    closes: int = 1_234_567_890_123_456
    sku: str = "NO-SUCH-SKU"
    line: str = "999-0000000-0000000/1577836800000000/NO-SUCH-SKU"


@dataclass
class SellerRows:
    """A seller with one of everything, each with words that are nobody else's."""

    world: World
    seller: Seller
    owner: User
    word: str
    ids: Ids = field(init=False)
    shared: set[str] = field(init=False)
    private: set[str] = field(init=False)
    invited: str = field(init=False)

    def __post_init__(self) -> None:
        world, word = self.world, self.word
        open_line, filed_line, other_line = (self._line(f"{word} engine {n}") for n in ("red", "green", "black"))
        claim = world.claim(filed_line, by=self.owner, text=f"{word} statement: sand came back.")
        Claim.objects.filter(pk=claim.pk).update(statement=claim.statement)
        world.ask(claim)
        other = world.claim(other_line, by=self.owner, text=f"{word} other statement of the owner.")
        draft = world.draft(open_line, by=self.owner, text=f"{word} unsent words of the owner.")
        kept = world.add_file(draft, name=f"{word}-unsent.txt", data=f"{word} unsent bytes".encode())
        reply = world.reply_draft(claim, by=self.owner)
        world.add_file(reply, name=f"{word}-sent.png", data=picture(f"#{crc32(word.encode()) % 2**24:06x}"))
        world.reply(claim, by=self.owner, text=f"{word} message to the desk.")
        shown = claim.attachments.get(name__endswith="-sent.png")
        scan_queue.check_file(shown.pk, now=world.now)
        back = Return.objects.create(
            seller=self.seller,
            order=open_line.order,
            identity=f"{word}1RRMA",
            rma_id=f"{word}1RRMA".upper(),
            tracking_id=f"{word}TRACK01".upper(),
        )
        batch = begin_drafts(
            membership=Membership.objects.select_related("seller", "user").get(user=self.owner, seller=self.seller),
            uuid=uuid4(),
            rows=[{"number": 2, "order_id": open_line.order.order_id, "sku": open_line.sku}],
            name=f"{word} batch.csv",
            now=world.now,
        )
        work(batch.pk, clock=timezone.now)
        invitation, token = invite(self.seller, None, f"new-{word}@seller.example".lower(), Role.MEMBER, world.now)
        membership = Membership.objects.get(user=self.owner, seller=self.seller)
        assert open_line.first_closes_at is not None
        original = put_into(claim, mail(text=f"{word} old words.", subject=f"{word} old subject"))
        pack = packs.ask(claim, reader=EvidencePack.Reader.SELLER, user_id=self.owner.pk, now=world.now)
        assert packs.make(pack.pk, now=world.now)
        self.ids = Ids(
            slug=self.seller.slug,
            claim_id=claim.claim_id,
            order_ids=(open_line.order.order_id, claim.order.order_id),
            rma=back.rma_id,
            tracking=back.tracking_id,
            asin=filed_line.asin,
            refund=open_line.refund.refunded_at.isoformat(),
            draft=str(draft.uuid),
            batch=str(batch.uuid),
            files=(str(shown.uuid), str(kept.uuid), str(pack.uuid)),
            pks=(invitation.pk, membership.pk, original.pk),
            token=token,
            closes=round(open_line.first_closes_at.timestamp() * 1_000_000),
            sku=open_line.sku,
            line=key_of(open_line),
        )
        self.invited = invitation.email
        self.shared = {word, invitation.email, self.seller.name, self.owner.email, claim.claim_id, other.claim_id}
        self.shared |= {line.order.order_id for line in (open_line, filed_line, other_line)}
        self.private = {f"{word} unsent words of the owner", f"{word}-unsent.txt", f"{word} unsent bytes"}
        self.private |= {batch.name}

    def _line(self, title: str) -> RefundLine:
        line = self.world.refund(seller=self.seller)
        line.title = title
        line.save(update_fields=["title"])
        return line


@dataclass
class TwoSellers:
    world: World
    ours: SellerRows
    rival: SellerRows
    nobody: Ids = field(default_factory=Ids)


@pytest.fixture
def two_sellers(world: World) -> Iterator[TwoSellers]:
    logging.disable(logging.CRITICAL)  # thousands of 404 and 405 on purpose
    world.now = timezone.now()
    ours = SellerRows(world, world.toys, world.alice, "Zebrafinch")
    yield TwoSellers(world, ours, SellerRows(world, world.lamps, world.mallory, "Kingfisher"))
    logging.disable(logging.NOTSET)


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, prefix + str(each.pattern))
        else:
            yield prefix + str(each.pattern), each


def values(parameter: str, ids: Ids, route: URLPattern) -> list[str]:
    """What an address may carry in the place of this parameter. A KeyError: teach this test the new one."""
    rule = PolicyRule.objects.order_by("pk").first()
    assert rule is not None
    return {
        "claim_id": [ids.claim_id],
        "uuid": [ids.draft, ids.batch, *ids.files],
        "step": ["what", "why", "proof", "review", "nothing"],
        "pk": [str(pk) for pk in ids.pks],
        "token": [ids.token],
        "rule": [rule.key],
        "version": [str(rule.version)],
        "page": ["0", "1"],
        "key": ["abc-def"],
        "uidb36": ["1"],
        "object_id": [object_id(route, ids)],
        "id": [str(NOWHERE)],
        "content_type_id": ["1"],
        "app_label": ["claims", "accounts"],
        "url": ["nowhere/"],
    }[parameter]


def object_id(route: URLPattern, ids: Ids) -> str:
    """The number of the seller's row of the model that this page of the admin is about."""
    app, _, rest = (route.name or "").partition("_")
    name = rest.rpartition("_")[0]
    if (app, name) not in {(model._meta.app_label, model._meta.model_name) for model in apps.get_models()}:
        return str(NOWHERE)
    model = apps.get_model(app, name)
    rows = model._default_manager.all()
    if any(each.name == "seller" for each in model._meta.get_fields()) and model is not Seller:
        rows = rows.filter(seller__slug=ids.slug)
    first = rows.order_by("pk").first() if ids.slug != Ids.slug else None
    return str(first.pk if first else NOWHERE)


def addresses(ids: Ids) -> Iterator[tuple[URLPattern, str]]:
    """Every route with every way to fill it. Two calls for two sellers give the same routes in the same order."""
    for written, route in routes():
        names = re.findall(r"<(?:\w+:)?(\w+)>", written)
        assert set(names) == set(route.pattern.regex.groupindex) | set(names), written
        path = "/" + written.replace("\\Z", "")
        filled = [values(name, ids, route) for name in names]
        # Two sellers have the same number of files and people; nobody's ids are repeated to match.
        for chosen in itertools.product(*filled):
            if "step" in names and chosen[0] != ids.draft and chosen[1] != "what":
                continue
            address = path
            for value in chosen:
                address = re.sub(r"\(\?P<\w+>.*?\)(?=[/$-])|<(?:\w+:)?\w+>", value, address, count=1)
            yield route, address.replace("^", "").replace("$", "")


def query(ids: Ids) -> list[dict[str, str]]:
    """The query strings to try: every word in which an id could be asked for."""
    first = {"order": ids.order_ids[0], "q": ids.order_ids[1], "tab": "all", "view": "open", "seller": ids.slug}
    return [
        first,
        {"order": ids.tracking, "kind": "tracking", "q": ids.claim_id, "tab": "all"},
        {"order": ids.rma, "kind": "rma", "q": ids.asin, "tab": "all"},
        {"cursor": f"older-{ids.closes}-{ids.line}", "tab": "open"},
        {"q": ids.rma, "tab": "open"},
        {"tab": "claimed"},
        {"cursor": f"older-{ids.closes}-{ids.claim_id}", "q": ids.tracking, "tab": "all", "at": "1"},
    ]


def form(ids: Ids, slug: str) -> dict[str, Any]:
    """One form with every field that any page reads."""
    return {
        "seller": slug, "order": ids.order_ids[0], "refund": ids.refund, "draft": ids.draft, "act": "send",
        "text": "Written by somebody else.", "statement": "Written by somebody else, at length.", "kind": "message",
        "remove": ids.files[-1], "key": ids.batch, "file": ids.line, "chosen": ids.line,
        **{f"remove-{uuid}": "1" for uuid in ids.files}, "reason": "DIFFERENT",
        f"quantity-{ids.sku}": "1", "email": "friend@elsewhere.example", "role": "OWNER", "name": "Somebody",
        "zone": "UTC", "theme": "", "next": f"/claims/{ids.claim_id}/", "confirm": "yes", "note": "n", "message": "m",
        "_selected_action": "1", "action": "delete_selected",
    }  # fmt: skip


@dataclass
class Walker:
    """One person, signed in once; every request is undone."""

    user: User | None

    def __post_init__(self) -> None:
        self.signed_in = Client(raise_request_exception=False)
        if self.user:
            self.signed_in.force_login(self.user)

    def ask(self, method: str, address: str, query: dict[str, str], body: dict[str, Any]) -> Answer:
        client = Client(raise_request_exception=False)
        client.cookies = self.signed_in.cookies.copy()  # type: ignore[assignment]
        url = f"{address}?{urlencode(query)}"
        data = (body,) if method == "POST" else ()
        written = writes()
        with transaction.atomic():
            response = getattr(client, method.lower())(url, *data)
            text = response.getvalue().decode(errors="replace")
            rows = before_undone() if writes() != written else WATCH.get("before", {})
            answer = Answer(response.status_code, text, response.headers.get("Location", ""), rows)
            transaction.set_rollback(True)
        cache.clear()
        return answer


@dataclass
class Answer:
    status: int
    body: str
    location: str
    rows: dict[str, str]

    def leaks(self, words: set[str], sent: str) -> set[str]:
        """The words in the answer that the request did not bring along."""
        return {word for word in words if word not in sent and (word in self.body or word in self.location)}

    @property
    def is_picture(self) -> bool:
        return self.body.startswith("\ufffdPNG\r\n")


WATCH: dict[str, Any] = {}
OURS: list[int] = []
"""The tables of our apps, by PostgreSQL's own number, once they are known."""


def writes() -> int:
    """How many rows of ours were written in this transaction so far, undone ones too. It only ever grows."""
    with connection.cursor() as cursor:
        if not OURS:
            cursor.execute(
                """
                SELECT oid::int FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
                   AND split_part(relname, '_', 1) = ANY(%s)
                """,
                [list(LOCAL_APPS)],
            )
            OURS.extend(oid for (oid,) in cursor.fetchall())
        # What the view of these statistics counts, without its joins: it is asked at every request of a walk.
        cursor.execute(
            """
            SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
                       + pg_stat_get_xact_tuples_deleted(oid)) FROM unnest(%s::oid[]) AS oid
            """,
            [OURS],
        )
        return int(cursor.fetchone()[0])


def before_undone() -> dict[str, str]:
    """The state of the watched rows, by table."""
    if not WATCH:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(WATCH["sql"])
        return dict(cursor.fetchall())


@pytest.fixture
def watch() -> Iterator[dict[str, Any]]:
    yield WATCH
    WATCH.clear()


def rows_of(seller: Seller, but: User, tables: str = "") -> str:
    """The SQL that fingerprints each table: the seller's rows, and those of no seller, but the person's own."""
    parts = []
    for app in LOCAL_APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            table = model._meta.db_table
            columns = {column.column for column in model._meta.concrete_fields}
            where = [f"(seller_id = {seller.pk} or seller_id is null)"] if "seller_id" in columns else []
            if model is User:
                where.append(f"id <> {but.pk}")  # their own name, zone and theme
            if table == "messaging_outgoingemail":
                where.append("kind <> 'password-reset'")  # anybody may ask, about any address: a row is owed either way
            if table in ("claims_readmark", "claims_unseen", "claims_visit", "messaging_calendarfeed"):
                where.append(f"user_id <> {but.pk}")  # what they have seen themselves, their own calendar
            if table.startswith(tables):
                rows = f'from "{table}" t where {" and ".join(where) or "true"}'
                digest = "count(*) || md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
                parts.append(f"select '{table}', {digest} {rows}")
    return " union all ".join(parts)


SELLERS_VIEWS = re.compile(r"(accounts|claims|messaging)\.(\w+\.)*(\w+_)?views(\.\w+)*")
"""Modules with views for members: `views`, `file_views` and the like, in whatever folder of the three apps."""


def is_sellers(route: URLPattern) -> bool:
    """Whether the page is for members of a seller account only."""
    module = route.callback.__module__
    own = {"join", "settings", "help", "account_reset_password"}
    own |= {"stop", "stop_copies", "confirm_address", "calendar"}  # links of e-mails: who holds one may use it
    return bool(SELLERS_VIEWS.fullmatch(module)) and route.name not in own


def walk(
    two_sellers: TwoSellers,
    user: User | None,
    path: Ids,
    brought: Ids,
    slug: str,
    queries: int = 1,
    methods: tuple[str, ...] = METHODS,
    admin: tuple[str, ...] = METHODS,
) -> Iterator[tuple[URLPattern, str, str, Answer, str]]:
    """Ask for every address of `path` with `brought` in query and form; yields the sent text as well."""
    walker = Walker(user)
    for route, address in addresses(path):
        for method in admin if address.startswith("/admin/") else methods:
            is_list = method == "GET" and not route.pattern.regex.groups and not address.startswith("/admin/")
            for asked in query(brought)[: queries if is_list else 1]:
                body = form(brought, slug) if method == "POST" else {}
                answer = walker.ask(method, address, asked, body)
                assert answer.status != 500, f"{method} {address} {asked}"
                yield route, method, address, answer, f"{address} {asked} {body}"


def plain(text: str, address: str, *all_ids: Ids) -> str:
    """The text without what was echoed: the address, ids, and tokens that are new each time."""
    for path in (quote(address, safe=""), quote(address), address):
        text = text.replace(path, "ADDRESS")
    for ids in all_ids:
        known = [
            ids.claim_id,
            *ids.order_ids,
            ids.rma,
            ids.tracking,
            ids.asin,
            ids.draft,
            ids.batch,
            *ids.files,
            ids.token,
        ]
        known += [ids.slug, ids.refund, quote(ids.refund, safe=""), ids.sku, str(ids.closes)]
        once = quote(ids.line, safe="")
        known = [ids.line, once, quote(once, safe=""), *known]  # what holds other ids goes first
        for value in known:
            text = text.replace(value, "ID")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "CSRF", text)
    text = re.sub(r'value="[\w-]+:\w{6}:[\w-]{43}"', "SIGNED", text)  # with the second it was signed in
    text = re.sub(r'seconds": \d+', "SECONDS", text)  # /status counts them
    text = re.sub(r'class="print-only small">.*?</p>', "PRINTED", text)  # a receipt says when it was asked for
    return re.sub(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)


def pictures_of(ids: Ids, base: str = "/attachments/") -> set[str]:
    """The addresses that answer with a picture to those who may see the seller's: the file, thumbnail and preview."""
    shown = f"{base}{ids.files[0]}/"
    return {shown, f"{shown}preview/0/", f"{shown}preview/1/"}


def test_rival_reads_and_changes_nothing(two_sellers: TwoSellers, watch: dict[str, Any]) -> None:
    mallory, ours, rival, nobody = two_sellers.world.mallory, two_sellers.ours, two_sellers.rival, two_sellers.nobody
    nobody.pks, nobody.files = (NOWHERE,) * len(ours.ids.pks), NO_UUID[1:] * len(ours.ids.files)
    watch["sql"] = rows_of(two_sellers.world.toys, mallory)
    as_it_was = watch["before"] = before_undone()
    for path, slug in ((ours.ids, ours.ids.slug), (rival.ids, rival.ids.slug)):
        desk, methods = (METHODS, METHODS) if path is ours.ids else ((), TAKEN)
        theirs = walk(two_sellers, mallory, path, ours.ids, slug, 7, methods, desk)
        not_there = path if path is rival.ids else nobody
        nothing_slug = slug if path is rival.ids else nobody.slug
        nothing = walk(two_sellers, mallory, not_there, nobody, nothing_slug, 7, methods, desk)
        for (route, method, address, answer, sent), (*_, empty_address, empty, _sent) in zip(
            theirs, nothing, strict=True
        ):
            told = f"{method} {address}"
            assert answer.rows == as_it_was, told
            words = ours.shared | ours.private
            if route.name == "join" and path is ours.ids:
                # Who has an invitation's link may read whose it is: the link is the secret.
                assert answer.leaks(words - {two_sellers.world.toys.name, ours.invited}, sent) == set(), told
                continue
            assert answer.leaks(words, sent) == set(), told
            assert not answer.is_picture or address in pictures_of(rival.ids), told
            if route.name == "metrics":  # counts of this process, from one request to the next
                continue
            assert answer.status == empty.status, told
            assert plain(answer.location, address, ours.ids, nobody) == plain(
                empty.location, empty_address, ours.ids, nobody
            ), told
            assert plain(answer.body, address, ours.ids, nobody) == plain(
                empty.body, empty_address, ours.ids, nobody
            ), told


def test_strangers_are_led_to_the_sign_in(two_sellers: TwoSellers, watch: dict[str, Any]) -> None:
    watch["sql"] = rows_of(two_sellers.world.toys, User(pk=0))
    as_it_was = watch["before"] = before_undone()
    for route, method, address, answer, sent in walk(
        two_sellers, None, two_sellers.ours.ids, two_sellers.ours.ids, "seller-a"
    ):
        told = f"{method} {address} {answer.status} {answer.location}"
        if PUBLIC.match(route.name or ""):
            may_read = {two_sellers.world.toys.name, two_sellers.ours.invited} if route.name == "join" else set()
            assert answer.leaks((two_sellers.ours.shared | two_sellers.ours.private) - may_read, sent) == set(), told
        else:
            assert answer.status in (302, 404, 405) or (answer.status, answer.body) == (200, ""), told
            if answer.status == 302 and not address.startswith("/admin/"):
                assert answer.location.startswith("/accounts/login/?next="), told
            assert answer.leaks(two_sellers.ours.shared | two_sellers.ours.private, sent) == set(), told
        assert not answer.is_picture, told
        if route.name != "join":  # who has the link can make an account with it
            assert answer.rows == as_it_was, told


@pytest.mark.parametrize("name", ["hana", "ada"])
def test_staff_find_no_page_of_sellers(two_sellers: TwoSellers, name: str) -> None:
    user, pictures = getattr(two_sellers.world, name), set[str]()
    ids = two_sellers.ours.ids
    for route, method, address, answer, sent in walk(two_sellers, user, ids, ids, "seller-a", admin=("GET",)):
        if is_sellers(route):
            told = f"{method} {address}"
            assert answer.status in (404, 405), told
            assert answer.leaks(two_sellers.ours.shared | two_sellers.ours.private, sent) == set(), told
            assert not answer.is_picture, told
        pictures |= {address} if answer.is_picture else set()
    assert pictures == pictures_of(two_sellers.ours.ids, "/admin/desk/files/")


def test_viewer_reads_and_changes_nothing(two_sellers: TwoSellers, watch: dict[str, Any]) -> None:
    vera, ids, pictures = two_sellers.world.vera, two_sellers.ours.ids, set[str]()
    watch["sql"] = rows_of(two_sellers.world.toys, vera)
    as_it_was = watch["before"] = before_undone()
    for _route, method, address, answer, sent in walk(two_sellers, vera, ids, ids, "seller-a", admin=ADMIN_METHODS):
        assert answer.leaks(two_sellers.ours.private, sent) == set(), f"{method} {address}"
        assert answer.rows == as_it_was, f"{method} {address}"
        pictures |= {address} if answer.is_picture else set()
    assert pictures == pictures_of(ids)


def test_member_reads_no_draft_of_another_and_changes_no_membership(
    two_sellers: TwoSellers, watch: dict[str, Any]
) -> None:
    gus, ids, pictures = two_sellers.world.gus, two_sellers.ours.ids, set[str]()
    watch["sql"] = rows_of(two_sellers.world.toys, gus, "accounts_")
    as_it_was = watch["before"] = before_undone()
    for _route, method, address, answer, sent in walk(two_sellers, gus, ids, ids, "seller-a", admin=ADMIN_METHODS):
        assert answer.leaks(two_sellers.ours.private, sent) == set(), f"{method} {address}"
        assert answer.rows == as_it_was, f"{method} {address}"
        pictures |= {address} if answer.is_picture else set()
    assert pictures == pictures_of(ids)


def test_owner_sees_and_changes_what_others_must_not(two_sellers: TwoSellers, watch: dict[str, Any]) -> None:
    """Without this the walks above could pass on empty pages, and on rows that nobody watches."""
    ours, seen, changed, pictures = two_sellers.ours, dict[str, set[str]](), set[str](), set[str]()
    watch["sql"] = rows_of(two_sellers.world.toys, ours.owner)
    as_it_was = watch["before"] = before_undone()
    words = (ours.shared | ours.private) - {two_sellers.world.toys.name, ours.owner.email}
    walked = walk(two_sellers, ours.owner, ours.ids, ours.ids, "seller-a", 7, admin=ADMIN_METHODS)
    for route, method, address, answer, _sent in walked:
        pictures |= {address} if answer.is_picture else set()
        if answer.rows != as_it_was:
            changed.add(str(route.name))
        if method == "GET" and answer.status == 200 and answer.leaks(words, ""):
            seen.setdefault(str(route.name), set()).update(answer.leaks(words, ""))
    assert pictures == pictures_of(ours.ids)
    assert set(seen) == {
        "attachment", "batch", "batch_report", "bulk", "bulk_template", "details", "drafts", "join", "live", "look",
        "manage", "new", "new_step", "pack", "pack_file", "people", "receipt", "refunds", "refunds_report", "report",
        "search", "search_thread", "thread", "withdraw",
    }  # fmt: skip
    assert set().union(*seen.values()) == words
    assert {"delete_draft", "new_step", "thread", "withdraw"} <= changed


def test_two_sellers_have_one_of_every_kind(two_sellers: TwoSellers) -> None:
    toys = two_sellers.world.toys
    assert Draft.objects.filter(seller=toys, purpose=Draft.Purpose.FILE).count() == 1
    assert Claim.objects.filter(seller=toys).count() == 2
    assert Invitation.objects.filter(seller=toys).count() == 1
