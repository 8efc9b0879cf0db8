"""Whether everybody that on-call speaks of can be told: names over `midwatch.yml` and `alertmanager.yml`."""

from collections.abc import Iterator, Mapping

from midwatch.contract.plan import MAIN_FILE, Problem
from midwatch.contract.plan.document import Document, Path, read_document
from midwatch.contract.plan.explain import one_of
from midwatch.contract.plan.sections.on_call import OnCall
from midwatch.server.alerting.configuration import Configuration
from midwatch.server.alerting.oncall.kinds import DigestConfig, EscalationConfig
from midwatch.server.alerting.oncall.telling import NOT_CHANNELS


def on_call_problems(
    texts: Mapping[str, str], on_call: OnCall, configuration: Configuration, routes_file: str
) -> list[Problem]:
    problems: list[Problem] = []
    if on_call.people or on_call.escalations:
        document = read_document(MAIN_FILE, texts[MAIN_FILE])
        problems += _of_plan(document, on_call, configuration)
    if routes_file in texts:
        problems += _of_routes(read_document(routes_file, texts[routes_file], merge_keys=True), on_call, configuration)
    return sorted(problems)


def _of_plan(document: Document, on_call: OnCall, configuration: Configuration) -> Iterator[Problem]:
    named: list[tuple[Path, str]] = []
    named += [(("on_call", "people", name, "receiver"), one.receiver) for name, one in on_call.people.items()]
    for name, escalation in on_call.escalations.items():
        for number, step in enumerate(escalation.steps):
            at: Path = ("on_call", "escalations", name, "steps", number, "receivers")
            named += [((*at, index), receiver) for index, receiver in enumerate(step.receivers)]
    for path, receiver in named:
        if (reason := _not_told(receiver, configuration)) is not None:
            yield document.problem(path, reason)


def _not_told(name: str, configuration: Configuration) -> str | None:
    receiver = configuration.receivers.get(name)
    if receiver is None:
        return f"{name}: is no receiver of alertmanager.yml; expected {one_of(name, sorted(configuration.receivers))}"
    if all(one.kind in NOT_CHANNELS for one in receiver.integrations):
        return f"{name}: has no channel, so nobody is told by it; expected a receiver with slack_configs or the like"
    return None


def _of_routes(document: Document, on_call: OnCall, configuration: Configuration) -> Iterator[Problem]:
    entries = document.value.get("receivers") if isinstance(document.value, dict) else None
    for at, entry in enumerate(entries or ()):
        receiver = configuration.receivers.get(str(entry.get("name"))) if isinstance(entry, dict) else None
        for integration, config in (receiver.integrations if receiver else {}).items():
            path: Path = ("receivers", at, f"{integration.kind}_configs", integration.index)
            match config:
                case EscalationConfig() if config.policy not in on_call.escalations:
                    known = sorted(on_call.escalations)
                    expected = one_of(config.policy, known) if known else "an escalation there"
                    message = (
                        f"policy={config.policy}: is not in on_call.escalations of midwatch.yml; expected {expected}"
                    )
                    yield document.problem((*path, "policy"), message)
                case DigestConfig() if (reason := _not_told(config.receiver, configuration)) is not None:
                    yield document.problem((*path, "receiver"), f"receiver={reason}")
