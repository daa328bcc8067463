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
            name='CaseFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='case number')),
                ('title', models.CharField(max_length=160, verbose_name='what it is about')),
                ('offense_class', models.CharField(blank=True, max_length=80, verbose_name='class of offense')),
                ('is_felony', models.BooleanField(default=False, verbose_name='felony investigation')),
                ('opened_at', models.DateTimeField()),
                ('opened_on', models.DateField(help_text="in the department's calendar")),
                ('arrested_on', models.DateField(blank=True, null=True, verbose_name='arrest on')),
                ('charges', models.CharField(blank=True, max_length=240, verbose_name='charges')),
                ('disposed_on', models.DateField(blank=True, null=True, verbose_name='final disposition on')),
                ('disposition', models.CharField(blank=True, max_length=160, verbose_name='final disposition')),
                ('directed_until', models.DateField(blank=True, null=True, verbose_name='command directs that it be kept until')),
                ('directed_why', models.CharField(blank=True, max_length=240, verbose_name='why')),
                ('sealed_on', models.DateField(blank=True, null=True)),
                ('order', models.CharField(blank=True, help_text='by which it was sealed or expunged', max_length=160, verbose_name='order')),
                ('ended_at', models.DateTimeField(blank=True, help_text='since when nothing is kept in it any more', null=True)),
                ('ending', models.CharField(blank=True, choices=[('expunged', 'expunged by order'), ('disposed', 'disposed of when its time was over')], max_length=10)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-opened_at',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ending', '')), models.Q(('ended_at__isnull', False), models.Q(('ending', ''), _negated=True)), _connector='OR'), name='casefiles_an_ended_case_says_how')],
            },
        ),
        migrations.CreateModel(
            name='Preserved',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('hit', 'hit'), ('read', 'read'), ('query', 'Query Log entry'), ('tour', 'user log of a tour'), ('search', 'request for a search')], max_length=8)),
                ('key', models.CharField(help_text='what it was copied from, such as hit:12', max_length=40)),
                ('title', models.CharField(max_length=160)),
                ('content', models.BinaryField(help_text='canonical JSON')),
                ('sha256', models.CharField(max_length=64)),
                ('seen_at', models.DateTimeField(db_index=True, help_text='when the read of a hit or a read was captured', null=True)),
                ('preserved_at', models.DateTimeField()),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='preserved', to='casefiles.casefile')),
                ('preserved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('preserved_at', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('case', 'key'), name='casefiles_preserved_once_in_a_case')],
            },
        ),
        migrations.CreateModel(
            name='PreservedImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.BinaryField()),
                ('media_type', models.CharField(max_length=20)),
                ('sha256', models.CharField(max_length=64)),
                ('preserved', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='image', to='casefiles.preserved')),
            ],
        ),
        migrations.CreateModel(
            name='RecordsRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('policy_number', models.PositiveIntegerField()),
                ('policy_digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('discovery', 'discovery'), ('subpoena', 'subpoena or court order'), ('public', 'public records')], max_length=10, verbose_name='kind')),
                ('asked_by', models.CharField(max_length=120, verbose_name='who asks')),
                ('contact', models.CharField(blank=True, max_length=160, verbose_name='how to reach them')),
                ('what', models.CharField(max_length=400, verbose_name='what they ask for')),
                ('received_on', models.DateField(verbose_name='received on')),
                ('due_on', models.DateField(verbose_name='to be answered by')),
                ('recorded_at', models.DateTimeField()),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='casefiles.casefile')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('due_on', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='RequestStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('acknowledged', 'acknowledged'), ('extended', 'time extended'), ('packet', 'evidence packet handed over'), ('granted', 'granted'), ('in_part', 'granted in part'), ('denied', 'denied'), ('nothing', 'there is nothing of the kind'), ('withdrawn', 'withdrawn')], max_length=12)),
                ('words', models.CharField(blank=True, max_length=400)),
                ('sha256', models.CharField(blank=True, help_text='of the packet that was handed over', max_length=64)),
                ('due_on', models.DateField(blank=True, help_text='the new day, where the time was extended', null=True)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='casefiles.recordsrequest')),
            ],
            options={
                'ordering': ('at', 'pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ('granted', 'in_part', 'denied', 'nothing', 'withdrawn'))), fields=('request',), name='casefiles_one_answer_a_request')],
            },
        ),
    ]
