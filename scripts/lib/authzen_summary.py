"""What run_vectors.py found, for people: the vectors that failed, by what they need.

usage: authzen_summary.py VECTORS_JSON JUNIT_XML
Ends with 0 if nothing failed but what needs rules over properties, else with 1.
"""

import json
import sys
import xml.etree.ElementTree as xml

vectors, junit = sys.argv[1:]
with open(vectors, encoding="utf-8") as file:
    level = {vector["module"]: vector["level"] for vector in json.load(file)["vectors"]}

passed, skipped, rules, others = 0, 0, [], []
for case in xml.parse(junit).getroot():
    name, failure = case.get("name"), case.find("failure")
    if case.find("skipped") is not None:
        skipped += 1
    elif failure is None:
        passed += 1
    elif level.get(name) == "properties":
        rules.append((name, failure.get("message")))
    else:
        others.append((name, failure.get("message")))

print(f"\n{passed} passed, {len(rules) + len(others)} failed, {skipped} skipped")
for title, failed in [
    ("Failed, and needs rules over properties:", rules),
    ("Failed otherwise:", others),
]:
    if failed:
        print(f"\n{title}")
        for name, message in failed:
            print(f"  {name}: {message}")
sys.exit(bool(others))
