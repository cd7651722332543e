"""Writes the encoder of the router: the safetensors of a BERT sentence encoder become one int8 ONNX file.

The graph is written by hand, node by node, from fused operators that ONNX Runtime ships for CPUs, so that it needs
neither torch nor an optimiser, and the same checkpoint gives the same bytes. One text goes in at a time, without
padding: activations are quantised with the range of the whole tensor, so in a batch the vector of a text would depend
on its neighbours, and the same question could have two answers.

Usage: python export.py CHECKPOINT_FOLDER OUTPUT_FOLDER [--full-range]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

FUSED = "com.microsoft"
OPSET = 17
IR_VERSION = 8

Floats = NDArray[np.float32]


@dataclass
class Graph:
    """Nodes and weights gathered so far. ``levels``: the largest absolute value of a quantised weight."""

    levels: int
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def weight(self, name: str, value: NDArray[np.generic]) -> str:
        """The name of a stored tensor."""
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], name: str, *, domain: str = "", **attributes: object) -> str:
        """The name of the first output of a new node."""
        outputs = [name, f"{name}.scale", f"{name}.zero"] if kind == "DynamicQuantizeLinear" else [name]
        self.nodes.append(helper.make_node(kind, inputs, outputs, name=name, domain=domain, **attributes))
        return name

    def quantised(self, name: str, matrix: Floats) -> tuple[str, str, str]:
        """Names of an int8 matrix (in, out), its scale per output column and its zero points (all 0)."""
        scale = np.maximum(np.abs(matrix).max(axis=0) / self.levels, 1e-12).astype(np.float32)
        steps = np.clip(np.rint(matrix / scale), -self.levels, self.levels).astype(np.int8)
        return (
            self.weight(name, steps),
            self.weight(f"{name}.scale", scale),
            self.weight(f"{name}.zero", np.zeros(matrix.shape[1], np.int8)),
        )

    def product(self, source: str, matrix: Floats, bias: Floats | None, *, name: str) -> str:
        """source @ matrix (+ bias), with int8 weights and activations quantised on the fly."""
        inputs = [source, *self.quantised(f"{name}.weight", matrix)]
        if bias is not None:
            inputs.append(self.weight(f"{name}.bias", bias))
        return self.node("DynamicQuantizeMatMul", inputs, name, domain=FUSED)


def embeddings(graph: Graph, state: dict[str, Floats], *, epsilon: float) -> str:
    """Token and position vectors, summed and normalised: (1, tokens, width). The table is int8 with a scale per row."""
    table = state["embeddings.word_embeddings.weight"]
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True) / 127, 1e-12).astype(np.float32)
    words = graph.weight("words", np.rint(table / scale).astype(np.int8))
    positions = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    steps = graph.node("Gather", [words, "input_ids"], "word_steps")
    scales = graph.node("Gather", [graph.weight("words.scale", scale), "input_ids"], "word_scales")
    rows = graph.node("Mul", [graph.node("Cast", [steps], "word_floats", to=TensorProto.FLOAT), scales], "word_rows")
    shape = graph.node("Shape", ["input_ids"], "shape", start=1, end=2)
    starts, axes = graph.weight("zero", np.zeros(1, np.int64)), graph.weight("axis_0", np.zeros(1, np.int64))
    places = graph.node("Slice", [graph.weight("positions", positions), starts, shape, axes], "places")
    summed = graph.node("Add", [rows, places], "embedded")
    gamma = graph.weight("embedded.gamma", state["embeddings.LayerNorm.weight"])
    beta = graph.weight("embedded.beta", state["embeddings.LayerNorm.bias"])
    return graph.node("LayerNormalization", [summed, gamma, beta], "embedded_norm", axis=-1, epsilon=epsilon)


def layer(graph: Graph, state: dict[str, Floats], source: str, *, number: int, heads: int, epsilon: float) -> str:
    """One transformer block."""
    prefix, name = f"encoder.layer.{number}.", f"layer{number}"

    def value(key: str) -> Floats:
        return state[prefix + key]

    def normalised(product: str, skip: str, bias: Floats, *, key: str, label: str) -> str:
        inputs = [
            product,
            skip,
            graph.weight(f"{label}.gamma", value(f"{key}.LayerNorm.weight")),
            graph.weight(f"{label}.beta", value(f"{key}.LayerNorm.bias")),
            graph.weight(f"{label}.bias", bias),
        ]
        return graph.node("SkipLayerNormalization", inputs, label, domain=FUSED, epsilon=epsilon)

    parts = ("query", "key", "value")
    packed = np.concatenate([value(f"attention.self.{part}.weight").T for part in parts], axis=1)
    bias = np.concatenate([value(f"attention.self.{part}.bias") for part in parts])
    steps = graph.node("DynamicQuantizeLinear", [source], f"{name}.steps")
    matrix, scale, zero = graph.quantised(f"{name}.qkv", packed)
    bias_name = graph.weight(f"{name}.qkv.bias", bias)
    inputs = [steps, matrix, bias_name, f"{steps}.scale", scale, "", f"{steps}.zero", zero]
    mixed = graph.node("QAttention", inputs, f"{name}.attention", domain=FUSED, num_heads=heads)
    out = graph.product(mixed, value("attention.output.dense.weight").T, None, name=f"{name}.out")
    first = normalised(out, source, value("attention.output.dense.bias"), key="attention.output", label=f"{name}.norm1")
    wide = graph.product(first, value("intermediate.dense.weight").T, None, name=f"{name}.wide")
    wide_bias = graph.weight(f"{name}.wide.bias", value("intermediate.dense.bias"))
    active = graph.node("BiasGelu", [wide, wide_bias], f"{name}.gelu", domain=FUSED)
    narrow = graph.product(active, value("output.dense.weight").T, None, name=f"{name}.narrow")
    return normalised(narrow, first, value("output.dense.bias"), key="output", label=f"{name}.norm2")


def build(state: dict[str, Floats], config: dict[str, object], *, levels: int) -> onnx.ModelProto:
    """The whole model: ``input_ids`` int64 (1, tokens) to ``vector`` float32 (1, width), of length 1."""
    epsilon, heads = float(str(config["layer_norm_eps"])), int(str(config["num_attention_heads"]))
    graph = Graph(levels)
    current = embeddings(graph, state, epsilon=epsilon)
    for number in range(int(str(config["num_hidden_layers"]))):
        current = layer(graph, state, current, number=number, heads=heads, epsilon=epsilon)
    mean = graph.node("ReduceMean", [current], "mean", axes=[1], keepdims=0)
    graph.node("LpNormalization", [mean], "vector", axis=-1, p=2)
    width = int(str(config["hidden_size"]))
    onnx_graph = helper.make_graph(
        graph.nodes,
        "sentence-encoder",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, width])],
        graph.weights,
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    model: onnx.ModelProto = helper.make_model(onnx_graph, opset_imports=opsets, producer_name="plano")
    model.ir_version = IR_VERSION
    return model


def main() -> None:
    """Writes encoder.onnx and vocab.txt, and prints their checksums."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="folder with model.safetensors, config.json and vocab.txt")
    parser.add_argument("output", type=Path)
    parser.add_argument("--full-range", action="store_true", help="8-bit weights; the default keeps 7 bits")
    options = parser.parse_args()
    config = json.loads((options.checkpoint / "config.json").read_text())
    state = {
        key.removeprefix("bert."): value for key, value in load_file(options.checkpoint / "model.safetensors").items()
    }
    model = build(state, config, levels=127 if options.full_range else 63)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "encoder.onnx").write_bytes(model.SerializeToString(deterministic=True))
    shutil.copyfile(options.checkpoint / "vocab.txt", options.output / "vocab.txt")
    for name in ("encoder.onnx", "vocab.txt"):
        data = (options.output / name).read_bytes()
        print(f"{name} {len(data)} bytes sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
