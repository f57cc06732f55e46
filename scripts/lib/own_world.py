"""What requests to attache's own APIs can name, in a demo server, so that they succeed.

What is to be changed and removed is made for it: spare users, resources and the
like. What the demo invented is only read, so that it is there to the end.
"""

import io
import json
import urllib.request
import uuid
import zipfile

SPARES = 40


def bindings(document, variables):
    """Values for parameters, as (parameter, values, probability[, operation]).

    Without a probability, the value is always this one.
    """
    server = Server(variables)
    return of_authzen(server) if document == "authzen" else of_attache(server)


class Server:
    def __init__(self, variables):
        self.base = variables["ATTACHE_URL"] + "/api/v1"
        self.token = variables["ATTACHE_TOKEN"]
        self.operator = variables["OPERATOR_TOKEN"]
        # Of invitations, and the id of an import.
        self.tokens, self.imported = [], None

    def call(self, method, path, body=None, token=None):
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token or self.token}"},
        )
        if body is not None:
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def items(self, path):
        return self.call("GET", path)["items"]


def of_authzen(server):
    users = [user["key"] for user in server.items("/users") if user["key"]]
    resources = [it for it in server.items("/resources") if it["key"]]
    customers = [it["key"] for it in resources if it["kind"] == "customer"]
    permissions = [it["name"] for it in server.call("GET", "/catalogue")["permissions"]]
    for operation in (
        "/access/v1/evaluation",
        "/access/v1/evaluations",
        "/access/v1/search/action",
        "/access/v1/search/resource",
    ):
        yield "body.subject.type", ["user"], 0.9, f"POST {operation}"
        yield "body.subject.id", users, 0.9, f"POST {operation}"
    yield "body.subject.type", ["user"], 0.9, "POST /access/v1/search/subject"
    yield "body.resource.type", ["customer"], 0.9
    yield "body.resource.id", customers, 0.9
    yield "body.action.name", permissions, 0.9


