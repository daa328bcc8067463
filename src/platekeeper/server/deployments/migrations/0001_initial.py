import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('equipment', '0001_initial'),
        ('personnel', '0001_initial'),
        ('personnel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Deployment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('crime_area', 'high crime area patrol'), ('dwi', 'STOP DWI initiative'), ('enforcement', 'enforcement detail'), ('investigation', 'directed criminal investigation'), ('other', 'another special operation'), ('aid_given', 'mutual aid that another agency asks of us'), ('aid_sought', 'mutual aid that we ask of another agency')], max_length=16, verbose_name='kind')),
                ('purpose', models.CharField(max_length=400, verbose_name='what it is for')),
                ('offense', models.CharField(blank=True, max_length=80, verbose_name='crime')),
                ('case_number', models.CharField(blank=True, max_length=40, verbose_name='case or call number')),
                ('sought', models.CharField(blank=True, max_length=400, verbose_name='vehicle or data sought')),
                ('place', models.CharField(max_length=240, verbose_name='where')),
                ('area', models.CharField(blank=True, help_text='as it was drawn', max_length=2400, verbose_name='area on the map')),
                ('since', models.DateTimeField(verbose_name='from')),
                ('until', models.DateTimeField(db_index=True, verbose_name='until')),
                ('agency_name', models.CharField(blank=True, help_text='as it was named then', max_length=120, verbose_name='other agency')),
                ('contact', models.CharField(blank=True, max_length=160, verbose_name='who there, and how to reach them')),
                ('asked_at', models.DateTimeField()),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='personnel.agency')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('in_charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lprs', models.ManyToManyField(related_name='deployments', to='equipment.lpr')),
                ('people', models.ManyToManyField(related_name='deployments', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-since', '-pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='deployments_ends_after_it_begins')],
            },
        ),
        migrations.CreateModel(
            name='AfterAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('reads', models.PositiveIntegerField(verbose_name='reads')),
                ('hits', models.PositiveIntegerField(verbose_name='hits')),
                ('correct', models.PositiveIntegerField(verbose_name='hits read correctly')),
                ('misread', models.PositiveIntegerField(verbose_name='hits misread, or of another state')),
                ('stops', models.PositiveIntegerField(verbose_name='stops')),
                ('arrests', models.PositiveIntegerField(verbose_name='arrests from hits')),
                ('counted', models.JSONField()),
                ('words', models.CharField(max_length=1000, verbose_name='what came of it')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deployment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='after_action', to='deployments.deployment')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DeploymentStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('authorized', 'authorized'), ('refused', 'refused'), ('canceled', 'taken back'), ('granted', 'the other agency helps'), ('declined', 'the other agency does not help'), ('ended', 'ended')], max_length=10)),
                ('at', models.DateTimeField(db_index=True)),
                ('words', models.CharField(blank=True, max_length=400)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='deployments.deployment')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('deployment', 'kind'), name='deployments_each_step_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ('refused', 'canceled', 'ended'))), fields=('deployment',), name='deployments_one_end')],
            },
        ),
        migrations.CreateModel(
            name='Loan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('lent_at', models.DateTimeField(db_index=True)),
                ('receiver', models.CharField(max_length=120, verbose_name='who takes it over')),
                ('state', models.CharField(blank=True, max_length=240, verbose_name='condition, accessories')),
                ('returned_at', models.DateTimeField(blank=True, null=True)),
                ('giver', models.CharField(blank=True, max_length=120, verbose_name='who gives it back')),
                ('state_back', models.CharField(blank=True, max_length=240, verbose_name='condition when it came back')),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='deployments.deployment')),
                ('lent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='equipment.lpr')),
                ('returned_to', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('lent_at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('returned_at', None)), fields=('lpr',), name='deployments_one_loan_an_lpr'), models.CheckConstraint(condition=models.Q(models.Q(('returned_at', None), ('returned_to', None)), models.Q(('returned_at__gte', models.F('lent_at')), ('returned_to__isnull', False)), _connector='OR'), name='deployments_loan_ends_after_start_with_somebody')],
            },
        ),
        migrations.CreateModel(
            name='RoadMap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=160)),
                ('sha256', models.CharField(help_text='of the file', max_length=64)),
                ('content', models.BinaryField(help_text='the network, packed')),
                ('crossings', models.PositiveIntegerField()),
                ('roads', models.PositiveIntegerField()),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='Perimeter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField()),
                ('asked', models.JSONField(help_text='scene, times and LPRs')),
                ('posts', models.JSONField(help_text='where LPRs stand, the most important first')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='perimeters', to='deployments.deployment')),
                ('road_map', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deployments.roadmap')),
            ],
            options={
                'ordering': ('-at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Use',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('begun_at', models.DateTimeField(db_index=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('deployment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='deployments.deployment')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='equipment.lpr')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('begun_at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('lpr',), name='deployments_one_use_an_lpr'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__gte', models.F('begun_at')), ('ended_by__isnull', False)), _connector='OR'), name='deployments_use_ends_after_start_by_somebody')],
            },
        ),
    ]
