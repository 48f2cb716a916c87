"""The addresses of the API, version 1."""

from django.urls import path, re_path

from dashboards.api import deliveries, facts, index, metrics, topology, wallboard
from dashboards.api.problems import nothing_here

app_name = "api"

urlpatterns = [
    path("", index.Index.as_view(), name="index"),
    path("metrics/dora/", metrics.Dora.as_view(), name="metrics_dora"),
    path("topology/edges/", topology.Edges.as_view(), name="topology_edges"),
    path("topology/nodes/", topology.Nodes.as_view(), name="topology_nodes"),
    path("wallboard/summary/", wallboard.WallboardSummary.as_view(), name="wallboard_summary"),
    path("deployments/", facts.Deployments.as_view(), name="deployments"),
    path("deployments/<int:pk>/", facts.Deployment.as_view(), name="deployment"),
    path("changes/", facts.Changes.as_view(), name="changes"),
    path("changes/<int:pk>/", facts.Change.as_view(), name="change"),
    path("incidents/", facts.Incidents.as_view(), name="incidents"),
    path("incidents/<int:pk>/", facts.Incident.as_view(), name="incident"),
    path("releases/", facts.Releases.as_view(), name="releases"),
    path("lead_times/", facts.LeadTimes.as_view(), name="lead_times"),
    path("services/", facts.Services.as_view(), name="services"),
    path("teams/", facts.Teams.as_view(), name="teams"),
    path("environments/", facts.Environments.as_view(), name="environments"),
    path("clusters/", facts.Clusters.as_view(), name="clusters"),
    path("deliveries/", deliveries.Deliveries.as_view(), name="deliveries"),
    path("deliveries/<int:pk>/replay/", deliveries.Replay.as_view(), name="replay"),
    path("schema/", index.OpenAPI.as_view(), name="schema"),
    path("schema/events/", index.EventSchema.as_view(), name="schema_events"),
    # Last: what is not above is a problem document like every other error of the API.
    re_path(r"^(?P<rest>.+)/$", nothing_here),
]
