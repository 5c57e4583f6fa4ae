"""Who may do what with an entry."""

from __future__ import annotations

import uuid

from apps.accounts.callers import Caller
from apps.accounts.choices import Scope
from apps.catalog.models import Resource
from apps.core.exceptions import Gone, NotFound, PermissionRefused

READ_SCOPE, WRITE_SCOPE = Scope.RESOURCES_READ.value, Scope.RESOURCES_WRITE.value


def parse_identifier(identifier: str) -> dict[str, object]:
    """The look-up that a path's id or slug means."""
    try:
        return {"pk": uuid.UUID(identifier)}
    except ValueError:
        return {"slug": identifier}


def editable_resource(caller: Caller, identifier: str, *, resource_type: str | None = None) -> Resource:
    """The entry that a caller may edit, by id or slug.

    :param resource_type: what the path fixes (`/businesses`); another type does not exist there.
    :raises AuthenticationRequired: nobody is logged in. :raises PermissionRefused: he sees it but it is not his.
    :raises NotFound: no such entry, or not for him. :raises Gone: his own, deleted.
    """
    user = caller.require(WRITE_SCOPE)
    kind = {"resource_type": resource_type} if resource_type else {}
    resource: Resource | None = Resource.objects.filter(**parse_identifier(identifier), **kind).first()
    if resource is None:
        raise NotFound
    is_own = resource.user_id == user.pk and (caller.is_in_person or resource.livemode == caller.livemode)
    if not (caller.is_staff or is_own or resource.is_public):
        raise NotFound
    if resource.deleted_at is not None:
        raise Gone
    if not (caller.is_staff or is_own):
        raise PermissionRefused
    return resource
