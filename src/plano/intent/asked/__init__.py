"""Router models that are asked over HTTP: what they are sent, and what they say."""
