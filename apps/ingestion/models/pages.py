"""What was read on the web, so that it need not be read again, and can be shown."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.ingestion.models.sources import Source


class RobotsSnapshot(models.Model):
    """The rules for robots of one host, as they were when we last asked. `status` 0: nobody answered. Asked again after a day."""

    host = models.CharField(_("site"), max_length=260, primary_key=True)
    status = models.PositiveSmallIntegerField(_("réponse"))
    body = models.TextField(_("règles"), blank=True)
    fetched_at = models.DateTimeField(_("lues le"))

    class Meta:
        db_table = "ingest_robots"
        verbose_name = _("règles d’un site pour les robots")
        verbose_name_plural = _("règles des sites pour les robots")

    def __str__(self) -> str:
        return self.host


class FetchedPage(models.Model):
    """One page of a source as it was last read, with its evidence: the bytes, in the private storage. Ends 90 days after that."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.CASCADE, related_name="pages", verbose_name=_("source"))
    url = models.TextField(_("adresse"))
    url_hash = models.BinaryField(max_length=16, editable=False)
    status = models.PositiveSmallIntegerField(_("réponse"))
    content_type = models.CharField(_("type"), max_length=120, blank=True)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=60, blank=True, editable=False)
    final_url = models.TextField(_("adresse d’arrivée"), blank=True)
    content_hash = models.CharField(_("empreinte"), max_length=32)
    evidence = models.CharField(_("preuve"), max_length=120)
    fetched_at = models.DateTimeField(_("lue le"))
    changed_at = models.DateTimeField(_("changée le"))

    class Meta:
        db_table = "ingest_pages"
        verbose_name = _("page lue")
        verbose_name_plural = _("pages lues")
        constraints = (models.UniqueConstraint(fields=("source", "url_hash"), name="ingest_pages_once"),)
        indexes = (
            models.Index(fields=("fetched_at",), name="ingest_pages_by_age"),
            models.Index(fields=("content_hash",), name="ingest_pages_by_content"),
        )

    def __str__(self) -> str:
        return self.url
