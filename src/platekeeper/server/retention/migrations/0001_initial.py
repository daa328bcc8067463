import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('casefiles', '0001_initial'),
        ('personnel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Backup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('begun_at', models.DateTimeField(db_index=True)),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.BigIntegerField(help_text="the account's number, 0 for the schedule")),
                ('target', models.CharField(max_length=240)),
                ('files', models.PositiveIntegerField(default=0)),
                ('bytes', models.BigIntegerField(default=0)),
                ('failure', models.CharField(blank=True, max_length=240)),
            ],
            options={
                'ordering': ('-begun_at',),
            },
        ),
        migrations.CreateModel(
            name='Drill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('check', 'every file of a backup checked'), ('shares', 'recovery key put together from its shares'), ('restore', 'backup restored and compared')], max_length=10)),
                ('at', models.DateTimeField(db_index=True)),
                ('by', models.BigIntegerField(help_text="the account's number, 0 for the schedule or the command line")),
                ('target', models.CharField(blank=True, max_length=240)),
                ('passed', models.BooleanField()),
                ('said', models.CharField(max_length=240)),
            ],
            options={
                'ordering': ('-at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='RecoveryKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('fingerprint', models.CharField(max_length=16, unique=True)),
                ('made_at', models.DateTimeField()),
                ('by', models.BigIntegerField(help_text="the account's number, 0 for the command line")),
                ('needed', models.PositiveSmallIntegerField(help_text='shares that give the key')),
                ('holders', models.JSONField(default=list, help_text='who holds a share, in the order of the shares')),
            ],
            options={
                'ordering': ('-made_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Directive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('given_at', models.DateTimeField()),
                ('plates', models.JSONField(default=list, help_text='plates and patterns')),
                ('lprs', models.JSONField(default=list, help_text='LPR numbers')),
                ('area', models.CharField(blank=True, help_text='as it is written for a search', max_length=2400)),
                ('since', models.DateTimeField(blank=True, help_text='captured from', null=True)),
                ('until', models.DateTimeField(blank=True, help_text='captured before', null=True)),
                ('kept_until', models.DateField()),
                ('why', models.CharField(max_length=240)),
                ('cursor', models.CharField(blank=True, help_text='how far what was stored is copied', max_length=40)),
                ('followed_at', models.DateTimeField(blank=True, help_text='when all that was stored was copied', null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='directives', to='casefiles.casefile')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-given_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('drawn_at', models.DateTimeField()),
                ('until', models.DateTimeField(help_text='reads captured before go, dead letters received before', null=True)),
                ('hits_until', models.DateTimeField(help_text='hits raised before go that nothing holds', null=True)),
                ('reads', models.JSONField(default=dict, help_text='UTC day -> LPR number -> reads')),
                ('hits', models.PositiveIntegerField(default=0)),
                ('letters', models.PositiveIntegerField(default=0, help_text='payloads that were not understood')),
                ('proposed_at', models.DateTimeField(blank=True, null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
                ('why', models.CharField(blank=True, help_text='why it was refused', max_length=240)),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('refused_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-drawn_at', '-pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('proposed_by__isnull', False), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='retention_two_persons_agree')],
            },
        ),
        migrations.CreateModel(
            name='Disposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('reads', 'reads'), ('hits', 'hits')], default='reads', max_length=6)),
                ('day', models.DateField(db_index=True, help_text='UTC day of capture; of hits, the last on which one was raised')),
                ('until', models.DateTimeField(blank=True, help_text='of a part of a day: what was captured before', null=True)),
                ('begun_at', models.DateTimeField()),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('counts', models.JSONField(default=dict, help_text='LPR number -> reads disposed of')),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('bytes_freed', models.BigIntegerField(default=0)),
                ('certificate', models.TextField(blank=True)),
                ('leaf', models.BigIntegerField(blank=True, help_text='index of the leaf that names the certificate', null=True)),
                ('note', models.TextField(blank=True, help_text='the certificate, signed; empty while the key is missing')),
                ('proposal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disposals', to='retention.proposal')),
            ],
            options={
                'ordering': ('-day', '-pk'),
            },
        ),
    ]
