"""The page, and a browser that looks at it."""
