"""Whether the records database is of this version of the code."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

_NEVER_RELEASED = {
    "casefiles": "0002_requests_sealing_and_more_kinds 0003_requests_for_searches 0004_retention_when_it_was_seen",
    "equipment": "0002_digest_login_and_field_names 0003_model_and_software 0004_upkeep_uploads 0005_garage_defects "
        "0006_garage_inventory_and_care 0007_drift_watch",
    "hits": "0002_steps_of_a_time 0003_reads_proven",
    "hotlist": "0002_lists_with_rules 0003_every_delivery_has_its_list 0004_suppressions 0005_entries_field "
        "0006_uploads_to_units",
    "ledger": "0003_acts_by_function 0004_longer_clauses 0005_checkpoints_and_nodes 0006_witnesses",
    "oversight": "0002_audit 0003_publications 0004_violations",
    "personnel": "0002_moments_courses_and_bulletins 0003_subjects_become_courses 0004_a_training_is_of_a_course "
        "0005_login_names_once_in_any_case 0006_seals_and_workstations",
    "policy": "0002_effective_days_amendments_and_reviews 0003_values_typed_anew 0004_adopted_has_its_day",
    "querylog": "0002_authority 0003_requests",
    "reads": "0002_upkeep_contacts 0003_bundles 0004_barred_places",
    "retention": "0002_backup_recovery_keys_and_drills 0003_proposals_directives_certificates",
    "sharing": "0002_what_leaves",
    "userlog": "0002_tours_daily_user_logs 0003_tours_a_log_of_each_tour 0004_tours_every_tour_has_its_log",
}  # fmt: skip
"""App -> the migrations that were made one with its first before the first release, and have left their names in records."""


def behind() -> int:
    """Return how many changes of this version the records still lack."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def ahead() -> list[str]:
    """Return the changes in the records that this version does not know, as `app.name`: a newer one made them."""
    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations).union(*(each.replaces for each in loader.disk_migrations.values()))
    known |= {(app, name) for app, names in _NEVER_RELEASED.items() for name in names.split()}
    return sorted(".".join(each) for each in set(loader.applied_migrations or ()) - known)
