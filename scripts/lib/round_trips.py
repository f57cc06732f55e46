"""A round trip through a generated client against a demo server, for one dialect.

All requests and answers pass through generated code. What is expected of them is
what the dialects' pages promise.
"""

import argparse
import datetime
import importlib
import pathlib
import sys
import traceback
import uuid

from generated_api import GeneratedApi

NOBODY = "00000000-0000-4000-8000-000000000000"


def main():
    arguments = parse_arguments()
    sys.path.insert(0, str(arguments.work))
    lines = arguments.env_file.read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if line)
    trip, prefix = {
        "voicebot": (voicebot, "/third-party/v1"),
        "worth": (worth, "/auth/api/v1"),
        "cloudcockpit": (cloudcockpit, ""),
        "chatcaptain": (chatcaptain, ""),
    }[arguments.dialect]
    api = GeneratedApi(
        arguments.package,
        arguments.origin,
        arguments.dialect,
        variables["ATTACHE_URL"] + prefix,
        variables[f"{arguments.dialect.upper()}_TOKEN"],
    )
    try:
        trip(api, variables)
    except Exception:
        traceback.print_exc()
        api.expectations.that(False, "the round trip comes to its end", "an exception")
    met, failed = api.expectations.met, api.expectations.failed
    verdict = "failed" if failed else "passed"
    line = f"{verdict}  {arguments.origin:9} {arguments.dialect:12} "
    line += f"{met} of {met + failed} as expected"
    print(f"   {line}")
    with arguments.summary.open("a") as summary:
        summary.write(line + "\n")
    return 1 if failed else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialect", required=True)
    parser.add_argument("--origin", choices=["published", "served"], required=True)
    parser.add_argument("--package", required=True)
    parser.add_argument("--env-file", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--summary", type=pathlib.Path, required=True)
    return parser.parse_args()


def voicebot(api, variables):
    """List, sync, list, restore."""
    expect = api.expectations
    customer = int(variables["VOICEBOT_CUSTOMER_ID"])
    body = api.model("sync", "body")

    def listed():
        answer = api.call("list", customer)
        expect.status(answer, 200, "list")
        return answer.value.data

    def sync(ids):
        return api.call("sync", customer, body=body.from_dict({"user_ids": ids}))

    def ids_of(users):
        return [user.id for user in users]

    before = listed()
    original = ids_of(before)
    expect.that(len(original) > 3, "the demo's customer has users", original)
    expect.equal(original, sorted(original), "users stand by number")
    for user in before:
        expect.that(isinstance(user.email, str | None), "e-mail is a string or null", user.email)
        expect.equal(user.roles, sorted(set(user.roles)), "roles are sorted, once each")
        expect.equal(user.permissions, sorted(set(user.permissions)), "permissions are sorted")
        expect.that("admin" not in user.roles, "admins are not shown", user)
        for time in (user.created_at, user.updated_at):
            utc = isinstance(time, datetime.datetime) and time.utcoffset() == datetime.timedelta()
            expect.that(utc, "times are in UTC", time)
    had_roles = [user.id for user in before if user.roles]
    expect.that(had_roles, "someone holds a role", before)
    email = before[0].__class__.__annotations__["email"]
    if "str" not in email:
        print(f"   note: an error of the document: in the generated code an e-mail is {email!r};")
        print("   note: it does not look, and hands the string over as it is")

    first, second = original[:2]
    answer = sync([second, first, second])
    expect.status(answer, 200, "sync with an id that is repeated")
    expect.equal(ids_of(answer.value.data), [first, second], "sync answers with those who stay")
    expect.equal(answer.value.data, listed(), "sync answers what list says")

    answer = sync([first, 2_000_000_000])
    expect.status(answer, 422, "sync with an unknown id")
    expect.equal(list(answer.json()["errors"]), ["user_ids.1"], "its position is named")
    if api.origin == "served":
        errors = answer.value.errors.additional_properties
        expect.equal(list(errors), ["user_ids.1"], "its position is named, in generated code")
    else:
        answer = api.call("sync", customer, body=body.from_dict({}))
        expect.status(answer, 422, "sync without user_ids")
        expect.equal(list(answer.json()["errors"]), ["user_ids"], "the field is named")
    expect.equal(ids_of(listed()), [first, second], "nothing changed")

    answer = sync([])
    expect.status(answer, 200, "sync with nobody")
    expect.equal(answer.value.data, [], "nobody is left")
    expect.equal(listed(), [], "nobody is listed")

    answer = sync(original)
    expect.status(answer, 200, "sync with all who were there")
    after = listed()
    expect.equal(ids_of(after), original, "all are back")
    kept = [user.id for user in after if user.id in had_roles and user.roles]
    expect.equal(kept, [], "roles on the customer went when their holders were detached")

    expect.status(api.call("list", 2_000_000_000), 404, "an unknown customer")
    refuses_strangers(api, "list", customer)


def worth(api, variables):
    """List, with filters, order and pages."""
    expect = api.expectations
    customer = uuid.UUID(variables["WORTH_CUSTOMER_ID"])
    query = api.model("list", "query")
    unset = importlib.import_module(f"{api.package}.types").UNSET

    def call(**filters):
        # `filter__x` is written so because `filter[x]` is no name in Python.
        keys = {}
        for key, value in filters.items():
            name, _, inside = key.partition("__")
            keys[f"{name}[{inside}]" if inside else name] = value
        return api.call("list", customer, query=query.from_dict(keys) if keys else unset)

    def data(**filters):
        answer = call(**filters)
        expect.status(answer, 200, f"list with {filters}")
        expect.equal(answer.value.status, "success", "status")
        return answer.value.data

    everything = data()
    records = everything.records
    total = len(records)
    expect.that(total > 3, "the demo's customer has users", records)
    expect.equal(everything.total_items, str(total), "total_items is a string")
    expect.equal(everything.total_pages, 1, "total_pages is an integer")
    in_order = sorted(records, key=lambda record: (record.created_at, record.id))
    expect.equal(records, in_order, "records stand by created_at, then id")
    for record in records:
        expect.that(isinstance(record.id, uuid.UUID), "ids are uuids", record.id)
        expect.that(record.status in ("ACTIVE", "INACTIVE", "INVITED"), "status", record.status)
        for who in (record.created_by, record.updated_by, record.ext_auth_ref_id):
            expect.that(who is unset or isinstance(who, uuid.UUID), "a uuid, or left out", who)
        mobile = record.mobile
        expect.that(isinstance(mobile, str | None), "mobile is a text or null", mobile)

    active = [record for record in records if record.status == "ACTIVE"]
    expect.that(0 < len(active) < total, "some are active", active)
    expect.equal(data(status="ACTIVE").records, active, "filter by status")
    agents = [record for record in records if record.subrole and record.subrole.code == "agent"]
    expect.that(0 < len(agents) < total, "some are agents", agents)
    expect.equal(data(subrole="agent").records, agents, "filter by subrole")
    both = [record for record in agents if record.status == "ACTIVE"]
    expect.equal(data(subrole="agent", status="ACTIVE").records, both, "filters are ANDed")
    someone = records[0]
    upper = someone.first_name.upper()
    by_name = [record for record in records if record.first_name == someone.first_name]
    for name in ("first_name", "filter__first_name", "search_filter__first_name"):
        expect.equal(data(**{name: upper}).records, by_name, f"{name}, without case")

    descending = data(sort="-last_name").records
    names = [record.last_name.casefold() for record in descending]
    expect.equal(names, sorted(names, reverse=True), "sort=-last_name")
    expect.equal({one.id for one in descending}, {one.id for one in records}, "all are there")

    page = data(page="2", items_per_page="3")
    expect.equal(page.records, records[3:6], "the second page")
    expect.equal(page.total_items, str(total), "all are counted")
    expect.equal(page.total_pages, -(-total // 3), "so many pages")
    past = data(page="99", items_per_page="3")
    expect.equal(past.records, [], "past the end")
    expect.equal((past.total_items, past.total_pages), (str(total), -(-total // 3)), "totals")
    none = data(first_name="nobody is called so")
    expect.equal((none.records, none.total_items, none.total_pages), ([], "0", 0), "no match")

    for wrong in ({"colour": "red"}, {"page": "0"}, {"items_per_page": "1001"}, {"sort": "colour"}):
        answer = call(**wrong)
        expect.status(answer, 400, f"list with {wrong}")
        expect.equal(answer.value.error_code, "ERR_BAD_REQUEST", f"list with {wrong}")
    answer = api.call("list", uuid.UUID(NOBODY))
    expect.status(answer, 400, "an unknown customer")
    expect.equal(answer.value.error_code, "ERR_BAD_REQUEST", "an unknown customer")
    for answer in refuses_strangers(api, "list", customer):
        expect.equal(answer.value.error_code, "ERR_UNAUTHORIZED", "a stranger")


def cloudcockpit(api, variables):
    """List, and list in the context of a reseller."""
    expect = api.expectations
    customer = uuid.UUID(variables["CLOUDCOCKPIT_CUSTOMER_ID"])
    reseller = uuid.UUID(variables["CLOUDCOCKPIT_RESELLER_ID"])
    tenant = variables["CLOUDCOCKPIT_TENANT"]

    answer = api.call("list", customer, x_tenant=tenant)
    expect.status(answer, 200, "list")
    users = answer.value
    expect.that(len(users) > 3, "the demo's customer has users", users)
    in_order = sorted(
        users,
        key=lambda user: (f"{user.first_name or ''} {user.last_name or ''}".casefold(), user.id),
    )
    expect.equal(users, in_order, "users stand by name, then id")
    for user in users:
        wire = user.to_dict()
        expect.that(wire["role"]["name"] in ("Csp", "Reseller", "Customer"), "role", wire)
        groups = [sorted(group) for group in wire["groups"]]
        expect.equal(groups, [["id", "name"]] * len(groups), "groups have an id and a name")
    roles = {user.to_dict()["role"]["name"] for user in users}
    expect.equal(roles, {"Csp", "Reseller", "Customer"}, "the demo has all three")
    expect.that(any(user.groups for user in users), "someone is in a group", users)
    inactive = "kwame.mensah@harbour-bakery.example"
    expect.that(inactive not in [user.email for user in users], "no deactivated user", users)

    # An error of the generator: it hands a uuid that is a header to httpx, which takes
    # texts only. So the correlation id is set as a header of the generated client.
    print("   note: an error of the generator: its uuid headers cannot be sent; set on the client")
    correlation = uuid.uuid4()
    client = api.client.with_headers({"X-Correlation-Id": str(correlation)})
    answer = api.call("list", customer, client=client, x_tenant=tenant, reseller_id=reseller)
    expect.status(answer, 200, "list in the context of the customer's reseller")
    expect.equal(answer.value, users, "which changes nothing")
    expect.equal(answer.headers["x-correlation-id"], str(correlation), "the correlation id")

    for what, ids, rest in (
        ("an unknown reseller", (customer,), {"reseller_id": uuid.UUID(NOBODY)}),
        ("an unknown customer", (uuid.UUID(NOBODY),), {}),
    ):
        answer = api.call("list", *ids, client=client, x_tenant=tenant, **rest)
        expect.status(answer, 404, what)
        expect.equal(answer.value.status_code, 404, what)
        expect.equal(answer.value.type_, "NotFound", what)
        expect.equal(answer.value.correlation_id, str(correlation), what)

    # No domain that is not the caller's tenant's is told apart from another.
    answer = api.call("list", customer, x_tenant="nobody.example")
    expect.status(answer, 403, "X-Tenant: nobody's domain")
    expect.equal(answer.content, b"", "nobody's domain gets no body")
    # Where the document says that X-Tenant is required, it cannot be left out.
    if api.origin == "published":
        unset = importlib.import_module(f"{api.package}.types").UNSET
        answer = api.call("list", customer, x_tenant=unset)
        expect.status(answer, 400, "no X-Tenant")
        expect.equal(answer.value.type_, "ValidationError", "no X-Tenant")
        fields = [error["propertyName"] for error in answer.value.to_dict()["errors"]]
        expect.equal(fields, ["X-Tenant"], "no X-Tenant")
    for answer in refuses_strangers(api, "list", customer, x_tenant=tenant):
        expect.equal(answer.content, b"", "a stranger gets no body")


def chatcaptain(api, variables):
    """List, add, grant, list, revoke, remove, list."""
    expect = api.expectations
    chatbot = variables["CHATCAPTAIN_WORKSPACE_ID"], variables["CHATCAPTAIN_CHATBOT_ID"]
    user = variables["CHATCAPTAIN_USER_ID"]
    add_body = api.model("add", "body")
    grant_body = api.model("grant", "body")
    revoke_body = api.model("revoke", "body")

    def listed():
        answer = api.call("list", *chatbot)
        expect.status(answer, 200, "list")
        added = [one.added for one in answer.value.users]
        expect.equal(added, sorted(added), "users stand by when they were added")
        for one in answer.value.users:
            expect.equal(one.roles, sorted(set(one.roles)), "roles are sorted, once each")
        return answer.value.users

    def roles():
        return [one.roles for one in listed() if one.id == user]

    def add(who):
        answer = api.call("add", *chatbot, body=add_body.from_dict({"userId": who}))
        expect.status(answer, 201, f"add {who}")
        return answer.value

    def grant(role, params, who=user):
        body = grant_body.from_dict({"role": role, "params": params})
        return api.call("grant", *chatbot, who, body=body)

    def revoke(role, params=None):
        body = {} if params is None else {"body": revoke_body.from_dict({"params": params})}
        answer = api.call("revoke", *chatbot, user, role, **body)
        return answer.value if expect.status(answer, 200, f"revoke {role}") else None

    def softly_refused(value, field, wanted, what):
        if value is None:
            return
        expect.equal(getattr(value, field), wanted, what)
        expect.that(isinstance(value.error, str) and value.error, f"{what}: says why", value)

    def done(value, field, what):
        if value is None:
            return
        expect.equal(getattr(value, field), True, what)
        expect.that(not value.error, f"{what}: no error", value)

    def sort_key(permission):
        return permission["name"], permission.get("resource", "")

    before = listed()
    expect.that(before and user not in [one.id for one in before], "not there yet", before)
    answer = grant("InboxUser", {"inboxId": "7"})
    expect.status(answer, 201, "grant before add")
    softly_refused(answer.value, "permissions", [], "grant before add")

    done(add(user), "added", "add")
    there = listed()
    expect.equal(there[:-1], before, "the others stay")
    expect.equal(there[-1].roles, [], "no role yet")
    expect.that(there[-1].name and there[-1].email, "name and e-mail", there[-1])
    softly_refused(add(user), "added", False, "add twice")
    softly_refused(add("nobody.at.all"), "added", False, "add someone unknown")
    expect.equal(listed(), there, "nothing changed")

    answer = grant("InboxUser", {"inboxId": "7"})
    expect.status(answer, 201, "grant")
    expect.that(not answer.value.error, "grant: no error", answer.value)
    permissions = [one.to_dict() for one in answer.value.permissions]
    scope = f"chatbots/{chatbot[1]}/inboxes/7"
    families = ("chatbots.inbox.", "chatbots.conversations.")
    scoped = [one for one in permissions if one["name"].startswith(families)]
    expect.that(
        scoped and all(one.get("resource") == scope for one in scoped),
        f"permissions on the inbox are scoped to {scope}",
        permissions,
    )
    expect.equal(permissions, sorted(permissions, key=sort_key), "permissions are sorted")
    again = grant("InboxUser", {"inboxId": "7"})
    expect.equal((again.status, again.content), (201, answer.content), "grant twice")
    second = grant("InboxUser", {"inboxId": "8"})
    expect.status(second, 201, "grant with other params")
    both = [one.to_dict() for one in second.value.permissions]
    other = [one | {"resource": f"chatbots/{chatbot[1]}/inboxes/8"} for one in scoped]
    expect.equal(both, sorted(permissions + other, key=sort_key), "all that both grants give")
    expect.equal(roles(), [["InboxUser"]], "the role shows once")

    expect.status(grant("InboxUser", {"colour": "red"}), 400, "a parameter that no role takes")
    softly_refused(revoke("InboxUser", {"inboxId": "9"}), "success", False, "other params")
    softly_refused(revoke("InboxUser"), "success", False, "no params")
    softly_refused(revoke("ChatbotEditor", {}), "success", False, "a role not held")
    expect.equal(roles(), [["InboxUser"]], "nothing changed")
    done(revoke("InboxUser", {"inboxId": "7"}), "success", "revoke")
    expect.equal(roles(), [["InboxUser"]], "the second grant stays")
    done(revoke("InboxUser", {"inboxId": "8"}), "success", "revoke the second")
    expect.equal(roles(), [[]], "no role is left")
    expect.status(grant("StatisticsViewer", {}), 201, "grant without params")
    done(revoke("StatisticsViewer"), "success", "revoke without a body")

    expect.status(grant("ChatbotEditor", {}), 201, "grant before remove")
    answer = api.call("remove", *chatbot, user)
    expect.status(answer, 200, "remove")
    done(answer.value, "removed", "remove")
    expect.equal(listed(), before, "all is as before")
    answer = api.call("remove", *chatbot, user)
    expect.status(answer, 200, "remove twice")
    softly_refused(answer.value, "removed", False, "remove twice")
    done(add(user), "added", "add again")
    expect.equal(roles(), [[]], "roles went with the removal")
    api.call("remove", *chatbot, user)

    unknown = [api.call("list", chatbot[0], "nothing"), api.call("list", "nothing", chatbot[1])]
    for answer in unknown:
        expect.status(answer, 403, "an unknown chatbot or workspace")
        expect.equal(answer.content, unknown[0].content, "the same answer, to the byte")
        expect.equal(answer.json()["statusCode"], 403, "its body")
    key = api.client_with(api.token, auth_header_name="x-chatcaptain-key", prefix="")
    answer = api.call("list", *chatbot, client=key)
    expect.status(answer, 200, "the credential in x-chatcaptain-key")
    refuses_strangers(api, "list", *chatbot)


def refuses_strangers(api, operation, *ids, **rest):
    """Without a credential, and with one that is none: 401."""
    strangers = [
        api.client_module.Client(base_url=api.base_url, raise_on_unexpected_status=True),
        api.client_with("no-such-token"),
    ]
    answers = []
    for client in strangers:
        answer = api.call(operation, *ids, client=client, **rest)
        api.expectations.status(answer, 401, "a stranger")
        answers.append(answer)
    return answers


if __name__ == "__main__":
    sys.exit(main())