def of_attache(server):
    make_spares(server)
    make_invitations(server)
    users = [user["key"] for user in server.items("/users") if user["key"]]
    groups = [group["key"] for group in server.items("/groups") if group["key"]]
    services = [service["key"] for service in server.items("/services") if service["key"]]
    resources = [f"{it['kind']}:{it['key']}" for it in server.items("/resources") if it["key"]]
    catalogue = server.call("GET", "/catalogue")
    kinds = [kind["name"] for kind in catalogue["kinds"]]
    roles = [role["name"] for role in catalogue["roles"]]
    revisions = [entry["revision"] for entry in server.items("/entries")]
    subjects = [f"user:{user}" for user in users] + [f"group:{group}" for group in groups]

    # To be read. The schemas of names are texts: so are numbers.
    yield "path.user", users, 0.9
    yield "path.group", groups, 0.9
    yield "path.service", services, 0.9
    yield "path.resource", resources, 0.9
    yield "path.role", roles, 0.9
    yield "path.kind", kinds, 0.9
    yield "path.revision", revisions, 0.9
    yield "query.kind", kinds, 0.9
    yield "query.role", roles, 0.9
    yield "query.user", users, 0.9
    yield "query.group", groups, 0.9
    yield "query.subject", subjects, 0.9
    yield "query.resource", resources, 0.9
    yield "query.actor", ["operator", "attache"], 0.9
    yield "header.If-Match", ["*"], 0.9
    yield "header.If-None-Match", ['"none"'], 0.9
    # Each request with a name of its own: one that was named before is not done.
    yield "header.Idempotency-Key", [f'"{uuid.uuid4()}"' for _ in range(500)], 0.9

    # To be changed and removed.
    spare = {
        "user": [f"spare-{n}" for n in range(SPARES)],
        "group": [f"spare-{n}" for n in range(SPARES)],
        "service": [f"spare-{n}" for n in range(SPARES)],
        "resource": [f"customer:spare-{n}" for n in range(SPARES)],
        "role": [f"spare-{n}" for n in range(SPARES)],
        "kind": [f"spare{n}" for n in range(SPARES)],
        "tenant": [f"spare-{n}" for n in range(SPARES)],
    }
    for name, paths in {
        "user": ["PATCH /users/{user}", "DELETE /users/{user}"],
        "group": [
            "PATCH /groups/{group}",
            "DELETE /groups/{group}",
            "PUT /groups/{group}/users/{user}",
            "DELETE /groups/{group}/users/{user}",
        ],
        "service": ["PATCH /services/{service}", "DELETE /services/{service}"],
        "resource": [
            "PATCH /resources/{resource}",
            "DELETE /resources/{resource}",
            "POST /resources/{resource}/move",
            "POST /resources/{resource}/grants",
            "PUT /resources/{resource}/members",
            "DELETE /resources/{resource}/members/{user}",
        ],
        "role": ["PUT /roles/{role}", "DELETE /roles/{role}"],
        "kind": ["PUT /kinds/{kind}", "DELETE /kinds/{kind}"],
        "tenant": ["GET /tenants/{tenant}", "PATCH /tenants/{tenant}"],
    }.items():
        for path in paths:
            yield f"path.{name}", spare[name], 0.9, path

    # What belongs together.
    operation = " /users/{user}/invitation"
    yield "path.user", [f"invited-{n}" for n in range(SPARES)], 0.9, "GET" + operation
    yield "path.user", [f"invited-{n}" for n in range(SPARES)], 0.9, "POST" + operation
    yield "path.user", [f"leaving-{n}" for n in range(SPARES)], 0.9, "DELETE" + operation
    yield "body.expires_at", ["2999-01-01T00:00:00Z"], 0.9, "POST" + operation
    for method in ("GET", "PUT"):
        operation = method + " /groups/{group}/users/{user}"
        yield "path.group", ["kept"], 1.0, operation
        yield "path.user", names(), 0.9, operation
    operation = "DELETE /groups/{group}/users/{user}"
    yield "path.group", ["left"], 1.0, operation
    yield "path.user", names(), 0.9, operation
    yield "body.token", server.tokens, 0.9, "POST /invitations/accept"
    # Nothing stands there that a tag could name.
    yield "header.If-Match", ["*"], 0.01, "POST /invitations/accept"
    operation = "DELETE /resources/{resource}/members/{user}"
    yield "path.user", ["spare-0", "kept"], 0.9, operation
    yield "path.import", [server.imported], 0.9, "GET /imports/{import}"
    grants = [grant["id"] for grant in server.items("/resources/customer:kept/grants")]
    for method in ("GET", "DELETE"):
        operation = method + " /resources/{resource}/grants/{grant}"
        yield "path.resource", ["customer:kept"], 1.0, operation
        yield "path.grant", grants, 0.9, operation
    for method in ("GET", "PUT"):
        operation = method + " /resources/{resource}/members/{user}"
        yield "path.resource", ["customer:kept"], 0.9, operation
        yield "path.user", ["kept", "spare-0"], 0.9, operation
    ends = ["2999-01-01T00:00:00Z"]
    yield "body.expires_at", ends, 0.9, "PUT /resources/{resource}/members/{user}"
    tokens = [token["id"] for token in server.items("/services/kept/tokens")]
    operation = "DELETE /services/{service}/tokens/{token}"
    yield "path.service", ["kept"], 1.0, operation
    yield "path.token", tokens, 0.9, operation
    issuers = [issuer["id"] for issuer in server.items("/issuers")]
    half = len(issuers) // 2
    yield "path.issuer", issuers[:half], 0.9, "GET /issuers/{issuer}"
    yield "path.issuer", issuers[:half], 0.9, "PUT /issuers/{issuer}"
    yield "path.issuer", issuers[half:], 0.9, "DELETE /issuers/{issuer}"

    # Bodies.
    for operation in ("POST /tenants", "PATCH /tenants/{tenant}"):
        yield "body.slug", [f"slug-{n}" for n in range(500)], 0.9, operation
        # A domain is one tenant's alone.
        yield "body.domains", [], None, operation
    for operation in ("POST /issuers", "PUT /issuers/{issuer}"):
        addresses = [f"https://login-{n}.example" for n in range(1000, 1500)]
        yield "body.issuer", addresses, 0.9, operation
    yield "body.users[*]", users, 0.9, "PUT /resources/{resource}/members"
    operation = "POST /resources/{resource}/grants"
    yield "body.subject", ["user:spare-0", "user:kept", "service:kept"], 0.9, operation
    yield "body.role", ["owner", "manager"], 0.9, operation
    yield "body.parameters", {}, None, operation
    yield "body.kind", ["customer"], 0.9, "POST /resources"
    yield "body.parent", ["tenant"], 0.9, "POST /resources"
    yield "body.parent", ["reseller:nordlicht", "tenant"], 0.9, "POST /resources/{resource}/move"
    yield "body.kind", ["customer"], 0.9, "PUT /roles/{role}"
    yield "body.parents", ["tenant"], None, "PUT /kinds/{kind}"
    for part in ("kinds", "roles", "permissions"):
        yield f"body.{part}", catalogue[part], None, "PUT /catalogue"


