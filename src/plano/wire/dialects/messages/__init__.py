"""Anthropic messages (https://platform.claude.com/docs/en/api/messages)."""
