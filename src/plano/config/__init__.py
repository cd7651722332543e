"""The configuration: as written (``document``), as settled (``settings``), and the way between the two.

``load`` is the only part of Plano that reads the disk and the environment for configuration.
"""
