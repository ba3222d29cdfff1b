# Two steps: what builds stays behind. The image holds Embarque, what it needs, and no shell tools beyond Debian's.
FROM python:3.12-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY adapters ./adapters
COPY bot ./bot
COPY content ./content
COPY dialogs ./dialogs
# Installing also compiles to byte code, so that a read-only container starts as fast as a writable one.
RUN python -m venv /opt/embarque \
    && /opt/embarque/bin/pip install --no-cache-dir --disable-pip-version-check --compile . \
    && /opt/embarque/bin/pip uninstall --yes pip

FROM python:3.12-slim
RUN groupadd --system --gid 10001 embarque \
    && useradd --system --uid 10001 --gid embarque --home-dir /srv/embarque --create-home embarque \
    && install --directory --owner=embarque --group=embarque --mode=0700 /srv/embarque/var
COPY --from=build /opt/embarque /opt/embarque
# In a container the bot is reached from outside of it; secrets come when it starts, never into the image.
ENV PATH=/opt/embarque/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    EMBARQUE_HOST=0.0.0.0 \
    EMBARQUE_PORT=8080
USER 10001:10001
WORKDIR /srv/embarque
# The SQLite database, where there is no PostgreSQL, and backups.
VOLUME ["/srv/embarque/var"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['EMBARQUE_PORT']}/healthz\", timeout=2)"]
ENTRYPOINT ["embarque"]
CMD ["run"]
