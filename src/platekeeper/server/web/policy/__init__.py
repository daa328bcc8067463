"""The department's policy: filled on guided pages, reviewed, adopted, kept by version, reviewed every year."""

from __future__ import annotations

from django.urls import URLPattern, path

from platekeeper.server.web.policy import annual, draft, guide, versions

urlpatterns: list[URLPattern] = [
    path("", guide.policy, name="policy"),
    path("blanks/<str:key>/", guide.blank, name="policy_blank"),
    path("profiles/", guide.profiles, name="policy_profiles"),
    path("clauses/add/", draft.add_clause, name="policy_clause_add"),
    path("clauses/<str:number>/", draft.clause, name="policy_clause"),
    path("draft/", draft.draft, name="policy_draft"),
    path("draft/put-up/", draft.put_up_draft, name="policy_put_up"),
    path("draft/comment/", draft.comment_on_draft, name="policy_comment"),
    path("draft/discard/", draft.discard_draft, name="policy_discard"),
    path("adopt/", draft.adopt_draft, name="policy_adopt"),
    path("versions/<int:number>/", versions.version, name="policy_version"),
    path("versions/<int:number>/changes/", versions.changes, name="policy_changes"),
    path("versions/<int:number>/policy.<str:form>", versions.file, name="policy_file"),
    path("annual-review/", annual.review, name="annual_review"),
    path("annual-review/<slug:what>/", annual.act, name="annual_review_act"),
]
