"""Who signs in, what they may do, what they changed, and the screens on walls."""

from django.contrib.auth.models import User
from django.db import models

from plimsoll.store.models.base import ChangingRow, Row
from plimsoll.store.models.catalog import Team


class Membership(ChangingRow):
    """What a person may do: over the whole site (`team` is null), or in one team.

    Roles: `viewer` reads; `member` also acts on incidents and claims services; `team_admin` also changes what belongs
    to the team; `site_admin` changes everything and is never bound to a team.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="memberships")
    role = models.TextField(default="viewer")

    class Meta:
        db_table = "membership"
        constraints = [models.UniqueConstraint("user", "team", name="membership_once", nulls_distinct=False)]


class AuditEvent(Row):
    """A change that somebody made by page, command, API or catalog file; never changed, never deleted.

    `actor` is the name as it was then: a user's, `token <prefix>`, `command line` or `catalog`. `target` is what was
    changed, such as `team payments`; `before` and `after` hold what differs, never a secret.
    """

    actor = models.TextField()
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # such as add, change, remove, revoke, sign_in
    action = models.TextField()
    target = models.TextField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_event"
        indexes = [models.Index(fields=["-created_at"], name="audit_event_latest")]


class Screen(ChangingRow):
    """A wallboard on a wall: its token opens that board in the address (`?k=`), and nothing else.

    Only the SHA-256 of the token is kept; `prefix` is what people recognise it by.
    """

    name = models.TextField(unique=True)
    # null: the organisation's board and, by rotation, every team's
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="screens")
    prefix = models.TextField()
    digest = models.BinaryField(unique=True, max_length=32)
    last_seen_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "screen"


class SignInAttempt(Row):
    """A sign-in that failed; who fails often is asked to wait."""

    # the user's name as given, folded, and the address it came from
    name = models.TextField()
    address = models.TextField()

    class Meta:
        db_table = "sign_in_attempt"
        indexes = [models.Index(fields=["name", "created_at"]), models.Index(fields=["address", "created_at"])]
