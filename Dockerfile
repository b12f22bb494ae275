# One image for every process: docker-compose.yml says which one a container is.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    DATA_DIR=/data \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000

# Pango draws the PDF files of sheets to hand over, with a font that has all letters of our languages.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock

COPY . .
RUN python -m compileall -q config patients alerts recovery \
    && SECRET_KEY=for-this-step-only python -m ops.prepare static \
    && useradd --system --uid 10001 --no-create-home kypho \
    && install -d -o kypho /data

USER kypho
VOLUME /data
EXPOSE 8000
