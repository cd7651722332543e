"""The value of the Date field (RFC 9110 §6.6.1)."""

from __future__ import annotations

import time
from email.utils import formatdate


class DateValue:
    """The value of the Date field, made once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._value = ""

    def __call__(self) -> str:
        """It, as of now."""
        second = int(time.time())
        if second != self._second:
            self._second, self._value = second, formatdate(second, usegmt=True)
        return self._value
