import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('personnel', '0001_initial'),
        ('personnel', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='KnownCase',
            fields=[
                ('folded', models.CharField(help_text='as it is compared', max_length=40, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=40)),
                ('listed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='QueryLogEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('agency', models.CharField(max_length=120)),
                ('requestor', models.CharField(blank=True, help_text='VI.g', max_length=120, verbose_name='on behalf of')),
                ('requestor_agency', models.CharField(blank=True, max_length=120, verbose_name="requestor's agency")),
                ('recipients', models.CharField(blank=True, help_text='VI.g, VIII.c: names and agencies', max_length=240, verbose_name='who else gets the result')),
                ('begun_at', models.DateTimeField(db_index=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('terms', models.JSONField(help_text='exactly what was asked: plate, lprs, since, until')),
                ('purpose', models.CharField(blank=True, choices=[('investigation', 'criminal investigation'), ('stolen', 'stolen vehicle or plate'), ('wanted', 'wanted person or fugitive'), ('missing', 'missing or endangered person'), ('alert', 'prior reads of a new hot list entry (VII.f.3, VII.g)'), ('audit', 'audit or test of the system')], max_length=16, verbose_name='purpose')),
                ('offense', models.CharField(blank=True, max_length=80, verbose_name='offense type')),
                ('case_number', models.CharField(blank=True, max_length=40, verbose_name='case or call number')),
                ('justification', models.CharField(blank=True, max_length=400, verbose_name='justification')),
                ('case_known', models.CharField(blank=True, choices=[('yes', 'known'), ('no', 'on no list'), ('no_list', 'not checked: there is no list')], max_length=8)),
                ('none_prohibited', models.BooleanField(default=False, help_text='declared to serve no prohibited purpose (VI.f)')),
                ('exigent', models.CharField(blank=True, help_text='why it could not wait for approval', max_length=240)),
                ('flags', models.JSONField(blank=True, default=list, help_text='what a reviewer should look at twice')),
                ('earliest', models.DateTimeField(blank=True, help_text='from when on it asks, as its terms say', null=True)),
                ('state', models.CharField(choices=[('begun', 'begun'), ('completed', 'completed'), ('failed', 'failed'), ('refused', 'refused'), ('waiting', 'waits for approval'), ('approved', 'approved, not run yet'), ('denied', 'not approved')], max_length=10)),
                ('clause', models.CharField(blank=True, help_text='under which it was refused', max_length=12)),
                ('refusal', models.CharField(blank=True, max_length=240)),
                ('found', models.PositiveIntegerField(blank=True, help_text='reads shown so far, all pages together', null=True)),
                ('pages', models.PositiveIntegerField(default=0)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='queries', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-begun_at',),
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('before', 'before it runs'), ('after', 'after it ran')], max_length=6)),
                ('asked_at', models.DateTimeField(db_index=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('granted', models.BooleanField(blank=True, null=True)),
                ('remark', models.CharField(blank=True, max_length=240)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='querylog.querylogentry')),
            ],
            options={
                'ordering': ('asked_at',),
            },
        ),
        migrations.CreateModel(
            name='SearchRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('asked_at', models.DateTimeField()),
                ('name', models.CharField(max_length=120, verbose_name='who asks')),
                ('agency_name', models.CharField(help_text='as it was named then', max_length=120, verbose_name='agency')),
                ('contact', models.CharField(blank=True, max_length=160, verbose_name='how to reach them')),
                ('way', models.CharField(choices=[('here', 'entered here'), ('phone', 'phone'), ('radio', 'radio'), ('email', 'e-mail'), ('letter', 'letter'), ('in_person', 'in person')], default='here', max_length=10, verbose_name='how it came')),
                ('plate', models.CharField(blank=True, max_length=20, verbose_name='plate')),
                ('description', models.CharField(blank=True, max_length=400, verbose_name='what is sought')),
                ('since', models.DateTimeField(verbose_name='from')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('lprs', models.JSONField(default=list, help_text='numbers of LPRs; none: all of them')),
                ('purpose', models.CharField(max_length=24, verbose_name='purpose')),
                ('offense', models.CharField(max_length=80, verbose_name='offense type')),
                ('case_number', models.CharField(max_length=40, verbose_name='case or call number')),
                ('justification', models.CharField(max_length=400, verbose_name='why it is needed')),
                ('mutual_aid', models.BooleanField(default=False, help_text='V.e', verbose_name='mutual aid')),
                ('urgent', models.BooleanField(default=False, verbose_name='urgent')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='needed by')),
                ('agency', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='personnel.agency')),
                ('asked_by', models.ForeignKey(help_text='none: somebody outside, without account', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-asked_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='SearchStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('approved', 'approved'), ('refused', 'refused'), ('directed', 'sharing directed'), ('run', 'run'), ('answered', 'answered'), ('withdrawn', 'withdrawn')], max_length=10)),
                ('at', models.DateTimeField()),
                ('words', models.CharField(blank=True, help_text='why, or what was found', max_length=400)),
                ('clause', models.CharField(blank=True, help_text='under which it was refused', max_length=12)),
                ('how', models.CharField(blank=True, choices=[('case', 'in the case file'), ('packet', 'evidence packet'), ('phone', 'by phone')], max_length=8, verbose_name='how it was handed over')),
                ('recipients', models.JSONField(default=list, help_text='who got the answer: name and agency')),
                ('case_number', models.CharField(blank=True, help_text='the case file that keeps the results', max_length=40)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('query', models.OneToOneField(help_text='the run', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='asked_for', to='querylog.querylogentry')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='querylog.searchrequest')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ('refused', 'answered', 'withdrawn'))), fields=('request',), name='querylog_one_end_a_request')],
            },
        ),
    ]
