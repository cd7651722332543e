"""One request and its answer: what is asked, what is told with the answer, and handing it over."""
