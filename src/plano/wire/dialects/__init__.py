"""From one dialect into another: requests, answers, streams and errors, bytes to bytes.

Between equal dialects nothing comes here: bytes are relayed. The doors are ``translate`` (whole bodies),
``stream_translator`` (streams), ``errors`` and ``turns`` (what the router is shown).
"""
