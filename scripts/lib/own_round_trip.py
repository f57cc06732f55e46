"""A round trip through generated clients of attache's own API and of AuthZEN.

All requests and answers pass through generated code. What is expected of them is
what docs/api.md and docs/authzen.md promise. Every operation is called.
"""

import argparse
import datetime
import importlib
import io
import pathlib
import sys
import time
import traceback
import uuid

from generated_api import GeneratedApi


def main():
    arguments = parse_arguments()
    sys.path.insert(0, str(arguments.work))
    lines = arguments.env_file.read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if line)
    failed = 0
    for document, trip, prefix, token in (
        ("attache", attache, "/api/v1", "ATTACHE_TOKEN"),
        ("authzen", authzen, "", "DECISION_POINT_TOKEN"),
    ):
        base_url = variables["ATTACHE_URL"] + prefix
        api = GeneratedApi(f"{document}_client", "own", document, base_url, variables[token])
        try:
            trip(api, variables)
        except Exception:
            traceback.print_exc()
            api.expectations.that(False, "the round trip comes to its end", "an exception")
        left_out = sorted(set(api.modules) - api.called)
        api.expectations.equal(left_out, [], "every operation was called")
        met, wrong = api.expectations.met, api.expectations.failed
        line = f"{'failed' if wrong else 'passed'}  Python      {document:8} "
        line += f"{met} of {met + wrong} as expected, {len(api.called)} operations"
        print(f"   {line}")
        with arguments.summary.open("a") as summary:
            summary.write(line + "\n")
        failed += wrong
    return 1 if failed else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env-file", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--summary", type=pathlib.Path, required=True)
    return parser.parse_args()


class Trip:
    """What the parts of a round trip have in common."""

    def __init__(self, api, variables):
        self.api = api
        self.expect = api.expectations
        self.operator = api.client_with(variables["OPERATOR_TOKEN"])
        self.models = importlib.import_module(f"{api.package}.models")

    def does(self, status, operation, *ids, body=None, sent=None, **rest):
        """Call an operation, with a body made by the generated class, and expect a status.

        `sent` is a body as it is.
        """
        if sent is not None:
            rest["body"] = sent
        if body is not None:
            rest["body"] = self.api.model(operation, "body").from_dict(body)
        answer = self.api.call(operation, *ids, **rest)
        if not self.expect.status(answer, status, operation):
            raise RuntimeError(f"{operation} did not answer {status}")
        return answer

    def refused(self, status, kind, operation, *ids, **rest):
        """Expect a problem, read by the generated class."""
        answer = self.does(status, operation, *ids, **rest)
        problem = answer.value
        what = f"{operation}, which cannot be"
        self.expect.equal(answer.headers["content-type"], "application/problem+json", what)
        self.expect.equal(type(problem).__name__, "Problem", what)
        self.expect.equal((problem.type_, problem.status), (f"/problems/{kind}", status), what)
        self.expect.that(problem.title and problem.detail, f"{what}: says why", problem)
        correlation = answer.headers["x-correlation-id"]
        self.expect.equal(problem.correlation_id, correlation, f"{what}: correlation id")
        return problem

    def pages(self, operation, *ids, page_size, **rest):
        """All items of a list, page by page."""
        items, cursor = [], {}
        while True:
            page = self.does(200, operation, *ids, page_size=page_size, **cursor, **rest).value
            self.expect.that(0 < len(page.items) <= page_size, f"{operation}: a page", page)
            items += page.items
            if page.next_ is None:
                self.expect.equal(len(items), page.total, f"{operation}: total")
                return items
            cursor = {"cursor": page.next_}


def attache(api, variables):
    trip = Trip(api, variables)
    who = trip.does(200, "get_me").value
    trip.expect.equal(who.tenant_name, "Lantern Talk", "the tenant's name")
    trip.expect.equal(who.name, "admin-console", "the caller's name")
    users(trip)
    invitations(trip)
    access(trip)
    groups(trip)
    tree(trip)
    services(trip)
    catalogue(trip)
    issuers(trip)
    bulk(trip)
    files(trip)
    tenants(trip, who)
    strangers(trip)


