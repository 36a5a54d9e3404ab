"""Ask the Kindline on this computer whether it is well: for a container's HEALTHCHECK, or for a script."""

import http.client
import os
import sys


def main() -> int:
    """The exit status: 0, or 1 when it is not well or does not answer."""
    port = int(os.environ.get("KINDLINE_PORT") or 8000)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        print(answer.read().decode().strip())
    except (OSError, http.client.HTTPException) as problem:
        print(f"Nobody answers at port {port}: {problem}")
        return 1
    return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
