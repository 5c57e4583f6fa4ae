"""Where files lie: those of the checkout, those that people send, those that no address leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecosysteme import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# https://docs.djangoproject.com/en/5.2/howto/static-files/ and https://whitenoise.readthedocs.io/
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS: list[str | Path | tuple[str, str | Path]] = [
    BASE_DIR / "static",
    # Only the wheel's files: as an installed app it would need the GDAL library.
    ("leaflet", env.package_dir("leaflet") / "static" / "leaflet"),
]
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / env.text("MEDIA_ROOT", "var/media")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Files that no address leads to.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": BASE_DIR / env.text("PRIVATE_ROOT", "var/private")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
