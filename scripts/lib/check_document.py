"""Run Schemathesis with one OpenAPI document against a demo server, and judge what it found.

The origin `own` is a document that the server serves of an API that nobody else
published. Ends with 1 if a check failed that decides, if Schemathesis itself
failed, or if an operation never succeeded though real ids were used.
"""

import argparse
import base64
import collections
import json
import pathlib
import subprocess
import sys
import urllib.parse
import urllib.request

import own_world

LIB = pathlib.Path(__file__).resolve().parent

# A failure of these fails the run, whichever the document.
DECISIVE = {
    "not_a_server_error",
    "response_schema_conformance",
    "content_type_conformance",
    "response_headers_conformance",
}

# Where the server serves one of the four vendors' documents, all checks decide. What fits the
# schema may be refused only for these reasons, which no schema can express.
REFUSALS_BEYOND_SCHEMA = {
    "voicebot": ["is no user's id"],
    "worth": ["No such customer", "is not known here"],
    "cloudcockpit": ["X-Tenant is no tenant's web domain"],
    "chatcaptain": ["is no parameter of the role"],
}

# Whose token calls, where the variable is not called after the document.
# Of attache's own API the operator's: tenants are its alone, and no request can take its
# own permissions away.
TOKENS = {"attache": "OPERATOR_TOKEN", "authzen": "DECISION_POINT_TOKEN"}

EXAMPLES_SHOWN = 5


