from __future__ import annotations

import pytest

from policy.rules.user_data_base64 import RULE
from policy.testing import (
    UNKNOWN,
    Case,
    body,
    fails,
    instance,
    judge,
    native,
    passes,
    secret,
    undetermined,
)

CASES = [
    passes("none", body()),
    passes("base64 in a body", body(user_data=secret("IyEvYmluL3NoCg=="))),
    passes("base64 with line breaks", body(user_data="IyEvYmlu\nL3NoCg==\n")),
    passes("a raw script, which the client library encodes", instance(userData="#!/bin/sh\n")),
    passes("a raw script that was encoded on purpose", instance(userData="IyEvYmluL3NoCg==")),
    passes("an encoded archive", instance(userData="H4sIAAAAAAAAAw==")),
    passes("a native server", native(user_data="/////w==")),
    fails("a script in a native server", native(user_data=secret("#!/bin/sh\n")), "user_data"),
    fails("a script in a body", body(user_data="#!/bin/sh\n"), "server.user_data"),
    fails("an object in a body", body(user_data={"text": "#!/bin/sh"}), "server.user_data"),
    fails("text that is base64 by accident", instance(userData="true"), "userData"),
    fails("the same as a secret", instance(userData=secret("abcd")), "userData"),
    undetermined("not known yet", body(user_data=UNKNOWN), "server.user_data"),
    undetermined("a secret that is not known yet", instance(userData=secret(UNKNOWN)), "userData"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_user_data_base64(case: Case) -> None:
    judge(RULE, case)