def users(trip):
    """Created once, though asked twice; changed field by field; removed."""
    expect = trip.expect
    key = f'"{uuid.uuid4()}"'
    new = {
        "key": "mira.sol",
        "first_name": "Mira",
        "last_name": "Sol",
        "email": "mira.sol@harbour-bakery.example",
    }
    made = trip.does(201, "add_user", body=new, idempotency_key=key)
    user = made.value
    expect.equal(made.headers["location"], f"/api/v1/users/{user.id}", "Location")
    expect.that("idempotent-replayed" not in made.headers, "done for the first time", made.headers)
    expect.equal((user.key, user.email, user.phone), ("mira.sol", new["email"], None), "the user")
    expect.equal(user.status.value, "active", "status")
    expect.that(isinstance(user.id, uuid.UUID), "the id is a uuid", user.id)
    utc = user.created_at.utcoffset() == datetime.timedelta()
    expect.that(utc, "times are in UTC", user.created_at)

    again = trip.does(201, "add_user", body=new, idempotency_key=key)
    expect.equal(again.headers.get("idempotent-replayed"), "true", "asked again")
    expect.equal(again.value, user, "asked again, the same")
    other = new | {"key": "mira.other"}
    trip.refused(422, "request-differs", "add_user", body=other, idempotency_key=key)
    taken = trip.refused(409, "taken", "add_user", body={"key": "mira.sol"})
    expect.equal([error.field for error in taken.errors], ["key"], "the field is named")
    unknown = trip.refused(404, "not-found", "get_user", "nobody.at.all")
    expect.that(not unknown.errors, "not a field's fault", unknown)
    invalid = trip.refused(400, "invalid", "add_user", body={"email": "no address"})
    expect.equal([error.field for error in invalid.errors], ["email"], "the field is named")

    got = trip.does(200, "get_user", "mira.sol")
    expect.equal(got.value, user, "by key")
    tag = got.headers["etag"]
    expect.equal(tag, made.headers["etag"], "the same tag from both")
    expect.equal(trip.does(200, "get_user", str(user.id)).value, user, "by id")
    expect.equal(trip.does(200, "get_user", f"#{user.number}").value, user, "by number")
    trip.does(304, "get_user", "mira.sol", if_none_match=tag)

    changed = trip.does(
        200, "change_user", "mira.sol", body={"phone": "+49 30 5550 1234"}, if_match=tag
    )
    was = user.to_dict() | {"phone": "+49 30 5550 1234"}
    now = changed.value.to_dict()
    for moving in ("updated_at", "updated_by"):
        was.pop(moving), now.pop(moving)
    expect.equal(now, was, "what is left out stays")
    expect.that(changed.headers["etag"] != tag, "another tag", tag)
    trip.refused(412, "changed", "change_user", "mira.sol", body={"phone": None}, if_match=tag)
    trip.refused(412, "changed", "remove_user", "mira.sol", if_match=tag)
    cleared = trip.does(200, "change_user", "mira.sol", body={"phone": None})
    expect.equal(cleared.value.phone, None, "null takes away")

    everybody = trip.does(200, "list_users").value
    expect.equal(len(everybody.items), everybody.total, "the list is complete")
    expect.that(user.id in [one.id for one in everybody.items], "and has the new one", user.id)
    found = trip.does(200, "list_users", email=new["email"].upper()).value
    expect.equal([one.id for one in found.items], [user.id], "found by e-mail address")
    in_pages = trip.pages("list_users", page_size=5)
    expect.equal(in_pages, everybody.items, "page by page")
    page = trip.does(200, "list_users", page_size=5).value
    wrong = trip.refused(400, "invalid", "list_groups", cursor=page.next_)
    expect.equal([error.field for error in wrong.errors], ["cursor"], "another list's cursor")

    key = f'"{uuid.uuid4()}"'
    gone = trip.does(201, "add_user", body={"key": "soon.gone"}, idempotency_key=key)
    trip.does(204, "remove_user", "soon.gone", if_match=gone.headers["etag"])
    trip.refused(410, "gone", "add_user", body={"key": "soon.gone"}, idempotency_key=key)
    trip.refused(404, "not-found", "remove_user", "soon.gone")


