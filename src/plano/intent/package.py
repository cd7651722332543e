"""The files of a router: read, checked against the checksums in ``router.json``, and turned into working parts.

``router.json`` says what lies beside it (file names and SHA-256), what it is called, and the fitted numbers of its
calibration; ``space.npz`` holds maps, bank and closings as plain arrays, never as pickled objects.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

import numpy as np

from plano.errors import InternalError
from plano.intent.bank import Bank
from plano.intent.calibration import Calibration
from plano.intent.encoders.encoder import Encoder
from plano.intent.encoders.geometry import unit
from plano.intent.encoders.pieces import Pieces
from plano.intent.encoders.transformer import Transformer
from plano.intent.encoders.windows import Windows
from plano.intent.matching import FEATURES, Space
from plano.intent.wording.shipped import speller, words
from plano.intent.wording.spelling import Speller
from plano.intent.wording.terms import Rarity

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "router"
DESCRIPTION = "router.json"


class CalibrationNumbers(TypedDict):
    """The calibration as written: ``weights`` by the name of the feature."""

    weights: dict[str, float]
    bias: float
    threshold: float
    sharpness: float


class Document(TypedDict):
    """``router.json`` as written. ``share``: of the second encoder in a cosine. ``files``: name to hex SHA-256."""

    name: str
    version: str
    dimensions: int
    share: float
    files: dict[str, str]
    calibration: CalibrationNumbers


@dataclass(frozen=True, slots=True)
class Parts:
    """A loaded router. ``version``: name and version, as shown to people."""

    version: str
    encoder: Encoder
    speller: Speller
    rarity: Rarity
    space: Space
    calibration: Calibration


def load(folder: Path = SHIPPED) -> Parts:
    """The parts of the router in ``folder``. Raises InternalError when a file is missing or not the shipped one."""
    document = _document(folder)
    vocabulary = _read(_checked(folder, "vocab.txt", document)).decode()
    pieces = Pieces(model=_checked(folder, "pieces.model", document), table=_checked(folder, "pieces.npy", document))
    encoder = Encoder(
        Transformer(model=_checked(folder, "encoder.onnx", document), vocabulary=vocabulary),
        Windows(model=_checked(folder, "windows.onnx", document), pieces=pieces),
        share=document["share"],
    )
    known = words()
    return Parts(
        version=_version(document),
        encoder=encoder,
        speller=speller(known),
        rarity=Rarity(known),
        space=_space(_read(_checked(folder, "space.npz", document))),
        calibration=_calibration(document["calibration"]),
    )


def version(folder: Path = SHIPPED) -> str:
    """Name and version of the router in ``folder``, as shown to people. Raises InternalError as ``load`` does."""
    return _version(_document(folder))


def _version(document: Document) -> str:
    return f"{document['name']} {document['version']}"


def _document(folder: Path) -> Document:
    try:
        return cast(Document, json.loads((folder / DESCRIPTION).read_bytes()))
    except (OSError, ValueError) as error:
        raise InternalError(f"the router's {DESCRIPTION} cannot be read: {error}") from error


def _checked(folder: Path, name: str, document: Document) -> Path:
    """The path of a file whose content is the shipped one.

    The runtime reads the model by its path: handed over as bytes it would stay in memory twice. Whoever could change
    the file between the check and the reading could as well change this code.
    """
    path = folder / name
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(name, error) from error
    if found != document["files"].get(name):
        raise InternalError(f"the router's file {name} is not the one that was shipped (SHA-256 differs)")
    return path


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path.name, error) from error


def _unreadable(name: str, error: OSError) -> InternalError:
    return InternalError(f"the router's file {name} cannot be read: {error.strerror}")


def _space(data: bytes) -> Space:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        read = {name: arrays[name] for name in arrays.files}
    return Space(
        closings=unit(read["closings"].astype(np.float32)),
        bank=Bank.of(read["bank_texts"].astype(np.float32), read["bank_requests"], read["bank_starts"]),
    )


def _calibration(numbers: CalibrationNumbers) -> Calibration:
    return Calibration(
        weights=tuple(numbers["weights"][name] for name in FEATURES),
        bias=numbers["bias"],
        threshold=numbers["threshold"],
        sharpness=numbers["sharpness"],
    )
