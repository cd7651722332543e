"""The small form that translation goes through: no dialect's field names, no JSON except what is only carried.

What a request, an answer, a stream and an error say, once; each dialect has one decoder into it and one encoder out of
it, so that nine pairs need six halves. ``None`` means that the source did not say.
"""
