"""What staff writes to many people at once."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.catalog.models import City
from apps.core.ids import uuid7
from apps.notifications.choices import BROADCAST_CHANNELS, BroadcastState, Channel, Segment

PER_MINUTE_DEFAULT, PER_MINUTE_MAX = 200, 600


class Broadcast(models.Model):
    """A message of the news category to a segment; it reaches who wants news, by the inbox and one channel.

    People are told in the order of their ids; `told_up_to` is the last one, so that whoever goes on after a stop or a crash
    neither begins again nor leaves anybody out.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    segment = models.CharField(_("destinataires"), max_length=12, choices=Segment)
    city = models.ForeignKey(
        City, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ville"),
        help_text=_("Seulement qui a une fiche dans cette ville."),
    )  # fmt: skip
    channel = models.CharField(
        _("aussi par"), max_length=10, choices=[(one.value, one.label) for one in BROADCAST_CHANNELS], default=Channel.EMAIL
    )
    subject_fr = models.CharField(_("objet en français"), max_length=100)
    subject_en = models.CharField(_("objet en anglais"), max_length=100)
    text_fr = models.TextField(_("texte en français"), max_length=2000)
    text_en = models.TextField(_("texte en anglais"), max_length=2000)
    page = models.CharField(
        _("page"), max_length=300, blank=True, help_text=_("Où mène le bouton : une adresse du site qui commence par « / ».")
    )  # fmt: skip
    per_minute = models.PositiveIntegerField(
        _("personnes par minute"), default=PER_MINUTE_DEFAULT, validators=[MinValueValidator(1), MaxValueValidator(PER_MINUTE_MAX)]
    )  # fmt: skip
    state = models.CharField(_("état"), max_length=8, choices=BroadcastState, default=BroadcastState.DRAFT, editable=False)
    audience = models.PositiveIntegerField(_("personnes visées"), default=0, editable=False)
    told = models.PositiveIntegerField(_("personnes prévenues"), default=0, editable=False)
    told_up_to = models.UUIDField(null=True, editable=False)
    next_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("écrit par")
    )
    created_at = models.DateTimeField(_("créé le"), auto_now_add=True)
    started_at = models.DateTimeField(_("commencé le"), null=True, editable=False)
    finished_at = models.DateTimeField(_("fini le"), null=True, editable=False)

    class Meta:
        verbose_name = _("annonce")
        verbose_name_plural = _("annonces")
        ordering = ("-created_at",)
        permissions = (("send_broadcast", _("Peut envoyer une annonce")),)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=BroadcastState.values), name="notifications_broadcast_state_known"),
            models.CheckConstraint(condition=Q(channel__in=BROADCAST_CHANNELS), name="notifications_broadcast_channel_known"),
            models.CheckConstraint(condition=Q(segment__in=Segment.values), name="notifications_broadcast_segment_known"),
            models.CheckConstraint(condition=Q(per_minute__range=(1, PER_MINUTE_MAX)), name="notifications_broadcast_pace_bounded"),
            models.CheckConstraint(condition=Q(page="") | Q(page__startswith="/"), name="notifications_broadcast_page_is_ours"),
            models.CheckConstraint(condition=~Q(page__startswith="//"), name="notifications_broadcast_page_has_no_host"),
            models.CheckConstraint(
                condition=~Q(state=BroadcastState.DONE) | Q(finished_at__isnull=False), name="notifications_broadcast_end_dated"
            ),
        )
        indexes = (models.Index(fields=("state",), condition=Q(state=BroadcastState.SENDING), name="notifications_broadcast_live"),)

    def __str__(self) -> str:
        return self.subject_fr
