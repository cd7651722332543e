"""Chat requests of about 32 KB, each of another make, all with the same eight tools."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

Messages = list[dict[str, Any]]


def body(messages: Messages) -> bytes:
    """The request with ``messages``."""
    tools = [_tool(number) for number in range(8)]
    options = {"temperature": 0.2, "max_tokens": 1000, "stream": True}
    members = {"model": "gpt-4o", "messages": messages, "tools": tools, **options}
    return json.dumps(members, ensure_ascii=False).encode()


def _tool(number: int) -> dict[str, Any]:
    properties = {f"p{n}": {"type": "string", "description": "What it is. " * 4} for n in range(5)}
    function = {
        "name": f"tool_{number}",
        "description": "Reads or writes a part of the project. " * 3,
        "parameters": {"type": "object", "properties": properties, "required": ["p0"]},
    }
    return {"type": "function", "function": function}


def _call(call_id: str, tool: int = 1) -> dict[str, Any]:
    function = {"name": f"tool_{tool}", "arguments": json.dumps({"p0": "src/main.py"})}
    return {"id": call_id, "type": "function", "function": function}


def mixed() -> bytes:
    """A system prompt, ten turns, three rounds of tool calls."""
    words = 'Please look at this part of the program and "explain" why it fails when the list is empty.\n'
    messages: Messages = [{"role": "system", "content": "You are a careful engineer. " * 40}]
    for number in range(10):
        messages.append({"role": "user", "content": words * 12})
        if number % 4 == 1:
            messages.append({"role": "assistant", "content": None, "tool_calls": [_call(f"call_{number}")]})
            messages.append({"role": "tool", "tool_call_id": f"call_{number}", "content": "line of a file\n" * 60})
        messages.append({"role": "assistant", "content": "It fails because of the first line. " * 22})
    return body([*messages, {"role": "user", "content": "And now?"}])


def files_read() -> bytes:
    """An agent that reads files: long results of tools, with an escape every tenth byte."""
    source = 'def f(x):\n\tif x == "a\\b":\n\t\treturn {"k": [1, 2]}\n\treturn None\n'
    messages: Messages = [{"role": "user", "content": "Fix the failing test in tests/test_io.py"}]
    for number in range(9):
        messages.append({"role": "assistant", "content": None, "tool_calls": [_call(f"call_{number}")]})
        messages.append({"role": "tool", "tool_call_id": f"call_{number}", "content": source * 36})
    return body(messages)


def many_short() -> bytes:
    """380 turns of a few words."""
    messages: Messages = [{"role": "system", "content": "Be brief."}]
    for number in range(190):
        messages.append({"role": "user", "content": f"And what about number {number}, then?"})
        messages.append({"role": "assistant", "content": f"Number {number} is fine as well."})
    return body([*messages, {"role": "user", "content": "And now?"}])


def many_scripts() -> bytes:
    """Texts in several scripts, with quotes and line feeds."""
    asked = "请把这段话翻译成德语：“你好，世界！”\n\tПривет, мир — 😀\n" * 17
    messages: Messages = []
    for _ in range(10):
        messages.append({"role": "user", "content": asked})
        messages.append({"role": "assistant", "content": "Natürlich: „Hallo, Welt!“\n" * 24})
    return body([*messages, {"role": "user", "content": "Danke"}])


def images() -> bytes:
    """Four images as base64."""
    data = base64.b64encode(random.Random(1).randbytes(4_600)).decode()
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    messages: Messages = []
    for _ in range(4):
        messages.append({"role": "user", "content": [{"type": "text", "text": "What is on it?"}, image]})
        messages.append({"role": "assistant", "content": "A cat. " * 20})
    return body([*messages, {"role": "user", "content": "Sure?"}])


def parallel_calls() -> bytes:
    """Texts in parts, and three calls at a time."""
    said = "Look at this part of the program and say why it fails.\n" * 7
    messages: Messages = []
    for number in range(12):
        calls = [f"call_{number}_{place}" for place in range(3)]
        messages.append({"role": "user", "content": [{"type": "text", "text": text} for text in (said, "<env/>")]})
        words = {"type": "text", "text": "I will look. " * 17}
        turn = [_call(name, place) for place, name in enumerate(calls)]
        messages.append({"role": "assistant", "content": [words], "tool_calls": turn})
        messages += [{"role": "tool", "tool_call_id": name, "content": "line of a file\n" * 17} for name in calls]
    return body(messages)


OTHERS: dict[str, Callable[[], bytes]] = {
    "files read": files_read,
    "many short turns": many_short,
    "many scripts": many_scripts,
    "images": images,
    "parallel calls": parallel_calls,
}
