"""The Python client: ask a gateway, or decide in this process. Imports nothing of the server."""

from plano.client.decision import RoutingDecision
from plano.client.plano import AsyncPlano, Plano

__all__ = ["AsyncPlano", "Plano", "RoutingDecision"]
