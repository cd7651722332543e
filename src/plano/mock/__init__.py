"""The mock provider: what dev mode, tests and rehearsals of outages call instead of a real one."""
