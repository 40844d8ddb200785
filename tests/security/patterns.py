"""Every pattern of the portal, found by inspection, and texts made from its own parse that are hard for it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise
from re import _constants, _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

APPS = ("accounts", "claims", "messaging", "desk", "safet_portal")
SMALL = (*range(12, 32, 2), *range(32, 256, 6), 256, 320, 384, 512, 768, 1024)
"""Lengths to try, so close that what doubles with each character is seen before it takes minutes."""
LARGE, FOUR_TIMES = 4_000, 16_000
SLOW = 0.05
"""Seconds of processor time that are too many for 1,024 characters; a linear pattern takes a thousandth of it."""
FLOOR = 0.004
"""Seconds for FOUR_TIMES characters below which nothing is worth a second look: a square takes ten times as long."""
MOST_GROWTH = 8.0
"""How much longer four times the text may take: a line says 4, a square 16."""


@dataclass
class Found:
    """A pattern, where it stands, and the functions it is used with."""

    place: str
    pattern: re.Pattern[Any]
    uses: set[str] = field(default_factory=set)


def modules() -> Iterator[ModuleType]:
    for app in APPS:
        package = importlib.import_module(app)
        yield package
        for info in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in info.name:
                yield importlib.import_module(info.name)


def patterns_within(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns a global holds: itself, in a collection, or as an attribute of an object of ours."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth < 3:
        yield from patterns_within(list(value.values()), depth + 1)
    elif isinstance(value, list | tuple | set | frozenset) and depth < 3:
        for one in value:
            yield from patterns_within(one, depth + 1)
    elif depth < 3 and getattr(type(value), "__module__", "").split(".")[0] in APPS:
        yield from patterns_within(list(getattr(value, "__dict__", {}).values()), depth + 1)


def compiled() -> list[Found]:
    """Return every compiled pattern that a module or one of its classes holds."""
    found: dict[int, Found] = {}
    for module in modules():
        for name, value in vars(module).items():
            values = [(name, value)]
            if isinstance(value, type) and value.__module__ == module.__name__:
                values = [(f"{name}.{inner}", held) for inner, held in vars(value).items()]
            for named, held in values:
                for pattern in patterns_within(held):
                    one = found.setdefault(id(pattern), Found(f"{module.__name__}.{named}", pattern))
                    one.uses |= uses_of(module, named.rpartition(".")[2])
    return list(found.values())


def tree(module: ModuleType) -> ast.Module:
    assert module.__file__
    with open(module.__file__) as file:
        return ast.parse(file.read())


METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}


def uses_of(module: ModuleType, name: str) -> set[str]:
    """Return the methods that are called on this name. A name that is handed on may be used in any way."""
    methods: set[str] = set()
    called: set[int] = set()
    parsed = tree(module)
    for node in ast.walk(parsed):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and holds(node.value, name):
            methods.add(node.attr)
            called |= {id(inner) for inner in ast.walk(node.value)}
    for node in ast.walk(parsed):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) and id(node) not in called:
            methods |= of_what_it_is_handed_to(parsed, node)
    return methods


def of_what_it_is_handed_to(parsed: ast.Module, node: ast.Name) -> set[str]:
    """`for shape in SHAPES: shape.fullmatch(…)` says fullmatch; whatever isn't understood says search."""
    for outer in ast.walk(parsed):
        loops = [outer] if isinstance(outer, ast.For) else getattr(outer, "generators", [])
        for loop in loops:
            if any(inner is node for inner in ast.walk(loop.iter)):
                targets = {inner.id for inner in ast.walk(loop.target) if isinstance(inner, ast.Name)}
                said = {
                    call.attr
                    for call in ast.walk(outer)
                    if isinstance(call, ast.Attribute)
                    and call.attr in METHODS
                    and isinstance(call.value, ast.Name)
                    and call.value.id in targets
                }
                if said:
                    return said
    return {"search"}


def holds(value: ast.expr, name: str) -> bool:
    return name in (getattr(value, "id", None), getattr(value, "attr", None))


def inline() -> tuple[list[Found], list[str]]:
    """Return the patterns written within calls of `re`, and the places of those that are put together as they run."""
    found, unread = [], []
    for module in modules():
        parsed = tree(module)
        at_import = {(call.lineno, call.col_offset) for call in calls_at_import(parsed)}
        for call in calls_of_re(parsed):
            if (call.lineno, call.col_offset) in at_import:
                continue  # `compiled` has it
            place = f"{module.__name__}:{call.lineno}"
            function = call.func.attr  # type: ignore[attr-defined]
            try:
                pattern = ast.literal_eval(call.args[0])
            except (ValueError, IndexError):
                unread.append(module.__name__)
                continue
            flags = eval_flags(call)
            uses = {"search"} if function == "compile" else {function}
            found.append(Found(place, re.compile(pattern, flags), uses))
    return found, unread


