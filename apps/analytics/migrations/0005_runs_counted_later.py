"""Runs of events are counted after they are written: each has a number, which its events have, too. Runs before deploy: the release before
this one writes runs that are counted already, which the defaults say. Dashboards never read events: their index by listing goes."""

import apps.core.ids
import django.db.models.functions.datetime
from django.db import migrations, models


# A column with a constant default writes no row. Its index takes a second a million events of the thirty days that are kept.
EVENTS = """
ALTER TABLE analytics_events ADD COLUMN run bigint NOT NULL DEFAULT 0;
CREATE INDEX analytics_events_by_run ON analytics_events (run);
DROP INDEX analytics_events_by_listing;
"""
NO_EVENTS = """
CREATE INDEX analytics_events_by_listing ON analytics_events (resource_number);
ALTER TABLE analytics_events DROP COLUMN run;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0004_reports'),
    ]

    operations = [
        migrations.RunSQL(
            'DROP SEQUENCE IF EXISTS analytics_batches_number_seq; CREATE SEQUENCE analytics_batches_number_seq;',
            'DROP SEQUENCE analytics_batches_number_seq',
        ),
        migrations.RunSQL(EVENTS, NO_EVENTS),
        migrations.AddField(
            model_name='eventbatch',
            name='counted_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True, verbose_name='compté le'),
        ),
        migrations.AddField(
            model_name='eventbatch',
            name='first_day',
            field=models.DateField(null=True, verbose_name='premier jour'),
        ),
        migrations.AddField(
            model_name='eventbatch',
            name='last_day',
            field=models.DateField(null=True, verbose_name='dernier jour'),
        ),
        migrations.AddField(
            model_name='eventbatch',
            name='number',
            field=models.BigIntegerField(db_default=apps.core.ids.NextValue('analytics_batches_number_seq'), editable=False),
        ),
        migrations.AddConstraint(
            model_name='eventbatch',
            constraint=models.UniqueConstraint(condition=models.Q(('counted_at__isnull', True)), fields=('number',), name='analytics_batches_waiting'),
        ),
        migrations.AddConstraint(
            model_name='eventbatch',
            constraint=models.CheckConstraint(condition=models.Q(('counted_at__isnull', False), models.Q(('first_day__isnull', False), ('first_day__lte', models.F('last_day')), ('last_day__isnull', False)), _connector='OR'), name='analytics_batches_waiting_has_days'),
        ),
    ]