def invitations(trip):
    """A user that is put, invited, and accepts once; and why it may not do something."""
    expect = trip.expect
    rosa = {"first_name": "Rosa", "status": "invited"}
    trip.does(201, "put_user", "rosa.lind", body=rosa)
    trip.does(200, "put_user", "rosa.lind", body={**rosa, "last_name": "Lind"})
    first = trip.does(201, "invite_user", "rosa.lind").value
    shown = trip.does(200, "get_invitation", "rosa.lind").value
    expect.equal(shown.expires_at, first.expires_at, "the invitation")
    trip.does(204, "revoke_invitation", "rosa.lind")
    trip.refused(404, "not-found", "get_invitation", "rosa.lind")
    trip.refused(404, "not-found", "accept_invitation", body={"token": first.token})
    token = {"token": trip.does(201, "invite_user", "rosa.lind").value.token}
    trip.does(200, "accept_invitation", body=token)
    trip.refused(404, "not-found", "accept_invitation", body=token)
    question = {"subject": "user:rosa.lind", "permission": "customers.view"}
    why = trip.does(200, "explain", body={**question, "resource": "customer:harbour-bakery"}).value
    expect.equal(why.decision, False, "explain")
    expect.that(why.message and why.steps, "explain: says why, by steps", why)
    trip.does(204, "remove_user", "rosa.lind")


def files(trip):
    """All of the tenant as an archive, which changes nothing where it is imported again."""
    expect = trip.expect
    archive = trip.does(200, "export_files").value
    types = importlib.import_module(f"{trip.api.package}.types")
    again = types.File(payload=io.BytesIO(archive.payload.read()), file_name="files.zip")
    begun = trip.does(202, "import_files", sent=again, dry_run=True)
    expect.that(begun.headers["location"].endswith(str(begun.value.id)), "Location", begun.headers)
    for _ in range(300):
        shown = trip.does(200, "get_import", begun.value.id).value
        if shown.state in ("done", "failed"):
            break
        time.sleep(0.1)
    expect.equal((shown.state, shown.dry_run), ("done", True), "the import")


