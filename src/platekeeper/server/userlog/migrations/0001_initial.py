import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('casefiles', '0001_initial'),
        ('equipment', '0001_initial'),
        ('hotlist', '0001_initial'),
        ('personnel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='DailyUserLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('opened_at', models.DateTimeField(db_index=True)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='user_logs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-opened_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Tour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('purpose', models.CharField(choices=[('patrol', 'general patrol'), ('call', 'a call for service, or a crime just reported'), ('alert', 'an AMBER Alert, bulletin or broadcast')], max_length=16)),
                ('begun_at', models.DateTimeField(db_index=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hot_list', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hotlist.hotlistdelivery')),
                ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tours', to='userlog.dailyuserlog')),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tours', to='equipment.lpr')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tours', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-begun_at', '-pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('member',), name='userlog_one_tour_a_member'), models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('lpr',), name='userlog_one_tour_an_lpr'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None)), models.Q(('ended_at__gte', models.F('begun_at')), ('ended_by__isnull', False)), _connector='OR'), name='userlog_tour_ends_after_start_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='TourOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('clause', models.CharField(help_text='under which the tour was refused', max_length=12)),
                ('refusal', models.CharField(max_length=240)),
                ('why', models.CharField(max_length=240)),
                ('asked_at', models.DateTimeField(db_index=True)),
                ('granted', models.BooleanField(null=True)),
                ('reason', models.CharField(blank=True, max_length=240)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-asked_at', '-pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('granted', None)), fields=('member', 'clause'), name='userlog_one_override_asked_at_once'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('granted', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('granted__isnull', False)), _connector='OR'), name='userlog_override_decided_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='TourCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.CharField(choices=[('begin', 'begin'), ('end', 'end')], max_length=8)),
                ('question', models.CharField(choices=[('purpose', 'purpose'), ('training', 'training and authority'), ('hot_list', 'hot list of today'), ('in_service', 'LPR in service'), ('aim', 'aim of the cameras'), ('lens', 'lenses'), ('damage', 'damage'), ('parked', 'secured when parked')], max_length=12)),
                ('clause', models.CharField(max_length=12)),
                ('answer', models.CharField(choices=[('patrol', 'general patrol'), ('call', 'a call for service, or a crime just reported'), ('alert', 'an AMBER Alert, bulletin or broadcast'), ('yes', 'in order'), ('no', 'NOT in order'), ('ours', 'uploaded by the department'), ('attested', "the member's word for the unit's own list"), ('overridden', 'overridden by a supervisor'), ('handed_over', 'handed over to the next member'), ('unsaid', 'nobody said')], max_length=16)),
                ('words', models.CharField(blank=True, max_length=240)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tour', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='userlog.tour')),
                ('override', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='userlog.touroverride')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('tour', 'phase', 'question'), name='userlog_each_question_once'), models.CheckConstraint(condition=models.Q(models.Q(('answer', 'overridden'), ('override__isnull', False)), models.Q(models.Q(('answer', 'overridden'), _negated=True), ('override', None)), _connector='OR'), name='userlog_an_overridden_check_names_the_override')],
            },
        ),
        migrations.CreateModel(
            name='LogArrest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='casefiles.casefile')),
                ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='arrests', to='userlog.dailyuserlog')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('log', 'case'), name='userlog_an_arrest_once')],
            },
        ),
        migrations.CreateModel(
            name='LogRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField(help_text='canonical JSON')),
                ('sha256', models.CharField(max_length=64)),
                ('remark', models.CharField(blank=True, help_text='of who forwarded it', max_length=400)),
                ('forwarded_at', models.DateTimeField(db_index=True)),
                ('accepted', models.BooleanField(null=True)),
                ('reason', models.CharField(blank=True, help_text='why it was sent back', max_length=240)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('forwarded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('log', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='userlog.dailyuserlog')),
            ],
            options={
                'ordering': ('log', 'number'),
                'constraints': [models.UniqueConstraint(fields=('log', 'number'), name='userlog_revisions_are_numbered'), models.UniqueConstraint(condition=models.Q(('accepted', None), ('accepted', True), _connector='OR'), fields=('log',), name='userlog_forwarded_once_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('accepted', None), ('decided_at', None), ('decided_by', None)), models.Q(('accepted__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='userlog_revision_decided_by_somebody')],
            },
        ),
    ]