def names():
    return [f"spare-{n}" for n in range(SPARES)] + ["kept"]


def make_invitations(server):
    """Invited users, those to be asked about, to leave and to accept; and an import."""
    operations = []
    for what in ("invited", "leaving", "accepting"):
        for n in range(SPARES):
            operations.append({"op": "add_user", "key": f"{what}-{n}", "status": "invited"})
    server.call("POST", "/bulk", {"operations": operations})
    for n in range(SPARES):
        server.call("POST", f"/users/invited-{n}/invitation")
        server.call("POST", f"/users/leaving-{n}/invitation")
        made = server.call("POST", f"/users/accepting-{n}/invitation")
        server.tokens.append(made["token"])
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("users.csv", "key\nimported\n")
    # By the operator, who asks about it: an import is its caller's own.
    tenant = server.call("GET", "/me")["tenant"]
    request = urllib.request.Request(
        server.base + "/import?dry_run=true",
        method="POST",
        data=archive.getvalue(),
        headers={
            "Authorization": f"Bearer {server.operator}",
            "Attache-Tenant": tenant,
            "Content-Type": "application/zip",
        },
    )
    with urllib.request.urlopen(request) as answer:
        server.imported = json.load(answer)["id"]


def make_spares(server):
    """Something of everything to be changed and removed, and something to be kept."""
    names = [f"spare-{n}" for n in range(SPARES)] + ["kept"]
    operations = [{"op": "add_group", "key": name, "name": name} for name in names]
    operations.append({"op": "add_group", "key": "left", "name": "left"})
    operations += [{"op": "add_service", "key": name, "name": name} for name in names]
    operations += [{"op": "add_user", "key": name, "first_name": name} for name in names]
    for name in names:
        resource = f"customer:{name}"
        operations.append({"op": "add_resource", "kind": "customer", "key": name, "name": name})
        for user in (name, "spare-0", "kept"):
            operations.append({"op": "add_member", "resource": resource, "user": user})
    for name in names:
        operations.append({"op": "add_member", "resource": "customer:kept", "user": name})
        grant = {"op": "grant", "resource": "customer:kept", "subject": f"user:{name}"}
        operations.append({**grant, "role": "manager"})
        for group in ("kept", "left"):
            operations.append({"op": "add_group_user", "group": group, "user": name})
    server.call("POST", "/bulk", {"operations": operations})
    for n in range(SPARES):
        role = {"kind": "customer", "label": f"Spare {n}"}
        server.call("PUT", f"/roles/spare-{n}", role)
        server.call("PUT", f"/kinds/spare{n}", {"parents": ["tenant"]})
        server.call("POST", "/services/kept/tokens")
        issuer = {"issuer": f"https://login-{n}.example", "audience": "attache"}
        server.call("POST", "/issuers", issuer)
        server.call("POST", "/tenants", {"slug": f"spare-{n}"}, server.operator)
