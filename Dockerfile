# The application: workers, commands and migrations in one image. compose.yaml puts the rest around it.

FROM node:20-bookworm-slim AS front
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --omit=dev

FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, of the server's own release, for `flask backup` and `flask restore`.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-15 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin ydym
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
# Compiled and copied as root, so that the running user can change neither code nor front-end files.
RUN --mount=from=front,source=/build/node_modules,target=/app/node_modules \
    /opt/venv/bin/python deploy/vendor.py \
    && /opt/venv/bin/python -m compileall -q qrservice webapp wsgi.py migrations \
    && mkdir -p /data && chown ydym:ydym /data
USER ydym
ENV PATH=/opt/venv/bin:$PATH \
    PYTHON=/opt/venv/bin/python \
    PYTHONUNBUFFERED=1 \
    YDYM_ENV=production \
    YDYM_PUBLIC_SCHEME=https \
    YDYM_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["deploy/serve"]
