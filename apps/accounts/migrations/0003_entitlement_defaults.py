"""What every account has without paying (contracts, section 3). Runs before or after deploy."""

from django.db import migrations

DEFAULTS = {
    "individual": {"monthly_quota": 1000, "hourly_rate": 1000, "api_keys": 10, "oauth_applications": 5},
    "business": {"monthly_quota": 2000, "hourly_rate": 1000, "api_keys": 10, "oauth_applications": 5},
    "admin": {"monthly_quota": 1000, "hourly_rate": 1000, "api_keys": 10, "oauth_applications": 5},
}


def write_defaults(apps, schema_editor):
    model = apps.get_model("accounts", "EntitlementDefault")
    for user_type, values in DEFAULTS.items():
        for key, value in values.items():
            model.objects.get_or_create(user_type=user_type, key=key, defaults={"value": value})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people_and_programs")]
    operations = [migrations.RunPython(write_defaults, migrations.RunPython.noop)]