def access(trip):
    """Attached, granted, listed with the reason, revoked, detached; and all that is told."""
    expect = trip.expect
    customer = "customer:harbour-bakery"
    resource = trip.does(200, "get_resource", customer).value
    user = trip.does(200, "get_user", "mira.sol").value
    subject = f"user:{user.id}"
    early = {"subject": "user:mira.sol", "role": "owner"}
    trip.refused(409, "not-a-member", "grant", customer, body=early)

    attached = trip.does(201, "put_member", customer, "mira.sol")
    expect.equal((attached.value.user.id, attached.value.expires_at), (user.id, None), "attached")
    expect.that(attached.value.added_at is not None, "since when", attached.value)
    expect.equal(vias(attached.value), [("direct", None)], "by the membership alone")
    ends = "2999-01-01T00:00:00Z"
    tag = attached.headers["etag"]
    until = trip.does(
        200, "put_member", customer, "mira.sol", body={"expires_at": ends}, if_match=tag
    )
    expect.equal(until.value.expires_at.year, 2999, "until then")
    trip.refused(412, "changed", "put_member", customer, "mira.sol", if_match=tag)
    trip.does(200, "put_member", customer, "mira.sol")

    granted = trip.does(201, "grant", customer, body=early)
    grant = granted.value
    place = f"/api/v1/resources/{resource.id}/grants/{grant.id}"
    expect.equal(granted.headers["location"], place, "Location")
    expect.equal((grant.subject, grant.role), (subject, "owner"), "the grant")
    expect.equal(grant.expires_at, None, "without an end")
    again = trip.does(201, "grant", customer, body=early)
    expect.equal(again.value, grant, "granted once")
    expect.equal(trip.does(200, "get_grant", customer, grant.id).value, grant, "by id")
    here = trip.does(200, "list_grants", customer, subject="user:mira.sol").value
    everywhere = trip.does(200, "list_subject_grants", subject="user:mira.sol").value
    expect.equal((here.items, everywhere.items), ([grant], [grant]), "in both lists")

    member = trip.does(200, "get_member", customer, "mira.sol")
    expect.equal(member.value.roles, ["owner"], "its roles")
    expect.equal(vias(member.value), [("direct", None), ("direct", "owner")], "through both")
    trip.does(304, "get_member", customer, "mira.sol", if_none_match=member.headers["etag"])
    included = trip.models.ListMembersInclude.EFFECTIVE
    listed = trip.does(200, "list_members", customer, include=included).value
    ours = [one for one in listed.items if one.user.id == user.id]
    expect.equal([one.user for one in ours], [member.value.user], "the same user in the list")
    expect.equal([one.permissions for one in ours], [["customers.*", "workspaces.*"]], "what it may do")
    kinds = {via.type_.value for one in listed.items for via in one.via}
    expect.that({"direct", "admin"} <= kinds, "several ways to reach it", kinds)
    only = trip.does(200, "list_members", customer).value
    expect.that(only.total <= listed.total, "fewer are attached", (only.total, listed.total))
    attached = all(one.added_at is not None for one in only.items)
    expect.that(attached, "each with the time since when", only)
    in_pages = trip.pages("list_members", customer, include=included, page_size=2)
    expect.equal(in_pages, listed.items, "page by page")
    owners = trip.does(200, "list_members", customer, role="owner").value
    expect.that(user.id in [one.user.id for one in owners.items], "by role", owners)
    reached = trip.does(200, "list_user_resources", "mira.sol", kind="customer").value
    expect.equal([one.resource for one in reached.items], [resource], "where it is attached")
    expect.equal(vias(reached.items[0]), [("direct", None), ("direct", "owner")], "through what")

    revoked = trip.does(204, "revoke", customer, grant.id)
    expect.equal(revoked.content, b"", "no body")
    trip.refused(404, "not-found", "get_grant", customer, grant.id)
    trip.does(204, "remove_member", customer, "mira.sol")
    trip.refused(404, "not-found", "get_member", customer, "mira.sol")

    told = trip.does(200, "list_entries", resource=customer, subject="user:mira.sol").value
    expect.that(told.total >= 5, "all of it is told", told.total)
    revisions = [entry.revision for entry in told.items]
    expect.equal(revisions, sorted(revisions, reverse=True), "the newest first")
    kinds = [event.to_dict()["type"] for entry in told.items for event in entry.events]
    expect.equal(kinds[0], "member.removed", "the last")
    expect.that({"member.added", "grant.added", "grant.removed"} <= set(kinds), "and more", kinds)
    correlation = revoked.headers["x-correlation-id"]
    by_request = trip.does(200, "list_entries", correlation_id=correlation).value
    expect.equal([one.correlation_id for one in by_request.items], [correlation], "by request")
    revision = by_request.items[0].revision
    expect.equal(trip.does(200, "get_entry", revision).value, by_request.items[0], "alone")
    expect.equal(int(revoked.headers["attache-revision"]), revision, "Attache-Revision")
    trip.refused(404, "not-found", "get_entry", 10**9)
    in_pages = trip.pages("list_entries", resource=customer, page_size=3)
    whole = trip.does(200, "list_entries", resource=customer).value.items
    expect.equal(in_pages, whole, "page by page")

    before = [one.user.key for one in trip.does(200, "list_members", customer).value.items]
    tried = trip.does(
        200, "replace_members", customer, body={"users": before + ["mira.sol"]}, dry_run=True
    ).value
    named = [{"id": str(user.id), "user": "mira.sol"}]
    shown = [one.to_dict() for one in tried.attached]
    expect.equal((tried.dry_run, shown, tried.detached), (True, named, []), "only tried")
    done = trip.does(200, "replace_members", customer, body={"users": before + ["mira.sol"]}).value
    shown = [one.to_dict() for one in done.attached]
    expect.equal((done.dry_run, shown), (False, named), "done")
    expect.equal(done.unchanged, len(before), "the others stay")
    back = trip.does(200, "replace_members", customer, body={"users": before}).value
    expect.equal([one.to_dict() for one in back.detached], named, "and back")


