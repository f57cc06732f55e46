"""A Schemathesis hook: gives Worth queries that it knows.

The document takes any query parameter, so that generated ones are all unknown.
"""

import schemathesis
from hypothesis import strategies

KNOWN = [
    {},
    {"status": "ACTIVE"},
    {"status": "INACTIVE", "sort": "-last_name"},
    {"subrole": "agent"},
    {"filter[first_name]": "freya"},
    {"search_filter[email]": "OWEN.BYRNE@harbour-bakery.example"},
    {"page": "2", "items_per_page": "3"},
    {"page": "99", "sort": "created_at"},
    {"is_email_verified": "true", "is_first_login": "false"},
    {"last_name": "nobody is called so"},
]


@schemathesis.hook
def flatmap_query(context, query):
    """Replace an empty query. A generated one is left as it is: it may be meant to be wrong."""
    if query:
        return strategies.just(query)
    return strategies.sampled_from(KNOWN).map(dict)
