"""What stops a site, or asks for a person's eye, before its arguments are even looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.codemod.plan import legacy
from migrator.codemod.plan.part import Part

if TYPE_CHECKING:
    from migrator.codemod.plan.context import Context
    from migrator.codemod.sites.find import SiteFinder
    from migrator.codemod.sites.site import Site


def gate(context: Context, finder: SiteFinder, site: Site) -> list[Part]:
    """The findings that hold for the site as a whole."""
    parts: list[Part] = []

    def add(rule: str, fix: str, message: str) -> None:
        found = context.catalog.rules.get(rule)
        assert fix in {"safe", "review", "manual"}
        parts.append(
            Part(rule, fix, site.module, site.node, message, found.suggestion if found else "")  # type: ignore[arg-type]
        )

    if site.endpoint not in context.target.endpoints:
        add(
            "IMG020",
            "manual",
            "create_variation has no successor: no GPT Image model makes variations of a picture.",
        )
        return parts
    if site.dialect == "legacy":
        parts.extend(legacy.gate(context, finder.legacy, site))
    for node, why in site.trouble if site.framework is None else ():
        parts.append(
            Part("IMG027", "manual", site.module, node, f"This use of the Images API is not understood: {why}.",
                 "Send the body as a mapping (json=…) to an address that the code names, then run the tool again; "
                 "or migrate it by hand." if site.dialect == "http"
                 else "Call the method directly, or migrate it by hand.")
        )  # fmt: skip
    match site.receiver.provider:
        case "azure" if site.dialect != "legacy":
            add(
                "IMG021",
                "review",
                "This call goes to an Azure deployment; which model it runs is not in the code.",
            )
        case "openai" if site.receiver.also_azure:
            add(
                "IMG021",
                "review",
                "This client talks to OpenAI or to Azure, where the model is the name of a deployment.",
            )
        case "foreign":
            add("IMG022", "review", f"This client may not talk to OpenAI: {site.receiver.why}.")
        case "unresolved" if site.framework is not None:
            parts.append(
                Part("IMG023", "review", site.module, site.node,
                     f"It is not certain that this call is for OpenAI: {site.receiver.why}.",
                     "If it only ever asks OpenAI for pictures, apply the change.")
            )  # fmt: skip
        case "unresolved" if site.receiver.doubtful or not finder.is_evident(site):
            add("IMG023", "review", f"It is not certain that this is an OpenAI client: {site.receiver.why}.")
    return parts