def vias(reached):
    return [(via.type_.value, via.role or None) for via in reached.via]


def groups(trip):
    expect = trip.expect
    made = trip.does(201, "add_group", body={"key": "early-shift", "name": "Early shift"})
    group = made.value
    expect.equal(trip.does(200, "get_group", "early-shift").value, group, "by key")
    changed = trip.does(200, "change_group", "early-shift", body={"name": "Dawn shift"}).value
    expect.equal(
        (changed.name, changed.key), ("Dawn shift", "early-shift"), "what is left out stays"
    )
    for status in (201, 204):
        trip.does(status, "add_group_user", "early-shift", "mira.sol")
    within = trip.does(200, "get_group_user", "early-shift", "mira.sol").value
    expect.equal(within.key, "mira.sol", "in the group")
    listed = trip.does(200, "list_group_users", "early-shift").value
    expect.equal([one.key for one in listed.items], ["mira.sol"], "once in the group")
    of_user = trip.does(200, "list_groups", user="mira.sol").value
    expect.equal(of_user.items, [changed], "by user")

    customer = "customer:harbour-bakery"
    body = {"subject": "group:early-shift", "role": "manager"}
    grant = trip.does(201, "grant", customer, body=body).value
    expect.equal(grant.subject, f"group:{group.id}", "granted to the group")
    included = trip.models.ListMembersInclude.EFFECTIVE
    members = trip.does(200, "list_members", customer, include=included, group="early-shift").value
    ours = [one for one in members.items if one.user.key == "mira.sol"]
    expect.equal([vias(one) for one in ours], [[("group", "manager")]], "through the group")
    expect.equal([one.added_at for one in ours], [None], "and not attached")
    expect.equal([via.group for one in ours for via in one.via], [group.id], "through which one")
    trip.does(204, "remove_group_user", "early-shift", "mira.sol")
    trip.does(204, "remove_group", "early-shift")
    trip.refused(404, "not-found", "get_group", "early-shift")


def tree(trip):
    expect = trip.expect
    body = {"kind": "customer", "key": "lark-hotel", "name": "Lark Hotel", "parent": "tenant"}
    hotel = trip.does(201, "add_resource", body=body).value
    root = trip.does(200, "get_resource", "tenant").value
    expect.equal((hotel.parent, root.parent), (root.id, None), "right under the root")
    changed = trip.does(200, "change_resource", "customer:lark-hotel", body={"name": "Lark"}).value
    expect.equal((changed.name, changed.key), ("Lark", "lark-hotel"), "what is left out stays")
    listed = trip.does(200, "list_resources", kind="customer", text="lark").value
    expect.equal(listed.items, [changed], "found by its name")
    harbour = trip.does(200, "get_resource", "customer:harbour-bakery").value
    under = trip.does(200, "get_resource", str(harbour.parent)).value
    place = f"{under.kind}:{under.key}"
    moved = trip.does(200, "move_resource", str(hotel.id), body={"parent": place}).value
    expect.equal(moved.parent, under.id, "moved")
    above = trip.does(200, "list_ancestors", "customer:lark-hotel").value
    expect.equal([one.id for one in above.items], [under.id, root.id], "what is above, upwards")
    below = trip.does(200, "list_children", place, kind="customer").value
    expect.that(moved in below.items and harbour in below.items, "what is below", below)
    in_pages = trip.pages("list_resources", page_size=4)
    whole = trip.does(200, "list_resources").value.items
    expect.equal(in_pages, whole, "page by page")
    used = trip.refused(409, "in-use", "remove_resource", place)
    expect.that(hotel.id in [one.resource for one in used.in_use_by], "what is in the way", used)
    trip.does(204, "remove_resource", "customer:lark-hotel")
    trip.refused(404, "not-found", "get_resource", "customer:lark-hotel")


