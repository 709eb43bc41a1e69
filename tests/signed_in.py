"""Accounts of a practice site that have signed in before."""

from __future__ import annotations

import json

from sniper.practice.server import RunningSite
from tests.local_http import post


def kept_of(site: RunningSite, account: str) -> str:
    """What a browser keeps of somebody's sign-in there, as an engine hands it over to be kept."""
    person = next(one for one in site.accounts.people if one.username == account)
    code = {"code": site.accounts.issue_code(person)}
    # From here on as the app does it when it comes back from the sign-in pages.
    grant = post(f"{site.url}/api/auth/token", code)
    items = [{"name": "delcom_auth", "value": json.dumps({**grant, "isOidc": True, "isLoggedIn": True})}]
    return json.dumps({"cookies": [], "origins": [{"origin": site.url, "localStorage": items}]})
