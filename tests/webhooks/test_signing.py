"""Signatures: as Standard Webhooks describes them, by an example that others publish."""

from __future__ import annotations

import base64

from pressroom.webhooks.signing import KEY_BYTES, new_secret, signed_headers

# From the tests of Replicate's own client, which reads the same signatures.
SECRET, MESSAGE, SECONDS = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330
BODY, SIGNATURE = b'{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_signed_as_others_read_it() -> None:
    assert signed_headers([SECRET], MESSAGE, SECONDS, BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": str(SECONDS),
        "webhook-signature": SIGNATURE,
    }


def test_each_secret_signs_beside_the_others() -> None:
    other = new_secret()

    both = signed_headers([other, SECRET], MESSAGE, SECONDS, BODY)["webhook-signature"].split()

    assert both == [signed_headers([other], MESSAGE, SECONDS, BODY)["webhook-signature"], SIGNATURE]


def test_secrets_are_256_bits_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(20)}

    assert len(secrets) == 20
    assert {len(base64.b64decode(secret.removeprefix("whsec_"))) for secret in secrets} == {KEY_BYTES}
