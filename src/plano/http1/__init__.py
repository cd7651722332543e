"""HTTP/1.1 without input or output: bytes and times in, events and bytes out.

    grammar     what may stand in a message, as compiled patterns      (RFC 9110, RFC 9112)
    limits      how much and how long, as one table
    violation   the one exception: what is wrong with the peer's bytes
    events      what the two connections report
    block       collects bytes up to a blank line
    fields      field lines, read and written
    head        request and response heads, read
    request     request heads, written
    body        the three ways a body ends
    answer      what a caller is sent
    server      one connection of a caller
    client      one connection to an upstream

No sockets, no clock, no event loop, nothing but msgspec for cheap values. What a verdict looks like on the wire (JSON,
dialects) belongs to the server edge.
"""
