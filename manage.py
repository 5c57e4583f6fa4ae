#!/usr/bin/env python
"""Django's command line, with this checkout's own database and Redis when none is configured."""

import os
import sys

from ecosysteme import elasticsearch, embedded


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  the settings module must be named first

    with embedded.running(), elasticsearch.running():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
