"""OpenAI chat completions, and what compatible hosts add to it.

https://platform.openai.com/docs/api-reference/chat
"""