def services(trip):
    expect, api = trip.expect, trip.api
    service = trip.does(201, "add_service", body={"key": "billing", "name": "Billing"}).value
    expect.equal(trip.does(200, "get_service", "billing").value, service, "by key")
    changed = trip.does(200, "change_service", "billing", body={"name": "Bills"}).value
    expect.equal((changed.name, changed.key), ("Bills", "billing"), "what is left out stays")
    listed = trip.does(200, "list_services", text="bills").value
    expect.equal(listed.items, [changed], "found by its name")

    key = f'"{uuid.uuid4()}"'
    token = trip.does(201, "create_token", "billing", idempotency_key=key).value
    expect.equal(token.expires_at, None, "without an end")
    expect.that(token.secret.endswith(token.hint), "the secret, and its end", token.hint)
    again = trip.does(201, "create_token", "billing", idempotency_key=key).value
    expect.equal((again.id, again.secret), (token.id, None), "the secret is shown once")
    tokens = trip.does(200, "list_tokens", "billing").value
    expect.equal([one.id for one in tokens.items], [token.id], "listed, once")
    alone = trip.does(200, "get_token", "billing", token.id).value
    expect.equal(alone, tokens.items[0], "the token alone")
    billing = api.client_with(token.secret)
    who = trip.does(200, "get_me", client=billing).value
    expect.equal((who.caller, who.name), (f"service:{service.id}", "Bills"), "the token works")
    expect.equal(who.tenant_name, None, "what it may not see is null")
    lacking = trip.refused(403, "forbidden", "list_users", client=billing)
    expect.equal(lacking.permission, "tenants.users.list", "the permission that is lacking")
    trip.refused(404, "not-found", "list_members", "customer:harbour-bakery", client=billing)
    trip.does(204, "revoke_token", "billing", token.id)
    trip.refused(401, "unauthenticated", "get_me", client=billing)
    trip.does(204, "remove_service", "billing")
    trip.refused(404, "not-found", "get_service", "billing")


def catalogue(trip):
    expect = trip.expect
    whole = trip.does(200, "get_catalogue")
    trip.does(304, "get_catalogue", if_none_match=whole.headers["etag"])
    kinds = trip.does(200, "list_kinds").value
    expect.equal(kinds.items, whole.value.kinds, "the kinds")
    roles = trip.does(200, "list_roles").value
    expect.equal(roles.items, whole.value.roles, "the roles")
    in_pages = trip.pages("list_roles", page_size=4)
    expect.equal(in_pages, roles.items, "page by page")
    customer = trip.does(200, "get_kind", "customer").value
    expect.that(customer in kinds.items, "a kind alone", customer)
    owner = trip.does(200, "get_role", "owner").value
    expect.that(owner in roles.items, "a role alone", owner)

    made = trip.does(201, "put_kind", "shop", body={"parents": ["customer"]}).value
    expect.equal((made.name, made.parents, made.members_may), ("shop", ["customer"], []), "a kind")
    keeper = {"kind": "shop", "label": "Keeper", "permissions": ["shops.*"]}
    role = trip.does(201, "put_role", "keeper", body=keeper).value
    expect.equal((role.name, role.permissions), ("keeper", ["shops.*"]), "a role")
    used = trip.api.call("remove_kind", "customer")
    if expect.status(used, 409, "remove_kind, which is in use"):
        expect.equal(used.value.type_, "/problems/in-use", "remove_kind, which is in use")
    trip.does(204, "remove_role", "keeper")
    trip.does(204, "remove_kind", "shop")
    trip.refused(404, "not-found", "get_role", "keeper")
    trip.refused(404, "not-found", "get_kind", "shop")
    used = trip.refused(409, "in-use", "remove_role", "owner")
    expect.that(used.in_use_by and used.in_use_by[0].role == "owner", "by whom", used)
    now = trip.does(200, "get_catalogue")
    same = trip.does(200, "put_catalogue", body=now.value.to_dict(), if_match=now.headers["etag"])
    same, now = same.value.to_dict(), now.value.to_dict()
    expect.equal(same, now, "what was read can be put back")


