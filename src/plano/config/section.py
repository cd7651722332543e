"""What every part of the schema is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, model_validator

from plano.config.kinds import HEADER_NAME, HEADER_VALUE, Duration, Flag, Key, Text


class Section(BaseModel):
    """A mapping with known keys. An optional key without a value counts as absent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        fields = cls.model_fields
        return {
            key: value
            for key, value in data.items()
            if value is not None or key not in fields or fields[key].is_required()
        }


Line = Annotated[str, Text(max_bytes=256, is_one_line=True)]
"""Short text without control characters."""
FlagValue = Annotated[bool, Flag()]
Seconds = Annotated[float, Duration()]
HeaderName = Annotated[str, HEADER_NAME]
HeaderValue = Annotated[str, HEADER_VALUE]
KeyText = Annotated[str, Key()]
