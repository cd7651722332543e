"""The nouns: frozen, slotted, and importing nothing but errors."""
