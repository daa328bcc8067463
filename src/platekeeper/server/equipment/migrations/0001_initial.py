import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('personnel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Defect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('damage', 'damaged'), ('aim', 'out of aim'), ('lens', 'lens dirty or scratched'), ('blind', 'reads nothing'), ('drifting', 'reads less and less'), ('misreading', 'misreads plates'), ('clock', 'clock is off'), ('power', 'power, cable or network'), ('other', 'something else')], max_length=12)),
                ('reported_at', models.DateTimeField(db_index=True)),
                ('ended_at', models.DateTimeField(blank=True, db_index=True, null=True)),
            ],
            options={
                'ordering': ('reported_at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='LPR',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('kind', models.CharField(choices=[('fixed', 'fixed'), ('mobile', 'mobile'), ('portable', 'portable')], max_length=10)),
                ('model', models.CharField(blank=True, max_length=80, verbose_name='make and model')),
                ('software', models.CharField(blank=True, max_length=40, verbose_name='software version')),
                ('place', models.CharField(blank=True, help_text='where it stands, or the vehicle that carries it', max_length=160)),
                ('latitude', models.FloatField(blank=True, null=True)),
                ('longitude', models.FloatField(blank=True, null=True)),
                ('zone', models.CharField(help_text='time zone of vendor times that name none', max_length=60)),
                ('in_service', models.BooleanField(default=True)),
                ('key_hash', models.CharField(blank=True, db_index=True, help_text='SHA-256 of the ingest key', max_length=64)),
                ('key_digests', models.JSONField(blank=True, default=dict, help_text='for HTTP digest: algorithm, user name, digest')),
                ('key_issued_at', models.DateTimeField(blank=True, null=True)),
                ('field_names', models.JSONField(blank=True, default=dict, help_text='camera format, our name of a field, the name that this LPR sends it under')),
                ('upload_way', models.CharField(blank=True, choices=[('live', 'live over the network'), ('file', 'by file'), ('docked', 'when docked at the station')], help_text='how it uploads (V.b)', max_length=10)),
                ('upload_every', models.CharField(blank=True, help_text="a period of its own, shorter than the policy's (V.b, VI.i)", max_length=20)),
                ('upload_since', models.DateTimeField(blank=True, help_text='since when it goes by that period', null=True)),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='DefectPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('defect', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='photo', to='equipment.defect')),
            ],
        ),
        migrations.AddField(
            model_name='defect',
            name='lpr',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='defects', to='equipment.lpr'),
        ),
        migrations.CreateModel(
            name='Custody',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('place', models.CharField(blank=True, max_length=120)),
                ('at', models.DateTimeField(db_index=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holder', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='custodies', to='equipment.lpr')),
            ],
            options={
                'ordering': ('at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Care',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('aim', 'aim checked'), ('calibration', 'calibrated'), ('maintenance', 'maintained'), ('cleaning', 'lenses cleaned'), ('software', 'software or firmware brought up to date')], max_length=12)),
                ('in_order', models.BooleanField(default=True)),
                ('words', models.CharField(blank=True, max_length=400)),
                ('on', models.DateField(help_text="in the department's calendar")),
                ('next_on', models.DateField(blank=True, null=True)),
                ('at', models.DateTimeField(db_index=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='care', to='equipment.lpr')),
            ],
            options={
                'ordering': ('-on', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Camera',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.CharField(help_text='on the vehicle or pole, such as front left', max_length=60)),
                ('model', models.CharField(blank=True, max_length=80)),
                ('serial', models.CharField(blank=True, max_length=60)),
                ('firmware', models.CharField(blank=True, max_length=40)),
                ('direction', models.PositiveSmallIntegerField(blank=True, help_text='degrees from north, as it looks', null=True)),
                ('added_at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cameras', to='equipment.lpr')),
            ],
            options={
                'ordering': ('position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Papers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('serial', models.CharField(blank=True, max_length=60)),
                ('value', models.PositiveIntegerField(blank=True, help_text='dollars', null=True)),
                ('bought_on', models.DateField(blank=True, null=True)),
                ('warranty_until', models.DateField(blank=True, null=True)),
                ('on_plan', models.BooleanField(default=False)),
                ('at', models.DateTimeField(db_index=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='equipment.lpr')),
            ],
            options={
                'ordering': ('at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='TechnicalQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('words', models.CharField(max_length=400)),
                ('asked_at', models.DateTimeField(db_index=True)),
                ('answer', models.CharField(blank=True, max_length=800)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lpr', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='equipment.lpr')),
            ],
            options={
                'ordering': ('asked_at', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='DefectNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('step', models.CharField(choices=[('reported', 'reported'), ('seen_again', 'seen again'), ('acknowledged', 'acknowledged'), ('in_repair', 'in repair'), ('mended', 'mended'), ('closed', 'closed without repair')], max_length=12)),
                ('words', models.CharField(blank=True, max_length=400)),
                ('at', models.DateTimeField(db_index=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('defect', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='equipment.defect')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('step', 'seen_again'), _negated=True), fields=('defect', 'step'), name='equipment_each_step_once'), models.UniqueConstraint(condition=models.Q(('step__in', ['mended', 'closed'])), fields=('defect',), name='equipment_a_defect_ends_once')],
            },
        ),
        migrations.CreateModel(
            name='DayCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(db_index=True)),
                ('watched', models.BooleanField(help_text='whether reads were to be expected')),
                ('reads', models.PositiveIntegerField()),
                ('readable', models.PositiveIntegerField()),
                ('confidence', models.FloatField(help_text='mean of those reads that came with one', null=True)),
                ('characters', models.JSONField(default=list, help_text='36 counts, 0 to Z; empty where there were few plates')),
                ('lag', models.FloatField(help_text='seconds from capture to receipt that one read in a hundred stays under', null=True)),
                ('expected', models.FloatField(help_text='readable reads that were to be expected, once judged', null=True)),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='day_counts', to='equipment.lpr')),
            ],
            options={
                'ordering': ('day',),
                'constraints': [models.UniqueConstraint(fields=('lpr', 'day'), name='equipment_one_count_a_day')],
            },
        ),
        migrations.CreateModel(
            name='WatchFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trouble', models.CharField(choices=[('blind', 'reads nothing, or next to nothing'), ('drifting', 'reads less and less'), ('misreading', 'misreads a character'), ('clock', 'clock is off')], max_length=12)),
                ('day', models.DateField(db_index=True)),
                ('since', models.DateField()),
                ('size', models.FloatField()),
                ('strength', models.FloatField()),
                ('character', models.CharField(blank=True, max_length=1)),
                ('instead', models.CharField(blank=True, max_length=1)),
                ('found_at', models.DateTimeField()),
                ('lpr', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='watch_findings', to='equipment.lpr')),
            ],
            options={
                'ordering': ('-day', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('lpr', 'trouble', 'day'), name='equipment_one_finding_a_day')],
            },
        ),
    ]
