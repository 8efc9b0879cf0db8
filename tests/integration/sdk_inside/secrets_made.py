"""Secrets as people have them, in the spellings that they come in, each with the part that must not arrive anywhere."""

import string

from hypothesis import strategies as st

LETTERS = st.text(string.ascii_lowercase, min_size=6, max_size=10)
TOKEN = st.text(string.ascii_letters + string.digits, min_size=20, max_size=40).map(lambda text: f"Zq7{text}")
DIGITS = string.digits
FULL_WIDTH = str.maketrans({**{str(n): chr(0xFF10 + n) for n in range(10)}, "@": "＠", ".": "．"})
ARABIC = str.maketrans({str(n): chr(0x0660 + n) for n in range(10)})


class Secret:
    """No plain value: variables that hold one tell nothing of it."""

    def __init__(self, text: str, traces: tuple[str, ...]) -> None:
        self.text = text
        """As it is written."""
        self.traces = traces
        """What of it must be nowhere."""

    def __repr__(self) -> str:
        return f"Secret({self.text!r})"


def luhn(digits: str) -> str:
    for check in DIGITS:
        numbers = [int(one) for one in (digits + check)[::-1]]
        if (sum(numbers[0::2]) + sum(sum(divmod(2 * one, 10)) for one in numbers[1::2])) % 10 == 0:
            return digits + check
    raise AssertionError("there is always one")


@st.composite
def cards(draw: st.DrawFn) -> Secret:
    beginning, length = draw(st.sampled_from([("4", 16), ("51", 16), ("6011", 16), ("37", 15), ("2221", 16)]))
    digits = luhn(beginning + draw(st.text(DIGITS, min_size=length, max_size=length))[: length - 1 - len(beginning)])
    groups = [digits[:4], digits[4:10], digits[10:]] if length == 15 else [digits[n : n + 4] for n in range(0, 16, 4)]
    written = draw(st.sampled_from(["", " ", "-", "\u00a0", ".", "\u2011"])).join(groups)
    return Secret(draw(st.sampled_from([written, written.translate(FULL_WIDTH)])), (written, digits, digits[4:12]))


@st.composite
def phones(draw: st.DrawFn) -> Secret:
    area, exchange = draw(st.sampled_from(["415", "212", "646", "330"])), draw(st.integers(200, 999))
    line = f"{draw(st.integers(0, 9999)):04}"
    national = draw(
        st.sampled_from(
            [
                "({}) {}-{}",
                "{}-{}-{}",
                "{}.{}.{}",
                "{} {} {}",
                "{}{}{}",
                "1-{}-{}-{}",
                "+1{}{}{}",
                "+1 ({}) {}-{}",
                "%2B1{}{}{}",
            ]
        )
    ).format(area, exchange, line)
    others = [
        f"+44 20 7{exchange} {line}",
        f"020 7{exchange} {line}",
        f"0049 151 2{exchange}{line}",
        f"+49151{exchange}2{line}",
    ]
    written = draw(st.sampled_from([national, *others]))
    spelt = draw(st.sampled_from([written, written.translate(FULL_WIDTH), written.translate(ARABIC)]))
    return Secret(spelt, (spelt, written, f"{exchange}-{line}", f"{exchange}{line}", f"{exchange} {line}"))


@st.composite
def addresses(draw: st.DrawFn) -> Secret:
    name, host = draw(LETTERS), draw(LETTERS)
    at = draw(st.sampled_from(["@", "%40", "＠"]))
    tag = draw(st.sampled_from(["", "+tag", ".b-c"]))
    written = draw(
        st.sampled_from(
            [
                f"qq{name}{tag}{at}{host}.example",
                f"qq{name}\u200b{tag}{at}{host}\u00ad.example",
                f"Qq{name}ü{at}{host}.example",
            ]
        )
    )
    return Secret(written, (written, f"qq{name}", f"Qq{name}"))


JWTS = st.builds(lambda head, body, sig: Secret(f"eyJ{head}.eyJ{body}.{sig}", (body, sig)), TOKEN, TOKEN, TOKEN)
VENDORS = st.sampled_from(
    [
        "sk_live_{}",
        "sk-proj-{}",
        "rk_test_{}",
        "ghp_{}",
        "github_pat_{}",
        "glpat-{}",
        "xoxb-{}",
        "whsec_{}",
        "npm_{}",
        "hf_{}",
        "mwk_{}",
        "SG.{}.{}",
        "Bearer {}",
        "basic {}",
        "AIza{}Zq7Zq7Zq7Zq7",
    ]
)
KEYS = st.builds(lambda form, token: Secret(form.format(token, token), (token,)), VENDORS, TOKEN)
PEMS = st.builds(
    lambda token: Secret(f"-----BEGIN PRIVATE KEY-----\n{token}\n{token}\n-----END PRIVATE KEY-----", (token,)), TOKEN
)
NAMED = st.sampled_from(
    [
        "postgres://user:{}@db:5432/shop",
        "redis://:{}@cache/0",
        "https://x.example/a?b=1&access_token={}&c=2",
        "/cb#id_token={}",
        "to=https%3A%2F%2Fx%3Ftoken%3D{}%26a%3D1",
        "password={}",
        "password='{}'",
        "secret: {}",
        '{{"a": {{"password": "{}"}}}}',
        "{{'api_key': '{}'}}",
        "Cookie: sid={}; a=b",
        "X-Api-Key: {}",
        "run --password {}",
        "User(name='x', password='{}')",
    ]
)
PAIRS = st.builds(lambda form, token: Secret(form.format(token), (token,)), NAMED, TOKEN)


def is_told_apart(secret: Secret) -> bool:
    """Nothing else has its traces by chance: digits like 00000002 also end what a clock measured."""
    return all(len(set(trace)) > 4 for trace in secret.traces if trace.isdigit())


BY_LOOK = st.one_of(cards(), phones(), addresses(), JWTS, KEYS, PEMS, PAIRS).filter(is_told_apart)
"""Found wherever they stand."""
PRIVATE_KEYS = st.sampled_from(
    [
        "password",
        "apiKey",
        "x-api-key",
        "STRIPE_SECRET_KEY",
        "session_token",
        "set-cookie",
        "body",
        "sms_body",
        "prompt",
        "messageText",
        "completion",
    ]
)
BY_KEY = st.builds(lambda key, token: (key, Secret(token, (token,))), PRIVATE_KEYS, TOKEN)
"""Found because of the key that they stand under."""
