# Runs before the deploy: only adds indexes to `resource_card`.

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_moderation_queue'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='resourcecard',
            index=models.Index(models.F('language'), models.F('quarter_id'), models.OrderBy(models.F('plan_rank'), descending=True), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('resource_id'), descending=True), condition=models.Q(('quarter_id__isnull', False)), name='card_quarter_order'),
        ),
        migrations.AddIndex(
            model_name='resourcecard',
            index=models.Index(models.F('language'), models.OrderBy(models.F('plan_rank'), descending=True), models.OrderBy(models.F('published_at'), descending=True), models.OrderBy(models.F('resource_id'), descending=True), condition=models.Q(('verified', True)), name='card_verified_order'),
        ),
        migrations.AddIndex(
            model_name='resourcecard',
            index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('attributes', []), _negated=True), fields=['attributes'], name='card_attributes'),
        ),
    ]
