"""Texts that staff may change without a release."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LegalPage(models.Model):
    """A legal text in both languages. Bodies are HTML of a few elements, cleaned when shown.

    The migration writes the first version; the page lives as long as the site, so there is no soft delete.
    `{contact}` and `{abuse}` in a body stand for the addresses of the settings.
    """

    slug = models.SlugField(_("adresse"), max_length=40, unique=True)
    title_fr = models.CharField(_("titre en français"), max_length=80)
    title_en = models.CharField(_("titre en anglais"), max_length=80)
    body_fr = models.TextField(_("texte en français"), help_text=_("HTML : h2, p, ul, ol, li, strong, em, a."))
    body_en = models.TextField(_("texte en anglais"), help_text=_("HTML : h2, p, ul, ol, li, strong, em, a."))
    updated_at = models.DateTimeField(_("modifié le"), auto_now=True)

    class Meta:
        db_table = "legal_pages"
        ordering = ("slug",)
        verbose_name = _("page légale")
        verbose_name_plural = _("pages légales")

    def __str__(self) -> str:
        return self.title_fr

    def title_in(self, language: str) -> str:
        """The title in `fr` or `en`."""
        return self.title_en if language.startswith("en") else self.title_fr

    def body_in(self, language: str) -> str:
        """The body in `fr` or `en`, as it was typed."""
        return self.body_en if language.startswith("en") else self.body_fr
