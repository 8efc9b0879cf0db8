"""`scrape_configs` of the plan: mistakes, secrets, and the files that it speaks of."""

import pytest

from midwatch.contract.plan import difference, load
from midwatch.contract.plan.sections import sections

SCRAPED = "scrape_configs: [{job_name: a, file_sd_configs: [{files: ['targets/*.json', '*.yml']}]}]"


def test_lists_of_targets_in_the_directory_are_spoken_of() -> None:
    """They are no files that nobody reads; what is wrong in the main file is told whatever a pattern takes in."""
    found = load({"midwatch.yml": SCRAPED, "targets/a.json": "[]", "other/a.json": "[]"})
    assert [problem.file for problem in found.problems] == ["other/a.json"]
    found = load({"midwatch.yml": SCRAPED + "\nservces: {}"})
    assert [problem.line for problem in found.problems] == [2]


WRONG_SCRAPES = [
    ("job_name: a, kubernetes_sd_configs: []", "kubernetes_sd_configs: unknown key"),
    ("scrape_interval: 1s", "scrape_configs[0].job_name: expected this key"),
    (
        "job_name: a, scrape_interval: 5s, scrape_timeout: 6s",
        "a scrape_timeout above 0 and at most the scrape_interval",
    ),
    ("job_name: a, relabel_configs: [{action: hashmod, target_label: b}]", "expected a modulus above 0"),
    ("job_name: a, relabel_configs: [{action: keep, regex: '('}]", "regex=(: expected a regular expression of RE2"),
    ("job_name: a, relabel_configs: [{action: labeldrop, target_label: b}]", "expected no target_label with action"),
    ("job_name: a, relabel_configs: [{source_labels: [b]}]", "expected a target_label with action replace"),
    ("job_name: a, basic_auth: {password: p}, authorization: {}", "expected basic_auth or authorization, not both"),
    ("job_name: a, tls_config: {cert_file: c}", "expected cert_file and key_file together"),
    ("job_name: a, body_size_limit: much", "expected a size such as 512MiB or 2GiB"),
    ("job_name: a, http_sd_configs: [{url: 'ftp://x'}]", "expected an http or https URL"),
    ("job_name: a}, {job_name: a", "job_name=a: expected a name that no other job has"),
]


@pytest.mark.parametrize(("job", "problem"), WRONG_SCRAPES)
def test_a_wrong_job_of_scraping_is_told(job: str, problem: str) -> None:
    """With the key, and what was expected."""
    found = load({"midwatch.yml": f"scrape_configs: [{{{job}}}]"})
    assert found.plan is None
    assert problem in "\n".join(map(str, found.problems))


def test_secrets_of_scraping_are_never_told() -> None:
    """Not by the plan as it is shown, not by what changes from one to the next."""
    before, after = (
        load({"midwatch.yml": f"scrape_configs: [{{job_name: a, basic_auth: {{password: {secret}}}}}]"}).plan
        for secret in ("one-secret", "two-secret")
    )
    assert before is not None
    assert after is not None
    section = sections()["scrape_configs"]
    told = repr(difference(before.written, after.written))
    told += section.adapter.dump_json(after.values["scrape_configs"]).decode()
    assert "-secret" not in told
    assert told.count("<secret>") == 3
