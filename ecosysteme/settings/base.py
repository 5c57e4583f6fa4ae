"""Settings that every environment shares. Each name is documented at the address beside its group."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.core.logs import logging_config
from ecosysteme import env
from ecosysteme.settings.analytics import *  # noqa: F403  one module for what visitors do
from ecosysteme.settings.files import *  # noqa: F403  one module for what lies on disk
from ecosysteme.settings.files import BASE_DIR
from ecosysteme.settings.messages import *  # noqa: F403  one module for the ways messages leave
from ecosysteme.settings.messages import MAIL_APPS
from ecosysteme.settings.payments import *  # noqa: F403  one module for the operators
from ecosysteme.settings.schedule import CELERY_BEAT_SCHEDULE  # noqa: F401  Celery reads it here

# https://docs.djangoproject.com/en/5.2/ref/settings/
DEBUG = False
ROOT_URLCONF = "ecosysteme.urls"
WSGI_APPLICATION = "ecosysteme.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
APPEND_SLASH = False  # pages end in a slash, the API does not; apps.core.middleware adds it to pages only
SITE_NAME = "Ecosyste"
CONTACT_EMAIL = env.text("CONTACT_EMAIL", "contact@ecosyste.example")
ABUSE_EMAIL = env.text("ABUSE_EMAIL", "abuse@ecosyste.example")

INSTALLED_APPS = [
    "apps.core",
    "apps.accounts",
    "apps.catalog",
    "apps.search",
    "apps.ingestion",
    "apps.billing",
    "apps.analytics",
    "apps.notifications",
    "apps.api",
    "apps.web",
    "ecosysteme.staff.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "django_htmx",
    "django_structlog",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    *MAIL_APPS,
]

MIDDLEWARE = [
    "apps.core.middleware.RequestLogMiddleware",
    "apps.core.middleware.KnownHostMiddleware",
    "apps.analytics.middleware.ApiLatencyMiddleware",
    "apps.core.middleware.ApiErrorsMiddleware",
    "apps.core.middleware.PageSlashMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.VisitorMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    # allauth looks for it here, not in VISITOR_MIDDLEWARE.
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.middleware.ApiLimitMiddleware",
]
# What only somebody with a browser needs: an API call without cookies goes past all of it (docs/decisions/0002).
VISITOR_MIDDLEWARE = [
    "apps.web.middleware.CompressPagesMiddleware",
    "apps.web.middleware.PrivatePagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "django.middleware.common.CommonMiddleware",
]
# These look for sessions, users, messages and clickjacking in MIDDLEWARE alone; apps.core.checks looks in both lists.
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410", "security.W002"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "apps.web.appearance.appearance",
            ],
        },
    }
]

# https://docs.djangoproject.com/en/5.2/ref/databases/#postgresql-notes
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **env.database(),
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "application_name": "ecosysteme"},
    }
}

# https://docs.djangoproject.com/en/5.2/topics/auth/passwords/
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    # For the random secrets of OAuth applications alone, which ask for it by name.
    "apps.accounts.oauth.hashers.MachineSecretHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:account"

# https://docs.allauth.org/en/latest/account/configuration.html
ACCOUNT_ADAPTER = "apps.notifications.allauth_adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "add_email": "apps.accounts.forms.AddEmailForm",
    "change_password": "apps.accounts.forms.ChangePasswordForm",
    "login": "apps.accounts.forms.LoginForm",
    "reauthenticate": "apps.accounts.forms.ReauthenticateForm",
    "reset_password": "apps.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "apps.accounts.forms.ResetPasswordKeyForm",
    "set_password": "apps.accounts.forms.SetPasswordForm",
    "signup": "apps.accounts.forms.RegistrationForm",
}
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Where a browser that is not logged in lands once its address is confirmed.
ACCOUNT_EMAIL_CONFIRMATION_ANONYMOUS_REDIRECT_URL = LOGIN_URL
# https://docs.allauth.org/en/latest/mfa/configuration.html
MFA_ADAPTER = "apps.accounts.mfa_adapter.MfaAdapter"
MFA_FORMS = {
    "activate_totp": "apps.accounts.forms.ActivateTotpForm",
    "authenticate": "apps.accounts.forms.AuthenticateForm",
    "add_webauthn": "apps.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "apps.accounts.forms.EditPasskeyForm",
    "reauthenticate": "apps.accounts.forms.ProveWithCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
# Whether the administration opens only to staff with a second factor.
STAFF_NEED_MFA = False

# https://docs.djangoproject.com/en/5.2/topics/i18n/
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Africa/Douala"

MAP_TILES_URL = env.text("MAP_TILES_URL", "")
MAP_TILES_ATTRIBUTION = env.text("MAP_TILES_ATTRIBUTION", "")

# https://github.com/jazzband/django-redis
REDIS_URL = env.redis()
CACHE_KEY_PREFIX = env.text("CACHE_KEY_PREFIX", "ecosysteme")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "apps.core.cache_backend.FallbackRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": CACHE_KEY_PREFIX,
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 0.3,
            "SOCKET_TIMEOUT": 0.3,
            # redis-py would try ten times: seconds of waiting on a silent server.
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)},
        },
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# Options of the client (https://elasticsearch-py.readthedocs.io/en/v9.3.0/); empty: searches use PostgreSQL alone.
ELASTICSEARCH = env.elasticsearch()
ELASTICSEARCH_INDEX_PREFIX = env.text("ELASTICSEARCH_INDEX_PREFIX", "ecosysteme")
# Documents follow the outbox. Nor is the library an installed app: that would listen to the signals of every model.
ELASTICSEARCH_DSL_AUTOSYNC = False

# https://docs.celeryq.dev/en/stable/userguide/configuration.html
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
# A send is tried once and fails within two seconds: the outbox repeats it, no request waits for a dead broker.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "max_retries": 0,
    "interval_start": 0,
    "visibility_timeout": 7200,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(BASE_DIR / "var" / "celerybeat-schedule")

# https://www.django-rest-framework.org/api-guide/settings/
REST_FRAMEWORK: dict[str, Any] = {
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.accounts.authentication.ReadScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.parsers.JsonParser"],
    "EXCEPTION_HANDLER": "apps.core.api.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": False,
}

# https://drf-spectacular.readthedocs.io/en/latest/settings.html
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "ROMAPI",
    "DESCRIPTION": (
        "The directory of Cameroon: businesses, services, data sets and APIs. Every path below `/api/v1` also answers below "
        "`/api`. Lists are `{data, has_more, next, previous}`; errors are `application/problem+json` (RFC 9457) with a `code` "
        "for programs. Texts come in French or English (`lang`, `Accept-Language`). Details carry an ETag: send it back in "
        "`If-None-Match` to read, and in `If-Match` to change. Calls that you try on this page are made with your session of the "
        "site; a key or token given under Authorize comes before it."
    ),
    "TAGS": [
        {"name": "catalogue", "description": "Entries, their hours and pictures, and the tree of categories."},
        {"name": "account", "description": "Logging in, and the caller's own account."},
        {"name": "ingest", "description": "Sending records of a source, and asking what became of each."},
        {"name": "proposals", "description": "What sources say of one's own entries, to take over or put away."},
        {"name": "analytics", "description": "What visitors do with entries, what that brought, and reports of it."},
        {"name": "payments", "description": "Invoices, their documents, and what they were paid with."},
        {"name": "webhooks", "description": "Telling programs of others what happens to what is theirs."},
        {"name": "API keys", "description": "Keys of programs; people manage them in person."},
    ],
    "ENUM_NAME_OVERRIDES": {
        "AccountPlanEnum": "apps.accounts.choices.AccountPlan",
        "ListingPlanEnum": "apps.catalog.choices.ListingPlan",
        "BillingPeriodEnum": "apps.billing.choices.Period",
        "ReportPeriodEnum": "apps.analytics.choices.ReportPeriod",
        "AnalyticsChannelEnum": "apps.analytics.report_rules.CHANNEL_WORDS",
        "AnalyticsSourceEnum": "apps.analytics.report_rules.SOURCE_WORDS",
        "BatchStateEnum": "apps.ingestion.choices.BatchState",
        "EndpointStateEnum": "apps.notifications.choices.EndpointState",
        "WebhookStateEnum": "apps.notifications.choices.WebhookState",
        "InvoiceStateEnum": "apps.billing.choices.InvoiceState",
        "ProposalStateEnum": "apps.ingestion.choices.ProposalState",
        "PricingTierEnum": "apps.accounts.choices.PricingTier",
        "ScopeEnum": "apps.accounts.choices.Scope",
        "ContactKindEnum": "apps.catalog.choices.ContactKind",
        "UnderstoodKindEnum": "apps.search.questions.UnderstoodKind",
    },
    "WEBHOOKS": "apps.notifications.api.webhook_schema.WEBHOOKS",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The check would look at every path twice; a test validates the document, warnings included.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# https://django-csp.readthedocs.io/en/latest/configuration.html
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src-elem": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# Calls of the API an hour for each network address that presents no key (contracts, section 11).
ANONYMOUS_HOURLY_RATE = env.number("ANONYMOUS_HOURLY_RATE", 1000)
# Calls within one second, for such an address and for a key.
ANONYMOUS_BURST, KEY_BURST = 10, 20
# Web processes that count calls at the same time.
WEB_WORKERS = env.number("WEB_WORKERS", 2)

# How many proxies of ours stand before the server, each adding to X-Forwarded-For; 0 ignores the header.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)

# https://django-rest-framework-simplejwt.readthedocs.io/en/latest/settings.html
SIMPLE_JWT: dict[str, Any] = {
    "ALGORITHM": "HS256",
    "ACCESS_TOKEN_LIFETIME": dt.timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": dt.timedelta(days=30),
    "AUDIENCE": "romapi",
    "ISSUER": "ecosysteme",
    "USER_ID_CLAIM": "sub",
}

# https://docs.allauth.org/en/latest/idp/openid-connect/configuration.html; IDP_OIDC_PRIVATE_KEY is each environment's own
IDP_OIDC_ADAPTER = "apps.accounts.oauth.adapter.OidcAdapter"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 15 * 60
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 30 * 24 * 3600
IDP_OIDC_AUTHORIZATION_CODE_EXPIRES_IN = 60

# Networks (CIDR) that addresses given by others may lead into, besides the open internet; there plain http passes, too.
OUTGOING_ALLOWED_NETWORKS = env.words("OUTGOING_ALLOWED_NETWORKS", [])
# Seconds between two pages of one site, when neither its rules for robots nor the recipe ask for more.
FETCH_DELAY_S: float = env.number("FETCH_DELAY_S", 2)
# What sites of sources ask us to show, by the name that recipes give it: `host Header: value`.
SOURCE_CREDENTIALS = env.prefixed("SOURCE_CREDENTIAL_")
# The browser of sources whose pages need one; empty: `chromium` or `google-chrome` of the path.
CHROMIUM = env.text("CHROMIUM", "")
CHROMIUM_ARGS = env.words("CHROMIUM_ARGS", [])

# https://docs.djangoproject.com/en/5.2/topics/email/
DEFAULT_FROM_EMAIL = SERVER_EMAIL = f"{SITE_NAME} <{env.text('FROM_EMAIL', CONTACT_EMAIL)}>"
# Where links of messages lead: the address people know the site by.
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
# https://docs.djangoproject.com/en/5.2/topics/security/
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CSRF_FAILURE_VIEW = "apps.web.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# https://docs.djangoproject.com/en/5.2/ref/settings/#data-upload-max-memory-size
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Seconds for which a process may answer the same list or detail from memory (contracts, section 12: at most 5).
CARD_CACHE_S = env.number("CARD_CACHE_S", 2)

# The demonstration catalogue and users may be loaded (never by itself in production: contracts, section 11).
DEMO_ALLOWED = False

# https://www.structlog.org/ and https://django-structlog.readthedocs.io/
LOGGING_CONFIG = "logging.config.dictConfig"
# Who sends it may read /metrics; without one, only programs on this machine may.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")

LOGGING = logging_config(level=env.text("LOG_LEVEL", "INFO"), folder=env.text("LOG_DIR", ""))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG
