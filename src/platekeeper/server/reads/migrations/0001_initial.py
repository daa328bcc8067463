import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('equipment', '0001_initial'),
        ('personnel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReadBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('batch', models.BinaryField(max_length=16, unique=True)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('count', models.PositiveIntegerField()),
                ('root', models.BinaryField(help_text="RFC 6962 root over the batch's reads", max_length=32)),
                ('leaf', models.BigIntegerField(help_text='index of the ledger leaf')),
            ],
        ),
        migrations.CreateModel(
            name='BarredPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('clinic', 'clinic or hospital'), ('worship', 'place of worship'), ('school', 'school'), ('court', 'court'), ('other', 'other')], max_length=8, verbose_name='kind')),
                ('area', models.CharField(help_text='as it is written for a search', max_length=2400)),
                ('why', models.CharField(max_length=240, verbose_name='why')),
                ('since', models.DateTimeField(verbose_name='from')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('barred_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('barred_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='BundleReceived',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.CharField(max_length=32, unique=True)),
                ('key', models.CharField(help_text="the fingerprint of the unit's key", max_length=64)),
                ('sha256', models.CharField(help_text='of everything before the signed line', max_length=64)),
                ('reads', models.PositiveIntegerField(help_text='how many it holds')),
                ('made_at', models.DateTimeField(help_text="by the unit's clock")),
                ('begun_at', models.DateTimeField(db_index=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('counts', models.JSONField(default=dict, help_text='what became of the reads')),
                ('receipt', models.BinaryField(default=bytes)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='equipment.lpr')),
            ],
            options={
                'ordering': ('-begun_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='BarredCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(db_index=True)),
                ('count', models.PositiveIntegerField()),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='reads.barredplace')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('place', 'day'), name='reads_one_barred_count_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('upload', 'upload'), ('alive', 'sign of life'), ('nothing', 'nothing to upload'), ('out', 'out of service')], max_length=10)),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(db_index=True)),
                ('lag', models.FloatField(help_text='seconds from the newest capture to its receipt, at the last upload noted', null=True)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='equipment.lpr')),
            ],
            options={
                'ordering': ('-until',),
                'indexes': [models.Index(fields=['lpr', 'until'], name='reads_contacts_of_an_lpr')],
            },
        ),
        migrations.CreateModel(
            name='DeadLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('format', models.CharField(max_length=40)),
                ('received_at', models.DateTimeField(db_index=True)),
                ('reason', models.CharField(max_length=240)),
                ('payload', models.BinaryField()),
                ('digest', models.CharField(help_text='SHA-256 of the payload: a repeat is counted, not kept twice', max_length=64)),
                ('times', models.PositiveIntegerField(default=1)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by', models.BigIntegerField(blank=True, null=True)),
                ('remark', models.CharField(blank=True, max_length=240)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dead_letters', to='equipment.lpr')),
            ],
            options={
                'ordering': ('-received_at',),
                'constraints': [models.UniqueConstraint(fields=('lpr', 'digest'), name='reads_one_letter_a_payload')],
            },
        ),
        migrations.CreateModel(
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('count', models.PositiveIntegerField()),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='equipment.lpr')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('lpr', 'day'), name='reads_one_refusal_count_a_day')],
            },
        ),
    ]
