"""The nouns: frozen, slotted, and importing nothing but errors.

What is made once per configuration (models, routes) is a dataclass. What is made once per request is a msgspec Struct:
just as frozen, and made in 0.14 µs instead of 1.2 µs, and a request makes about thirty of them.
"""
