"""What one configuration means for deciding and serving."""

from __future__ import annotations

import msgspec

from plano.domain.failover import Failover
from plano.domain.model import ModelTable
from plano.domain.route import RouteTable
from plano.ranking import switching
from plano.ranking.rank import EXPLORATION


class Policy(msgspec.Struct, frozen=True):
    """The models, the routes, how a chain goes on.

    ``exploration``: share of requests (0..1) that measure a model whose latency is not fresh. ``switching``: what it
    may cost a session to leave its model, None to keep it there.
    """

    models: ModelTable
    routes: RouteTable
    failover: Failover = Failover()
    exploration: float = EXPLORATION
    switching: switching.Terms | None = None
