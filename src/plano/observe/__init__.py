"""What can be seen of the gateway from outside: never more than metadata."""
