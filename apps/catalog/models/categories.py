"""The tree of categories."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from apps.catalog.constants import RESERVED_SLUGS
from apps.catalog.models.places import BilingualName
from apps.core.ids import NextValue, uuid7

MAX_DEPTH = 4


class Category(BilingualName):
    """What kind of thing an entry is. Ends by merge into another; deletion is refused while entries use it.

    `number` is its short key in cards and never leaves the server.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.SmallIntegerField(unique=True, editable=False, db_default=NextValue("categories_number_seq"))
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True, blank=True, verbose_name=_("catégorie parente"))
    slug = models.SlugField(_("adresse"), max_length=100, unique=True)
    description_fr = models.TextField(_("description en français"), blank=True)
    description_en = models.TextField(_("description en anglais"), blank=True)
    icon = models.CharField(_("icône"), max_length=50, blank=True, help_text=_("Nom d’une icône Lucide."))
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("autres noms"))
    schema_type = models.CharField(_("type schema.org"), max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(_("ordre"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True)

    history = HistoricalRecords(table_name="categories_history", excluded_fields=["number"])

    class Meta:
        db_table = "categories"
        ordering = ("order", "slug")
        verbose_name = _("catégorie")
        verbose_name_plural = _("catégories")
        constraints = (
            models.CheckConstraint(condition=~Q(slug__in=RESERVED_SLUGS), name="categories_slug_not_reserved"),
            models.CheckConstraint(condition=~Q(parent=models.F("id")), name="categories_not_own_parent"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="no_cycle",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
                when=pgtrigger.Before,
                declare=[("ancestor", "uuid"), ("depth", "integer")],
                func=f"""
                    ancestor := NEW.parent_id;
                    depth := 1;
                    WHILE ancestor IS NOT NULL LOOP
                        depth := depth + 1;
                        IF ancestor = NEW.id OR depth > {MAX_DEPTH} THEN
                            RAISE EXCEPTION 'category % would close a cycle or be deeper than {MAX_DEPTH}', NEW.slug
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'categories_no_cycle';
                        END IF;
                        SELECT parent_id INTO ancestor FROM categories WHERE id = ancestor;
                    END LOOP;
                    RETURN NEW;
                """,  # noqa: S608  the only part put in is a constant
            ),
        )

    def description_in(self, language: str) -> str:
        """The description in `fr` or `en`."""
        return self.description_en if language.startswith("en") else self.description_fr
