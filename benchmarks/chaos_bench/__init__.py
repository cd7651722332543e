"""Three ledgers under chaos: what callers got, what the gateway wrote down, what the providers served."""