def calls_of_re(within: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(within):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        of = node.func.value
        if isinstance(of, ast.Name) and of.id == "re" and node.func.attr in METHODS | {"compile"}:
            yield node


def calls_at_import(parsed: ast.Module) -> Iterator[ast.Call]:
    for statement in parsed.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            yield from calls_of_re(statement)


def eval_flags(call: ast.Call) -> int:
    given = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    within = [inner for each in given for inner in ast.walk(each) if isinstance(inner, ast.Attribute)]
    names = {inner.attr for inner in within if isinstance(inner.value, ast.Name) and inner.value.id == "re"}
    return sum(getattr(re, name) for name in names)


# -- Hard texts


def samples(parsed: Iterable[Any], most: int = 3) -> list[str]:
    """Return some texts that a parsed pattern matches, shortest way first."""
    texts = [""]
    for code, value in parsed:
        texts = [text + more for text in texts for more in of_one(code, value, most)][: 2 * most]
    return texts[:most]


def of_one(code: Any, value: Any, most: int) -> list[str]:
    c = _constants
    if code is c.LITERAL:
        return [chr(value)]
    if code is c.NOT_LITERAL:
        return ["a" if value != ord("a") else "b"]
    if code is c.ANY:
        return ["a"]
    if code is c.IN:
        return of_a_class(value)[:most]
    if code is c.BRANCH:
        return [text for branch in value[1] for text in samples(branch, 2)]
    if code is c.SUBPATTERN:
        return samples(value[3], most)
    if code is c.ATOMIC_GROUP:
        return samples(value, most)
    if code in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
        least, _greatest, inner = value
        one = samples(inner, most)
        return [text * max(least, 1) for text in one] + ([""] if least == 0 else [])
    return [""]  # places, looks ahead and behind, references


def of_a_class(items: list[tuple[Any, Any]]) -> list[str]:
    c = _constants
    negated = items[0][0] is c.NEGATE
    if negated:
        said = re.compile("[" + "".join(re.escape(chr(v)) for k, v in items if k is c.LITERAL) + "]" if any(
            k is c.LITERAL for k, _ in items) else r"(?!)")  # fmt: skip
        return [char for char in "a0 -<\"'@.\n" if not said.match(char)]
    texts = []
    for code, value in items:
        if code is c.LITERAL:
            texts.append(chr(value))
        elif code is c.RANGE:
            texts += [chr(value[0]), chr(value[1])]
        elif code is c.CATEGORY:
            texts.append({c.CATEGORY_DIGIT: "1", c.CATEGORY_SPACE: " ", c.CATEGORY_WORD: "a"}.get(value, "-"))
    return texts or ["a"]


def pieces(parsed: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield what may be repeated, each with what a text needs before it to get there."""
    c = _constants
    for code, value in parsed:
        if code in (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT):
            for text in samples(value[2], 6):
                yield before, text
            yield from pieces(value[2], before)
        elif code is c.BRANCH:
            for branch in value[1]:
                yield from pieces(branch, before)
        elif code is c.SUBPATTERN:
            yield from pieces(value[3], before)
        elif code is c.ATOMIC_GROUP:
            yield from pieces(value, before)
        elif code in (c.ASSERT, c.ASSERT_NOT):
            yield from pieces(value[1], before)
        before = (before + next(iter(of_one(code, value, 1)), ""))[:300]
        if before:
            yield "", before  # a beginning, over and over


TAILS = ("", "\x00x")
MOST_PIECES = 24


def hard_texts(pattern: re.Pattern[Any]) -> list[Callable[[int], Any]]:
    """Return makers of texts of a given length: beginnings, repeats of what each repeat matches, a failing end."""
    is_bytes = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode("latin-1") if is_bytes else pattern.pattern
    parsed = _parser.parse(source, pattern.flags & ~re.UNICODE if is_bytes else pattern.flags)
    found = [(before, text) for before, text in dict.fromkeys(pieces(parsed)) if text][:MOST_PIECES]
    single = list(dict.fromkeys(text for _, text in found))
    # Repeats beside each other, and one within another: what both match, in turn.
    found += [("", one + other) for one, other in islice(pairwise(single), 10)]

    def maker(before: str, text: str, tail: str) -> Callable[[int], Any]:
        def make(length: int) -> Any:
            whole = before + text * max(1, (length - len(before)) // len(text)) + tail
            return whole.encode("latin-1", "ignore") if is_bytes else whole

        return make

    return [maker(*each, tail) for each in found for tail in TAILS]


# -- Measures


def run(pattern: re.Pattern[Any], use: str, text: Any) -> float:
    """Return the seconds of processor time one use takes."""
    began = time.thread_time()
    if use in ("sub", "subn"):
        getattr(pattern, use)(b"" if isinstance(text, bytes) else "", text)
    elif use in ("findall", "finditer", "split", "search"):
        for _ in pattern.finditer(text):
            pass
    else:
        getattr(pattern, use)(text)
    return time.thread_time() - began


def fault_of(measure: Callable[[Any], float], make: Callable[[int], Any]) -> str:
    """Return what is wrong with how the time grows with the text, "" when it grows like a line."""
    for length in SMALL:
        text = make(length)
        took = measure(text) if len(text) <= 2 * SMALL[-1] else 0.0
        if took > 10 * SLOW or (took > SLOW and min(measure(text) for _ in range(2)) > SLOW):
            return f"more than {SLOW} s for {len(text)} characters: {text[:60]!r}"
    long = make(FOUR_TIMES)
    if measure(long) <= FLOOR or (took := min(measure(long) for _ in range(3))) <= FLOOR:
        return ""
    short = make(LARGE)
    before = min(measure(short) for _ in range(5))
    grown = took / max(before, 1e-6)
    allowed = MOST_GROWTH * len(long) / len(short) / 4
    return f"{grown:.1f} times as long for {len(long) / len(short):.1f} times {short[:60]!r}" if grown > allowed else ""


def worst(measure: Callable[[Any], float], makers: list[Callable[[int], Any]], length: int) -> tuple[float, Any]:
    """Return the longest time for a text of this length, and how that text begins."""
    took, shown = 0.0, ""
    for make in makers:
        text = make(length)
        seconds = measure(text)
        if seconds > took:
            took, shown = seconds, text[:30]
    return took, shown
