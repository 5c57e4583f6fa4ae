"""What became of an announcement is asked by its event. Before deploy: built while the table is read and written."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('notifications', '0004_broadcasts'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='notification',
            index=models.Index(condition=models.Q(('category', 'news')), fields=['dedup_key'], name='notifications_announced'),
        ),
    ]
