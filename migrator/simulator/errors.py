"""The bodies in which the API says no, in the forms that were seen on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

INVALID_REQUEST = "invalid_request_error"
USER_ERROR = "image_generation_user_error"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error answer: HTTP ``status`` and the fields of the ``error`` object, which ``extra`` joins."""

    status: int
    message: str
    type: str | None = INVALID_REQUEST
    param: str | None = None
    code: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The JSON object that travels: ``{"error": {message, type, param, code}}``."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": {**error, **self.extra}}


class RefusedError(Exception):
    """Ends the handling of a request with ``refusal`` as its answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def no_key() -> Refusal:
    """A request without any key."""
    message = (
        "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
    )
    return Refusal(401, message, code="invalid_api_key")


def wrong_key() -> Refusal:
    """A key that the API does not know. The key itself is never repeated."""
    return Refusal(401, "Incorrect API key provided.", code="invalid_api_key")


def unknown_url(method: str, path: str) -> Refusal:
    """No such route."""
    return Refusal(404, f"Invalid URL ({method} {path})")


def wrong_method(method: str, path: str) -> Refusal:
    """A route that exists, called with another method."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    return Refusal(405, f"Not allowed to {method} on {path}. {hint}")


def not_json() -> Refusal:
    """A body that should be JSON and is not."""
    hint = "(HINT: This likely means you aren't using your HTTP library correctly.)"
    return Refusal(400, f"We could not parse the JSON body of your request. {hint}")


def too_large(limit: int) -> Refusal:
    """A body over the limit, in bytes."""
    return Refusal(413, f"Maximum content size limit ({limit}) exceeded.", code="content_too_large")


def unknown_parameter(name: str, hint: str = "") -> Refusal:
    """A parameter that this model does not take."""
    message = f"Unknown parameter: '{name}'.{hint}"
    return Refusal(400, message, param=name, code="unknown_parameter")


def missing(name: str) -> Refusal:
    """A required parameter that is not there."""
    message = f"Missing required parameter: '{name}'."
    return Refusal(400, message, param=name, code="missing_required_parameter")


def invalid_value(message: str, param: str | None) -> Refusal:
    """A value of the wrong kind."""
    return Refusal(400, message, param=param, code="invalid_value")


def model_gone(name: str) -> Refusal:
    """An image request to a model that is retired or never was."""
    return Refusal(400, f"The model '{name}' does not exist.", code="invalid_value")


def model_not_found(name: str) -> Refusal:
    """``GET /v1/models/{id}`` for a model that is retired or never was."""
    message = f"The model '{name}' does not exist or you do not have access to it."
    return Refusal(404, message, param="model", code="model_not_found")


def variations_retired() -> Refusal:
    """The variations endpoint after its end. The exact form of the real answer is not known."""
    return Refusal(404, "The image variations endpoint has been retired and no longer accepts requests.")


def invalid_image(message: str, param: str = "image") -> Refusal:
    """An uploaded picture that the model cannot use."""
    return Refusal(400, message, type=USER_ERROR, param=param, code="invalid_image_file")


def moderation(legacy: bool, request_id: str) -> Refusal:
    """A prompt that the safety system refuses, as the DALL-E models (``legacy``) or GPT Image say it."""
    if legacy:
        message = (
            "Your request was rejected as a result of our safety system. "
            "Your prompt may contain text that is not allowed by our safety system."
        )
        return Refusal(400, message, code="content_policy_violation")
    message = (
        "Your request was rejected by the safety system. If you believe this is an error, contact us at "
        f"help.openai.com and include the request ID {request_id}. safety_violations=[violence]."
    )
    details = {"moderation_details": {"moderation_stage": "input", "categories": ["violence"]}}
    return Refusal(400, message, type=USER_ERROR, code="moderation_blocked", extra=details)


def azure_wrong_key() -> Refusal:
    """An Azure request without a usable key."""
    message = (
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid "
        "key for an active subscription and use a correct regional API endpoint for your resource."
    )
    return Refusal(401, message, type=None, code="401")


def azure_no_deployment() -> Refusal:
    """An Azure deployment that does not exist."""
    message = (
        "The API deployment for this resource does not exist. If you created the deployment within the last "
        "5 minutes, please wait a moment and try again."
    )
    return Refusal(404, message, type=None, code="DeploymentNotFound")


def azure_no_resource() -> Refusal:
    """An Azure route without ``api-version``, or one that Azure does not have."""
    return Refusal(404, "Resource not found", type=None, code="404")
