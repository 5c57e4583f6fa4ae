"""Applications of partners, and the tokens of theirs that are spent. Clients and living tokens are allauth's own tables."""

from __future__ import annotations

from allauth.idp.oidc.models import Client
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.choices import ApplicationState
from apps.accounts.models.users import User
from apps.core.ids import uuid7


class Application(models.Model):
    """What we know of a partner’s program beyond its OAuth client: whose it is, and whether staff let it serve everybody."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.OneToOneField(Client, models.CASCADE, related_name="application", verbose_name=_("client OAuth"))
    owner = models.ForeignKey(User, models.CASCADE, related_name="applications", verbose_name=_("propriétaire"))
    description = models.TextField(_("description"), blank=True, max_length=500)
    website = models.URLField(_("site web"), blank=True, max_length=300)
    state = models.CharField(_("état"), max_length=20, choices=ApplicationState, default=ApplicationState.TEST)
    review_note = models.TextField(_("motif"), blank=True, max_length=1000)
    submitted_at = models.DateTimeField(_("soumise le"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("décidée le"), null=True, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("décidée par"))
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True)
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True)

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ApplicationState.values), name="accounts_application_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ApplicationState.APPROVED) | Q(reviewed_at__isnull=False), name="accounts_application_approval_dated"
            ),
        )
        indexes = (models.Index(fields=("owner", "-created_at"), name="accounts_application_by_owner"),)

    def __str__(self) -> str:
        return str(self.client.name)

    @property
    def livemode(self) -> bool:
        """Whether it acts on live entries; before the approval it sees and writes test ones."""
        return self.state == ApplicationState.APPROVED

    @property
    def is_usable(self) -> bool:
        """Whether it may do anything at all."""
        return self.state != ApplicationState.BLOCKED and self.owner.is_active and self.owner.suspended_at is None

    def may_act_for(self, user: User) -> bool:
        """Whether it may hold tokens of this user: his own program always, others’ once they are approved."""
        return self.is_usable and user.is_active and user.suspended_at is None and (self.livemode or user.pk == self.owner_id)


class SpentToken(models.Model):
    """A code or refresh token that was redeemed, kept while a thief could still present it: then its family ends."""

    token_hash = models.CharField(_("empreinte"), max_length=64, primary_key=True)
    family = models.UUIDField(_("famille"))
    client = models.ForeignKey(Client, models.CASCADE, related_name="+", verbose_name=_("client OAuth"))
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("utilisateur"))
    is_code = models.BooleanField(_("code d’autorisation"))
    fingerprint = models.CharField(_("empreinte du client"), max_length=64)
    spent_at = models.DateTimeField(_("employé le"))

    class Meta:
        verbose_name = _("jeton employé")
        verbose_name_plural = _("jetons employés")
        indexes = (models.Index(fields=("spent_at",), name="accounts_spenttoken_by_moment"),)

    def __str__(self) -> str:
        return f"{self.client_id} {self.spent_at:%Y-%m-%d}"
