import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('hits', '0001_initial'),
        ('hotlist', '0001_initial'),
        ('personnel', '__first__'),
        ('querylog', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('weekly', 'weekly review'), ('survey', 'random survey')], max_length=8)),
                ('since', models.DateTimeField(null=True)),
                ('until', models.DateTimeField()),
                ('drawn_at', models.DateTimeField()),
                ('leaf', models.BigIntegerField(help_text="the ledger's newest leaf when it was drawn")),
                ('seed', models.CharField(max_length=64)),
                ('entries', models.PositiveIntegerField(help_text='out of how many it was drawn')),
                ('sampled', models.PositiveIntegerField(help_text='how many were drawn at random')),
                ('drawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-drawn_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='AuditItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('drawn', models.BooleanField(help_text='at random')),
                ('score', models.PositiveSmallIntegerField()),
                ('reasons', models.JSONField(help_text='each as [kind, weight, words], as it was when the round was drawn')),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='audits', to='querylog.querylogentry')),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='oversight.auditround')),
            ],
            options={
                'ordering': ('-score', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('round', 'entry'), name='oversight_once_in_a_round')],
            },
        ),
        migrations.CreateModel(
            name='AuditStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('fine', 'fine'), ('asked', 'needs an explanation'), ('answered', 'explained by the member'), ('misuse', 'misuse'), ('closed', 'explanation accepted'), ('ended', 'finding ended')], max_length=8)),
                ('words', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='oversight.audititem')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ('fine', 'closed', 'ended'))), fields=('item',), name='oversight_reviewed_once')],
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('received_at', models.DateTimeField(help_text='when it was entered here')),
                ('received_on', models.DateField(help_text="in the department's calendar", verbose_name='came on')),
                ('way', models.CharField(choices=[('in_person', 'in person'), ('letter', 'letter'), ('phone', 'phone'), ('email', 'e-mail'), ('counsel', 'through counsel')], max_length=10, verbose_name='how it came')),
                ('name', models.CharField(max_length=120, verbose_name='who complains')),
                ('contact', models.CharField(max_length=160, verbose_name='how to reach them')),
                ('what_happened', models.TextField(verbose_name='what happened')),
                ('plate', models.CharField(blank=True, max_length=20, verbose_name='plate')),
                ('stopped_at', models.DateTimeField(blank=True, null=True, verbose_name='time of the stop')),
                ('about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='whom it is about')),
                ('hit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='hits.hit')),
            ],
            options={
                'ordering': ('-received_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='ComplaintStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('received', 'received'), ('assigned', 'assigned'), ('hit_found', 'hit found'), ('finding', 'finding recorded'), ('corrected', 'correction made'), ('answered', 'answered to the complainant'), ('closed', 'closed')], max_length=10)),
                ('at', models.DateTimeField()),
                ('findings', models.JSONField(default=list, help_text='what was found; the latest finding stands')),
                ('text', models.TextField(blank=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('complaint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='oversight.complaint')),
                ('hit', models.ForeignKey(help_text='found', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hits.hit')),
                ('to', models.ForeignKey(help_text='assigned to', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ('received', 'closed'))), fields=('complaint', 'kind'), name='oversight_begun_and_closed_once')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_key', models.CharField(db_index=True, max_length=80)),
                ('plate', models.CharField(max_length=20)),
                ('source', models.CharField(help_text='to whom the notice of correction goes', max_length=160)),
                ('step', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='oversight.complaintstep')),
                ('suppression', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hotlist.suppression')),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('correction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='oversight.correction')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('person__name', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('correction', 'person'), name='oversight_told_once_each')],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('first_day', models.DateField(verbose_name='first day')),
                ('last_day', models.DateField(verbose_name='last day')),
                ('report', models.JSONField(help_text='what is shown, small counts left out already')),
                ('pdf', models.BinaryField()),
                ('sha256', models.CharField(help_text='of the PDF', max_length=64)),
                ('published_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_why', models.CharField(blank=True, max_length=240)),
                ('published_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-last_day', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='Violation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('clause', models.CharField(help_text='of the policy, such as VI.f', max_length=20, verbose_name='clause')),
                ('what', models.TextField(verbose_name='what happened')),
                ('opened_at', models.DateTimeField(db_index=True)),
                ('due_on', models.DateField(help_text='by when it has its end')),
                ('about', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='whom it is about')),
                ('complaint', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='violations', to='oversight.complaint')),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='violations', to='oversight.audititem')),
            ],
            options={
                'ordering': ('-opened_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='ViolationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('opened', 'opened'), ('founded', 'assessed: founded'), ('unfounded', 'assessed: unfounded'), ('measure', 'measure taken'), ('closed', 'closed')], max_length=10)),
                ('outcome', models.CharField(blank=True, choices=[('unfounded', 'unfounded'), ('explained', 'spoken with'), ('retrained', 'trained anew'), ('disciplined', 'disciplined'), ('access_ended', 'access ended'), ('referred', 'referred for prosecution'), ('other', 'other')], max_length=12)),
                ('words', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('violation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='oversight.violation')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ('opened', 'closed'))), fields=('violation', 'kind'), name='oversight_violation_opened_and_closed_once')],
            },
        ),
    ]
