"""What every gateway is asked, and what the mock upstream answers: one body, one answer, for all of them."""

from __future__ import annotations

import json

Fields = tuple[tuple[str, str], ...]

MODEL = "openai/gpt-4o"
OTHER_MODEL = "openai/gpt-4o-mini"
CHAT = "/v1/chat/completions"
DECISION = "/routing/v1/chat/completions"
KEY = "sk-bench-0000000000000000"

ROUTES = (
    ("code generation", "generating new code snippets, functions or boilerplate", (MODEL, OTHER_MODEL)),
    ("bug fixing", "finding and fixing mistakes in existing code", (MODEL, OTHER_MODEL)),
    ("general questions", "casual conversation and simple questions", (OTHER_MODEL, MODEL)),
)
EXPECTED_ROUTE = "code generation"
PROMPT = "write a sorting algorithm in Python"
SYSTEM = (
    "You are a careful assistant of a software company. Answer in plain language, show working code where code is "
    "wanted, name the assumptions you make, and say what you do not know instead of guessing. "
)
EARLIER = (
    "Thanks, the table of the quarterly figures looks right now. One more thing about the style of this project: "
    "functions stay short, names are the usual words of the field, and every module has its tests beside it. "
    "Nothing is imported that is not used, no number stands in the code without its unit, and a comment says why, "
    "never what. If two of these rules disagree in some place, say so and ask before you choose one of them."
)
ANSWER_WORDS = "Take the smaller head of the two halves, append it, and go on until one of them is empty. "


def body(prompt: str = PROMPT, *, is_stream: bool = False) -> bytes:
    """A chat request of about 1.5 KB with three inline routes."""
    messages = [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": EARLIER},
        {
            "role": "assistant",
            "content": "Understood. I will keep to that: short functions, usual names, tests beside.",
        },
        {"role": "user", "content": prompt},
    ]
    preferences = [
        {"name": name, "description": description, "models": list(models)} for name, description, models in ROUTES
    ]
    members = {"model": MODEL, "messages": messages, "temperature": 0.7, "max_tokens": 512, "stream": is_stream}
    return json.dumps({**members, "routing_preferences": preferences}).encode()


def answer() -> bytes:
    """A chat completion of about 1 KB."""
    message = {"role": "assistant", "content": ANSWER_WORDS * 8}
    return json.dumps(
        {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": 1763800000,
            "model": "gpt-4o",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 180, "completion_tokens": 160, "total_tokens": 340},
        }
    ).encode()


def wire_request(data: bytes, fields: Fields, path: str = CHAT) -> bytes:
    """The bytes of a request as a client library would send it."""
    given = (("Host", "127.0.0.1"), ("Content-Type", "application/json"), ("Authorization", f"Bearer {KEY}"), *fields)
    head = "".join(f"{name}: {value}\r\n" for name, value in given)
    return f"POST {path} HTTP/1.1\r\n{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def lua(data: bytes, fields: Fields, path: str) -> str:
    """The script that makes wrk send this request and print its figures on one line."""
    given = (("Content-Type", "application/json"), ("Authorization", f"Bearer {KEY}"), *fields)
    headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in given)
    return f"""wrk.method = "POST"
wrk.path = "{path}"
wrk.body = [==[{data.decode()}]==]
{headers}
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
"""