def issuers(trip):
    expect = trip.expect
    terms = {"issuer": "https://login.lark.example", "audience": "attache"}
    made = trip.does(201, "add_issuer", body=terms).value
    expect.equal((made.subject_claim, made.finds_by.value), ("sub", "key"), "what was left out")
    expect.equal(made.keys.to_dict(), {"from": "discovery"}, "its keys")
    terms["keys"] = {"from": "url", "url": "https://login.lark.example/keys"}
    changed = trip.does(200, "change_issuer", made.id, body=terms).value
    expect.equal(changed.keys.to_dict(), terms["keys"], "other keys")
    expect.equal(trip.does(200, "get_issuer", made.id).value, changed, "alone")
    expect.equal(trip.does(200, "list_issuers").value.items, [changed], "listed")
    keys = trip.does(200, "list_issuer_keys", made.id).value
    expect.that(keys.error or keys.keys, "its keys, or why there are none", keys)
    trip.does(204, "remove_issuer", made.id)
    trip.refused(404, "not-found", "get_issuer", made.id)


def bulk(trip):
    expect = trip.expect
    customer = "customer:wren-cafe"
    operations = [
        {"op": "add_resource", "kind": "customer", "key": "wren-cafe", "name": "Wren Café"},
        {"op": "add_user", "key": "bulk.one", "first_name": "One"},
        {"op": "add_user", "key": "bulk.two"},
        {"op": "change_user", "user": "bulk.two", "first_name": "Two"},
        {"op": "add_member", "resource": customer, "user": "bulk.one"},
        {"op": "add_member", "resource": customer, "user": "bulk.two"},
        {"op": "grant", "resource": customer, "subject": "user:bulk.one", "role": "manager"},
        {"op": "remove_member", "resource": customer, "user": "bulk.two"},
    ]
    key = f'"{uuid.uuid4()}"'
    done = trip.does(200, "run_bulk", body={"operations": operations}, idempotency_key=key)
    expect.equal(len(done.value.added), 3, "what was added")
    expect.that(done.value.changes >= 3, "what was changed", done.value)
    again = trip.does(200, "run_bulk", body={"operations": operations}, idempotency_key=key)
    expect.equal(again.value, done.value, "done once")
    expect.equal(again.headers.get("idempotent-replayed"), "true", "and says so")
    members = trip.does(200, "list_members", customer).value
    names = [(one.user.key, one.roles) for one in members.items]
    expect.equal(names, [("bulk.one", ["manager"])], "each on what those before it leave")
    two = trip.does(200, "get_user", "bulk.two").value
    expect.equal((two.first_name, two.key), ("Two", "bulk.two"), "changed by a bulk")
    entry = trip.does(200, "list_entries", page_size=1).value.items[0]
    expect.equal(entry.correlation_id, done.headers["x-correlation-id"], "one entry")

    half = [
        {"op": "add_user", "key": "bulk.three"},
        {"op": "add_member", "resource": customer, "user": "nobody.at.all"},
    ]
    refused = trip.refused(400, "unknown-reference", "run_bulk", body={"operations": half})
    expect.equal(refused.operation, 1, "which one was refused")
    expect.equal([one.field for one in refused.errors], ["operations[1].user"], "and why")
    trip.refused(404, "not-found", "get_user", "bulk.three")
    undo = [
        {"op": "revoke", "resource": customer, "subject": "user:bulk.one", "role": "manager"},
        {"op": "remove_resource", "resource": customer},
        {"op": "remove_user", "user": "bulk.one"},
        {"op": "remove_user", "user": "bulk.two"},
    ]
    trip.does(200, "run_bulk", body={"operations": undo})
    trip.refused(404, "not-found", "get_resource", customer)


