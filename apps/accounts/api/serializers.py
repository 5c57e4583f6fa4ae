"""Shapes of the bodies of accounts: what is read strictly, what is answered. Rules are in the services."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.accounts.choices import Scope, UserType
from apps.accounts.forms import RegistrationForm
from apps.accounts.models import ApiKey, User
from apps.accounts.services.registration import NewAccount
from apps.core.api.serializers import Moment, StrictSerializer


class RegisterSerializer(StrictSerializer):
    """A new account, with the rules of the site's form. `user_type` is individual by default, `language` the answer's.

    `first_name` and `last_name` together are another way to say `name`.
    """

    ignored = frozenset({"id", "plan", "pricing_tier", "api_quota", "api_usage", "created_at", "updated_at"})
    email = serializers.CharField(max_length=255)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)
    name = serializers.CharField(max_length=100, required=False)
    first_name = serializers.CharField(max_length=50, required=False)
    last_name = serializers.CharField(max_length=50, required=False)
    user_type = serializers.ChoiceField(choices=[UserType.INDIVIDUAL, UserType.BUSINESS], default=UserType.INDIVIDUAL)
    company_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What the form makes of it. :raises ValidationError: what the form says."""
        parts = [attrs[part] for part in ("first_name", "last_name") if part in attrs]
        said = {"name": " ".join(parts), **attrs, "password1": attrs["password"], "website": ""}
        self.form = RegistrationForm(said)
        if not self.form.is_valid():
            raise serializers.ValidationError(
                {
                    {"password1": "password", "__all__": "non_field_errors"}.get(name, name): [
                        serializers.ErrorDetail(text, error.code or "invalid") for error in errors for text in error.messages
                    ]
                    for name, errors in self.form.errors.as_data().items()
                }
            )
        return attrs

    def account(self) -> NewAccount:
        """What the service takes."""
        return self.form.account(self.validated_data.get("language") or get_language() or "fr")


class LoginSerializer(StrictSerializer):
    """What a log-in says. `otp` is the code of the second factor, or a recovery code."""

    email = serializers.EmailField(max_length=255)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)
    otp = serializers.CharField(max_length=40, required=False)


class RefreshSerializer(StrictSerializer):
    """A refresh token."""

    refresh = serializers.CharField(max_length=2000)


class TokenPairSerializer(serializers.Serializer[Any]):
    """The tokens of a log-in; `expires_in` is seconds of the access token's life."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField()


class MeSerializer(serializers.ModelSerializer[User]):
    """The caller's account. How to reach the person is null for an application that may not read it (`may_contact` in the context)."""

    email = serializers.EmailField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    created_at = Moment()
    updated_at = Moment()
    email_verified = serializers.SerializerMethodField()
    phone_verified = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id", "email", "email_verified", "name", "user_type", "company_name", "language", "phone", "phone_verified", "plan",
            "pricing_tier", "api_quota", "api_usage", "created_at", "updated_at",
        )  # fmt: skip

    def to_representation(self, instance: User) -> dict[str, Any]:
        """The account as this caller may see it."""
        shown: dict[str, Any] = super().to_representation(instance)
        return shown if self.context.get("may_contact", True) else {**shown, "email": None, "phone": None}

    def get_email_verified(self, user: User) -> bool:
        """Whether somebody confirmed the address."""
        return bool(user.emailaddress_set.filter(email__iexact=user.email, verified=True).exists())  # type: ignore[attr-defined]  # allauth's

    def get_phone_verified(self, user: User) -> bool:
        """Likewise."""
        return user.phone_verified_at is not None


class MePatchSerializer(StrictSerializer):
    """What a user changes of himself here; the rest has pages of its own."""

    ignored = frozenset(MeSerializer.Meta.fields)
    name = serializers.CharField(max_length=100, required=False)
    company_name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), source="permissions")
    permissions = serializers.ListField(child=serializers.CharField(), help_text="The same as `scopes`.")
    replaced_by = serializers.UUIDField(source="replaced_by_id", allow_null=True)
    ip_allow = serializers.ListField(child=serializers.CharField())
    expires_at, revoked_at, last_used_at, exposed_at = (Moment(allow_null=True) for _number in range(4))
    created_at, updated_at = Moment(), Moment()

    class Meta:
        model = ApiKey
        fields = (
            "id", "name", "key_prefix", "last_four", "scopes", "permissions", "rate_limit", "livemode", "ip_allow", "is_active",
            "expires_at", "revoked_at", "replaced_by", "exposed_at", "last_used_at", "last_used_from", "created_at", "updated_at",
        )  # fmt: skip


class NewKeySerializer(KeySerializer):
    """A new key; `key` is its secret, which no other answer ever has, a repeated one included."""

    key = serializers.CharField(allow_null=True)

    class Meta(KeySerializer.Meta):
        fields = (*KeySerializer.Meta.fields, "key")  # type: ignore[assignment]  # one more


class ScopesField(serializers.ListField):
    """Names of scopes; unknown ones are the service's to refuse."""

    child = serializers.CharField(max_length=40)


class KeyPatchSerializer(StrictSerializer):
    """What can be changed of a key. `permissions` is another name of `scopes`."""

    ignored = frozenset(KeySerializer.Meta.fields)
    name = serializers.CharField(max_length=100, required=False)
    scopes = ScopesField(required=False, max_length=20)
    permissions = ScopesField(required=False, max_length=20)
    rate_limit = serializers.IntegerField(required=False, min_value=1, max_value=1_000_000)
    expires_at = Moment(required=False, allow_null=True)
    ip_allow = serializers.ListField(child=serializers.CharField(max_length=50), required=False, max_length=50)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`scopes` under its one name."""
        alias = attrs.pop("permissions", None)
        if alias is not None and attrs.setdefault("scopes", alias) != alias:
            raise serializers.ValidationError({"permissions": [_("« scopes » et « permissions » se contredisent.")]})
        return attrs


class KeyInputSerializer(KeyPatchSerializer):
    """A new key."""

    name = serializers.CharField(max_length=100)
    livemode = serializers.BooleanField(required=False)


class RotateSerializer(StrictSerializer):
    """How long both keys work: seconds, a day by default, 0 after a leak, 30 days at most."""

    overlap = serializers.IntegerField(required=False, min_value=0, max_value=30 * 24 * 3600)
