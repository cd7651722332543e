"""What one chain of attempts may do beyond the table of endings, as the operator has settled it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FirstToken:
    """Limits of the wait for the first content of a stream, in seconds, while another candidate is left.

    Between ``least_s`` and ``most_s`` the limit follows the model's own times. ``reasoning_s``: takes the place of
    ``most_s`` where a model thinks before it answers.
    """

    least_s: float = 10.0
    most_s: float = 30.0
    reasoning_s: float = 120.0

    def longest_s(self, *, reasons: bool) -> float:
        """What nobody waits beyond."""
        return max(self.most_s, self.reasoning_s) if reasons else self.most_s


@dataclass(frozen=True, slots=True)
class Hedging:
    """A second model is asked beside one that is late.

    ``share``: of the requests, 0..1, that may be asked twice. ``max_usd``: what the second attempt may be expected to
    cost; one whose cost is unknown is not made. None sets no limit.
    """

    share: float = 0.05
    max_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Failover:
    """How a chain goes on.

    ``deadline_s``: all of it, the decision included. ``max_retries``: on each model before the next one.
    ``buffers_streams``: a stream reaches its caller once it is whole, so that one that breaks off can still fail over.
    """

    deadline_s: float = 300.0
    max_retries: int = 0
    buffers_streams: bool = False
    first_token: FirstToken = FirstToken()
    hedging: Hedging | None = None
