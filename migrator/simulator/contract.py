"""Decides, from the catalog alone, whether a request is taken on a given day and what exactly it asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from migrator.simulator import errors
from migrator.simulator.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL import Image

    from migrator.catalog import Catalog
    from migrator.catalog.model import EndpointName, Model
    from migrator.simulator.intake import Intake

Era = Literal["today", "dalle"]
ERAS: tuple[Era, ...] = ("today", "dalle")


@dataclass(frozen=True, slots=True)
class Order:
    """A request that was taken: every open choice is made. Sizes in pixels, ``compression`` 0 to 100."""

    endpoint: EndpointName
    model: Model
    prompt: str
    count: int
    width: int
    height: int
    quality: str
    transparent: bool
    format: str
    compression: int
    as_url: bool
    stream: bool
    partials: int
    frames: int
    frame_ms: int
    safety_identifier: str | None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    variation: str = ""
    """Set apart requests that are otherwise the same."""

    @property
    def size(self) -> str:
        """``WIDTHxHEIGHT``."""
        return f"{self.width}x{self.height}"

    @property
    def legacy(self) -> bool:
        """Whether the model speaks the old contract: it answers with urls."""
        return self.model.returns_url


def era_date(catalog: Catalog, era: Era, provider: str = "openai") -> date:
    """The day that an era stands for: now, or the last day on which a url-returning model was alive.

    Raises:
        ValueError: for an unknown era, or when the catalog knows no such model with an end.
    """
    if era == "today":
        return date.today()
    if era != "dalle":
        raise ValueError(f"unknown era {era!r}; known: {', '.join(ERAS)}")
    ends = [
        life.shutdown
        for m in catalog.models.values()
        if m.returns_url and (life := m.life(provider)) and life.shutdown
    ]
    if not ends:
        raise ValueError("the rules know no model of the old era with a shutdown date")
    return max(ends) - timedelta(days=1)


class Contract:
    """The rules of the Images API on one day.

    ``days`` overrides that day per provider; ``deployments`` maps Azure deployment names to model ids.
    """

    def __init__(
        self,
        catalog: Catalog,
        today: date,
        days: Mapping[str, date] | None = None,
        deployments: Mapping[str, str] | None = None,
    ) -> None:
        self.catalog = catalog
        self.today = today
        self._days = dict(days or {})
        self.deployments = dict(deployments or {})

    def find(self, name: str) -> Model | None:
        """The model with that id or alias, dead or alive."""
        return self.catalog.model(name)

    def day(self, provider: str = "openai") -> date:
        """The day at ``provider``."""
        return self._days.get(provider, self.today)

    def alive(self, model: Model, provider: str = "openai") -> bool:
        """Whether ``model`` answers on the day of this contract."""
        day = self.day(provider)
        return model.released <= day and not model.is_shut_down(day, provider)

    def live_models(self, provider: str = "openai") -> list[Model]:
        """Every model that answers on the day of this contract."""
        return [model for model in self.catalog.models.values() if self.alive(model, provider)]

    def refused(self, error: str, parameter: str | None = None, **places: object) -> RefusedError:
        """The error of the rules with that id, ready to be raised."""
        return RefusedError(errors.told(self.catalog.problem(error, parameter, **places)))

    def moderated(self, order: Order) -> RefusedError:
        """The refusal of an unsafe prompt, in the words of the old models or of the new ones."""
        if order.legacy:
            return self.refused("content_policy_violation")
        details = {"moderation_stage": "input", "categories": ["violence"]}
        problem = self.catalog.problem("moderation_blocked", value="violence")
        return RefusedError(errors.told(problem, {"moderation_details": details}))

    def default_model(self, endpoint: EndpointName) -> str | None:
        """What an omitted ``model`` means: the oldest model of the endpoint, even after its end.

        That is what was observed: a request without a model is answered with the name of the dead default.
        """
        serving = [model for model in self.catalog.models.values() if endpoint in model.endpoints]
        return min(serving, key=lambda model: model.released).id if serving else None

    def deployed(self, deployment: str) -> str:
        """The model id behind an Azure deployment name.

        Raises:
            RefusedError: 404 when there is no such deployment.
        """
        name = self.deployments.get(deployment, deployment)
        if self.find(name) is None:
            raise RefusedError(errors.azure_no_deployment())
        return name

    def take(
        self, endpoint: EndpointName, intake: Intake, provider: str = "openai", name: str | None = None
    ) -> Order:
        """The order that a request amounts to. ``name`` overrides the ``model`` parameter (Azure).

        Raises:
            RefusedError: with the first error that the API reports; it reports one at a time.
        """
        name = name or intake.parameters.get("model") or self.default_model(endpoint)
        if not isinstance(name, str):
            raise self.refused("type", "model", choices="a string", got="another type")
        model = self.find(name)
        request = {**self._typed(model, endpoint, intake), "model": name}
        for role in ("image", "mask", "markup"):
            if uploads := intake.of(role):
                request[role] = [upload.data for upload in uploads]
        day = self.day(provider)
        if model is None or model.released > day:
            # unknown parameters are reported before the model is looked at, so any living model tells them
            offered = [one for one in self.live_models(provider) if endpoint in one.endpoints]
            known = {name for one in offered for name in one.endpoints[endpoint]}
            for parameter in request:
                if offered and parameter not in known:
                    raise self.refused("unknown_parameter", parameter)
            raise self.refused("model_missing", model=name)
        problems = self.catalog.problems(endpoint, model, request, day, provider=provider)
        if problems:
            raise RefusedError(errors.told(problems[0]))
        return self._order(endpoint, model, request)

    def _typed(self, model: Model | None, endpoint: EndpointName, intake: Intake) -> dict[str, Any]:
        """Parameters with the types they have in JSON: a form carries only text."""
        if not intake.multipart:
            return dict(intake.parameters)
        known = model.endpoints.get(endpoint, {}) if model else {}
        typed: dict[str, Any] = {}
        for name, value in intake.parameters.items():
            rule = known.get(name)
            if rule is not None and rule.kind == "integer" and isinstance(value, str) and _is_integer(value):
                typed[name] = int(value)
            elif rule is not None and rule.kind == "boolean" and value in ("true", "false"):
                typed[name] = value == "true"
            else:
                typed[name] = value
        return typed

    def _order(self, endpoint: EndpointName, model: Model, request: dict[str, Any]) -> Order:
        rules = model.endpoints[endpoint]

        def value(name: str, fallback: Any) -> Any:
            """The value sent, else the documented default, else ``fallback``."""
            if request.get(name) is not None:
                return request[name]
            rule = rules.get(name)
            return fallback if rule is None or rule.default is None else rule.default

        width, height = self._edges(model, str(value("size", model.sizes.default)))
        identifier = request.get("safety_identifier") or request.get("user") or None
        animated = value("output_format", "") == "gif"
        return Order(
            endpoint=endpoint,
            model=model,
            prompt=str(request.get("prompt") or ""),
            count=int(value("n", 1)),
            width=width,
            height=height,
            quality=_quality(str(value("quality", "")), model, endpoint),
            transparent=value("background", "") == "transparent",
            format=str(value("output_format", "png")),
            compression=int(value("output_compression", 100)),
            as_url=model.returns_url and value("response_format", "url") == "url",
            stream=bool(value("stream", False)),
            partials=int(value("partial_images", 0)),
            frames=int(value("frame_count", 1)) if animated else 1,
            frame_ms=int(value("frame_duration_ms", 200)),
            safety_identifier=identifier if isinstance(identifier, str) else None,
            parameters=request,
        )

    def _edges(self, model: Model, size: str) -> tuple[int, int]:
        """Width and height of ``size``; a word such as ``auto`` becomes the first listed size."""
        from migrator.catalog.model import edges_of  # noqa: PLC0415

        for candidate in (size, *model.sizes.listed):
            edges = edges_of(candidate)
            if edges is not None:
                return edges
        raise RefusedError(errors.invalid_value(f"Invalid size '{size}'.", "size"))


def check_pictures(order: Order, images: list[Image.Image], mask: Image.Image | None) -> None:
    """What only the decoded pictures tell: format, shape, alpha, and whether the mask fits.

    Raises:
        RefusedError: 400 with the first complaint.
    """
    first = images[0]
    if order.legacy:
        if first.width != first.height:
            raise RefusedError(errors.invalid_image("Uploaded image must be a square."))
        if order.endpoint == "edits" and mask is None and not _has_alpha(first):
            message = f"Invalid input image - format must be in ['RGBA', 'LA', 'L'], got {first.mode}."
            raise RefusedError(errors.invalid_image(message))
    if mask is None:
        return
    if not _has_alpha(mask):
        raise RefusedError(
            errors.invalid_image("Invalid mask image format - mask must have an alpha channel.", "mask")
        )
    if mask.size != first.size:
        sizes = f"mask size {mask.width}x{mask.height} does not match image size {first.width}x{first.height}"
        raise RefusedError(errors.invalid_image(f"Invalid mask image size - {sizes}.", "mask"))


def _has_alpha(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _is_integer(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) <= 9


def _quality(asked: str, model: Model, endpoint: EndpointName) -> str:
    """The quality that is delivered: ``auto`` becomes the middle one of the list."""
    rule = model.endpoints[endpoint].get("quality")
    if asked != "auto" or rule is None:
        return asked
    named = [value for value in rule.values if value != "auto"]
    return named[(len(named) - 1) // 2] if named else asked
