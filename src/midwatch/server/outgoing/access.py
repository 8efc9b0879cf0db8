"""Credentials of the plan as HTTP and TLS want them."""

import ssl

import httpx

from midwatch.contract.plan.scrape.access import Credentials, TlsConfig
from midwatch.server.outgoing.files import PlanFiles


def authorization(access: Credentials, files: PlanFiles) -> dict[str, str]:
    """The header, or none; read anew for each request: files of secrets are replaced while the server runs.

    Raises:
        FileRefused: of a file that may not be read, or cannot.
    """
    if basic := access.basic_auth:
        password = files.text(basic.password_file).strip() if basic.password_file else basic.password
        auth = httpx.BasicAuth(basic.username, password)
        request = next(auth.auth_flow(httpx.Request("GET", "http://localhost")))
        return {"authorization": request.headers["authorization"]}
    if one := access.authorization:
        secret = files.text(one.credentials_file).strip() if one.credentials_file else one.credentials
        return {"authorization": f"{one.type} {secret}"}
    return {}


def tls_context(config: TlsConfig, files: PlanFiles) -> ssl.SSLContext:
    """
    Raises:
        FileRefused, ssl.SSLError, OSError, ValueError: what the plan names cannot be used.
    """
    authority = config.ca or (files.text(config.ca_file) if config.ca_file else None)
    context = ssl.create_default_context(cadata=authority)
    if config.insecure_skip_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if config.cert_file:
        context.load_cert_chain(files.path(config.cert_file), files.path(config.key_file))
    if config.min_version:
        context.minimum_version = ssl.TLSVersion[config.min_version.replace("TLS1", "TLSv1_")]
    return context
