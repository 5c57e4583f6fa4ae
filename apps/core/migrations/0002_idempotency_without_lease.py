# Runs after the deploy: takes away two columns that the former code fills. A row's lock replaces them.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0001_outbox_and_idempotency'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='idempotentrequest',
            name='is_running',
        ),
        migrations.RemoveField(
            model_name='idempotentrequest',
            name='lease_until',
        ),
    ]
