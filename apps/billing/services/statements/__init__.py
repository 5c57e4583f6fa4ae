"""What operators' statements say, compared with what we know."""

from apps.billing.services.statements.importing import Imported, import_statement

__all__ = ["Imported", "import_statement"]
