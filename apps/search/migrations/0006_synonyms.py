# Runs before the deploy: the tables are new. `load_reference` fills them; until then nothing has synonyms.

import apps.core.ids
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('search', '0005_search_demand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SynonymGroup',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('key', models.SlugField(max_length=60, unique=True, verbose_name='clé')),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None, verbose_name='mots et expressions')),
                ('published', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), editable=False, null=True, size=None, verbose_name='en service')),
                ('updated_at', models.DateTimeField(verbose_name='modifié le')),
                ('updated_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='modifié par')),
            ],
            options={
                'verbose_name': 'groupe de synonymes',
                'verbose_name_plural': 'groupes de synonymes',
                'db_table': 'search_synonym_group',
                'ordering': ('key',),
            },
        ),
        migrations.CreateModel(
            name='SynonymPublication',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False, verbose_name='numéro')),
                ('kind', models.CharField(choices=[('shipped', 'Livrés avec le logiciel'), ('published', 'Publication'), ('withdrawn', 'Retrait'), ('undone', 'Annulation')], max_length=10, verbose_name='nature')),
                ('at', models.DateTimeField(verbose_name='le')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par')),
                ('undoes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='search.synonympublication', verbose_name='annule')),
            ],
            options={
                'verbose_name': 'publication de synonymes',
                'verbose_name_plural': 'publications de synonymes',
                'db_table': 'search_synonym_publication',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='SynonymChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), null=True, size=None, verbose_name='avant')),
                ('after', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), null=True, size=None, verbose_name='après')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='search.synonymgroup', verbose_name='groupe')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='search.synonympublication', verbose_name='publication')),
            ],
            options={
                'verbose_name': 'changement',
                'verbose_name_plural': 'changements',
                'db_table': 'search_synonym_change',
                'ordering': ('group__key',),
            },
        ),
        migrations.AddConstraint(
            model_name='synonymgroup',
            constraint=models.CheckConstraint(condition=models.Q(('key__regex', '^[a-z0-9]+(-[a-z0-9]+)*$')), name='search_synonym_key_clean'),
        ),
        migrations.AddConstraint(
            model_name='synonymgroup',
            constraint=models.CheckConstraint(condition=models.Q(('words__len__gte', 2), ('words__len__lte', 12), models.Q(('words__contains', ['']), _negated=True)), name='search_synonym_words_several'),
        ),
        migrations.AddConstraint(
            model_name='synonymgroup',
            constraint=models.CheckConstraint(condition=models.Q(('published', None), models.Q(('published__len__gte', 2), ('published__len__lte', 12), models.Q(('published__contains', ['']), _negated=True)), _connector='OR'), name='search_synonym_published_several'),
        ),
        migrations.AddConstraint(
            model_name='synonympublication',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['shipped', 'published', 'withdrawn', 'undone'])), name='search_synonym_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='synonympublication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'undone'), ('undoes__isnull', False)), models.Q(models.Q(('kind', 'undone'), _negated=True), ('undoes', None)), _connector='OR'), name='search_synonym_undoes_one'),
        ),
        migrations.AddConstraint(
            model_name='synonymchange',
            constraint=models.UniqueConstraint(fields=('publication', 'group'), name='search_synonym_change_once'),
        ),
    ]
