"""What has to hold across keys: small functions from a view of the file to problems, listed in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from plano.config.checks.listeners import LISTENER_CHECKS
from plano.config.checks.names import NAME_CHECKS
from plano.config.checks.parts import PART_CHECKS
from plano.config.checks.providers import PROVIDER_CHECKS
from plano.config.checks.router import ROUTER_CHECKS
from plano.config.checks.routes import ROUTE_CHECKS
from plano.config.checks.versions import VERSION_CHECKS
from plano.config.codes import CODES
from plano.config.excerpt import MAX_FINDINGS
from plano.config.findings import Problem
from plano.config.view import View

Check = Callable[[View], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    *VERSION_CHECKS,
    *LISTENER_CHECKS,
    *PROVIDER_CHECKS,
    *NAME_CHECKS,
    *ROUTE_CHECKS,
    *PART_CHECKS,
    *ROUTER_CHECKS,
)


def check(view: View) -> tuple[Problem, ...]:
    """Every problem that the checks find."""
    return tuple(problem for each in CHECKS for problem in _first(each(view)))


def _first(problems: Iterator[Problem]) -> Iterator[Problem]:
    """One more of each severity than can be shown: a check goes through the file in order, the others are left out."""
    errors = warnings = 0
    for problem in problems:
        is_error = CODES[problem.code].severity == "error"
        errors, warnings = errors + is_error, warnings + (not is_error)
        if (errors if is_error else warnings) <= MAX_FINDINGS + 1:
            yield problem
        elif is_error:
            return
