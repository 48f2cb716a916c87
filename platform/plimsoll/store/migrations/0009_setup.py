"""What the catalog file manages, and what was refused at the doors."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0008_people'),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='CatalogFile',
            fields=[
                ('only', models.BooleanField(default=True, primary_key=True, serialize=False)),
                ('path', models.TextField(default='')),
                ('digest', models.TextField(default='')),
                ('applied_at', models.DateTimeField(null=True)),
                ('entries', models.JSONField(default=dict)),
                ('refusal', models.TextField(default='')),
                ('refused_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'catalog_file',
            },
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('sender', models.TextField()),
                ('at', models.DateTimeField()),
                ('code', models.TextField()),
                ('reason', models.TextField()),
                ('count', models.BigIntegerField(default=1)),
            ],
            options={
                'db_table': 'refusal',
                'indexes': [models.Index(fields=['sender', '-id'], name='refusal_latest')],
            },
        ),
    ]
