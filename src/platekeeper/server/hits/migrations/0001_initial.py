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
            name='Hit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('read_id', models.CharField(help_text='keyed hash of the read, hexadecimal', max_length=32)),
                ('entry_key', models.CharField(db_index=True, help_text='own:<number>, or <source>:<key of the line>', max_length=80)),
                ('plate', models.CharField(db_index=True, max_length=20)),
                ('read_state', models.CharField(blank=True, max_length=2)),
                ('read', models.JSONField()),
                ('proof', models.JSONField(help_text='that the leaf of its batch names the read', null=True)),
                ('entry', models.JSONField()),
                ('category', models.CharField(choices=[('stolen_vehicle', 'stolen_vehicle'), ('stolen_plate', 'stolen_plate'), ('wanted_person', 'wanted_person'), ('registration', 'registration'), ('amber', 'amber'), ('missing_person', 'missing_person'), ('terrorist', 'terrorist'), ('crime_just_occurred', 'crime_just_occurred'), ('gang', 'gang'), ('sex_offender', 'sex_offender'), ('crime_suspect', 'crime_suspect'), ('fugitive', 'fugitive'), ('search_warrant', 'search_warrant'), ('other', 'other')], max_length=24)),
                ('how', models.CharField(choices=[('plate', 'plate'), ('partial', 'partial'), ('look_alike', 'look_alike')], max_length=12)),
                ('state_agreement', models.CharField(choices=[('agrees', 'agrees'), ('differs', 'differs'), ('unknown', 'unknown')], max_length=10)),
                ('action', models.CharField(choices=[('stop', 'stop'), ('confirm_first', 'confirm first'), ('observe', 'observe'), ('silent', 'silent')], max_length=16)),
                ('urgent', models.BooleanField(help_text='sounds at once')),
                ('list_stale', models.BooleanField(help_text='the hot list was not of that day (V.a, VII.d)')),
                ('seen_at', models.DateTimeField(db_index=True, help_text='when the LPR captured the read')),
                ('raised_at', models.DateTimeField(db_index=True)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hits', to='equipment.lpr')),
                ('repeat_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='repeats', to='hits.hit')),
            ],
            options={
                'ordering': ('-raised_at', '-pk'),
                'constraints': [models.UniqueConstraint(fields=('read_id', 'entry_key'), name='hits_one_a_read_and_entry')],
            },
        ),
        migrations.CreateModel(
            name='Departure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('clause', models.CharField(max_length=12)),
                ('reason', models.CharField(max_length=240)),
                ('at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('review', models.CharField(blank=True, max_length=240)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departures', to='hits.hit')),
            ],
            options={
                'ordering': ('-at',),
            },
        ),
        migrations.CreateModel(
            name='HitImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.BinaryField()),
                ('media_type', models.CharField(max_length=20)),
                ('sha256', models.CharField(max_length=64)),
                ('hit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='image', to='hits.hit')),
            ],
        ),
        migrations.CreateModel(
            name='HitStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('shown', 'shown'), ('image_verified', 'image agrees with the vehicle'), ('image_differs', 'image differs from the vehicle'), ('confirmation_asked', 'confirmation asked of dispatch'), ('confirmed', 'confirmed'), ('not_confirmed', 'not confirmed'), ('stopped', 'stop made'), ('outcome', 'outcome recorded'), ('recalled', 'recalled'), ('recall_seen', 'recall seen'), ('read_corrected', 'read corrected by the LPR')], max_length=20)),
                ('at', models.DateTimeField()),
                ('self_attested', models.BooleanField(default=False, help_text="the member's word for what dispatch said")),
                ('outcome', models.CharField(blank=True, choices=[('correct', 'correct read'), ('wrong_state', 'wrong state'), ('misread', 'misread'), ('dismissed', 'dismissed')], max_length=12)),
                ('remark', models.CharField(blank=True, max_length=240)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('hit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='hits.hit')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'indexes': [models.Index(fields=['at'], name='hits_steps_of_a_time')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ('shown', 'recall_seen', 'read_corrected', 'outcome')), _negated=True), fields=('hit', 'kind'), name='hits_each_step_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ('shown', 'recall_seen'))), fields=('hit', 'kind', 'by'), name='hits_shown_once_each')],
            },
        ),
    ]
