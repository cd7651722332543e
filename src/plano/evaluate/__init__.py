"""How good is a classifier on labelled cases? Reads cases, asks, counts; prints nothing."""
