"""The gateway as a server: sockets, endpoints, and the composition of everything."""
