"""Pictures: checked by decoding them, kept without their metadata, made in the sizes that pages use."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import uuid
import warnings

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from apps.catalog import events as catalog_events
from apps.catalog.choices import ImageState, ListingRight
from apps.catalog.exceptions import ImageRefused, TooManyImages
from apps.catalog.models import ResourceImage
from apps.catalog.selectors.entitlements import entitlements_of
from apps.catalog.services.records import lock_resource, save_change
from apps.core import events
from apps.core.ids import uuid7

UPLOAD_MAX_BYTES = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000
SIDE_MIN = 64
ORIGINAL_SIDE_MAX = 2560
WIDTHS = (160, 320, 640, 1280)
CARD_WIDTH, CARD_MAX_BYTES = 320, 25_000
FORMATS = ("JPEG", "PNG", "WEBP")


def too_large() -> str:
    """What to tell who sends more than `UPLOAD_MAX_BYTES`."""
    return _("L’image dépasse %(limit)s Mo. Réduisez-la et renvoyez-la.") % {"limit": UPLOAD_MAX_BYTES // 1024**2}


def decode_image(content: bytes) -> Image.Image:
    """The picture, upright, in RGB, without anything but its pixels.

    :raises ImageRefused: too heavy, too large, too small, truncated, or not JPEG, PNG or WebP.
    """
    if len(content) > UPLOAD_MAX_BYTES:
        raise ImageRefused(too_large())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
            if opened.width * opened.height > PIXELS_MAX:
                raise ImageRefused(_("L’image dépasse 40 millions de pixels. Réduisez-la et renvoyez-la."))
            opened.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageRefused(_("L’image dépasse 40 millions de pixels. Réduisez-la et renvoyez-la.")) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageRefused from error
    if min(opened.size) < SIDE_MIN:
        raise ImageRefused(_("L’image est trop petite : il faut au moins %(side)s pixels de côté.") % {"side": SIDE_MIN})
    upright = ImageOps.exif_transpose(opened)
    if upright.mode in {"RGBA", "LA", "P", "PA"}:
        flat = Image.new("RGB", upright.size, "white")
        layer = upright.convert("RGBA")
        flat.paste(layer, mask=layer)
        return flat
    return upright.convert("RGB")


def _encode(picture: Image.Image, *, quality: int) -> bytes:
    output = io.BytesIO()
    picture.save(output, "WEBP", quality=quality, method=4)
    return output.getvalue()


def _resized(picture: Image.Image, width: int) -> Image.Image:
    height = max(round(picture.height * width / picture.width), 1)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def image_url(image: ResourceImage) -> str:
    """Address of the smallest size there is, or the external one; empty when nothing can be shown yet."""
    if image.external_url:
        return image.external_url
    sizes = sorted(image.renditions.items(), key=lambda item: int(item[0]))
    return str(default_storage.url(sizes[0][1]["file"])) if sizes else ""


def make_sizes(picture: Image.Image, *, folder: str) -> dict[str, dict[str, object]]:
    """Store the picture in each of `WIDTHS` that it fills, as WebP; returns `ResourceImage.renditions`.

    The size for cards is encoded harder until it weighs no more than `CARD_MAX_BYTES`.
    """
    sizes: dict[str, dict[str, object]] = {}
    for width in [width for width in WIDTHS if width <= picture.width] or [picture.width]:
        small = _resized(picture, width)
        content = b""
        for quality in (78, 65, 50, 35):
            content = _encode(small, quality=quality)
            if width > CARD_WIDTH or len(content) <= CARD_MAX_BYTES:
                break
        name = f"{folder}/{width}.webp"
        # A size that a killed worker left is the same picture: it is replaced, not numbered.
        default_storage.delete(name)
        sizes[str(width)] = {
            "file": default_storage.save(name, ContentFile(content)),
            "height": small.height,
            "bytes": len(content),
        }
    return sizes


def _delete_files(image: ResourceImage) -> None:
    for name in [image.file.name, *(size["file"] for size in image.renditions.values())]:
        if name:
            default_storage.delete(name)


def store_image(image: ResourceImage, content: bytes) -> None:
    """Fill and save an image row with its clean original and all its sizes, at once (demonstration, tests).

    :raises ImageRefused: see `decode_image`.
    """
    _keep_original(image, decode_image(content), content)
    image.renditions = make_sizes(decode_image(content), folder=f"images/{image.pk}")
    image.state = ImageState.READY
    image.save(force_insert=True)


def _keep_original(image: ResourceImage, picture: Image.Image, content: bytes) -> None:
    """The picture encoded anew: no EXIF, no position, nothing hidden behind the pixels."""
    if max(picture.size) > ORIGINAL_SIDE_MAX:
        picture = picture.copy()
        picture.thumbnail((ORIGINAL_SIDE_MAX, ORIGINAL_SIDE_MAX), Image.Resampling.LANCZOS)
    image.width, image.height = picture.size
    image.sha256 = hashlib.sha256(content).hexdigest()
    image.file.name = default_storage.save(f"originals/{image.pk}.webp", ContentFile(_encode(picture, quality=88)))


def add_image(
    *,
    resource_id: uuid.UUID,
    at: dt.datetime,
    content: bytes = b"",
    external_url: str = "",
    alt_text: str = "",
    alt_text_en: str = "",
    is_primary: bool = False,
) -> ResourceImage:
    """Add a picture by its bytes or its https address; the first one is primary. A worker makes the sizes.

    The same file twice returns the row that is there.

    :raises ImageRefused: see `decode_image`. :raises TooManyImages: the plan's number is reached.
    """
    image = ResourceImage(
        id=uuid7(), resource_id=resource_id, external_url=external_url, alt_text=alt_text, alt_text_en=alt_text_en, created_at=at
    )
    if content:
        _keep_original(image, decode_image(content), content)
    elif external_url:
        image.state = ImageState.READY
    else:
        raise ImageRefused
    try:
        return _add_row(image, is_primary=is_primary, at=at)
    except BaseException:
        _delete_files(image)
        raise


@transaction.atomic
def _add_row(image: ResourceImage, *, is_primary: bool, at: dt.datetime) -> ResourceImage:
    resource = lock_resource(image.resource_id)
    others = list(ResourceImage.objects.filter(resource=resource))
    for other in others:
        if image.sha256 and other.sha256 == image.sha256:
            _delete_files(image)
            return other
    limit = entitlements_of(resource, at=at)[ListingRight.PHOTOS]
    if len(others) >= limit:
        raise TooManyImages(limit=limit)
    image.is_primary = is_primary or not others
    image.order_index = max((other.order_index for other in others), default=-1) + 1
    if image.is_primary:
        ResourceImage.objects.filter(resource=resource, is_primary=True).update(is_primary=False)
    image.save(force_insert=True)
    if image.file:
        events.publish(catalog_events.image_uploaded, key=resource.pk, resource_id=str(resource.pk), image_id=str(image.pk))
    save_change(resource, [], at=at, was_public=resource.is_public)
    return image


@transaction.atomic
def update_image(*, resource_id: uuid.UUID, image_id: uuid.UUID, changes: dict[str, object], at: dt.datetime) -> ResourceImage:
    """Change `alt_text`, `alt_text_en`, `order_index` or make it primary; there is always exactly one primary.

    :raises ResourceImage.DoesNotExist: no such picture of this entry.
    """
    resource = lock_resource(resource_id)
    image = ResourceImage.objects.select_for_update().get(pk=image_id, resource=resource)
    if changes.get("is_primary"):
        ResourceImage.objects.filter(resource=resource, is_primary=True).update(is_primary=False)
    else:
        changes = {name: value for name, value in changes.items() if name != "is_primary"}
    for name, value in changes.items():
        setattr(image, name, value)
    image.save(update_fields=sorted(changes))
    save_change(resource, [], at=at, was_public=resource.is_public)
    return image


@transaction.atomic
def remove_image(*, resource_id: uuid.UUID, image_id: uuid.UUID, at: dt.datetime) -> None:
    """Remove a picture; the next one becomes primary. Harmless when it is gone already."""
    resource = lock_resource(resource_id)
    image = ResourceImage.objects.filter(pk=image_id, resource=resource).first()
    if image is None:
        return
    image_files = ResourceImage(file=image.file, renditions=image.renditions)
    transaction.on_commit(lambda: _delete_files(image_files), robust=True)
    image.delete()
    keep_one_primary(resource_id)
    save_change(resource, [], at=at, was_public=resource.is_public)


def keep_one_primary(resource_id: uuid.UUID) -> None:
    """Where no picture is the primary one, the first becomes it."""
    pictures = ResourceImage.objects.filter(resource=resource_id)
    if not pictures.filter(is_primary=True).exists():
        pictures.filter(pk__in=pictures.order_by("order_index", "id").values("pk")[:1]).update(is_primary=True)


def make_renditions(*, image_id: uuid.UUID, at: dt.datetime) -> None:
    """Make the sizes of an uploaded picture; harmless when repeated, after a crash, or when the picture is gone."""
    image = ResourceImage.objects.filter(pk=image_id, state=ImageState.PENDING).first()
    if image is None:
        return
    try:
        with default_storage.open(str(image.file.name)) as file:
            picture = decode_image(file.read())
    except (ImageRefused, OSError):
        image.state = ImageState.FAILED
    else:
        image.renditions, image.state = make_sizes(picture, folder=f"images/{image.pk}"), ImageState.READY
    with transaction.atomic():
        resource = lock_resource(image.resource_id)
        updated = ResourceImage.objects.filter(pk=image.pk, state=ImageState.PENDING).update(renditions=image.renditions, state=image.state)
        if updated:
            save_change(resource, [], at=at, was_public=resource.is_public)
