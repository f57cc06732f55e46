"""Finds one's way in generated clients, and counts what was expected of the answers."""

import importlib
import inspect
import json
import pathlib
import typing

# The generator names its modules after the tag and the operation id, or else after the path.
MODULES = {
    "published": {
        "voicebot": {
            "list": "customers.get_customers_id_users",
            "sync": "customers.post_customers_id_users",
        },
        "worth": {"list": "customers.get_customers_customer_id_users"},
        "cloudcockpit": {"list": "default.get_v_1_customer_customer_id_users"},
        "chatcaptain": {
            "list": "chatbot_users.chatbot_user_controller_list_chatbot_users_1_v_1",
            "add": "chatbot_users.chatbot_user_controller_add_user_1_v_1",
            "remove": "chatbot_users.chatbot_user_controller_remove_user_1_v_1",
            "grant": "chatbot_users.chatbot_user_controller_grant_role_1_v_1",
            "revoke": "chatbot_users.chatbot_user_controller_revoke_role_1_v_1",
        },
    },
    "served": {
        "voicebot": {"list": "customers.list_", "sync": "customers.sync"},
        "worth": {"list": "customers.list_"},
        "cloudcockpit": {"list": "customer.list_"},
        "chatcaptain": {
            "list": "chatbot_users.list_",
            "add": "chatbot_users.add",
            "remove": "chatbot_users.remove",
            "grant": "chatbot_users.grant",
            "revoke": "chatbot_users.revoke",
        },
    },
}


def modules_of(package):
    """The modules of all operations of a package, by the operation's id."""
    folder = pathlib.Path(importlib.import_module(package).__file__).parent / "api"
    found = {}
    for path in sorted(folder.glob("*/*.py")):
        if path.stem != "__init__":
            found[path.stem.rstrip("_")] = f"{path.parent.name}.{path.stem}"
    return found


class Answer(typing.NamedTuple):
    status: int
    value: typing.Any
    """What the generated code made of the body; None if it knows no body for the status."""
    content: bytes
    headers: typing.Any

    def json(self):
        return json.loads(self.content) if self.content else None


class GeneratedApi:
    """A generated package, and the clients that it offers."""

    def __init__(self, package, origin, dialect, base_url, token):
        self.package = package
        self.origin = origin
        self.modules = modules_of(package) if origin == "own" else MODULES[origin][dialect]
        self.called = set()
        self.errors = importlib.import_module(f"{package}.errors")
        self.client_module = importlib.import_module(f"{package}.client")
        self.base_url = base_url
        self.token = token
        self.expectations = Expectations()
        self.client = self.client_with(token)

    def client_with(self, token, **settings):
        client = self.client_module.AuthenticatedClient
        settings.setdefault("raise_on_unexpected_status", True)
        return client(base_url=self.base_url, token=token, **settings)

    def function(self, operation):
        module = importlib.import_module(f"{self.package}.api.{self.modules[operation]}")
        return module.sync_detailed

    def model(self, operation, parameter):
        """The generated class of a parameter, such as that of the body."""
        annotation = inspect.signature(self.function(operation)).parameters[parameter].annotation
        for candidate in typing.get_args(annotation) or (annotation,):
            if hasattr(candidate, "from_dict"):
                return candidate
        raise LookupError(f"{operation} has no model for {parameter}: {annotation}")

    def call(self, operation, *ids, client=None, **rest):
        """Call the generated function; a status that the document lacks is an answer too.

        None if the generated code could not send the request.
        """
        client = client or self.client
        self.called.add(operation)
        try:
            response = self.function(operation)(*ids, client=client, **rest)
        except self.errors.UnexpectedStatus as unexpected:
            return Answer(unexpected.status_code, None, unexpected.content, None)
        except TypeError as error:
            # The generated code cannot write what its own annotations allow.
            self.expectations.that(False, f"{operation}: the generated code can send it", error)
            return None
        headers = response.headers
        self.expectations.that(
            "attache-revision" in headers and "x-correlation-id" in headers,
            f"{operation}: Attache-Revision and X-Correlation-Id come with each answer",
            dict(headers),
        )
        return Answer(int(response.status_code), response.parsed, response.content, headers)


class Expectations:
    def __init__(self):
        self.met = 0
        self.failed = 0

    def that(self, condition, what, got):
        if condition:
            self.met += 1
        else:
            self.failed += 1
            print(f"   FAILED {what}; got {got!r}")

    def equal(self, got, wanted, what):
        self.that(got == wanted, f"{what}: expected {wanted!r}", got)

    def status(self, answer, wanted, what):
        """Whether there is an answer with this status."""
        if answer is None:
            return False
        got = (answer.status, answer.content[:500])
        self.that(answer.status == wanted, f"{what}: expected {wanted}", got)
        return answer.status == wanted
