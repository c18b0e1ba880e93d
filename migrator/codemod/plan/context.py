"""What every planner needs to know about the run."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from migrator.catalog.model import Model
    from migrator.catalog.queries import Catalog
    from migrator.codemod.flow.trace import Tracer
    from migrator.codemod.index.module import Module
    from migrator.codemod.index.project import ProjectIndex
    from migrator.codemod.sites.site import Site
    from migrator.types import Sdk, UrlAs


@dataclass(slots=True)
class Context:
    """The project, the facts and the choices of one run."""

    index: ProjectIndex
    tracer: Tracer
    catalog: Catalog
    target: Model
    today: date
    url_as: UrlAs = "data-uri"
    url_folder: str = "generated_images"
    url_chosen: bool = False
    sdk: Sdk = "keep"
    site_calls: dict[ast.Call, Site] = field(default_factory=dict)
    """The calls whose keywords reach the API, of the sites that are to be migrated."""
    site_bodies: dict[ast.expr, Site] = field(default_factory=dict)
    """The mappings that are the bodies of their requests."""
    site_fields: dict[ast.expr, tuple[str, Site]] = field(default_factory=dict)
    """The values that are added to forms which are the bodies of requests, and under which names."""

    def remember(self, sites: Iterable[Site]) -> None:
        """Note the calls and bodies of the sites that are to be migrated."""
        sites = list(sites)
        self.site_calls = {call.call: site for site in sites for call in site.calls}
        bodies = [(body, site) for site in sites for body in site.payloads]
        self.site_bodies = {body.node: site for body, site in bodies}
        fields = [(one, site) for body, site in bodies for one in body.fields]
        self.site_bodies.update({one.value: site for one, site in fields if not one.name})
        self.site_fields = {one.value: (one.name, site) for one, site in fields if one.name}

    @property
    def picture(self) -> str:
        """The format in which the target draws where the request names none."""
        return str(self.target.endpoints["generations"]["output_format"].default)


def quote_of(module: Module) -> str:
    """The quote that a file prefers."""
    text = module.file.text
    return "'" if text.count("'") > 2 * text.count('"') else '"'


def literal(value: Any, module: Module) -> str:
    """A literal in the style of a file."""
    if not isinstance(value, str):
        return repr(value)
    quote = quote_of(module)
    body = value.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return f"{quote}{body}{quote}"


def mapping(values: dict[Any, str], module: Module) -> str:
    """A dict display in the style of a file."""
    return "{" + ", ".join(f"{literal(k, module)}: {literal(v, module)}" for k, v in values.items()) + "}"


def is_simple(node: ast.expr) -> bool:
    """Whether an expression can be written twice: names, attributes and constant subscripts."""
    match node:
        case ast.Name():
            return True
        case ast.Attribute(value=value):
            return is_simple(value)
        case ast.Subscript(value=value, slice=ast.Constant()):
            return is_simple(value)
    return False
