"""The lists and details of facts and dimensions: which dataset is at which address."""

from dashboards.api.records import RecordDetail, RecordList
from plimsoll.store.queries.datasets import dimensions, facts
from plimsoll.store.queries.evidence import of_change, of_deployment, of_incident


class Deployments(RecordList):
    dataset = facts.DEPLOYMENTS
    # Of `lead_time` the deployments that it left out; the changes that it counted are in `lead_times/`.
    metrics = ("deployment_frequency", "change_failure_rate", "recovery_time", "rework_rate", "lead_time")


class Changes(RecordList):
    dataset = facts.CHANGES


class Incidents(RecordList):
    dataset = facts.INCIDENTS
    metrics = ("time_to_restore",)


class Releases(RecordList):
    dataset = facts.RELEASES


class LeadTimes(RecordList):
    dataset = facts.LEAD_TIMES
    metrics = ("lead_time",)


class Services(RecordList):
    dataset = dimensions.SERVICES


class Teams(RecordList):
    dataset = dimensions.TEAMS


class Environments(RecordList):
    dataset = dimensions.ENVIRONMENTS


class Clusters(RecordList):
    dataset = dimensions.CLUSTERS


class Deployment(RecordDetail):
    dataset = facts.DEPLOYMENTS
    what = "deployment"
    evidence = staticmethod(of_deployment)


class Change(RecordDetail):
    dataset = facts.CHANGES
    what = "change"
    evidence = staticmethod(of_change)


class Incident(RecordDetail):
    dataset = facts.INCIDENTS
    what = "incident"
    evidence = staticmethod(of_incident)
