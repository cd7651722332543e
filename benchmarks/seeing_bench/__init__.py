"""Pictures of what a gateway under plausible traffic shows."""