def tenants(trip, who):
    expect, operator = trip.expect, trip.operator
    trip.refused(403, "operator-only", "list_tenants")
    made = trip.does(
        201, "create_tenant", body={"slug": "lark", "domains": ["lark.example"]}, client=operator
    )
    expect.equal((made.value.slug, made.value.domains), ("lark", ["lark.example"]), "the tenant")
    trip.refused(409, "taken", "create_tenant", body={"slug": "lark"}, client=operator)
    changed = trip.does(200, "change_tenant", "lark", body={"slug": "larks"}, client=operator).value
    expect.equal(
        (changed.slug, changed.domains), ("larks", ["lark.example"]), "what is left out stays"
    )
    expect.equal(trip.does(200, "get_tenant", "larks", client=operator).value, changed, "by slug")
    listed = trip.does(200, "list_tenants", client=operator).value
    expect.equal(len(listed.items), listed.total, "the list is complete")
    ids = {one.id for one in listed.items}
    expect.that({made.value.id, who.tenant} <= ids, "both tenants", listed)


def strangers(trip):
    """Without a credential, and with one that is none."""
    api = trip.api
    client = api.client_module.Client(base_url=api.base_url, raise_on_unexpected_status=True)
    for stranger in (client, api.client_with("no-such-token")):
        trip.refused(401, "unauthenticated", "list_users", client=stranger)


def authzen(api, variables):
    trip = Trip(api, variables)
    expect = api.expectations
    freya = {"type": "user", "id": "freya.holm"}
    harbour = {"type": "customer", "id": "harbour-bakery"}
    may_list = {"name": "customers.users.list"}

    where = trip.does(200, "configuration").value
    url = variables["ATTACHE_URL"]
    expect.equal(where.policy_decision_point, url, "the decision point")
    expect.equal(where.access_evaluation_endpoint, f"{url}/access/v1/evaluation", "an endpoint")
    question = {"subject": freya, "action": may_list, "resource": harbour}
    allowed = trip.does(200, "evaluation", body=question)
    expect.equal(allowed.value.decision, True, "Freya may")
    reason = allowed.value.context.reason
    expect.equal((reason.code.value, reason.via.role), ("allowed", "owner"), "and why")
    denied = trip.does(200, "evaluation", body=question | {"action": {"name": "tenants.view"}})
    expect.equal(denied.value.decision, False, "and may not")
    expect.equal(denied.value.context.reason.code.value, "lacks", "and why not")
    nobody = trip.does(200, "evaluation", body=question | {"subject": freya | {"id": "nobody"}})
    expect.equal(nobody.value.context.reason.code.value, "unknown_subject", "nobody may")

    several = {
        "subject": freya,
        "resource": harbour,
        "evaluations": [{"action": may_list}, {"action": {"name": "tenants.view"}}, {}],
    }
    decisions = trip.does(200, "evaluations", body=several).value.evaluations
    expect.equal([one.decision for one in decisions], [True, False, False], "in their order")
    expect.equal(decisions[2].context.error.status, 400, "what is wrong stands in its place")
    several["options"] = {"evaluations_semantic": "permit_on_first_permit"}
    decisions = trip.does(200, "evaluations", body=several).value.evaluations
    expect.equal([one.decision for one in decisions], [True], "up to the first that is allowed")
    one = trip.does(200, "evaluations", body=question).value
    expect.equal(one.decision, True, "without a list one decision")

    wanted = {"subject": {"type": "user"}, "action": may_list, "resource": harbour}
    people, page = [], {}
    while True:
        found = trip.does(200, "search_subject", body=wanted | {"page": {"limit": 2} | page}).value
        people += [one.id for one in found.results]
        if not found.page.next_token:
            break
        page = {"token": found.page.next_token}
    expect.that("freya.holm" in people, "who may", people)
    expect.equal(len(people), found.page.total, "all of them")
    places = trip.does(
        200,
        "search_resource",
        body={"subject": freya, "action": may_list, "resource": {"type": "customer"}},
    ).value
    expect.equal([one.id for one in places.results], ["harbour-bakery"], "where")
    actions = trip.does(200, "search_action", body={"subject": freya, "resource": harbour}).value
    expect.that("customers.users.list" in [one.name for one in actions.results], "what", actions)

    stranger = api.client_with("no-such-token")
    answer = trip.does(401, "evaluation", body=question, client=stranger)
    expect.that(isinstance(answer.content, bytes) and answer.content, "says why", answer.content)


if __name__ == "__main__":
    sys.exit(main())
