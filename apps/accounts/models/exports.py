"""Archives of what the product knows of a user."""

from __future__ import annotations

from django.core.files.storage import FileSystemStorage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import ExportState
from apps.accounts.models.users import User
from apps.core.ids import uuid7


def private_storage() -> FileSystemStorage:
    """Files that no address leads to: a view checks who asks. A callable, so that no path stands in a migration."""
    storage = storages["private"]
    assert isinstance(storage, FileSystemStorage)  # noqa: S101  what the settings say
    return storage


class DataExport(models.Model):
    """One archive: asked for, made by a worker, kept for seven days."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="exports", verbose_name=_("utilisateur"))
    state = models.CharField(_("état"), max_length=10, choices=ExportState, default=ExportState.PENDING)
    file = models.FileField(_("fichier"), upload_to="exports/", storage=private_storage, blank=True)
    size = models.PositiveIntegerField(_("taille"), default=0)
    requested_at = models.DateTimeField(_("demandé le"))
    expires_at = models.DateTimeField(_("gardé jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("export de données")
        verbose_name_plural = _("exports de données")
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=ExportState.values), name="accounts_dataexport_state_known"),
            models.UniqueConstraint(
                fields=("user",), condition=models.Q(state=ExportState.PENDING), name="accounts_dataexport_one_pending"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.requested_at:%Y-%m-%d}"
