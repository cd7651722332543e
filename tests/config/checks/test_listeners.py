"""Who can reach the gateway, and where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Codes = Callable[[str], list[tuple[str, int | None]]]
CALLERS = "callers: {keys: {a: $CALLER_KEY}}\n"


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("listeners: [{address: 127.0.0.1}]\n", []),
        ("listeners: [{address: '::1'}]\n", []),
        ("listeners: [{address: localhost}]\n", []),
        ("listeners: [{address: 0.0.0.0}]\n", [("PL-C060", 5)]),
        ("listeners: [{address: '::'}]\n", [("PL-C060", 5)]),
        ("listeners: [{address: '[::]'}]\n", [("PL-C060", 5)]),
        ("listeners: [{address: 10.0.0.5}]\n", [("PL-C060", 5)]),
        ("listeners: [{address: '::ffff:10.0.0.5'}]\n", [("PL-C060", 5)]),
        ("listeners: [{address: 0.0.0.0, open: false}]\n", [("PL-C060", 5)]),
        ("listeners: [{address: 0.0.0.0, open: true}]\n", [("PL-C061", 5)]),
        (f"listeners: [{{address: 0.0.0.0}}]\n{CALLERS}", []),
        (f"listeners: [{{address: 0.0.0.0, open: true}}]\n{CALLERS}", []),
        ("listeners: [{address: 0.0.0.0}]\ncallers:\n", [("PL-C060", 5)]),
        ("listeners: [{address: 0.0.0.0}]\ncallers: {keys: {}}\n", [("PL-C014", 6)]),
        ("listeners: {egress_traffic: {address: 0.0.0.0}}\n", [("PL-C033", 5), ("PL-C060", 5)]),
        ("listeners: {ingress_traffic: {address: 0.0.0.0}}\n", [("PL-C033", 5), ("PL-C035", 5)]),
        ("admin: {address: 0.0.0.0}\n", [("PL-C063", 5)]),
        ("admin: {address: 0.0.0.0, token: $CALLER_KEY}\n", []),
        ("admin: {address: 0.0.0.0, token: }\n", [("PL-C063", 5)]),
        ("admin: {address: 0.0.0.0, enabled: false}\n", []),
        ("listeners: [{port: 12001}]\nadmin: {enabled: false}\n", []),
        ("listeners: [{port: 12001}]\nadmin: {enabled: true}\n", [("PL-C062", 6)]),
        ("listeners: [{name: a}, {name: a, port: 1}]\n", [("PL-C045", 5)]),
        ("listeners: [{}, {}]\n", [("PL-C062", 5)]),
        ("listeners: [{port: 1}, {port: 2}]\n", []),
        ("listeners: [{port: 0}, {port: 0}]\n", []),
        ("listeners: [{port: 12001}]\n", [("PL-C062", 5)]),
        ("listeners: [{port: 12001}]\nadmin: {port: 1}\n", []),
        ("admin: {port: 12000}\n", []),
        ("listeners: [{}]\nadmin: {port: 12000}\n", [("PL-C062", 6)]),
        ("callers: {keys: {a: $CALLER_KEY, b: $CALLER_KEY}}\n", [("PL-C064", 5)]),
        ("listeners: [{tls_certificate: a.crt}]\n", [("PL-C012", 5)]),
        ("listeners: [{tls_key: a.key}]\n", [("PL-C012", 5)]),
        ("listeners: [{tls_certificate: a.crt, tls_key: a.key}]\n", []),
    ],
)
def test_reach(codes: Codes, one_model: str, section: str, expected: list[tuple[str, int]]) -> None:
    """A listener beyond loopback needs keys or ``open: true``, the admin listener a token; addresses are not shared."""
    assert codes(one_model + section) == expected


def test_the_remedy_is_one_line(findings: Callable[[str], tuple[object, ...]], one_model: str) -> None:
    """The error names both ways out."""
    (finding,) = findings(f"{one_model}listeners: [{{address: 0.0.0.0}}]\n")
    assert "'callers:'" in str(finding) and "'open: true'" in str(finding)
