"""Generate a client package from one OpenAPI document with openapi-python-client.

The document is taken as it is. Whatever the generator would leave out, with a
warning, is a failure.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import urllib.request


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--document", required=True, help="a file, or an http address")
    parser.add_argument("--package", required=True, help="the name of the package")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="where to put it")
    arguments = parser.parse_args()
    arguments.work.mkdir(exist_ok=True)

    document = arguments.document
    if document.startswith("http://"):
        path = arguments.work / f"{arguments.package}.json"
        with urllib.request.urlopen(document) as answer:
            path.write_bytes(answer.read())
        document = str(path)
    # The hooks would only format the code. The titles are no good names: two
    # documents call themselves "Client API" and "Auth Service".
    configuration = arguments.work / f"{arguments.package}.config.json"
    settings = {
        "package_name_override": arguments.package,
        "post_hooks": [],
        # The generator knows no archives: their bytes are a file to it.
        "content_type_overrides": {"application/zip": "application/octet-stream"},
    }
    configuration.write_text(json.dumps(settings))
    command = [
        str(pathlib.Path(sys.executable).parent / "openapi-python-client"),
        "generate",
        f"--path={document}",
        f"--config={configuration}",
        f"--output-path={arguments.work / arguments.package}",
        "--meta=none",
        "--fail-on-warning",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(done.stdout)
        print(f"   FAILED openapi-python-client ended with {done.returncode}")
        return 1
    modules = list((arguments.work / arguments.package).rglob("*.py"))
    print(f"   generated {len(modules)} modules, nothing left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
