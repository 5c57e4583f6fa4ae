"""How complete an entry is for those who read it, and what to add next: for owners, and for nobody's ranking.

Search weighs completeness for itself, by what an index row tells (`apps.search.services.completeness`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.catalog.choices import ContactKind, HolidayPolicy, HoursKind, ImageState, ResourceType
from apps.catalog.models import PROFILE_MODELS, ContactPoint, Resource

PICTURES_WANTED = 3
DESCRIPTION_WANTED = 120


@dataclass(frozen=True)
class Facts:
    """What of one entry the table below asks for."""

    resource: Resource
    kinds: frozenset[str]
    has_whatsapp: bool
    pictures: int
    profile: Mapping[str, object]


@dataclass(frozen=True)
class Want:
    """Something a good entry tells: what to do, why, what it is worth for each type of entry, and whether it is told."""

    key: str
    label: str | Promise
    why: str | Promise
    weights: Mapping[str, int]
    is_told: Callable[[Facts], bool]


@dataclass(frozen=True)
class Step:
    """Something to add, or that is there; `gain` is what it brings in points of a hundred."""

    key: str
    label: str
    why: str
    gain: int
    is_done: bool


@dataclass(frozen=True)
class Completeness:
    """How complete, 0 to 100, and every step: what is missing first, the most worth first."""

    percent: int
    steps: Sequence[Step]

    @property
    def missing(self) -> Sequence[Step]:
        """The next best actions, in their order."""
        return [step for step in self.steps if not step.is_done]


def _for(business: int = 0, service: int = 0, data: int = 0, api: int = 0) -> dict[str, int]:
    return {ResourceType.BUSINESS: business, ResourceType.SERVICE: service, ResourceType.DATA: data, ResourceType.API: api}


def _profile(*names: str) -> Callable[[Facts], bool]:
    """Whether the profile tells one of these."""
    return lambda facts: any(facts.profile.get(name) not in (None, "", []) for name in names)


# One table; each column sums to a hundred.
WANTS: tuple[Want, ...] = (
    Want("phone", _("Ajouter un numéro de téléphone"), _("La plupart des visiteurs appellent."), _for(18, 10),
         lambda f: ContactKind.PHONE in f.kinds),
    Want("whatsapp", _("Indiquer un numéro WhatsApp"), _("Un message coûte moins qu’un appel."), _for(8), lambda f: f.has_whatsapp),
    Want("hours", _("Donner les horaires d’ouverture"), _("Sans horaires, la fiche manque à « Ouvert maintenant »."), _for(14, 12),
         lambda f: f.resource.hours_kind != HoursKind.UNKNOWN),
    Want("holidays", _("Dire ce que vous faites les jours fériés"), _("Onze jours par an où l’on hésite à se déplacer."), _for(4),
         lambda f: f.resource.holiday_policy != HolidayPolicy.UNKNOWN),
    Want("position", _("Placer la fiche sur le plan"), _("Elle apparaît sur le plan et dans les recherches « près de moi »."), _for(12, 6),
         lambda f: f.resource.latitude is not None),
    Want("landmark", _("Indiquer un repère connu"), _("Un repère guide mieux qu’une adresse."), _for(6, 4),
         lambda f: bool(f.resource.landmark_fr or f.resource.landmark_en or f.resource.address_line1)),
    Want("description", _("Décrire ce que vous proposez"), _("Les mots de la description font trouver la fiche."), _for(12, 16, 20, 16),
         lambda f: len(f.resource.description_fr or f.resource.description_en) >= DESCRIPTION_WANTED),
    Want("english", _("Traduire la description en anglais"), _("Pour les visiteurs qui lisent l’anglais."), _for(4, 6, 8, 8),
         lambda f: bool(f.resource.description_en)),
    Want("picture", _("Ajouter une première photo"), _("Une fiche avec photo se remarque dans les listes."), _for(8),
         lambda f: f.pictures >= 1),
    Want("pictures", _("Montrer au moins trois photos"), _("L’entrée, l’intérieur, ce que vous vendez."), _for(4),
         lambda f: f.pictures >= PICTURES_WANTED),
    Want("attributes", _("Cocher ce que vous offrez"), _("Livraison, Mobile Money : des filtres de la recherche."), _for(4, 4),
         lambda f: bool(f.resource.attributes)),
    Want("prices", _("Indiquer vos prix"), _("Le prix est la première question."), _for(4, 12, 0, 10),
         _profile("price_min_xaf", "price_max_xaf", "fee_min_xaf", "fee_max_xaf", "quota_fr")),
    Want("website", _("Ajouter un site web"), _("Pour qui veut en savoir plus."), _for(2, 4),
         lambda f: ContactKind.WEBSITE in f.kinds),
    Want("documents", _("Lister les documents à apporter"), _("Personne ne fait la queue deux fois."), _for(0, 14),
         _profile("documents_fr", "documents_en")),
    Want("delay", _("Annoncer le délai"), _("Pour savoir quand revenir."), _for(0, 12), _profile("delay_fr", "delay_en")),
    Want("publisher", _("Nommer l’éditeur ou le fournisseur"), _("On se fie à une source qui se nomme."), _for(0, 0, 14, 10),
         _profile("publisher", "provider")),
    Want("licence", _("Choisir une licence"), _("Sans licence, pas de réutilisation."), _for(0, 0, 20), _profile("licence")),
    Want("download", _("Donner l’adresse de téléchargement"), _("Un clic suffit pour obtenir les données."), _for(0, 0, 16),
         _profile("download_url")),
    Want("formats", _("Indiquer les formats"), _("CSV, JSON : ce que l’on peut lire."), _for(0, 0, 12, 8), _profile("formats")),
    Want("years", _("Dire quelles années sont couvertes"), _("La première chose que l’on vérifie."), _for(0, 0, 10),
         _profile("temporal_start", "temporal_end")),
    Want("documentation", _("Ajouter l’adresse de la documentation"), _("Un développeur commence par là."), _for(0, 0, 0, 18),
         _profile("documentation_url", "openapi_url")),
    Want("endpoints", _("Décrire les points d’accès"), _("Pour juger avant de s’inscrire."), _for(0, 0, 0, 16), _profile("endpoints")),
    Want("sample", _("Montrer un exemple d’appel"), _("Un exemple dit tout."), _for(0, 0, 0, 14), _profile("sample_request")),
)  # fmt: skip


def completeness(resource: Resource) -> Completeness:
    """How complete one entry is, and what to add next. Two statements, whatever it has."""
    return completeness_of([resource])[resource.pk]


def completeness_of(resources: Sequence[Resource]) -> dict[uuid.UUID, Completeness]:
    """The same of several, by their keys: one statement, and one for each type among them."""
    profiles = _profiles(resources)
    pictures = Count("images", filter=~Q(images__state=ImageState.FAILED), distinct=True)
    contacts = ContactPoint.objects.filter(resource=OuterRef("pk"))
    rows = Resource.objects.filter(pk__in=[resource.pk for resource in resources]).annotate(
        picture_count=pictures,
        has_whatsapp=Exists(contacts.filter(is_whatsapp=True)),
        **{f"has_{kind}": Exists(contacts.filter(kind=kind)) for kind in ContactKind.values},
    )
    told = {row["pk"]: row for row in rows.values("pk", "picture_count", "has_whatsapp", *(f"has_{kind}" for kind in ContactKind.values))}
    none: dict[str, object] = {}
    made = {}
    for resource in resources:
        row = told.get(resource.pk, none)
        kinds = frozenset(str(kind) for kind in ContactKind.values if row.get(f"has_{kind}"))
        facts = Facts(
            resource, kinds, bool(row.get("has_whatsapp")), int(str(row.get("picture_count", 0))), profiles.get(resource.pk, none)
        )
        made[resource.pk] = _judge(facts)
    return made


def _judge(facts: Facts) -> Completeness:
    steps = [
        Step(want.key, str(want.label), str(want.why), weight, want.is_told(facts))
        for want in WANTS
        if (weight := want.weights[facts.resource.resource_type])
    ]
    percent = sum(step.gain for step in steps if step.is_done)
    return Completeness(percent, sorted(steps, key=lambda step: (step.is_done, -step.gain)))


def _profiles(resources: Sequence[Resource]) -> dict[uuid.UUID, Mapping[str, object]]:
    """Each entry's profile as columns, by its key."""
    found: dict[uuid.UUID, Mapping[str, object]] = {}
    for kind in sorted({resource.resource_type for resource in resources}):
        ids = [resource.pk for resource in resources if resource.resource_type == kind]
        found |= {row["resource_id"]: row for row in PROFILE_MODELS[kind].objects.filter(resource__in=ids).values()}
    return found