def main():
    arguments = parse_arguments()
    variables = read_variables(arguments.env_file)
    work = arguments.work / f"{arguments.origin}-{arguments.dialect}-{arguments.ids}"
    work.mkdir(parents=True)
    document, remarks = load_document(arguments, variables)
    path = work / "document.json"
    path.write_text(json.dumps(document))
    configuration = work / "schemathesis.toml"
    configuration.write_text(write_configuration(arguments, variables))
    print(f"\n== {arguments.origin} {arguments.dialect}, {arguments.ids} ids", flush=True)
    for remark in remarks:
        print(f"   note: {remark}")

    status, output = run_schemathesis(arguments, variables, document, work)
    recording = Recording(work / "events.ndjson", arguments.origin, arguments.dialect)
    recording.print_requests(operations(document))
    recording.print_checks()
    problems = [f"{name}: {count} failures" for name, count in sorted(recording.decisive.items())]
    problems += recording.errors
    if status not in (0, 1) or (status == 1 and not (recording.failed or recording.errors)):
        problems.append(f"Schemathesis ended with {status}:\n{output[-3000:]}")
    if arguments.ids == "real":
        for operation in operations(document):
            if operation not in recording.succeeded:
                problems.append(f"{operation} never succeeded: the run proves little")
    for problem in problems:
        print(f"   FAILED {problem}")
    total = sum(recording.statuses.values())
    verdict = "failed" if problems else "passed"
    informal = sum(recording.failed.values()) - sum(recording.decisive.values())
    line = f"{verdict}  {arguments.origin:9} {arguments.dialect:12} {arguments.ids} ids"
    line += f"  {total} requests, {sum(recording.checks.values())} checks"
    if informal:
        line += f", {informal} remarks"
    print(f"   {line}")
    with arguments.summary.open("a") as summary:
        summary.write(line + "\n")
    return 1 if problems else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialect", required=True)
    parser.add_argument("--origin", choices=["published", "served", "own"], required=True)
    parser.add_argument("--ids", choices=["free", "real"], required=True)
    parser.add_argument("--contracts", type=pathlib.Path, help="the published documents")
    parser.add_argument("--env-file", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--summary", type=pathlib.Path, required=True)
    parser.add_argument("--max-examples", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    return parser.parse_args()


def read_variables(env_file):
    lines = env_file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line)


def load_document(arguments, variables):
    """The document, and what was changed in it."""
    if arguments.origin != "published":
        url = f"{variables['ATTACHE_URL']}/openapi/{arguments.dialect}.json"
        with urllib.request.urlopen(url) as answer:
            return json.load(answer), []
    path = arguments.contracts / f"{arguments.dialect}.json"
    document = json.loads(path.read_text())
    if arguments.dialect != "voicebot":
        return document, []
    email = document["components"]["schemas"]["User"]["properties"]["email"]
    was = json.dumps(email)
    email["type"] = "string"
    return document, [f"an error of the document: User.email was {was}; here {json.dumps(email)}"]


def base_url(document, variables):
    """The demo's address, with the path under which the document's first server stands."""
    prefix = urllib.parse.urlsplit(document["servers"][0]["url"]).path
    return variables["ATTACHE_URL"] + prefix.rstrip("/")


def operations(document):
    methods = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
    return [
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method in methods
    ]


def write_configuration(arguments, variables):
    """Schemathesis' configuration. Credentials stand here rather than on a command line."""
    dialect = arguments.dialect.upper()
    token = variables[TOKENS.get(arguments.dialect, f"{dialect}_TOKEN")]
    dictionaries, parameters = {}, {}
    by_operation = {}

    def one_of(parameter, values, probability, operation=None):
        into = by_operation.setdefault(operation, {}) if operation else parameters
        if probability is None:
            into[parameter] = values
            return
        name = f"values{len(dictionaries)}"
        dictionaries[name] = values
        into[parameter] = {"dictionary": name, "probability": probability}

    real = arguments.ids == "real"
    if dialect == "VOICEBOT" and real:
        parameters["path.id"] = int(variables["VOICEBOT_CUSTOMER_ID"])
        one_of("body.user_ids[*]", [user["id"] for user in attached_to_customer(variables)], 0.9)
    if dialect == "WORTH" and real:
        parameters["path.customerID"] = variables["WORTH_CUSTOMER_ID"]
    if dialect == "CLOUDCOCKPIT":
        tenant = variables["CLOUDCOCKPIT_TENANT"]
        if real:
            parameters["header.X-Tenant"] = tenant
            parameters["path.customerId"] = variables["CLOUDCOCKPIT_CUSTOMER_ID"]
            one_of("query.resellerId", [variables["CLOUDCOCKPIT_RESELLER_ID"]], 0.5)
        else:
            one_of("header.X-Tenant", [tenant], 0.7)
    if dialect == "CHATCAPTAIN" and real:
        parameters["path.workspaceId"] = variables["CHATCAPTAIN_WORKSPACE_ID"]
        parameters["path.chatbotId"] = variables["CHATCAPTAIN_CHATBOT_ID"]
        users = [user["id"] for user in attached_to_chatbot(variables)]
        users.append(variables["CHATCAPTAIN_USER_ID"])
        one_of("path.userId", users, 0.9)
        one_of("body.userId", users, 0.9)
        one_of("path.role", ["ChatbotEditor", "InboxUser", "StatisticsViewer"], 0.8)

    if arguments.origin == "own" and real:
        for binding in own_world.bindings(arguments.dialect, variables):
            one_of(*binding)

    lines = ["warnings = false"]
    if dialect == "WORTH" and real:
        lines.append(f"hooks = {toml(str(LIB / 'worth_filters.py'))}")
    if arguments.dialect == "attache":
        lines.append(f"hooks = {toml(str(LIB / 'archives.py'))}")
    lines += ["[cache]", "enabled = false"]
    lines += ["[headers]", f"Authorization = {toml(f'Bearer {token}')}"]
    if arguments.dialect == "attache":
        # By its id: the slug is changed by some request.
        me = get(variables, "/api/v1/me", "ATTACHE_TOKEN")
        lines.append(f"Attache-Tenant = {toml(me['tenant'])}")
    for name, values in dictionaries.items():
        lines += [f"[dictionaries.{name}]", f"values = {toml(values)}"]
    lines.append("[parameters]")
    lines += [f"{toml(name)} = {toml(value)}" for name, value in parameters.items()]
    for operation, values in by_operation.items():
        lines += ["[[operations]]", f"include-name = {toml(operation)}", "[operations.parameters]"]
        lines += [f"{toml(name)} = {toml(value)}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def toml(value):
    if isinstance(value, dict):
        inside = ", ".join(f"{toml(key)} = {toml(one)}" for key, one in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list):
        return f"[{', '.join(toml(one) for one in value)}]"
    return json.dumps(value)


def attached_to_customer(variables):
    customer = variables["VOICEBOT_CUSTOMER_ID"]
    path = f"/third-party/v1/customers/{customer}/users"
    return get(variables, path, "VOICEBOT_TOKEN")["data"]


def attached_to_chatbot(variables):
    workspace, chatbot = (variables[f"CHATCAPTAIN_{one}_ID"] for one in ("WORKSPACE", "CHATBOT"))
    path = f"/v1/workspaces/{workspace}/chatbots/{chatbot}/users"
    return get(variables, path, "CHATCAPTAIN_TOKEN")["users"]


def get(variables, path, token):
    headers = {"Authorization": f"Bearer {variables[token]}"}
    request = urllib.request.Request(variables["ATTACHE_URL"] + path, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def run_schemathesis(arguments, variables, document, work):
    command = [
        str(pathlib.Path(sys.executable).parent / "schemathesis"),
        "--no-color",
        "--config-file=schemathesis.toml",
        "run",
        "document.json",
        f"--url={base_url(document, variables)}",
        "--checks=all",
        "--continue-on-failure",
        "--generation-database=none",
        f"--max-examples={arguments.max_examples}",
        f"--seed={arguments.seed}",
        "--report=ndjson",
        "--report-ndjson-path=events.ndjson",
        "--request-timeout=30",
    ]
    if arguments.origin == "published":
        command.append("--exclude-checks=status_code_conformance")
    done = subprocess.run(
        command, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.returncode, done.stdout


class Recording:
    """What Schemathesis sent and got, and which checks it made."""

    def __init__(self, path, origin, dialect):
        self.origin = origin
        self.dialect = dialect
        self.statuses = collections.Counter()
        self.checks = collections.Counter()
        self.failed = collections.Counter()
        self.decisive = collections.Counter()
        self.examples = collections.defaultdict(list)
        self.succeeded = set()
        self.errors = []
        lines = path.read_text().splitlines() if path.exists() else []
        finished = False
        for line in lines:
            [(kind, event)] = json.loads(line).items()
            if kind in ("NonFatalError", "FatalError"):
                self.errors.append(f"{kind}: {json.dumps(event)[:2000]}")
            if kind == "EngineFinished":
                finished = event["stop_reason"] == "completed"
            if kind == "ScenarioFinished":
                self.add(event["recorder"])
        if not finished:
            self.errors.append("Schemathesis did not come to its end")
        if not self.statuses:
            self.errors.append("no request was made")

    def add(self, recorder):
        cases = recorder.get("cases", {})
        interactions = recorder.get("interactions", {})
        for case_id, interaction in interactions.items():
            case = cases[case_id]["value"]
            operation = f"{case['method']} {case['path']}"
            if not interaction["response"]:
                self.errors.append(f"no answer to {describe_request(interaction)}")
                continue
            status = interaction["response"]["status_code"]
            self.statuses[operation, status] += 1
            if 200 <= status < 300:
                self.succeeded.add(operation)
        for case_id, checks in recorder.get("checks", {}).items():
            case = cases[case_id]["value"]
            for check in checks:
                self.checks[check["name"]] += 1
                if check["status"] == "success":
                    continue
                interaction = interactions.get(case_id)
                self.failed[check["name"]] += 1
                decides = self.decides(check["name"], interaction)
                if decides:
                    self.decisive[check["name"]] += 1
                title = check.get("failure_info", {}).get("failure", {}).get("title", "")
                kind = (not decides, check["name"], title, f"{case['method']} {case['path']}")
                self.examples[kind].append((interaction, case, check))

    def decides(self, check, interaction):
        """Whether a failure of this check, in this exchange, fails the run."""
        if check in DECISIVE:
            return True
        if self.origin == "published":
            return False
        if check == "negative_data_rejection" and interaction and self.origin == "own":
            # Nothing was done: what names nothing does not fulfil If-Match.
            if (interaction["response"] or {}).get("status_code") == 412:
                return False
            return not accepted_by_design(self.dialect, body_of(interaction["request"]))
        if check != "positive_data_acceptance" or not interaction:
            return True
        if self.origin == "own":
            # Much is refused that fits the schema: a sort by an unknown column, a name
            # that is blank, a malformed If-Match. Each refusal is printed as a remark.
            return False
        answer = body_of(interaction["response"] or {})
        return not any(reason in answer for reason in REFUSALS_BEYOND_SCHEMA[self.dialect])

    def print_requests(self, documented):
        by_operation = collections.defaultdict(list)
        others = collections.Counter()
        for (operation, status), count in sorted(self.statuses.items()):
            if operation in documented:
                by_operation[operation].append(f"{count}x{status}")
            else:
                others[status] += count
        for operation, counts in by_operation.items():
            print(f"   {operation}: {' '.join(counts)}")
        for status, count in others.items():
            print(f"   methods that are not documented: {count}x{status}")

    def print_checks(self):
        for name, count in sorted(self.checks.items()):
            words = []
            if self.decisive[name]:
                words.append(f"{self.decisive[name]} FAILED")
            if self.failed[name] > self.decisive[name]:
                words.append(f"{self.failed[name] - self.decisive[name]} remarks")
            print(f"   {name}: {count} times, {', '.join(words) or 'all passed'}")
        for (informs, name, title, operation), examples in sorted(self.examples.items()):
            word = "remark" if informs else "FAILED"
            print(f"   {word}: {name}, {title}, {operation}: {len(examples)} times, such as")
            for example in distinct(examples):
                print_example(*example)


def accepted_by_design(document, body):
    """Whether a body may be accepted though the schema does not allow it."""
    if document == "authzen":
        # Null is the same as left out; what is wrong with one question of several is said
        # in its place, and the others are answered. A limit beyond all bounds is the largest.
        return "null" in body or '"evaluations"' in body or '"limit"' in body
    # Where a body can be left out, white space and null are none.
    return body.strip() in ("", "null")


def distinct(examples):
    """A few of them, whose answers differ."""
    answers = {}
    for example in examples:
        response = (example[0] or {}).get("response") or {}
        answers.setdefault((response.get("status_code"), reason_in(body_of(response))), example)
    return list(answers.values())[:EXAMPLES_SHOWN]


def reason_in(body):
    """What a problem (RFC 9457) says in words; of other bodies the beginning."""
    try:
        return json.loads(body)["detail"][:40]
    except (ValueError, KeyError, TypeError):
        return body[:40]


def print_example(interaction, case, check):
    if not interaction:
        print(f"      no answer: {json.dumps(case)[:300]}")
        return
    print(f"      {describe_request(interaction)}")
    response = interaction["response"]
    print(f"        {response['status_code']} {body_of(response)[:300]}")
    failure = check.get("failure_info", {}).get("failure", {})
    phase = case.get("meta", {}).get("phase", {})
    why = phase.get("data", {}).get("description") or ""
    message = " ".join(failure.get("message", "").split())[:300]
    print(f"        {phase.get('name', '')}: {why}. {message}")


def describe_request(interaction):
    request = interaction["request"]
    dull = {"User-Agent", "Accept-Encoding", "Accept", "Connection", "X-Schemathesis-TestCaseId"}
    headers = {name: values[0] for name, values in request["headers"].items() if name not in dull}
    uri = urllib.parse.urlsplit(request["uri"])
    target = urllib.parse.urlunsplit(("", "", uri.path, uri.query, uri.fragment))
    return f"{request['method']} {target} {headers} {body_of(request)[:200]}".rstrip()


def body_of(message):
    body = message.get("content") or message.get("body") or {}
    if isinstance(body, dict):
        return base64.b64decode(body.get("$base64", "")).decode(errors="backslashreplace")
    return str(body)


if __name__ == "__main__":
    sys.exit(main())
