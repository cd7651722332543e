"""``python -m plano``."""

from plano.cli import main

main()
