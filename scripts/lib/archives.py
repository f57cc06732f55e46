"""A Schemathesis hook: makes the archives that an import takes, and bytes that are none."""

import io
import zipfile

import schemathesis
from hypothesis import strategies


def archive(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as into:
        for name, text in files.items():
            into.writestr(name, text)
    return packed.getvalue()


ARCHIVES = [
    archive({"users.csv": "key,first_name\narchived,Archived\n"}),
    archive({"groups.csv": "key,name\narchived,Archived\n"}),
    archive({"users.csv": "key,status\narchived,perhaps\n"}),
    archive({}),
]

schemathesis.openapi.media_type(
    "application/zip", strategies.sampled_from(ARCHIVES) | strategies.binary(max_size=256)
)
