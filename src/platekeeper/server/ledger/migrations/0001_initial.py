import django.db.models.deletion
import django.db.models.functions.text
import platekeeper.server.ledger.actions
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerCheckpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.BigIntegerField(unique=True)),
                ('note', models.TextField(help_text='the signed note, as it is handed to a witness')),
                ('signed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('size',),
            },
        ),
        migrations.CreateModel(
            name='LedgerEntry',
            fields=[
                ('index', models.BigIntegerField(help_text='leaf index, from 0, without gaps', primary_key=True, serialize=False)),
                ('at', models.DateTimeField(db_index=True)),
                ('action', models.CharField(choices=platekeeper.server.ledger.actions.action_choices, db_index=True, max_length=32)),
                ('outcome', models.CharField(choices=[('done', 'done'), ('refused', 'refused'), ('failed', 'failed'), ('begun', 'begun')], max_length=16)),
                ('clause', models.CharField(blank=True, db_index=True, max_length=20)),
                ('person', models.BigIntegerField(db_index=True, help_text="the account's number, 0 for the system")),
                ('subject', models.CharField(blank=True, db_index=True, help_text='what was acted on, such as hit:12', max_length=80)),
                ('body', models.BinaryField(help_text='canonical JSON with salted commitments')),
                ('leaf_hash', models.BinaryField(max_length=32)),
            ],
            options={
                'ordering': ('index',),
            },
        ),
        migrations.CreateModel(
            name='LedgerKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(help_text="the ledger's name in every checkpoint; it never changes", max_length=120)),
                ('public_key', models.BinaryField(help_text='Ed25519', max_length=32)),
                ('begun_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('begun_at', 'pk'),
                'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('ended_at', None)), name='ledger_one_key_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='LedgerNode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField()),
                ('index', models.BigIntegerField()),
                ('hash', models.BinaryField(max_length=32)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('level', 'index'), name='ledger_one_node_a_place')],
            },
        ),
        migrations.CreateModel(
            name='Witness',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('email', models.EmailField(max_length=254)),
                ('added_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('name', 'pk'),
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('ended_at', None)), name='ledger_one_witness_an_address')],
            },
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('to', models.CharField(help_text='who took it, as they were called then', max_length=120)),
                ('how', models.CharField(choices=[('file', 'as a file'), ('mail', 'by mail'), ('print', 'on paper')], max_length=8)),
                ('at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('done', 'done'), ('refused', 'refused'), ('failed', 'failed'), ('begun', 'begun')], max_length=16)),
                ('failure', models.CharField(blank=True, max_length=240)),
                ('checkpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_overs', to='ledger.ledgercheckpoint')),
                ('witness', models.ForeignKey(blank=True, help_text='blank unless mailed', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hand_overs', to='ledger.witness')),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='LedgerOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=40)),
                ('salt', models.BinaryField(max_length=16)),
                ('value', models.TextField()),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='ledger.ledgerentry')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('entry', 'field'), name='ledger_one_opening_a_field')],
            },
        ),
    ]
