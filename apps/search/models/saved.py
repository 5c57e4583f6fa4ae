"""Searches that people keep."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.ids import uuid7


class SavedSearch(models.Model):
    """A search that somebody keeps under a name. Removed ones can be taken back for a day (`saved.UNDO`), then they are deleted.

    `query` is the query string of the results' page in its one form, without the page number. Ends with the account at the latest.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    name = models.CharField(_("nom"), max_length=80)
    query = models.TextField(_("recherche"))
    created_at = models.DateTimeField(_("enregistrée le"))
    removed_at = models.DateTimeField(_("retirée le"), null=True, blank=True)

    class Meta:
        db_table = "search_saved"
        verbose_name = _("recherche enregistrée")
        verbose_name_plural = _("recherches enregistrées")
        constraints = (
            # By a hash: an index entry may have 2.7 kB.
            models.UniqueConstraint(F("user"), MD5("query"), name="search_saved_once"),
            models.CheckConstraint(condition=~Q(name=""), name="search_saved_has_name"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("query"), 10_000) & ~Q(query=""), name="search_saved_query_bounded"),
        )

    def __str__(self) -> str:
        return self.name
