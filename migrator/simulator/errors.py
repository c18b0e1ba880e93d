"""Error answers: those that the rules tell, and those of the HTTP layer around the Images API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.catalog.model import Problem

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


def told(problem: Problem, extra: Mapping[str, Any] | None = None) -> Refusal:
    """An error of the rules as an answer."""
    return Refusal(
        problem.status, problem.message, problem.type, problem.parameter, problem.code, extra=extra or {}
    )


def no_key() -> Refusal:
    """A request without any key."""
    message = (
        "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
    )
    return Refusal(401, message, code="invalid_api_key")


def unknown_url(method: str, path: str) -> Refusal:
    """No such route."""
    return Refusal(404, f"Invalid URL ({method} {path})")


def wrong_method(method: str, path: str) -> Refusal:
    """A route that exists, called with another method."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    return Refusal(405, f"Not allowed to {method} on {path}. {hint}")


def wrong_type(kind: str, accepted: str) -> Refusal:
    """A body of a content type that the endpoint does not read."""
    return Refusal(
        400, f"Unsupported content type: '{kind[:80]}'. This API method only accepts {accepted} requests."
    )


def not_json() -> Refusal:
    """A body that should be JSON and is not."""
    hint = "(HINT: This likely means you aren't using your HTTP library correctly.)"
    return Refusal(400, f"We could not parse the JSON body of your request. {hint}")


def not_a_form() -> Refusal:
    """A body that should be multipart and is not."""
    return Refusal(400, "Could not parse multipart form")


def too_large(limit: int) -> Refusal:
    """A body over the limit, in bytes."""
    return Refusal(413, f"Maximum content size limit ({limit}) exceeded.", code="content_too_large")


def not_local() -> Refusal:
    """A request that was made for another host name."""
    return Refusal(403, "The simulator answers requests to this machine only.")


def broken(problem: Exception) -> Refusal:
    """A fault of the simulator itself."""
    return Refusal(500, f"The simulator failed: {type(problem).__name__}: {problem}", type="server_error")


def unknown_parameter(name: str, hint: str = "") -> Refusal:
    """A form field that no endpoint has."""
    return Refusal(400, f"Unknown parameter: '{name}'.{hint}", param=name, code="unknown_parameter")


def invalid_value(message: str, param: str | None) -> Refusal:
    """A value of the wrong kind."""
    return Refusal(400, message, param=param, code="invalid_value")


def not_a_file(param: str) -> Refusal:
    """A form field that should be a file and is text."""
    message = f"Invalid type for '{param}': expected a file, but got a string instead."
    return Refusal(400, message, param=param, code="invalid_type")


def invalid_image(message: str, param: str = "image") -> Refusal:
    """An uploaded picture that the model cannot use."""
    return Refusal(400, message, type=USER_ERROR, param=param, code="invalid_image_file")


def unlabelled_picture(param: str, media_type: str) -> Refusal:
    """An upload that is not labelled as a picture."""
    message = (
        f"Invalid file '{param}': unsupported mimetype ('{media_type}'). "
        "Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'."
    )
    return Refusal(400, message, param=param, code="unsupported_file_mimetype")


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
