"""The map of the pages: one module a subject, each with its own `urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from platekeeper.server.web.home import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("tours/today/", include("platekeeper.server.web.tours_today")),
    path("tours/logs/", include("platekeeper.server.web.user_logs")),
    path("tours/", include("platekeeper.server.web.tours")),
    path("deployments/", include("platekeeper.server.web.deployments")),
    path("deployments/", include("platekeeper.server.web.perimeter")),
    path("hits/", include("platekeeper.server.web.supervision")),
    path("hits/", include("platekeeper.server.web.hits")),
    path("hot-lists/", include("platekeeper.server.web.hotlist")),
    path("cases/requests/", include("platekeeper.server.web.case_requests")),
    path("cases/preserve/", include("platekeeper.server.web.preserving")),
    path("complaints/", include("platekeeper.server.web.complaints")),
    path("cases/", include("platekeeper.server.web.cases")),
    path("cases/", include("platekeeper.server.web.case_ending")),
    path("queries/requests/", include("platekeeper.server.web.search_requests")),
    path("queries/log/", include("platekeeper.server.web.query_log")),
    path("queries/audit/", include("platekeeper.server.web.query_audit")),
    path("queries/", include("platekeeper.server.web.queries")),
    path("queries/", include("platekeeper.server.web.query_overview")),
    path("queries/", include("platekeeper.server.web.query_approvals")),
    path("investigations/stake-outs/", include("platekeeper.server.web.stake_outs")),
    path("investigations/", include("platekeeper.server.web.investigations")),
    path("audit/", include("platekeeper.server.web.audit")),
    path("audit/", include("platekeeper.server.web.witnesses")),
    path("reads/", include("platekeeper.server.web.reads")),
    path("policy/", include("platekeeper.server.web.policy")),
    path("people/import/", include("platekeeper.server.web.people_import")),
    path("people/agencies/", include("platekeeper.server.web.agencies")),
    path("people/", include("platekeeper.server.web.people")),
    path("people/", include("platekeeper.server.web.person")),
    path("training/", include("platekeeper.server.web.training")),
    path("lprs/defects/", include("platekeeper.server.web.defects")),
    path("lprs/", include("platekeeper.server.web.equipment")),
    path("lprs/", include("platekeeper.server.web.lpr")),
    path("lprs/", include("platekeeper.server.web.garage")),
    path("lprs/questions/", include("platekeeper.server.web.questions")),
    path("lprs/", include("platekeeper.server.web.uploads")),
    path("lprs/", include("platekeeper.server.web.bundles")),
    path("upkeep/", include("platekeeper.server.web.health")),
    path("upkeep/recovery-key/", include("platekeeper.server.web.recovery_key")),
    path("upkeep/", include("platekeeper.server.web.upkeep")),
    path("disposals/", include("platekeeper.server.web.disposals")),
    path("directives/", include("platekeeper.server.web.directives")),
    path("register/", include("platekeeper.server.web.register")),
]
