"""gRPC: what a server says of its own health (grpc.health.v1)."""

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from midwatch.contract.plan.probes.targets import GrpcTarget
from midwatch.server.monitors.probes.attempt import Attempt, ProbeFailed, Reason
from midwatch.server.monitors.probes.reaching import context_of, streams
from midwatch.server.outgoing.files import FileRefused

_STATES = health_pb2.HealthCheckResponse.ServingStatus


async def ask(target: GrpcTarget, attempt: Attempt) -> None:
    host, port = target.endpoint or ("", 0)
    config = target.tls_config
    context = context_of(config, attempt.files) if target.tls else None
    if target.tls and config.insecure_skip_verify:
        raise ProbeFailed(
            Reason.CONFIGURATION, "tls_config.insecure_skip_verify: gRPC has no way to skip it; name a ca"
        )
    # gRPC says "unavailable" of everything that keeps it from a server; a connection of ours says what it is.
    async with streams(attempt, host, port, context=context, server_name=config.server_name):
        pass
    address = attempt.facts["address"]
    at = f"ipv6:[{address}]:{port}" if ":" in address else f"ipv4:{address}:{port}"
    name = config.server_name or host
    options = [("grpc.default_authority", name), ("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    if target.tls:
        options.append(("grpc.ssl_target_name_override", name))
        channel = grpc.aio.secure_channel(at, _credentials(target, attempt), options)
    else:
        channel = grpc.aio.insecure_channel(at, options)
    try:
        with attempt.phase("processing"):
            request = health_pb2.HealthCheckRequest(service=target.service)
            answer = await health_pb2_grpc.HealthStub(channel).Check(request)
    except grpc.aio.AioRpcError as error:
        code = error.code()
        attempt.values["probe_grpc_status_code"] = code.value[0]
        lost = code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
        said = (error.details() or "").splitlines() or [""]
        reason = Reason.AUTHENTICATION if lost else Reason.ANSWER
        raise ProbeFailed(reason, f"the answer is {code.name}: {said[0]}") from None
    finally:
        await channel.close(None)
    attempt.values["probe_grpc_status_code"] = 0
    attempt.values["probe_grpc_healthcheck_response"] = answer.status
    if answer.status != _STATES.SERVING:
        shown = target.service or "the server"
        raise ProbeFailed(Reason.ANSWER, f"{shown} is {_STATES.Name(answer.status)}; expected SERVING")


def _credentials(target: GrpcTarget, attempt: Attempt) -> grpc.ChannelCredentials:
    config = target.tls_config
    try:
        authority = config.ca or (attempt.files.text(config.ca_file) if config.ca_file else "")
        key = attempt.files.text(config.key_file) if config.key_file else ""
        own = attempt.files.text(config.cert_file) if config.cert_file else ""
    except FileRefused as error:
        raise ProbeFailed(Reason.CONFIGURATION, f"tls_config: {error}") from None
    return grpc.ssl_channel_credentials(authority.encode() or None, key.encode() or None, own.encode() or None)
