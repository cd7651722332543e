"""Writes the second encoder of the router (grams.py) as one int8 ONNX file, node by node as export.py does.

It reads the vectors of one text's pieces and gives the vector of the text; the table of pieces stays outside, so that a
text touches the rows that it uses and no others. A window over the pieces is a product with shifted copies of them.
"""

from __future__ import annotations

import numpy as np
import onnx
from export import FUSED, IR_VERSION, OPSET, Floats, Graph
from grams import EPSILON, NARROW, OUT, WIDTH, WINDOWS
from onnx import TensorProto, helper

END = np.iinfo(np.int64).max


def build(state: dict[str, Floats], *, levels: int) -> onnx.ModelProto:
    """The whole model: ``words`` float32 (pieces, 512) to ``vector`` float32 (1, 512), of length 1."""
    graph = Graph(levels)
    narrow = graph.product("words", state["narrow.weight"].T, state["narrow.bias"], name="narrow")
    states = _normal(graph, state, narrow, "norm")
    seen = [_window(graph, state, states, number) for number in range(len(WINDOWS))]
    features = _normal(graph, state, graph.node("Concat", ["words", *seen], "features", axis=1), "whole")
    axis = graph.weight("axis", np.zeros(1, np.int64))
    total = graph.node("ReduceSum", [features, axis], "total", keepdims=1)
    shape = graph.node("Shape", ["words"], "shape", start=0, end=1)
    count = graph.node("Cast", [shape], "count", to=TensorProto.FLOAT)
    pooled = graph.product(total, state["pool.weight"].T, None, name="pooled")
    bias = graph.node("Mul", [graph.weight("pool.bias", state["pool.bias"][None]), count], "counted")
    mean = graph.node("Div", [graph.node("Add", [pooled, bias], "sum"), graph.node("Sqrt", [count], "root")], "mean")
    low = graph.node("Relu", [_step(graph, state, mean, "first")], "low")
    out = graph.node("Tanh", [_step(graph, state, low, "second")], "out")
    graph.node("LpNormalization", [out], "vector", axis=-1, p=2)
    onnx_graph = helper.make_graph(
        graph.nodes,
        "window-encoder",
        [helper.make_tensor_value_info("words", TensorProto.FLOAT, ["pieces", WIDTH])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, OUT])],
        graph.weights,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    model: onnx.ModelProto = helper.make_model(onnx_graph, opset_imports=opsets, producer_name="plano")
    model.ir_version = IR_VERSION
    return model


def _normal(graph: Graph, state: dict[str, Floats], source: str, name: str) -> str:
    gamma, beta = (graph.weight(f"{name}.{part}", state[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.node("LayerNormalization", [source, gamma, beta], f"{name}.normal", axis=-1, epsilon=EPSILON)


def _window(graph: Graph, state: dict[str, Floats], source: str, number: int) -> str:
    """Two rounds of windows of one size, each added to what it read: (pieces, 256)."""
    size, before = WINDOWS[number]
    starts, ends = (
        graph.weight(f"window{number}.{part}", np.array([place], np.int64))
        for part, place in (("from", number * NARROW), ("to", (number + 1) * NARROW))
    )
    axis = graph.weight(f"window{number}.axis", np.array([1], np.int64))
    current = graph.node("Slice", [source, starts, ends, axis], f"window{number}.states")
    for part in ("first", "second"):
        name = f"window{number}.{part}"
        around = graph.weight(f"{name}.around", np.array([before, 0, size - 1 - before, 0], np.int64))
        padded = graph.node("Pad", [current, around], f"{name}.padded")
        shifted = [_shifted(graph, padded, name, place, size) for place in range(size)]
        wide = graph.node("Concat", shifted, f"{name}.wide", axis=1)
        weight = state[f"windows.{number}.{part}.weight"].transpose(2, 1, 0).reshape(size * NARROW, NARROW)
        product = graph.product(wide, weight, state[f"windows.{number}.{part}.bias"], name=f"{name}.product")
        current = graph.node("Add", [graph.node("Relu", [product], f"{name}.active"), current], f"{name}.out")
    return current


def _shifted(graph: Graph, padded: str, name: str, place: int, size: int) -> str:
    after = size - 1 - place
    starts = graph.weight(f"{name}.{place}.from", np.array([place], np.int64))
    ends = graph.weight(f"{name}.{place}.to", np.array([-after if after else END], np.int64))
    axis = graph.weight(f"{name}.{place}.axis", np.zeros(1, np.int64))
    return graph.node("Slice", [padded, starts, ends, axis], f"{name}.{place}")


def _step(graph: Graph, state: dict[str, Floats], source: str, name: str) -> str:
    """A hidden layer and the way past it."""
    hidden = graph.node("Relu", [graph.product(source, state[f"{name}.weight"].T, None, name=name)], f"{name}.active")
    onward = graph.product(hidden, state[f"{name}_on.weight"].T, None, name=f"{name}.on")
    past = graph.product(source, state[f"{name}_past.weight"].T, None, name=f"{name}.past")
    return graph.node("Add", [past, onward], f"{name}.sum")
