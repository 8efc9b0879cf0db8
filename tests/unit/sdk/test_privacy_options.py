"""What `init` is told of privacy and of the plan, and what it says to what cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_rules import FieldRule
from midwatch.sdk.options import ConfigurationError, read
from midwatch.sdk.privacy_options import EXTRA
from midwatch.sdk.privacy_plan import PROBLEMS_SHOWN_MAX

SECRET = "s3" * 16
PLAN = """environments:
  production: {aliases: [prod]}
  staging: {}
privacy:
  deny: [street address]
  region: DE
  fields: [{field: user.phone, action: phone_hash}]
sampling:
  production: {traces: 0.25, log_level: warning}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    (tmp_path / "midwatch.yml").write_text(PLAN, encoding="utf-8")
    return tmp_path


def test_the_key_comes_from_the_argument_the_variable_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"k3:{SECRET}\n", encoding="utf-8")
    environ = {"MIDWATCH_PRIVACY_KEY_FILE": str(file)}
    assert ids(read(service="a", environ=environ).privacy.keys) == ["k3"]
    environ["MIDWATCH_PRIVACY_KEY"] = f"k2:{SECRET},k1:{SECRET}"
    assert ids(read(service="a", environ=environ).privacy.keys) == ["k2", "k1"]
    assert ids(read(service="a", privacy_key=f"k9:{SECRET}", environ=environ).privacy.keys) == ["k9"]
    assert read(service="a", environ={}).privacy.keys is None


def ids(keys: object) -> list[str]:
    return [keys.current.id, *(key.id for key in keys.older)]  # type: ignore[attr-defined]


def test_the_key_is_not_in_what_shows_the_options() -> None:
    options = read(service="a", privacy_key=f"k1:{SECRET}", environ={})
    assert SECRET not in f"{options!r}{options}{options.privacy!r}"


def test_the_plan_says_what_is_private_and_how_much_is_told(plan: Path) -> None:
    """For the environment that the app runs in, under any of its names; from the argument or the variable."""
    options = read(service="a", environment="prod", plan=plan, environ={})
    assert options == read(service="a", environment="prod", environ={"MIDWATCH_PLAN": str(plan)})
    assert "street address" in options.privacy.deny
    assert options.privacy.rules == (FieldRule("user.phone", Action("phone_hash")),)
    assert (options.privacy.region, options.sample_rate, options.log_level) == ("DE", 0.25, "warning")
    assert options.level_is_asked
    elsewhere = read(service="a", environment="staging", plan=plan, environ={})
    assert (elsewhere.sample_rate, elsewhere.log_level) == (1.0, "debug")


