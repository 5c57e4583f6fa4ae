"""Pages, under /fr/ and /en/ alike. City paths come last: every word above them is a reserved slug."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from apps.web.appearance import set_appearance
from apps.web.styleguide import styleguide
from apps.web.views import detail, fixed, home, leaving, results, sharing, staff, unsubscribe
from apps.web.views.account import applications as connections
from apps.web.views.account import data, notices, profile, reports, searches, security, statistics
from apps.web.views.billing import choose, invoices, pay, payments, prices, transfers
from apps.web.views.billing import overview as money
from apps.web.views.billing import subscriptions as ends
from apps.web.views.developers import applications, keys, overview, revocation, secrets, usage, webhook_deliveries, webhooks

app_name = "web"

_webhooks = [
    path("developpeurs/webhooks/", webhooks.webhook_list, name="developer_webhooks"),
    path("developpeurs/webhooks/nouvelle/", webhooks.webhook_new, name="developer_webhook_new"),
    path("developpeurs/webhooks/verifier/", webhooks.webhook_guide, name="developer_webhook_guide"),
    path("developpeurs/webhooks/<uuid:endpoint_id>/", webhook_deliveries.webhook_page, name="developer_webhook"),
    path("developpeurs/webhooks/<uuid:endpoint_id>/modifier/", webhooks.webhook_edit, name="developer_webhook_edit"),
    path("developpeurs/webhooks/<uuid:endpoint_id>/etat/", webhooks.webhook_switch, name="developer_webhook_switch"),
    path("developpeurs/webhooks/<uuid:endpoint_id>/secret/", webhooks.webhook_secret, name="developer_webhook_secret"),
    path("developpeurs/webhooks/<uuid:endpoint_id>/supprimer/", webhooks.webhook_delete, name="developer_webhook_delete"),
    path("developpeurs/webhooks/<uuid:endpoint_id>/essayer/", webhook_deliveries.webhook_test, name="developer_webhook_test"),
    path("developpeurs/webhooks/<uuid:endpoint_id>/rejouer/", webhook_deliveries.webhook_replay, name="developer_webhook_replay"),
    path(
        "developpeurs/webhooks/<uuid:endpoint_id>/envois/<uuid:delivery_id>/", webhook_deliveries.webhook_delivery,
        name="developer_webhook_delivery",
    ),
    path(
        "developpeurs/webhooks/<uuid:endpoint_id>/envois/<uuid:delivery_id>/rejouer/", webhook_deliveries.webhook_replay_one,
        name="developer_webhook_replay_one",
    ),
]  # fmt: skip

_developers = [
    path("developpeurs/", overview.developers, name="developers"),
    path("developpeurs/guide/", overview.guide, name="developer_guide"),
    path("developpeurs/usage/", usage.usage_page, name="developer_usage"),
    path("developpeurs/usage/usage.csv", usage.usage_csv, name="developer_usage_csv"),
    path("developpeurs/cles/", keys.key_list, name="developer_keys"),
    path("developpeurs/cles/nouvelle/", secrets.key_new, name="developer_key_new"),
    path("developpeurs/cles/revoquer/<str:token>/", revocation.revoke_key, name="revoke_key"),
    path("developpeurs/cles/<uuid:key_id>/", keys.key_page, name="developer_key"),
    path("developpeurs/cles/<uuid:key_id>/renouveler/", secrets.key_rotate, name="developer_key_rotate"),
    path("developpeurs/cles/<uuid:key_id>/revoquer/", keys.key_revoke, name="developer_key_revoke"),
    path("developpeurs/applications/", applications.application_list, name="developer_applications"),
    path("developpeurs/applications/nouvelle/", applications.application_new, name="developer_application_new"),
    path("developpeurs/applications/<uuid:application_id>/", applications.application_page, name="developer_application"),
    path("developpeurs/applications/<uuid:application_id>/secret/", applications.application_secret, name="developer_application_secret"),
    path(
        "developpeurs/applications/<uuid:application_id>/soumettre/", applications.application_submit, name="developer_application_submit"
    ),
    path(
        "developpeurs/applications/<uuid:application_id>/supprimer/", applications.application_delete, name="developer_application_delete"
    ),
]

_billing = [
    path("tarifs/", prices.prices, name="prices"),
    path("compte/fiches/", money.listings, name="listings"),
    path("compte/facturation/", money.overview, name="billing"),
    path("compte/facturation/choisir/", choose.choose, name="billing_choose"),
    path("compte/facturation/devis/<uuid:quote_id>/", choose.quote, name="billing_quote"),
    path("compte/facturation/identite/", invoices.identity, name="billing_identity"),
    path("compte/facturation/operateurs/", pay.operators, name="billing_operators"),
    path("compte/facturation/factures/<uuid:invoice_id>/", invoices.invoice_page, name="billing_invoice"),
    path("compte/facturation/factures/<uuid:invoice_id>/pdf/", invoices.invoice_pdf, name="billing_invoice_pdf"),
    path("compte/facturation/factures/<uuid:invoice_id>/payer/", pay.pay, name="billing_pay"),
    path("compte/facturation/factures/<uuid:invoice_id>/virement/", transfers.transfer, name="billing_transfer"),
    path("compte/facturation/paiements/<uuid:payment_id>/", payments.payment_page, name="billing_payment"),
    path("compte/facturation/paiements/<uuid:payment_id>/verifier/", payments.payment_check, name="billing_payment_check"),
    path("compte/facturation/paiements/<uuid:payment_id>/rappeler/", payments.payment_nudge, name="billing_payment_nudge"),
    path("compte/facturation/abonnements/<uuid:subscription_id>/resilier/", ends.cancel, name="billing_cancel"),
    path("compte/facturation/abonnements/<uuid:subscription_id>/reprendre/", ends.resume, name="billing_resume"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("recherche/", results.search, name="search"),
    path("recherche/suggestions/", results.suggestions, name="suggestions"),
    path("apparence/", set_appearance, name="appearance"),
    path("partage.png", sharing.share_image, name="share_image"),
    path("fiche/<slug:slug>/partage.png", sharing.listing_share_image, name="listing_share_image"),
    path("fiche/<slug:slug>/", detail.detail, name="detail"),
    path("aller/<slug:slug>/<slug:way>/", leaving.leave, name="leave"),
    path("c/<slug:category>/", results.category, name="category"),
    path("regions/<slug:region>/", results.region, name="region"),
    path("legal/<slug:page>/", fixed.legal, name="legal"),
    *_developers,
    *_webhooks,
    *_billing,
    path("gestion/tableau/", staff.board_page, name="board"),
    path("credits/", fixed.credits_page, name="credits"),
    path("compte/", profile.profile, name="account"),
    path("compte/telephone/", profile.send_code, name="account_phone"),
    path("compte/telephone/code/", profile.confirm_code, name="account_phone_code"),
    path("compte/telephone/retirer/", profile.forget_phone, name="account_phone_remove"),
    path("compte/messages/quitter/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("compte/securite/", security.security, name="account_security"),
    path("compte/appareils/", security.devices, name="account_devices"),
    path("compte/appareils/autres/deconnecter/", security.end_other_devices, name="account_devices_end"),
    path("compte/appareils/<str:device_id>/deconnecter/", security.end_device, name="account_device_end"),
    path("compte/applications/", connections.applications, name="account_applications"),
    path("compte/applications/<str:client_id>/retirer/", connections.end_connection, name="account_application_end"),
    path("compte/statistiques/", statistics.statistics_page, name="statistics"),
    path("compte/statistiques/rapports/", reports.report_list, name="reports"),
    path("compte/statistiques/rapports/nouveau/", reports.report_new, name="report_new"),
    path("compte/statistiques/rapports/<uuid:report_id>/", reports.report_page, name="report"),
    path("compte/statistiques/rapports/<uuid:report_id>/fichier/", reports.report_file, name="report_file"),
    path("compte/statistiques/rapports/<uuid:report_id>/supprimer/", reports.report_delete, name="report_delete"),
    path("compte/messages/", notices.notices, name="account_notices"),
    path("compte/messages/tout-lire/", notices.notices_read, name="account_notices_read"),
    path("compte/messages/preferences/", notices.preferences, name="account_preferences"),
    path("compte/messages/heures-calmes/", notices.quiet_hours, name="account_quiet_hours"),
    path("compte/messages/<uuid:notice_id>/", notices.notice_open, name="account_notice_open"),
    path("compte/recherches/", searches.search_list, name="account_searches"),
    path("compte/recherches/nouvelle/", searches.search_new, name="account_search_new"),
    path("compte/recherches/<uuid:saved_id>/nom/", searches.search_rename, name="account_search_rename"),
    path("compte/recherches/<uuid:saved_id>/retirer/", searches.search_remove, name="account_search_remove"),
    path("compte/recherches/<uuid:saved_id>/reprendre/", searches.search_take_back, name="account_search_take_back"),
    path("compte/donnees/", data.data, name="account_data"),
    path("compte/donnees/archive/", data.ask_export, name="account_export"),
    path("compte/donnees/archive/<uuid:export_id>/", data.download_export, name="account_export_file"),
    path("compte/donnees/supprimer/", data.ask_deletion, name="account_delete"),
    path("compte/donnees/garder/", data.keep_account, name="account_keep"),
    *([path("styleguide/", styleguide, name="styleguide")] if settings.DEBUG else []),
    path("<slug:city>/", results.city, name="city"),
    path("<slug:city>/<slug:category>/", results.city_category, name="city_category"),
    path("<slug:city>/<slug:quarter>/<slug:category>/", results.quarter_category, name="quarter_category"),
]
