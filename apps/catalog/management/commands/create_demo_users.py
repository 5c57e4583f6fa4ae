"""`manage.py create_demo_users`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.services.demo import ensure_demo_user
from apps.catalog.management.demo import require_demo_allowed
from apps.catalog.services.demo_owner import assign_demo_listings

USERS: dict[str, dict[str, Any]] = {
    "staff@demo.ecosyste.example": {
        "name": "Équipe de démonstration",
        "user_type": "admin",
        "is_staff": True,
        "is_superuser": True,
    },
    "owner@demo.ecosyste.example": {"name": "Propriétaire de démonstration", "user_type": "business", "pricing_tier": "business"},
    "developer@demo.ecosyste.example": {"name": "Développeuse de démonstration", "user_type": "individual"},
}


class Command(BaseCommand):
    """Parses, calls the services, prints passwords that were just made."""

    help = "Make the demonstration staff user, owner (with three listings) and developer; prints each new password once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--new-passwords", action="store_true", help="make new passwords and print them")
        parser.add_argument("--i-know", action="store_true", help="do it with production settings all the same")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run."""
        require_demo_allowed(i_know=options["i_know"])
        for email, fields in USERS.items():
            user, password = ensure_demo_user(email=email, new_password=options["new_passwords"], **fields)
            if email.startswith("owner@"):
                assign_demo_listings(owner=user)
            if password:
                self.stdout.write(f"{email}  {password}")