@pytest.mark.parametrize(
    ("told", "environ", "found"),
    [
        ({"sample_rate": 0.5}, {}, (0.5, "warning", "DE")),
        ({}, {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"}, (0.1, "warning", "DE")),
        ({"log_level": "error"}, {}, (0.25, "error", "DE")),
        ({}, {"LOG_LEVEL": "debug"}, (0.25, "debug", "DE")),
        ({"privacy_region": "us"}, {"MIDWATCH_PRIVACY_REGION": "GB"}, (0.25, "warning", "US")),
        ({}, {"MIDWATCH_PRIVACY_REGION": "GB"}, (0.25, "warning", "GB")),
    ],
)
def test_what_the_app_is_told_comes_before_the_plan(
    plan: Path, told: dict[str, object], environ: dict[str, str], found: tuple[float, str, str]
) -> None:
    options = read(service="a", environment="production", plan=plan, environ=environ, **told)  # type: ignore[arg-type]
    assert (options.sample_rate, options.log_level, options.privacy.region) == found


@pytest.mark.parametrize(
    ("told", "environ", "said"),
    [
        ({"privacy_key": SECRET}, {}, "privacy_key: expected ID:SECRET with a secret of at least 32 characters"),
        ({"privacy_key": 7}, {}, "privacy_key: expected text, got int"),
        ({}, {"MIDWATCH_PRIVACY_KEY": f"k1:{SECRET[1:]}"}, "MIDWATCH_PRIVACY_KEY: expected ID:SECRET"),
        ({}, {"MIDWATCH_PRIVACY_KEY_FILE": "/nowhere"}, "_KEY_FILE='/nowhere': cannot read it: No such"),
        ({"privacy_region": "Germany"}, {}, "privacy_region='Germany': expected a region of two letters"),
        ({}, {"MIDWATCH_PRIVACY_REGION": "XX"}, "MIDWATCH_PRIVACY_REGION='XX': expected a region"),
        ({"plan": 7}, {}, "plan=7: expected a directory, such as 'observability'"),
        ({"plan": "/nowhere"}, {}, "plan='/nowhere': cannot read the plan /nowhere: expected a directory that holds"),
        ({}, {"MIDWATCH_PLAN": "/nowhere"}, "plan='/nowhere'"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(told: dict[str, object], environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(service="a", environ=environ, **told)  # type: ignore[arg-type]
    assert said in str(raised.value)
    assert SECRET[1:] not in str(raised.value)


def test_a_bad_plan_is_told_with_file_line_column_and_the_mend(tmp_path: Path) -> None:
    (tmp_path / "midwatch.yml").write_text("privacy:\n  feilds:\n    - {field: a, action: hsh}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        read(service="a", plan=tmp_path, environ={})
    said = f"plan='{tmp_path}': {tmp_path}/midwatch.yml:2:3: feilds: unknown key; expected one of deny, keep, fields,"
    assert str(raised.value).startswith(said)
    assert str(raised.value).endswith("did you mean fields?")


def test_of_many_mistakes_the_first_are_shown(tmp_path: Path) -> None:
    wrong = "".join(f"    - {{field: a, action: no{n}}}\n" for n in range(PROBLEMS_SHOWN_MAX + 2))
    (tmp_path / "midwatch.yml").write_text(f"privacy:\n  fields:\n{wrong}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="and 2 more: midwatch check shows all") as raised:
        read(service="a", plan=tmp_path, environ={})
    assert "no4" in str(raised.value)
    assert "no5" not in str(raised.value)


def bare(tmp_path: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """Python with what is installed here but for what the extra brings."""
    here = Path(next(path for path in sys.path if path.endswith("site-packages")))
    packages = tmp_path / "packages"
    packages.mkdir()
    left_out = ("yaml", "_yaml", "pyyaml", "pydantic", "phonenumbers", "__editable", "_editable", "midwatch")
    for path in here.iterdir():
        if not path.name.lower().startswith(left_out) and path.suffix != ".pth":
            (packages / path.name).symlink_to(path)
    source = Path(__file__).resolve().parents[3] / "src"
    environ = {"PYTHONPATH": f"{source}{os.pathsep}{packages}", "PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-S", "-c", code], env=environ, capture_output=True, text=True, check=False, timeout=60
    )


def test_without_the_extra_a_plan_is_an_error_that_says_how_to_get_it(tmp_path: Path, plan: Path) -> None:
    done = bare(tmp_path, f"import midwatch; midwatch.init(service='a', plan={str(plan)!r})")
    assert done.returncode == 1
    assert f"ConfigurationError: plan='{plan}': cannot read it without pydantic: {EXTRA}" in done.stderr


def test_without_the_extra_international_numbers_are_hashed_and_others_removed(tmp_path: Path) -> None:
    code = """
import midwatch
midwatch.init(service="a", privacy_key="k1:3f8a1c5e7b9d2046f1e3a5c7d9b80214", privacy_region="US")
found = midwatch.phone_hash("+1 (415) 555-2671"), midwatch.phone_hash("(415) 555-2671"), midwatch.last2("555-2671")
midwatch.get_logger().info("call +1 415 555 2671 or (415) 555-2671", phone="4155552671")
midwatch.shutdown()
print(found)
"""
    done = bare(tmp_path, code)
    assert done.stderr == ""
    line, found = done.stdout.splitlines()
    assert found == "('k1:de3706045688fc3a5e695068ec86372c', '', '71')"
    assert "call [phone k1:de3706045688fc3a5e695068ec86372c] or [phone]" in line
    assert '"phone":"[phone]"' in line


def test_nothing_of_the_extra_is_loaded_where_it_is_not_asked_for() -> None:
    code = """
import sys, midwatch
midwatch.init(service="a")
midwatch.get_logger().info("ann@example.org")
print([name for name in ("yaml", "pydantic", "phonenumbers") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
