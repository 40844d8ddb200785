# Two stages: what installs stays behind, what runs has no compiler, no pip cache and no root.
FROM python:3.13.9-slim-trixie AS build
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/base.txt \
 && /venv/bin/pip uninstall -y pip

FROM python:3.13.9-slim-trixie
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/tmp/safet
RUN pip uninstall -y pip && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin safet
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Collecting reads no secret and no database; these values exist for this one line.
RUN SECRET_KEY=only-to-collect-static-files DATABASE_URL=postgres://nobody@127.0.0.1:1/none \
    python manage.py collectstatic --noinput -v0
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn"]
