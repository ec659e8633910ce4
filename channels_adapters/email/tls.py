"""TLS towards mail servers: certificates are always checked."""

import functools
import ssl


@functools.cache  # reading the certificate authorities takes longer than the connecting
def tls_context() -> ssl.SSLContext:
    """Return the context for connections of ours to mail servers."""
    return ssl.create_default_context()
