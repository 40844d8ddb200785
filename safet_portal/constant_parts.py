"""Templates whose constant parts are rendered once: words to translate, addresses without arguments, statics, icons.

A page has some two hundred nodes that come out the same for everybody in one language. When a template is loaded, each
run of them, with the text between them, becomes one node that keeps what it rendered, by language. The language is
that of the whole page: `{% language %}` has no place in our templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.template import Context, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode, Variable
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

CONSTANT_TAGS = {"icon", "page_address", "file_rules", "file_types"}
"""Tags of ours whose answer depends on their arguments and the language alone."""


_INDENTED = re.compile(r"\n\s+")


class ConstantPart(Node):
    """A run of nodes that come out the same on every page in one language."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = NodeList(nodes)
        self.texts: dict[tuple[str | None, str, bool], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        around = context.__dict__.get("_around_constant_parts")
        if around is None:
            around = context.__dict__["_around_constant_parts"] = (get_language(), get_script_prefix())
        key = (*around, context.autoescape)
        text = self.texts.get(key)
        if text is None:
            text = self.texts[key] = self.nodes.render(context)
        return text


class Loader(cached.Loader):
    """Django's cached loader, whose templates have their constant parts joined."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        known = self.get_template_cache.get(self.cache_key(template_name, skip))
        template: Template = super().get_template(template_name, skip)
        if template is not known:
            squeeze = template_name.endswith(".html")
            join(template.nodelist, squeeze=squeeze)
            for partial in getattr(template, "extra_data", {}).get("partials", {}).values():
                join(partial.nodelist, squeeze=squeeze)
        return template


def join(nodes: NodeList, *, squeeze: bool) -> None:
    """Put one ConstantPart in the place of each run of constant nodes, here and in every list of nodes below.

    `squeeze`: a line's indentation is left out, which no browser shows.
    """
    joined: list[Node] = []
    run: list[Node] = []
    for node in nodes:
        if squeeze and isinstance(node, TextNode):
            node.s = _INDENTED.sub("\n", node.s)
        if _is_constant(node):
            run.append(node)
            continue
        joined += _as_one(run)
        run = []
        for inner in _lists_of(node):
            join(inner, squeeze=squeeze)
        joined.append(node)
    nodes[:] = [*joined, *_as_one(run)]


def _as_one(run: list[Node]) -> list[Node]:
    if len(run) < 2 and all(isinstance(node, TextNode | ConstantPart) for node in run):
        return run  # text alone costs nothing as it is
    return [ConstantPart(run)]


def _lists_of(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):  # whose `nodelist` is a copy
        yield from (branch for _condition, branch in node.conditions_nodelists)
        return
    for name in node.child_nodelists:
        held = getattr(node, name, None)
        if isinstance(held, NodeList):
            yield held


def _is_constant(node: Node) -> bool:
    match node:
        case TextNode() | CommentNode() | LoadNode() | ConstantPart():
            return True
        case TranslateNode():
            return node.asvar is None and not node.message_context and _is_fixed(node.filter_expression)
        case BlockTranslateNode():
            plain = node.asvar is None and node.plural is None and not node.message_context
            return plain and not node.extra_context and all(token.token_type.name == "TEXT" for token in node.singular)
        case URLNode():
            return node.asvar is None and _are_fixed([node.view_name, *node.args, *node.kwargs.values()])
        case StaticNode():
            return type(node) is StaticNode and node.varname is None and _is_fixed(node.path)
        case SimpleNode():
            ours = node.func.__name__ in CONSTANT_TAGS and node.func.__module__.split(".")[-2] == "templatetags"
            return ours and node.target_var is None and _are_fixed([*node.args, *node.kwargs.values()])
    return False


def _are_fixed(expressions: Iterable[FilterExpression]) -> bool:
    return all(_is_fixed(expression) for expression in expressions)


def _is_fixed(expression: FilterExpression) -> bool:
    if expression.filters:
        return False
    return not isinstance(expression.var, Variable) or expression.var.literal is not None
