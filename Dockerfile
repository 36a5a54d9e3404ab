# Kindline in a container: docs/install.md says how to run it, and what of this was tried.
FROM python:3.11-slim-bookworm AS made
WORKDIR /opt/kindline
COPY requirements.txt .
# Wheels only, so nothing is compiled; and what installs is not left behind for who runs.
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: -r requirements.txt \
    && .venv/bin/pip uninstall --yes --disable-pip-version-check setuptools pip

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin kindline \
    && install --directory --owner=kindline --group=kindline --mode=700 /data
WORKDIR /opt/kindline
COPY --from=made /opt/kindline/.venv .venv
COPY . .
RUN python -m compileall -q . && .venv/bin/python compiled.py
ENV KINDLINE_DATA=/data PYTHONDONTWRITEBYTECODE=1
USER kindline
VOLUME /data
EXPOSE 8000
# Kindline says goodbye to its screens, which takes up to four seconds: `docker stop` waits for ten.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s CMD [".venv/bin/python", "deploy/healthy.py"]
CMD [".venv/bin/python", "serve.py"]
