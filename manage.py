#!/usr/bin/env python
"""Django's command line, with this checkout's own database and Redis when none is configured."""

import os
import sys

from ecosysteme import elasticsearch, embedded


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    from django.core.management import execute_from_command_line  # noqa: PLC0415  the settings module must be named first
    from django.db import ProgrammingError  # noqa: PLC0415  likewise
    from psycopg import errors  # noqa: PLC0415  only when the environment is installed

    with embedded.running(), elasticsearch.running():
        try:
            execute_from_command_line(sys.argv)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, errors.UndefinedTable | errors.UndefinedColumn):
                raise
            sys.exit(f"CommandError: the database is not up to date ({str(error).splitlines()[0]}). Run `python manage.py migrate` first.")


if __name__ == "__main__":
    main()
