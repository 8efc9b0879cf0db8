"""`python -m midwatch` is `midwatch`."""

from midwatch.cli import main

main()
