"""Words that mean the same, and how they came into service."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.ids import uuid7
from apps.search.choices import PublicationKind
from apps.search.constants import GROUP_MAX, GROUP_MIN, PHRASE_LENGTH_MAX


class SynonymGroup(models.Model):
    """Words and phrases that mean the same to the people who search. Searches use `published`, staff edits `words`.

    Ends only before it was ever published: later it is withdrawn, and its history stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.SlugField(_("clé"), max_length=60, unique=True)
    words = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), verbose_name=_("mots et expressions"))
    published = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), null=True, editable=False, verbose_name=_("en service"))
    updated_at = models.DateTimeField(_("modifié le"))
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("modifié par")
    )

    class Meta:
        db_table = "search_synonym_group"
        ordering = ("key",)
        verbose_name = _("groupe de synonymes")
        verbose_name_plural = _("groupes de synonymes")
        constraints = (
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"), name="search_synonym_key_clean"),
            models.CheckConstraint(
                condition=Q(words__len__gte=GROUP_MIN, words__len__lte=GROUP_MAX) & ~Q(words__contains=[""]),
                name="search_synonym_words_several",
            ),
            models.CheckConstraint(
                condition=Q(published=None)
                | (Q(published__len__gte=GROUP_MIN, published__len__lte=GROUP_MAX) & ~Q(published__contains=[""])),
                name="search_synonym_published_several",
            ),
        )

    def __str__(self) -> str:
        return ", ".join(self.words)

    @property
    def is_pending(self) -> bool:
        """Whether publishing it would change what searches find."""
        return self.words != self.published


class SynonymPublication(models.Model):
    """One change of the published synonyms: its number is the version of the set. Append-only, never ends."""

    id = models.BigAutoField(_("numéro"), primary_key=True)
    kind = models.CharField(_("nature"), max_length=10, choices=PublicationKind)
    at = models.DateTimeField(_("le"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, related_name="+", null=True, verbose_name=_("par"))
    undoes = models.OneToOneField("self", models.PROTECT, related_name="undone_by", null=True, verbose_name=_("annule"))

    class Meta:
        db_table = "search_synonym_publication"
        ordering = ("-id",)
        verbose_name = _("publication de synonymes")
        verbose_name_plural = _("publications de synonymes")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=PublicationKind.values), name="search_synonym_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=PublicationKind.UNDONE, undoes__isnull=False) | (~Q(kind=PublicationKind.UNDONE) & Q(undoes=None)),
                name="search_synonym_undoes_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class SynonymChange(models.Model):
    """What a publication changed of one group: the words that were in service before, and after; none is null. Append-only."""

    publication = models.ForeignKey(SynonymPublication, models.CASCADE, related_name="changes", verbose_name=_("publication"))
    group = models.ForeignKey(SynonymGroup, models.PROTECT, related_name="changes", verbose_name=_("groupe"))
    before = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), null=True, verbose_name=_("avant"))
    after = ArrayField(models.CharField(max_length=PHRASE_LENGTH_MAX), null=True, verbose_name=_("après"))

    class Meta:
        db_table = "search_synonym_change"
        ordering = ("group__key",)
        verbose_name = _("changement")
        verbose_name_plural = _("changements")
        constraints = (models.UniqueConstraint(fields=("publication", "group"), name="search_synonym_change_once"),)

    def __str__(self) -> str:
        return str(self.group)
