"""Every error Plano raises, drawn as a tree.

    PlanoError
    ├── CallerError              the caller's own mistake: 4xx, nothing is sent upstream
    │   ├── InvalidJson                400
    │   ├── InvalidRequest             400
    │   ├── InvalidPreferences         400
    │   ├── ModelRequired              400
    │   ├── Unauthorized               401
    │   ├── ModelNotFound              404
    │   ├── NotFound                   404
    │   ├── MethodNotAllowed           405
    │   ├── RequestTimeout             408
    │   ├── RequestTooLarge            413
    │   ├── UriTooLong                 414
    │   ├── UnsupportedMediaType       415
    │   ├── ExpectationFailed          417
    │   ├── HeadTooLarge               431
    │   └── HttpVersionNotSupported    505
    ├── GatewayError             Plano's own state: overload, draining, a bug
    │   ├── GatewayOverloaded          503
    │   ├── Draining                   503
    │   └── InternalError              500
    ├── ChainFailed              no candidate could answer; holds status, code and attempts
    ├── StreamBroken             a stream failed after its first byte
    ├── ConfigError              the configuration file is wrong; holds every finding
    ├── StoreError               the store of sessions cannot be asked; requests are routed as if they had none
    ├── FeedError                a source of live numbers cannot be used; the old numbers stay
    └── ClientError              raised by the Python client for an answer of a gateway
        ├── RateLimitError             429
        └── ServerError                5xx

Each error carries an HTTP ``status``, a stable ``code`` and, where there is one, ``param``: the exact place of the
mistake. How they look on the wire is the business of ``plano.wire``.
"""

from __future__ import annotations


class PlanoError(Exception):
    """Root of the tree: ``str()`` is a sentence that may be shown to the caller."""

    status: int = 500
    code: str = "internal_error"

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class CallerError(PlanoError):
    """The caller's own mistake: answered once, tried nowhere."""

    status = 400
    code = "invalid_request"


class InvalidRequest(CallerError):
    """A field has the wrong type, or a needed one is missing."""


class InvalidJson(CallerError):
    """The body is not strict JSON (RFC 8259, no duplicate keys, depth at most 64)."""

    code = "invalid_json"


class InvalidPreferences(CallerError):
    """The inline ``routing_preferences`` cannot be used; ``param`` is the exact place."""

    code = "invalid_routing_preferences"


class ModelRequired(CallerError):
    """The request names no model."""

    code = "model_required"


class Unauthorized(CallerError):
    """The caller's key is missing or not known."""

    status = 401
    code = "unauthorized"


class ModelNotFound(CallerError):
    """The model is not declared; the message names the nearest ones."""

    status = 404
    code = "model_not_found"


class NotFound(CallerError):
    """No such path."""

    status = 404
    code = "not_found"


class MethodNotAllowed(CallerError):
    """The path exists, the method does not; ``allow`` lists those that do."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, message: str, *, allow: str) -> None:
        super().__init__(message)
        self.allow = allow


class RequestTimeout(CallerError):
    """The request did not arrive in time."""

    status = 408
    code = "request_timeout"


class RequestTooLarge(CallerError):
    """The body is over the limit."""

    status = 413
    code = "request_too_large"


class UriTooLong(CallerError):
    """The request target is over 8 KiB."""

    status = 414
    code = "uri_too_long"


class UnsupportedMediaType(CallerError):
    """The body is not plain ``application/json``."""

    status = 415
    code = "unsupported_media_type"


class ExpectationFailed(CallerError):
    """``Expect`` asks for something other than ``100-continue``."""

    status = 417
    code = "expectation_failed"


class HeadTooLarge(CallerError):
    """The request head has too many bytes or fields."""

    status = 431
    code = "header_fields_too_large"


class HttpVersionNotSupported(CallerError):
    """Neither HTTP/1.0 nor HTTP/1.1."""

    status = 505
    code = "http_version_not_supported"


class GatewayError(PlanoError):
    """Plano's own state or fault; never counted against a model."""


class GatewayOverloaded(GatewayError):
    """All places are taken."""

    status = 503
    code = "gateway_overloaded"


class Draining(GatewayError):
    """The gateway is shutting down."""

    status = 503
    code = "draining"


class InternalError(GatewayError):
    """A bug in Plano."""


class ChainFailed(PlanoError):
    """No candidate answered.

    ``attempts``: (model, ending) in the order tried. ``retry_after_s``: seconds until a candidate is free again, None
    when unknown. ``tried``: False when every candidate was held and no attempt was made.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        attempts: tuple[tuple[str, str], ...],
        retry_after_s: float | None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.attempts = attempts
        self.retry_after_s = retry_after_s

    @property
    def tried(self) -> bool:
        """Was any candidate called? Not where each was held, or had no connection free."""
        return self.code not in ("no_candidate_available", "gateway_overloaded")


class StreamBroken(PlanoError):
    """A stream failed after its first byte: the caller is told, and nobody else is asked.

    ``counts``: it is a failure of the model.
    """

    def __init__(self, message: str, *, status: int, code: str, counts: bool) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.counts = counts


class ConfigError(PlanoError):
    """The configuration cannot be used. ``findings``: every mistake, rendered, in the order of the file."""

    code = "invalid_config"

    def __init__(self, message: str, *, findings: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class FeedError(PlanoError):
    """A source of prices or latencies sent nothing usable; whoever asked keeps the numbers it has."""

    code = "feed_unusable"


class StoreError(PlanoError):
    """A store of sessions that could not be asked; ``message`` says why, without its address or credentials."""


class ClientError(PlanoError):
    """A gateway answered the Python client with an error, or could not be reached (``status`` 0)."""

    status = 0
    code = "unreachable"

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "unreachable",
        param: str | None = None,
        trace_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, param=param)
        self.status = status
        self.code = code
        self.trace_id = trace_id
        self.retry_after_s = retry_after_s


class RateLimitError(ClientError):
    """429. Raise it in your own ``call_llm`` as well: it is what a loop over ``models`` catches."""


class ServerError(ClientError):
    """5xx. Raise it in your own ``call_llm`` as well: it is what a loop over ``models`` catches."""
