"""How the encoders' graphs are run: by ONNX Runtime, on the thread that asks."""

from __future__ import annotations

from pathlib import Path

import onnxruntime


def session(model: Path) -> onnxruntime.InferenceSession:
    """The graph in ``model``, ready to run. One run uses one core; safe in any thread."""
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
